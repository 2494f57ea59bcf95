"""Decide on criteria, and on which needs stand under which."""

from __future__ import annotations

from collections.abc import Iterable

from qualcode.draft import DesignCriterion
from qualcode.errors import UsageError
from qualcode.records import Decision
from qualcode.workflow.desk import Desk, written_line
from qualcode.workflow.naming import live_code
from qualcode.workflow.study import Study

__all__ = [
    "accept_criterion",
    "edit_criterion",
    "move_need",
    "reject_criterion",
    "restore_criterion",
]


def accept_criterion(
    study: Study, criterion: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Take a criterion as it is worded now: no later run changes the wording.

    Args:
        criterion: Number, id or statement; see `find_criterion`.

    Raises:
        UsageError: There is no such criterion, or this person has accepted it already.
    """
    desk = Desk(study, by=by, reason=reason)
    chosen = desk.criterion(criterion)
    if (chosen.status, chosen.author) == ("accepted", desk.author):
        raise UsageError(f"{desk.author} has accepted this already: {chosen.statement}")
    return _decide(desk, chosen, "accept")


def edit_criterion(
    study: Study, criterion: str, statement: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Word a criterion anew.

    Raises:
        UsageError: There is no such criterion, or the statement is empty or the same.
    """
    desk = Desk(study, by=by, reason=reason)
    chosen = desk.criterion(criterion)
    worded = written_line(statement, "statement")
    if worded == chosen.statement:
        raise UsageError(
            "the criterion says just that already",
            hint="to take it as it is: edit criterion accept",
        )
    return _decide(desk, chosen, "edit", worded)


def reject_criterion(
    study: Study, criterion: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Set a criterion aside; the group of codings behind it does not come back as a draft.

    Raises:
        UsageError: There is no such criterion, or it is rejected already.
    """
    desk = Desk(study, by=by, reason=reason)
    chosen = desk.criterion(criterion)
    if chosen.status == "rejected":
        raise UsageError(f"{chosen.author} has rejected this already: {chosen.statement}")
    return _decide(desk, chosen, "reject")


def restore_criterion(
    study: Study, criterion: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Bring a rejected criterion back as it was before.

    Raises:
        UsageError: There is no such criterion, or nobody rejected it.
    """
    desk = Desk(study, by=by, reason=reason)
    chosen = desk.criterion(criterion)
    if chosen.status != "rejected":
        raise UsageError(
            f"nobody rejected this: {chosen.statement}",
            hint="rejected criteria are called R1, R2, …: qualcode edit show lists them",
        )
    return _decide(desk, chosen, "restore")


def _decide(
    desk: Desk, criterion: DesignCriterion, action: str, statement: str | None = None
) -> Decision:
    kept = desk.snapshot(criterion)
    return desk.record(
        "criterion",
        criterion.id,
        action,
        kept | {"statement": statement or criterion.statement},
        {
            "statement": criterion.statement,
            "status": criterion.status,
            "author": criterion.author,
        },
    )


def move_need(
    study: Study, need: str, to: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Let a need stand under one criterion, with every segment that is coded with it.

    Args:
        need: Id or name of the need's code.
        to: The criterion that it moves to.

    Raises:
        UsageError: There is no such need or criterion, no criterion holds the need, or it stands
            there already.
    """
    desk = Desk(study, by=by, reason=reason)
    code = live_code(desk.codebook, need, families=("need",))
    target = desk.criterion(to)
    if target.status == "rejected":
        raise UsageError(
            "a need cannot move to a rejected criterion",
            hint="name one of those that stand; qualcode edit show lists them",
        )
    criteria = desk.drafted.draft.criteria
    holding = _holding(desk, code.id, (*criteria.criteria, *criteria.set_aside))
    if not holding:
        raise UsageError(
            f"no criterion holds the need {code.id}: nobody behind one was coded with it",
            hint="qualcode edit show lists the needs of each",
        )
    others = [c for c in holding if c.id != target.id]
    if not others:
        raise UsageError(f"the need {code.id} stands there already, and nowhere else")
    came_from = others[0].id
    return desk.record(
        "need",
        code.id,
        "move",
        {
            "need": code.id,
            "from": came_from,
            "to": target.id,
            "criterion": desk.snapshot(target),
        },
        {"criterion": came_from},
    )


def _holding(desk: Desk, need: str, criteria: Iterable[DesignCriterion]) -> list[DesignCriterion]:
    """Return the criteria that hold a need: those it stands under first, then by its segments."""
    ranked = []
    for at, criterion in enumerate(criteria):
        is_named, n = need in criterion.needs, criterion.codes.get(need, 0)
        if is_named or n:
            ranked.append((not is_named, -n, at, criterion))
    return [criterion for _, _, _, criterion in sorted(ranked, key=lambda item: item[:3])]
