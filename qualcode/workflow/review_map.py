"""Lay the draft map and its criteria out for one person to judge, as plain values for a page.

Quotes are cut from their documents here. What a person must not see yet is kept back
(`review_sight.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from qualcode.analysis.edited_quotes import TOLD_LANES
from qualcode.analysis.model_words import PERSONA
from qualcode.codebook import Code
from qualcode.draft import DesignCriterion, Finding, Quote, StageColumn, Summary
from qualcode.errors import UsageError
from qualcode.report.criteria_view import stability_word
from qualcode.report.journey_lanes import lane_name, lanes_of
from qualcode.report.own_words import shown_words
from qualcode.report.quote_sources import Sources
from qualcode.workflow.naming import numbered
from qualcode.workflow.review_sight import Sight, Visible
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.workflow.draft import Drafted

__all__ = ["LaidOut"]

Record = dict[str, Any]
_OF_A_CRITERION = 6
_LANES = {"doing": "Doing", "thinking": "Thinking"}


class LaidOut:
    """Hold a draft with what a page of it needs; for as long as nobody decides anything.

    Args:
        study: Its codebook of today names and orders the stages, which a draft that is a moment
            old may not.
        drafted: The draft with people's decisions.
    """

    def __init__(self, study: Study, drafted: Drafted) -> None:
        self.drafted = drafted
        self._draft, self._edits = drafted.draft, drafted.draft.edits
        self._book = study.codebook
        self._sources = Sources(drafted.corpus, drafted.participants, kept=self._edits.kept)
        self._visible = Visible(drafted.corpus)
        self._names = {code.id: code.name for code in self._book.codes}
        self._columns = {column.code: column for column in self._draft.map.stages}
        self._summaries = {(s.lane, s.stage): s for s in self._edits.summaries}
        self._lanes = lanes_of(self._draft, self._book)[0]

    def sheet(self, sight: Sight) -> Record:
        """Return sections, in the order of the page, and their items by key."""
        items: dict[str, Record] = {}
        sections = [self._criteria(sight, items), self._stages(items)]
        sections += [self._stage(stage, sight, items) for stage in self._book.family("stage")]
        sections += self._personas(sight, items)
        return {
            "sections": sections,
            "items": items,
            "people": self._draft.map.n_people,
            "owners": sorted({*self._edits.owners.values(), *self._opportunity_owners()}),
        }

    def cell_quotes(self, cell: str, sight: Sight, *, most: int) -> Record:
        """Return the quotes of a cell, those that the map shows first, hidden ones last.

        Raises:
            UsageError: The draft has no such cell.
        """
        lane, _, rest = cell.partition("/")
        stage, _, code = rest.partition("/")
        found = next((quotes for key, quotes in self._cells_of(lane, stage) if key == cell), None)
        if found is None:
            raise UsageError(
                f"the map has no cell {cell!r} any more", hint="the draft has changed since"
            )
        shown, n_kept_back = self._visible.quotes(found, sight)
        shown.sort(key=lambda quote: quote.coding_id in self._edits.hidden)
        return {
            "cell": cell,
            "quotes": [self._quote(quote, cell) for quote in shown[:most]],
            "n_quotes": len(shown),
            "n_kept_back": n_kept_back,
        }

    # Criteria

    def _criteria(self, sight: Sight, items: dict[str, Record]) -> Record:
        keys = []
        for number, criterion in numbered(self._draft.criteria).items():
            key = f"criterion/{criterion.id}"
            items[key] = self._criterion(number, criterion, sight)
            keys.append(key)
        made = self._draft.criteria
        return {
            "id": "criteria",
            "kind": "criteria",
            "name": "Criteria",
            "items": keys,
            "n_decided": sum(c.status != "draft" for c in made.criteria) + len(made.set_aside),
            "reason": made.reason,
            "choice": made.choice,
        }

    def _criterion(self, number: str, criterion: DesignCriterion, sight: Sight) -> Record:
        own = shown_words(criterion, self._edits.hidden)
        quotes, n_kept_back = self._visible.quotes(criterion.quotes, sight)
        against, _ = self._visible.quotes(criterion.counter_evidence, sight)
        may_show = own is not None and self._visible.is_quote(own, sight)
        return {
            "kind": "criterion",
            "id": criterion.id,
            "number": number,
            "is_set_aside": number.startswith("R"),
            "statement": criterion.statement,
            "status": criterion.status,
            "author": criterion.author,
            "owner": self._edits.owners.get(criterion.id, ""),
            "people": len(criterion.participants),
            "segments": criterion.n_segments,
            "needs": [{"id": need, "name": self._name(need)} for need in self._needs(criterion)],
            "stages": [
                {"name": self._name(code), "people": n} for code, n in criterion.stages.items()
            ],
            "stability": stability_word(criterion.stability),
            "basis": criterion.basis,
            "note": criterion.note,
            "words": self._quote(own) if own is not None and may_show else None,
            "quotes": [self._quote(quote) for quote in quotes[:_OF_A_CRITERION]],
            "n_quotes": len(quotes),
            "n_kept_back": n_kept_back,
            "against": [self._quote(quote) for quote in against[:_OF_A_CRITERION]],
            "n_against": max(criterion.n_counter_evidence, len(criterion.counter_evidence)),
        }

    def _needs(self, criterion: DesignCriterion) -> list[str]:
        """Return the needs that can be moved from here: those that it stands for, and holds."""
        needs = {code.id for code in self._book.codes if code.family == "need"}
        return list(dict.fromkeys([*criterion.needs, *(c for c in criterion.codes if c in needs)]))

    # Stages

    def _stages(self, items: dict[str, Record]) -> Record:
        stages = self._book.family("stage")
        keys = []
        for place, stage in enumerate(stages):
            column = self._columns.get(stage.id)
            key = f"stage/{stage.id}"
            items[key] = {
                "kind": "stage",
                "id": stage.id,
                "place": place + 1,
                "name": stage.name,
                "goal": stage.goal,
                "people": 0 if column is None else column.n_people,
                "segments": 0 if column is None else column.n_segments,
                "owner": self._edits.owners.get(stage.id, ""),
                "before": stages[place - 1].id if place else None,
                "after": stages[place + 1].id if place + 1 < len(stages) else None,
            }
            keys.append(key)
        items["sign"] = {
            "kind": "sign",
            "names": [stage.name for stage in stages],
            "said": [asdict(one) for one in self._edits.sign_offs],
        }
        return {
            "id": "stages",
            "kind": "stages",
            "name": "Stages",
            "items": [*keys, "sign"] if keys else [],
            "n_decided": sum(one.is_current for one in self._edits.sign_offs),
        }

    def _stage(self, stage: Code, sight: Sight, items: dict[str, Record]) -> Record:
        lanes = []
        pinned = [key for key in self._edits.pinned if key.split("/")[1] == stage.id]
        for lane in (*TOLD_LANES, *self._lanes):
            cells = []
            for cell, quotes in self._cells_of(lane, stage.id):
                key = f"cell/{cell}"
                items[key] = self._cell(cell, quotes, sight)
                cells.append(key)
            summary = self._summaries.get((lane, stage.id))
            if summary is not None and not self._visible.is_summary(summary, sight):
                summary = None
            if cells or summary is not None:
                key = f"summary/{lane}/{stage.id}"
                items[key] = _summary(lane, stage.id, summary)
                lanes.append({"lane": lane, "name": _lane(lane), "summary": key, "cells": cells})
        written = [o for o in self._edits.opportunities if o.stage == stage.id]
        for one in written:
            items[f"opportunity/{one.id}"] = {"kind": "opportunity", **asdict(one)}
        told = [s for s in self._edits.summaries if s.stage == stage.id and s.status != "draft"]
        return {
            "id": stage.id,
            "kind": "stage",
            "name": stage.name,
            "goal": stage.goal,
            "people": self._columns[stage.id].n_people if stage.id in self._columns else 0,
            "lanes": lanes,
            "opportunities": [f"opportunity/{one.id}" for one in written],
            "n_decided": len(told) + len(written) + sum(len(self._edits.pinned[k]) for k in pinned),
        }

    def _personas(self, sight: Sight, items: dict[str, Record]) -> list[Record]:
        """Return a section of what describes personas, where there is anything."""
        told = [
            s
            for s in self._edits.summaries
            if s.lane == PERSONA and self._visible.is_summary(s, sight)
        ]
        keys = []
        for one in told:
            key = f"summary/{PERSONA}/{one.stage}"
            items[key] = {**_summary(PERSONA, one.stage, one), "lane": f"Persona: {one.name}"}
            keys.append(key)
        section: Record = {
            "id": "personas",
            "kind": "personas",
            "name": "Personas",
            "items": keys,
            "n_decided": sum(one.status != "draft" for one in told),
        }
        return [section] if keys else []

    def _cells_of(self, lane: str, stage: str) -> Iterable[tuple[str, Sequence[Quote]]]:
        """Yield the cells of a lane at a stage by key, those of most people first."""
        column = self._columns.get(stage)
        if lane in TOLD_LANES:
            if column is not None and (quotes := _told(column, lane)):
                yield f"{lane}/{stage}", quotes
            return
        held = self._draft.map.cells.get((lane, stage))
        for finding in held.findings if held is not None else ():
            if finding.quotes:
                yield f"{lane}/{stage}/{finding.code}", finding.quotes

    def _cell(self, cell: str, quotes: Sequence[Quote], sight: Sight) -> Record:
        shown, n_kept_back = self._visible.quotes(quotes, sight)
        pinned = self._edits.pinned.get(cell, ())
        first = [q for q in shown if q.coding_id not in self._edits.hidden][: max(1, len(pinned))]
        finding = self._finding(cell)
        return {
            "kind": "cell",
            "cell": cell,
            "name": "" if finding is None else finding.name,
            "people": None if finding is None else finding.share.count,
            "of": None if finding is None else finding.share.total,
            "quotes": [self._quote(quote, cell) for quote in first],
            "n_quotes": len(shown),
            "n_kept_back": n_kept_back,
        }

    def _finding(self, cell: str) -> Finding | None:
        lane, stage, *code = cell.split("/")
        held = self._draft.map.cells.get((lane, stage)) if code else None
        return next((f for f in held.findings if f.code == code[0]), None) if held else None

    # Quotes

    def _quote(self, quote: Quote, cell: str = "") -> Record:
        return {
            "coding_id": quote.coding_id,
            "document_id": quote.document_id,
            "segment_id": quote.segment_id,
            **self._sources.brief(quote),
            "is_pinned": quote.coding_id in self._edits.pinned.get(cell, ()),
            "hidden": self._edits.hidden.get(quote.coding_id),
        }

    def _name(self, code_id: str) -> str:
        return self._names.get(code_id, code_id)

    def _opportunity_owners(self) -> set[str]:
        return {one.owner for one in self._edits.opportunities if one.owner}


def _told(column: StageColumn, lane: str) -> Sequence[Quote]:
    return column.doing if lane == "doing" else column.thinking


def _lane(lane: str) -> str:
    return _LANES.get(lane) or lane_name(lane)


def _summary(lane: str, stage: str, summary: Summary | None) -> Record:
    return {
        "kind": "summary",
        "cell": f"{lane}/{stage}",
        "lane": _lane(lane),
        "text": "" if summary is None else summary.text,
        "status": "" if summary is None else summary.status,
        "author": "" if summary is None else summary.author,
        "note": "" if summary is None else summary.note,
    }
