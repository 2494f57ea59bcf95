"""The criteria that people decided on, found again among those that the codings group into now.

A machine's criterion has its id from its codings, so another coding gives another id. A criterion
that a person decided on keeps the id that it had then: the decision holds the segments of that
moment, and the group of today that shares most of them stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.analysis.lookup import Lookup
from qualcode.draft import CriteriaDraft, DesignCriterion
from qualcode.records import Decision

__all__ = ["Held", "held_criteria", "last_moves", "matched_groups", "snapshot"]

_SHARED = 1 / 3
"""Jaccard index of segments from which a group of today is the one that was decided on…"""
_KEPT = 1 / 2
"""… or the share of the segments decided on that the group holds: it may have grown since."""


@dataclass(slots=True)
class Held:
    """Gather what standing decisions say of one criterion.

    Attributes:
        since: The first decision that names it; orders criteria whose evidence ties.
        snapshot: What it was when a decision last named it.
        at: Day of the snapshot.
        status: "draft", "accepted" or "edited", whatever `rejected_by` says.
        statement: A person's wording, None where the machine's stands.
        worded: By whom and when it was worded, empty where the machine's wording was accepted.
        author: Who accepted or edited it last.
        rejected_by: Who rejected it, empty when nobody or when it was restored.
        is_needed: Whether something that a person wrote would be lost without it.
    """

    id: str
    since: int
    snapshot: Mapping[str, Any]
    at: str
    status: str = "draft"
    statement: str | None = None
    worded: tuple[str, str] | None = None
    author: str = ""
    rejected_by: str = ""
    is_needed: bool = False

    @property
    def is_persons(self) -> bool:
        """Say whether a person wants it among the criteria."""
        return not self.rejected_by and (self.status != "draft" or self.is_needed)

    def decide(self, decision: Decision) -> None:
        """Take in one decision on the criterion itself; the newest counts."""
        if decision.action == "reject":
            self.rejected_by = decision.author
            return
        self.rejected_by = ""
        if decision.action == "restore":
            return
        self.author = decision.author
        self.statement = str(decision.value["statement"])
        self.status = "accepted" if decision.action == "accept" else "edited"
        if decision.action == "edit":
            self.worded = (decision.author, decision.at[:10])


def held_criteria(decisions: Sequence[Decision]) -> dict[str, Held]:
    """Return criterion id to what standing decisions say of it, in the order of the first."""
    held: dict[str, Held] = {}
    moves = {d.id for d in last_moves(decisions).values()}
    owners = {d.target: d.id for d in decisions if d.subject == "owner"}

    def named(criterion_id: str, kept: Mapping[str, Any], decision: Decision) -> Held:
        at = str(kept.get("as_of") or decision.at[:10])
        one = held.setdefault(criterion_id, Held(criterion_id, decision.id, kept, at))
        one.snapshot, one.at = kept, at
        return one

    for decision in decisions:
        value = decision.value
        if decision.subject == "criterion":
            named(decision.target, value, decision).decide(decision)
        elif decision.id in moves:
            named(str(value["to"]), value["criterion"], decision).is_needed = True
        elif (
            decision.subject == "owner"
            and decision.id == owners[decision.target]
            and value.get("criterion")
            and value["owner"]
        ):
            named(decision.target, value["criterion"], decision).is_needed = True
    return held


def last_moves(decisions: Iterable[Decision], found: Lookup | None = None) -> dict[str, Decision]:
    """Return need to the newest decision that moves it, oldest decision first."""
    moves: dict[str, Decision] = {}
    for decision in decisions:
        if decision.subject == "need" and decision.action == "move":
            need = decision.target
            need = need if found is None else found.codebook.standing(need)
            moves.pop(need, None)
            moves[need] = decision
    return moves


def matched_groups(
    groups: Sequence[DesignCriterion], held: Mapping[str, Held], found: Lookup
) -> dict[str, int]:
    """Return criterion id to the index of the group that stands for it, one to one.

    Equal ids first, then the pairs that share most; ties go to the older decision, then to the
    group with more people.
    """
    by_id = {group.id: index for index, group in enumerate(groups)}
    matched = {i: by_id[i] for i in held if i in by_id}
    sets = [frozenset(group.segments) for group in groups]
    taken = set(matched.values())
    pairs = []
    for one in held.values():
        stored = one.snapshot.get("grouped") or one.snapshot["segments"]
        was = frozenset(stored) & found.segments.keys()
        for index, group in enumerate(sets):
            both = len(was & group)
            if one.id in matched or index in taken or not both:
                continue
            shared, kept = both / len(was | group), both / len(was)
            if shared >= _SHARED or kept >= _KEPT:
                pairs.append((-shared, -kept, one.since, index, one.id))
    for _, _, _, index, criterion_id in sorted(pairs):
        if criterion_id not in matched and index not in taken:
            matched[criterion_id] = index
            taken.add(index)
    return matched


def snapshot(
    drafted: CriteriaDraft,
    shown: DesignCriterion,
    decisions: Sequence[Decision],
    found: Lookup,
) -> dict[str, Any]:
    """Return what a decision must keep of a criterion, so that it is found again and can stay.

    Args:
        drafted: The criteria as the machine made them.
        shown: The criterion as the person sees it.
        decisions: Those that stand, oldest first.
    """
    held = held_criteria(decisions)
    matched = matched_groups(drafted.criteria, held, found)
    if shown.id in held and shown.id not in matched:
        old = held[shown.id]
        return {**_kept_of(old.snapshot), "statement": shown.statement, "as_of": old.at}
    kept: dict[str, Any] = {
        "statement": shown.statement,
        "segments": list(shown.segments),
        "needs": list(shown.needs),
        "participants": list(shown.participants),
    }
    by_id = {c.id: c for c in drafted.criteria}
    group = drafted.criteria[matched[shown.id]] if shown.id in matched else by_id.get(shown.id)
    if group is not None and group.segments != shown.segments:
        kept["grouped"] = list(group.segments)  # without the needs that people moved
    return kept


def _kept_of(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value[key]
        for key in ("statement", "segments", "needs", "participants", "grouped")
        if key in value
    }
