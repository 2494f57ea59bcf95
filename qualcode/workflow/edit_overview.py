"""List everything that a person can decide on, with the numbers and ids to name it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from qualcode.analysis.edited_quotes import Pin, hidden_quotes, pinned_quotes
from qualcode.analysis.lookup import Lookup
from qualcode.codebook import family_name
from qualcode.draft import DesignCriterion, Quote
from qualcode.report.quotes import cut_quote
from qualcode.workflow.desk import Desk
from qualcode.workflow.draft import Drafted
from qualcode.workflow.naming import numbered
from qualcode.workflow.study import Study

__all__ = ["overview", "stage_quotes"]

Record = dict[str, Any]


def overview(study: Study) -> Record:
    """Return stages, criteria, and all that people wrote, pinned or hid, as plain values."""
    desk = Desk(study)
    drafted = desk.drafted
    draft, edits, found = drafted.draft, drafted.draft.edits, desk.found
    criteria = {name: _criterion(name, c, found) for name, c in numbered(draft.criteria).items()}
    named = {c["id"] for c in criteria.values()} | {c.code for c in draft.map.stages}
    for criterion in criteria.values():
        criterion["owner"] = edits.owners.get(criterion["id"], "")
    return {
        "stages": [
            {
                "id": column.code,
                "name": column.name,
                "people": column.n_people,
                "owner": edits.owners.get(column.code, ""),
            }
            for column in draft.map.stages
        ],
        "sign_offs": [asdict(sign_off) for sign_off in edits.sign_offs],
        "criteria": [c for name, c in criteria.items() if name.startswith("C")],
        "set_aside": [c for name, c in criteria.items() if name.startswith("R")],
        "reason": draft.criteria.reason,
        "opportunities": [
            {**asdict(o), "stage_name": found.name(o.stage)} for o in edits.opportunities
        ],
        "summaries": [{**asdict(s), "stage_name": found.name(s.stage)} for s in edits.summaries],
        "owners": [
            {"id": thing, "name": found.name(thing), "owner": owner}
            for thing, owner in edits.owners.items()
            if thing not in named
        ],
        "pinned": [_pin(pin, drafted) for pin in pinned_quotes(desk.decisions, found)],
        "hidden": _hidden(desk, found),
    }


def _criterion(name: str, criterion: DesignCriterion, found: Lookup) -> Record:
    coded = {
        e.coding.code
        for segment in criterion.segments
        for e in found.by_segment.get(segment, ())
        if e.coding.family == "need"
    }
    needs = dict.fromkeys([*criterion.needs, *(c for c in criterion.codes if c in coded)])
    return {
        "name": name,
        "id": criterion.id,
        "statement": criterion.statement,
        "status": criterion.status,
        "author": criterion.author,
        "people": len(criterion.participants),
        "segments": criterion.n_segments,
        "needs": [
            {"id": n, "name": found.name(n), "segments": criterion.codes.get(n, 0)} for n in needs
        ],
        "note": criterion.note,
    }


def _pin(pin: Pin, drafted: Drafted) -> Record:
    quote = pin.quote
    return {
        "cell": pin.cell,
        "coding_id": pin.coding_id if quote is None else quote.coding_id,
        "participant": None if quote is None else quote.participant_id,
        "quote": None if quote is None else _words(quote, drafted),
        "has_coding": pin.has_coding,
        "instead_of": pin.instead_of,
    }


def _hidden(desk: Desk, found: Lookup) -> list[Record]:
    told = []
    for coding_id, (_, reason) in hidden_quotes(desk.decisions, found).items():
        evidence = found.by_coding.get(coding_id)
        told.append(
            {
                "coding_id": coding_id,
                "reason": reason,
                "participant": None if evidence is None else evidence.person,
                "quote": None if evidence is None else _words(evidence.quote(), desk.drafted),
            }
        )
    return told


def stage_quotes(study: Study, stage: str, *, most: int = 3) -> Record:
    """Return the cells of a stage with their first quotes and the ids of these quotes' codings.

    Args:
        most: Quotes a cell; 0 for all.

    Raises:
        UsageError: There is no such stage.
    """
    desk = Desk(study)
    code = desk.stage(stage)
    drafted = desk.drafted
    edits = drafted.draft.edits
    cells: list[tuple[str, str, Mapping[str, int], tuple[Quote, ...]]] = []
    for column in drafted.draft.map.stages:
        if column.code == code.id:
            cells.append((f"doing/{code.id}", "Doing", {}, column.doing))
            cells.append((f"thinking/{code.id}", "Thinking", {}, column.thinking))
    for cell in drafted.draft.map.cells.values():
        if cell.stage == code.id:
            for finding in cell.findings:
                key = f"{cell.family}/{cell.stage}/{finding.code}"
                people = {"people": finding.share.count, "of": finding.share.total}
                name = f"{family_name(cell.family)}: {finding.name}"
                cells.append((key, name, people, finding.quotes))
    return {
        "stage": code.id,
        "name": code.name,
        "cells": [
            {
                "cell": key,
                "name": name,
                **people,
                "n_quotes": len(quotes),
                "quotes": [
                    {
                        "coding_id": quote.coding_id,
                        "participant": quote.participant_id,
                        "quote": _words(quote, drafted),
                        "pinned": quote.coding_id in edits.pinned.get(key, ()),
                        "hidden": quote.coding_id in edits.hidden,
                    }
                    for quote in (quotes[:most] if most else quotes)
                ],
            }
            for key, name, people, quotes in cells
            if quotes
        ],
    }


def _words(quote: Quote, drafted: Drafted) -> str:
    document = next(d for d in drafted.corpus.documents if d.id == quote.document_id)
    of = f"coding {quote.coding_id}"
    return cut_quote(document, quote.start_char, quote.end_char, of=of)
