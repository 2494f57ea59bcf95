"""Tell what people decided, and take it back."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.codebook import Codebook
from qualcode.codebook.undo import restored
from qualcode.errors import UsageError
from qualcode.records import Decision
from qualcode.store.decisions import taken_back
from qualcode.workflow.author import author_of
from qualcode.workflow.codebook_apply import SUBJECT as CODEBOOK
from qualcode.workflow.codebook_apply import apply_change
from qualcode.workflow.source_life import SUBJECT as SOURCE
from qualcode.workflow.source_life import take_back
from qualcode.workflow.study import Study

__all__ = ["Logged", "decision_log", "undo"]


@dataclass(frozen=True, slots=True)
class Logged:
    """Hold a decision with what became of it.

    Attributes:
        stands: Whether it counts now; for an undoing, whether it does.
        undone_by: The undoing that took it back, None while it stands.
    """

    decision: Decision
    stands: bool
    undone_by: int | None


def decision_log(study: Study) -> tuple[Logged, ...]:
    """Return every decision, oldest first, undoings and what they took back included."""
    every = study.repository.decisions.all()
    gone = taken_back(every)
    undoing = {d.undoes: d.id for d in every if d.undoes is not None}
    return tuple(
        Logged(d, d.id not in gone, undoing.get(d.id) if d.id in gone else None) for d in every
    )


def undo(
    study: Study, decision_id: int | None = None, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Take back the last decision that stands, or the one that is named.

    What is undone may itself be an undoing: then the decision before it holds again.

    Raises:
        UsageError: There is no such decision, it is taken back already, nothing stands, the
            codebook was changed since where the decision changed it, or a source cannot come back.
    """
    author = author_of(study, by)
    every = {d.id: d for d in study.repository.decisions.all()}
    gone = taken_back(every.values())
    if decision_id is None:
        standing = [d.id for d in every.values() if d.undoes is None and d.id not in gone]
        if not standing:
            raise UsageError("there is nothing to take back", hint="qualcode edit log lists all")
        decision_id = standing[-1]
    elif decision_id not in every:
        raise UsageError(
            f"there is no decision {decision_id}", hint="qualcode edit log lists decisions"
        )
    undoing = {d.undoes: d.id for d in every.values() if d.undoes is not None}
    if decision_id in gone:
        raise UsageError(
            f"decision {decision_id} is taken back already, by {undoing[decision_id]}",
            hint=f"to bring it back: qualcode edit undo {undoing[decision_id]}",
        )
    # A decision that was taken back and brought again has undoings behind it, the last of which
    # is the one to take back now: each row may be undone once.
    last = decision_id
    while last in undoing:
        last = undoing[last]
    first = every[decision_id]
    while first.undoes is not None:
        first = every[first.undoes]
    if first.subject == CODEBOOK:
        return _undo_in_codebook(study, every[last], by=author, reason=reason)
    if first.subject == SOURCE:
        return take_back(study, first, every[last], by=author, reason=reason)
    return study.repository.decisions.add(
        author=author,
        subject=first.subject,
        target=first.target,
        action="undo",
        reason=reason.strip(),
        undoes=last,
    )


def _undo_in_codebook(study: Study, decision: Decision, *, by: str, reason: str) -> Decision:
    """Take a change of the codebook back, or the taking back of one.

    Raises:
        UsageError: What it touched was changed since.
    """

    def make(book: Codebook) -> Codebook:
        return restored(book, decision.value, decision.replaced)

    changed = apply_change(
        study,
        "undo",
        decision.target,
        make,
        by=by,
        reason=reason.strip() or f"takes back {decision.action} {decision.target}",
        undoes=decision.id,
    )
    if changed.decision is None:
        raise UsageError(f"decision {decision.id} has no effect on the codebook any more")
    return changed.decision
