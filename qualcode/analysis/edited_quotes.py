"""What people decided on quotes, put onto the map's cells as they are now.

A decision keeps the quote's place in the text beside the coding's id. Where the codings were made
again, the same code on the same words takes the old coding's place; where nothing of it is left,
a pinned quote still stands, because a person chose it, and counts as nobody's evidence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qualcode.analysis.evidence import Evidence, person_of
from qualcode.analysis.journey import members
from qualcode.analysis.lookup import Lookup
from qualcode.draft import (
    CriteriaDraft,
    DesignCriterion,
    Finding,
    JourneyMap,
    Quote,
    Share,
    StageColumn,
)
from qualcode.records import Decision
from qualcode.spans import Span

__all__ = [
    "TOLD_LANES",
    "Pin",
    "current_id",
    "hidden_quotes",
    "pinned_quotes",
    "quote_record",
    "with_pins",
    "without_quotes",
]

TOLD_LANES = ("doing", "thinking")
"""Lanes that show sentences of a stage; a cell of theirs has no code."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Hold one quote that a person pinned, as it stands now.

    Attributes:
        cell: Key as in `MapEdits.pinned`, with codes that were merged led to their survivors.
        decided_cell: Key as it was when the person decided.
        coding_id: Of the coding that the person decided on.
        quote: The words now; its `coding_id` is that of the coding that holds them now. None where
            the words have left the study or became an interviewer's.
        has_coding: Whether a coding holds these words under the cell's code.
        is_checked: Whether a person has decided on that coding.
        kept: What the decision keeps of the quote, see `quote_record`.
        instead_of: Id of the coding whose place it took, None where it was just pinned.
    """

    cell: str
    decided_cell: str
    coding_id: str
    quote: Quote | None
    has_coding: bool
    is_checked: bool
    kept: Mapping[str, Any]
    instead_of: str | None = None


def quote_record(quote: Quote, family: str, code: str) -> dict[str, Any]:
    """Return what a decision keeps of a quote: where it is, never its words."""
    return {
        "document_id": quote.document_id,
        "segment_id": quote.segment_id,
        "start_char": quote.start_char,
        "end_char": quote.end_char,
        "family": family,
        "code": code,
        "score": quote.score,
    }


def current_id(coding_id: str, kept: Mapping[str, Any], found: Lookup) -> str:
    """Return the id of the coding that stands for a decided one now, the same where none does."""
    evidence = _evidence(coding_id, kept, found)
    return coding_id if evidence is None else evidence.coding.id


def _evidence(coding_id: str, kept: Mapping[str, Any], found: Lookup) -> Evidence | None:
    evidence = found.by_coding.get(coding_id)
    if evidence is not None or not kept:
        return evidence
    code = found.codebook.standing(str(kept["code"]))
    if kept["family"] == "stage":  # the quote may be one sentence of the stage's words
        here = found.by_segment.get(str(kept["segment_id"]), ())
        return next((e for e in here if e.coding.code == code == e.stage), None)
    return found.similar(str(kept["document_id"]), code, _span(kept))


def _span(kept: Mapping[str, Any]) -> Span:
    return Span(kept["start_char"], kept["end_char"])


def pinned_quotes(decisions: Sequence[Decision], found: Lookup) -> tuple[Pin, ...]:
    """Return what is pinned, cell by cell in the order of the first pin, each in its order."""
    cells: dict[str, list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]] = defaultdict(list)
    for decision in decisions:
        if decision.subject != "quote" or decision.action not in ("pin", "unpin", "swap"):
            continue
        value = decision.value
        coding_id, here = str(value["coding_id"]), cells[str(value["cell"])]
        before = [entry[0] for entry in here]
        if decision.action == "unpin":
            here[:] = [entry for entry in here if entry[0] != coding_id]
        elif decision.action == "pin" and coding_id not in before:
            here.append((coding_id, value["quote"], {}))
        elif decision.action == "swap":
            out = {**value["for_quote"], "coding_id": value["for"]}
            at = before.index(value["for"]) if value["for"] in before else len(here)
            here[at : at + 1] = [(coding_id, value["quote"], out)]
            later = here[at + 1 :]
            here[at + 1 :] = [entry for entry in later if entry[0] != coding_id]
            here[:at] = [entry for entry in here[:at] if entry[0] != coding_id]
    return tuple(
        _pin(cell, coding_id, kept, out, found)
        for cell, entries in cells.items()
        for coding_id, kept, out in entries
    )


def _pin(
    cell: str, coding_id: str, kept: Mapping[str, Any], out: Mapping[str, Any], found: Lookup
) -> Pin:
    evidence = _evidence(coding_id, kept, found)
    is_told = cell.split("/")[0] in TOLD_LANES
    if evidence is None:
        segment = found.segment_at(str(kept["document_id"]), _span(kept))
        quote = None
        if segment is not None:
            place = (segment.document_id, segment.id, kept["start_char"], kept["end_char"])
            quote = Quote(coding_id, *place, person_of(segment), kept["score"])
    elif is_told:  # a sentence of the coding's words
        quote = evidence.quote(kept["start_char"], kept["end_char"])
    else:
        quote = evidence.quote()
    first, *codes = cell.split("/")
    return Pin(
        cell="/".join([first, *map(found.codebook.standing, codes)]),
        decided_cell=cell,
        coding_id=coding_id,
        quote=quote,
        has_coding=evidence is not None,
        is_checked=evidence is None or evidence.is_checked,
        kept=kept,
        instead_of=current_id(str(out["coding_id"]), out, found) if out else None,
    )


def hidden_quotes(decisions: Sequence[Decision], found: Lookup) -> dict[str, tuple[str, str]]:
    """Return the id of each hidden coding as it is now to its id when decided and the reason."""
    hidden: dict[str, tuple[Mapping[str, Any], str]] = {}
    for decision in decisions:
        if decision.subject != "quote":
            continue
        coding_id = str(decision.value["coding_id"])
        if decision.action == "hide":
            hidden[coding_id] = (decision.value["quote"], str(decision.value["reason"]))
        elif decision.action == "show":
            hidden.pop(coding_id, None)
    return {
        current_id(coding_id, kept, found): (coding_id, reason)
        for coding_id, (kept, reason) in hidden.items()
    }


def with_pins(
    journey: JourneyMap, pins: Sequence[Pin], hidden: Mapping[str, object], found: Lookup
) -> tuple[JourneyMap, dict[str, tuple[str, ...]]]:
    """Put pinned quotes first in their cells; return the map, and cell to the ids put there.

    A quote whose place another one took stands last. Pins of people outside the map's group, of
    stages that it lacks, and hidden ones are left out; counts never change.
    """
    subset = members(journey.group, found.participants)
    stages = {column.code for column in journey.stages}
    cells: dict[str, list[Pin]] = defaultdict(list)
    for pin in pins:
        quote = pin.quote
        if quote is None or quote.coding_id in hidden or pin.cell.split("/")[1] not in stages:
            continue
        if subset is not None and quote.participant_id not in subset:
            continue
        if journey.group.checked_only and not pin.is_checked:
            continue
        if all(pin.quote != other.quote for other in cells[pin.cell]):
            cells[pin.cell].append(pin)
    columns = {column.code: column for column in journey.stages}
    held = dict(journey.cells)
    pinned = {}
    for key, some in cells.items():
        if not some:
            continue
        parts = key.split("/")
        if parts[0] in TOLD_LANES:
            columns[parts[1]] = _told(columns[parts[1]], parts[0], some)
        else:
            family, stage, code = parts
            cell = held.get((family, stage))
            if cell is None:
                continue
            findings = _findings(cell.findings, code, columns[stage], some, found)
            held[family, stage] = replace(cell, findings=findings)
        pinned[key] = tuple(pin.quote.coding_id for pin in some if pin.quote is not None)
    drawn = replace(journey, stages=tuple(columns[c.code] for c in journey.stages), cells=held)
    return drawn, pinned


def _told(column: StageColumn, lane: str, pins: Sequence[Pin]) -> StageColumn:
    if lane == "doing":
        return replace(column, doing=_first(column.doing, pins))
    return replace(column, thinking=_first(column.thinking, pins))


def _findings(
    findings: Sequence[Finding],
    code: str,
    column: StageColumn,
    pins: Sequence[Pin],
    found: Lookup,
) -> tuple[Finding, ...]:
    if all(finding.code != code for finding in findings):
        reason = "no coding stands here any more; a person pinned the quote"
        nobody = Share(0, column.n_people, None, None, "", reason)
        findings = (*findings, Finding(code, found.name(code), nobody, ()))
    return tuple(
        replace(f, quotes=_first(f.quotes, pins)) if f.code == code else f for f in findings
    )


def _first(quotes: Sequence[Quote], pins: Sequence[Pin]) -> tuple[Quote, ...]:
    """Return pinned quotes, then the others in their order, those swapped out last."""
    chosen = [pin.quote for pin in pins if pin.quote is not None]
    places = {(q.coding_id, q.start_char, q.end_char) for q in chosen}
    out = {pin.instead_of for pin in pins}
    others = [q for q in quotes if (q.coding_id, q.start_char, q.end_char) not in places]
    others.sort(key=lambda quote: quote.coding_id in out)
    return (*chosen, *others)


def without_quotes(criteria: CriteriaDraft, hidden: Mapping[str, object]) -> CriteriaDraft:
    """Leave hidden quotes out of what criteria show; what is counted stays."""
    if not hidden:
        return criteria

    def shown(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
        return tuple(quote for quote in quotes if quote.coding_id not in hidden)

    def cleared(c: DesignCriterion) -> DesignCriterion:
        said = c.in_their_words
        return replace(
            c,
            quotes=shown(c.quotes),
            in_their_words=None if said is not None and said.coding_id in hidden else said,
            counter_evidence=shown(c.counter_evidence),
            left_out=shown(c.left_out),
        )

    return replace(
        criteria,
        criteria=tuple(map(cleared, criteria.criteria)),
        set_aside=tuple(map(cleared, criteria.set_aside)),
    )
