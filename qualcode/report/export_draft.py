"""The draft criteria and the journey map as plain values of the JSON export."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from qualcode.codebook import FAMILIES
from qualcode.draft import (
    Cell,
    CriteriaDraft,
    DesignCriterion,
    JourneyMap,
    MapEdits,
    Quote,
    Share,
)
from qualcode.errors import StoreError
from qualcode.records import Coding, Document
from qualcode.report.quotes import cut_quote

__all__ = ["criteria_record", "map_record", "plain_number", "quote_at"]

Record = dict[str, Any]
Documents = Mapping[str, Document]


def plain_number(value: float | None) -> float | None:
    """Round to six digits; what is no number becomes None, as JSON has no NaN."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), 6) + 0.0  # never -0.0


def quote_at(documents: Documents, pointer: Coding | Quote, *, of: str) -> str:
    """Return the words that a coding or quote points at; `of` names it in the message.

    Raises:
        StoreError: There is no such document, or the span lies outside its text.
    """
    document = documents.get(pointer.document_id)
    if document is None:
        raise StoreError(
            f"{of} belongs to no document of the study",
            hint="the study's database is damaged: put its last backup back",
        )
    quote = cut_quote(document, pointer.start_char, pointer.end_char, of=of)
    assert len(quote) == pointer.end_char - pointer.start_char
    return quote


def criteria_record(draft: CriteriaDraft, documents: Documents) -> Record:
    """Return the criteria, or none with the reason, and those that were set aside."""
    return {
        "criteria": [_criterion(criterion, documents) for criterion in draft.criteria],
        "set_aside": [_criterion(criterion, documents) for criterion in draft.set_aside],
        "reason": draft.reason,
        "choice": draft.choice,
        "figures": {key: plain_number(value) for key, value in sorted(draft.figures.items())},
    }


def _criterion(criterion: DesignCriterion, documents: Documents) -> Record:
    said = criterion.in_their_words
    return {
        "id": criterion.id,
        "statement": criterion.statement,
        "status": criterion.status,
        "author": criterion.author,
        "note": criterion.note,
        "basis": criterion.basis,
        "in_their_words": None if said is None else _quotes([said], documents)[0],
        "terms": list(criterion.terms),
        "needs": list(criterion.needs),
        "participants": list(criterion.participants),
        "stages": dict(criterion.stages),
        "personas": dict(criterion.personas),
        "codes": dict(criterion.codes),
        "stability": plain_number(criterion.stability),
        "quotes": _quotes(criterion.quotes, documents),
        "n_segments": criterion.n_segments,
        "segments": list(criterion.segments),
        "counter_evidence": _quotes(criterion.counter_evidence, documents),
        "n_counter_evidence": criterion.n_counter_evidence,
        "left_out": _quotes(criterion.left_out, documents),
        "n_left_out": criterion.n_left_out,
        "merges": [
            {
                "words": [list(words) for words in merge.words],
                "n_segments": list(merge.n_segments),
                "n_people": list(merge.n_people),
                "distance": plain_number(merge.distance),
            }
            for merge in criterion.merges
        ],
    }


def map_record(drawn: JourneyMap, documents: Documents, edits: MapEdits | None = None) -> Record:
    """Return the map, with what people wrote on it; cells in the order of lanes, then of stages."""
    edits = edits or MapEdits()
    stages = [stage.code for stage in drawn.stages]
    families = list(FAMILIES)

    def place(cell: Cell) -> tuple[int, str, int, str]:
        family = families.index(cell.family) if cell.family in families else len(families)
        stage = stages.index(cell.stage) if cell.stage in stages else len(stages)
        return family, cell.family, stage, cell.stage

    return {
        "persona": drawn.persona,
        "group": {
            "attributes": dict(drawn.group.attributes),
            "checked_only": drawn.group.checked_only,
        },
        "n_people": drawn.n_people,
        "n_segments": drawn.n_segments,
        "n_coded_segments": drawn.n_coded_segments,
        "n_unassigned_segments": drawn.n_unassigned_segments,
        "stages": [
            {
                "code": stage.code,
                "name": stage.name,
                "goal": stage.goal,
                "n_people": stage.n_people,
                "n_segments": stage.n_segments,
                "n_unassigned": stage.n_unassigned,
                "quotes": _quotes(stage.quotes, documents),
                "doing": _quotes(stage.doing, documents),
                "thinking": _quotes(stage.thinking, documents),
            }
            for stage in drawn.stages
        ],
        "moments": [
            {
                "stage": moment.stage,
                "code": moment.code,
                "name": moment.name,
                "share": _share(moment.share),
                "valence": plain_number(moment.valence),
                "weight": plain_number(moment.weight),
                "quotes": _quotes(moment.quotes, documents),
            }
            for moment in drawn.moments
        ],
        "cells": [_cell(cell, documents) for cell in sorted(drawn.cells.values(), key=place)],
        "feelings": [
            {
                "stage": feeling.stage,
                "mean": plain_number(feeling.mean),
                "low": plain_number(feeling.low),
                "high": plain_number(feeling.high),
                "n_people": feeling.n_people,
                "by_person": {k: plain_number(v) for k, v in sorted(feeling.by_person.items())},
                "reason": feeling.reason,
            }
            for feeling in drawn.feelings
        ],
        "opportunities": [asdict(opportunity) for opportunity in edits.opportunities],
        "summaries": [asdict(summary) for summary in edits.summaries],
        "owners": dict(sorted(edits.owners.items())),
        "sign_offs": [asdict(sign_off) for sign_off in edits.sign_offs],
        "pinned": {cell: list(codings) for cell, codings in sorted(edits.pinned.items())},
        "hidden": dict(sorted(edits.hidden.items())),
    }


def _cell(cell: Cell, documents: Documents) -> Record:
    return {
        "family": cell.family,
        "stage": cell.stage,
        "findings": [
            {
                "code": finding.code,
                "name": finding.name,
                "share": _share(finding.share),
                "quotes": _quotes(finding.quotes, documents),
            }
            for finding in cell.findings
        ],
    }


def _share(share: Share) -> Record:
    return asdict(share) | {"low": plain_number(share.low), "high": plain_number(share.high)}


def _quotes(quotes: Iterable[Quote], documents: Documents) -> list[Record]:
    return [
        {
            "coding_id": quote.coding_id,
            "document_id": quote.document_id,
            "segment_id": quote.segment_id,
            "start_char": quote.start_char,
            "end_char": quote.end_char,
            "quote": quote_at(documents, quote, of=f"a quote of coding {quote.coding_id}"),
            "participant": quote.participant_id,
            "score": plain_number(quote.score),
            "valence": plain_number(quote.valence),
        }
        for quote in quotes
    ]
