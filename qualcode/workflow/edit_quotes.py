"""Pin, swap and hide quotes in the cells of the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from qualcode.analysis.edited_quotes import (
    TOLD_LANES,
    Pin,
    hidden_quotes,
    pinned_quotes,
    quote_record,
)
from qualcode.analysis.evidence import Evidence
from qualcode.draft import Quote
from qualcode.errors import UsageError
from qualcode.records import Decision
from qualcode.workflow.desk import Desk, written_line
from qualcode.workflow.naming import find_id, find_lane, live_code
from qualcode.workflow.study import Study

__all__ = ["hide_quote", "pin_quote", "show_quote", "swap_quote", "unpin_quote"]

_LIST = "qualcode edit show --stage STAGE lists quotes with the ids of their codings"


def pin_quote(
    study: Study,
    coding_id: str,
    *,
    cell: str | None = None,
    by: str | None = None,
    reason: str = "",
) -> Decision:
    """Let a quote stand first in its cell, behind those that were pinned before it.

    Args:
        coding_id: Id of the quote's coding, or the beginning of it.
        cell: "family/stage/code", "doing/stage" or "thinking/stage", by ids or names; by default
            the cell in which the coding counts.

    Raises:
        UsageError: There is no such coding or cell, the coding does not belong there, or the
            quote is pinned there already or hidden.
    """
    desk = _QuoteDesk(study, by=by, reason=reason)
    evidence = desk.evidence(coding_id)
    key = desk.cell_of(evidence, cell)
    desk.refuse_hidden(evidence)
    before = [pin for pin in desk.pins if pin.cell == key]
    if any(evidence.coding.id in _ids(pin) for pin in before):
        raise UsageError(f"coding {evidence.coding.id} is pinned in {key} already")
    return desk.record(
        "quote",
        evidence.coding.id,
        "pin",
        {"cell": key, "coding_id": evidence.coding.id, "quote": desk.kept(evidence, key)},
        {"pinned": [pin.coding_id for pin in before]},
    )


def unpin_quote(
    study: Study,
    coding_id: str,
    *,
    cell: str | None = None,
    by: str | None = None,
    reason: str = "",
) -> Decision:
    """Let a pinned or swapped quote stand where its score puts it.

    Raises:
        UsageError: It is not pinned, or in several cells of which none is named.
    """
    desk = _QuoteDesk(study, by=by, reason=reason)
    pin = desk.pin(coding_id, cell)
    before = [other.coding_id for other in desk.pins if other.cell == pin.cell]
    return desk.record(
        "quote",
        pin.coding_id,
        "unpin",
        {"cell": pin.decided_cell, "coding_id": pin.coding_id},
        {"pinned": before},
    )


def swap_quote(
    study: Study,
    old: str,
    new: str,
    *,
    cell: str | None = None,
    by: str | None = None,
    reason: str = "",
) -> Decision:
    """Let one quote take the place of another, which then stands last in the cell.

    Args:
        old: Id of the coding of the quote that goes.
        new: Id of the coding of the quote that comes.
        cell: By default the one where the old quote is pinned, else where its coding counts.

    Raises:
        UsageError: As for `pin_quote`.
    """
    desk = _QuoteDesk(study, by=by, reason=reason)
    evidence = desk.evidence(new)
    try:
        pin = desk.pin(old, cell)
    except UsageError:
        going = desk.evidence(old)
        key = desk.cell_of(going, cell)
        decided, out_id, out = key, going.coding.id, desk.kept(going, key)
    else:
        key, decided, out_id, out = pin.cell, pin.decided_cell, pin.coding_id, dict(pin.kept)
    desk.cell_of(evidence, key)
    desk.refuse_hidden(evidence)
    before = [other for other in desk.pins if other.cell == key]
    if any(evidence.coding.id in _ids(other) for other in before):
        raise UsageError(f"coding {evidence.coding.id} is pinned in {key} already")
    if evidence.coding.id == out_id:
        raise UsageError("a quote cannot take its own place")
    return desk.record(
        "quote",
        evidence.coding.id,
        "swap",
        {
            "cell": decided,
            "coding_id": evidence.coding.id,
            "for": out_id,
            "quote": desk.kept(evidence, key),
            "for_quote": out,
        },
        {"pinned": [other.coding_id for other in before]},
    )


def hide_quote(study: Study, coding_id: str, reason: str, *, by: str | None = None) -> Decision:
    """Take a quote out of what the map shows; it still counts.

    Args:
        reason: Why; it stands in the map's record of what is not shown.

    Raises:
        UsageError: There is no such coding, it is hidden already, or the reason is empty.
    """
    why = written_line(reason, "reason")
    desk = _QuoteDesk(study, by=by, reason=why)
    evidence = desk.evidence(coding_id)
    desk.refuse_hidden(evidence)
    coding = evidence.coding
    return desk.record(
        "quote",
        coding.id,
        "hide",
        {
            "coding_id": coding.id,
            "reason": why,
            "quote": quote_record(evidence.quote(), coding.family, coding.code),
        },
    )


def show_quote(
    study: Study, coding_id: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Show a hidden quote again.

    Raises:
        UsageError: It is not hidden.
    """
    desk = _QuoteDesk(study, by=by, reason=reason)
    named = [(now, (was, why)) for now, (was, why) in desk.hidden.items()]
    named += [(was, (was, why)) for was, why in desk.hidden.values()]
    was, why = find_id(
        coding_id, named, what="hidden quote", hint="qualcode edit show lists what is hidden"
    )
    return desk.record("quote", was, "show", {"coding_id": was}, {"reason": why})


def _ids(pin: Pin) -> tuple[str, ...]:
    """Return the ids by which a pinned quote may be called."""
    return (pin.coding_id,) if pin.quote is None else (pin.quote.coding_id, pin.coding_id)


class _QuoteDesk(Desk):
    """Hold what the commands on quotes need besides."""

    @cached_property
    def pins(self) -> Sequence[Pin]:
        return pinned_quotes(self.decisions, self.found)

    @cached_property
    def hidden(self) -> Mapping[str, tuple[str, str]]:
        return hidden_quotes(self.decisions, self.found)

    def evidence(self, coding_id: str) -> Evidence:
        return find_id(coding_id, self.found.by_coding.items(), what="coding", hint=_LIST)

    def refuse_hidden(self, evidence: Evidence) -> None:
        if evidence.coding.id in self.hidden:
            raise UsageError(
                f"coding {evidence.coding.id} is hidden",
                hint=f"show it first: qualcode edit quote show {evidence.coding.id}",
            )

    def pin(self, coding_id: str, cell: str | None) -> Pin:
        """Return the pin that a person means."""
        key = None if cell is None else self._cell(cell)
        pins = [pin for pin in self.pins if key in (None, pin.cell)]
        chosen = find_id(
            coding_id,
            [(i, i) for pin in pins for i in _ids(pin)],
            what="pinned quote",
            hint="qualcode edit show lists what is pinned",
        )
        hits = [pin for pin in pins if chosen in _ids(pin)]
        if len({pin.cell for pin in hits}) > 1:
            raise UsageError(
                f"coding {chosen} is pinned in several cells",
                hint="name one with --cell: " + ", ".join(pin.cell for pin in hits),
            )
        return hits[0]

    def cell_of(self, evidence: Evidence, cell: str | None) -> str:
        """Return the key of the cell that is named, or of the one in which a coding counts.

        Raises:
            UsageError: The coding does not belong into the cell.
        """
        coding = evidence.coding
        if evidence.stage is None:
            raise UsageError(
                f"coding {coding.id} stands in no column: its segment has no stage",
                hint=_LIST,
            )
        own = f"{coding.family}/{evidence.stage}/{coding.code}"
        if cell is None and coding.family == "stage":
            lanes = [lane for lane in TOLD_LANES if self._told(evidence, lane) is not None]
            if len(lanes) != 1:
                ways = " or ".join(f"--cell {lane}/{evidence.stage}" for lane in TOLD_LANES)
                raise UsageError(f"coding {coding.id} may stand in two lanes", hint=f"say {ways}")
            return f"{lanes[0]}/{evidence.stage}"
        key = own if cell is None else self._cell(cell)
        lane, stage, *_ = key.split("/")
        fits = stage == evidence.stage if lane in TOLD_LANES else key == own
        if not fits:
            raise UsageError(
                f"coding {coding.id} does not belong into {key}: it counts in {own}", hint=_LIST
            )
        return key

    def kept(self, evidence: Evidence, cell: str) -> dict[str, Any]:
        """Return what a decision keeps of a quote in a cell."""
        lane = cell.split("/")[0]
        told = self._told(evidence, lane) if lane in TOLD_LANES else None
        coding = evidence.coding
        return quote_record(told or evidence.quote(), coding.family, coding.code)

    def _told(self, evidence: Evidence, lane: str) -> Quote | None:
        """Return the first sentence of a coding that a lane shows."""
        for column in self.drafted.draft.map.stages:
            if column.code == evidence.stage:
                shown = column.doing if lane == "doing" else column.thinking
                return next((q for q in shown if q.coding_id == evidence.coding.id), None)
        return None

    def _cell(self, named: str) -> str:
        """Return the key of a cell that is named by ids or by names."""
        parts = [part.strip() for part in named.split("/")]
        lane = find_lane(self.codebook, parts[0], TOLD_LANES)
        if len(parts) != (2 if lane in TOLD_LANES else 3):
            raise UsageError(
                f"{named!r} is no cell",
                hint="write family/stage/code, doing/stage or thinking/stage",
            )
        stage = self.stage(parts[1]).id
        if lane in TOLD_LANES:
            return f"{lane}/{stage}"
        return f"{lane}/{stage}/{live_code(self.codebook, parts[2], families=(lane,)).id}"
