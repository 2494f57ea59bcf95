"""Change a study's codebook; each function does one thing and returns what it touches.

Codes are found as a person names them: by id, name or former name. With `dry_run` nothing is
written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qualcode.codebook import FAMILIES, Codebook, edits, family_name
from qualcode.codebook.codes import Code
from qualcode.codebook.names import codes_called, find_code
from qualcode.codebook.undo import restored
from qualcode.errors import UsageError
from qualcode.workflow.codebook_apply import SUBJECT, Changed, apply_change
from qualcode.workflow.study import Study

__all__ = [
    "Changed",
    "add",
    "family_called",
    "merge",
    "move",
    "rename",
    "retire",
    "split",
    "undo",
]


def family_called(book: Codebook, asked: str) -> str:
    """Return the family that an identifier or the name that people see stands for.

    One that nobody knows is a new family of the study.
    """
    folded = asked.strip().casefold()
    for family in (*book.families, *FAMILIES):
        if folded in (family, family_name(family).casefold()):
            return family
    return folded.replace(" ", "_")


def add(
    study: Study,
    code: Code,
    *,
    before: str | None = None,
    after: str | None = None,
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
) -> Changed:
    """Add a code; an empty id is made from its name, and its parent may be named."""
    book, families = study.codebook, [code.family]
    entry = replace(
        code,
        id=code.id or edits.free_id(book, code.name, code.family),
        parent=_id(book, code.parent, families),
    )
    first, last = _id(book, before, families), _id(book, after, families)

    def make(book: Codebook) -> Codebook:
        return edits.added(book, entry, before=first, after=last)

    return apply_change(study, "add", entry.id, make, by=by, reason=reason, dry_run=dry_run)


def rename(
    study: Study,
    code: str,
    new_name: str,
    *,
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
) -> Changed:
    """Call a code otherwise; its id, its codings and the words that it applies to stay."""
    code_id = find_code(study.codebook, code).id

    def make(book: Codebook) -> Codebook:
        return edits.renamed(book, code_id, new_name)

    return apply_change(study, "rename", code_id, make, by=by, reason=reason, dry_run=dry_run)


def merge(
    study: Study,
    codes: Sequence[str],
    *,
    into: str,
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
) -> Changed:
    """Retire codes in favour of another one, which their codings count for from now on."""
    survivor = find_code(study.codebook, into).id
    gone = [find_code(study.codebook, code).id for code in codes]

    def make(book: Codebook) -> Codebook:
        return edits.merged(book, gone, survivor)

    return apply_change(study, "merge", survivor, make, by=by, reason=reason, dry_run=dry_run)


def split(
    study: Study,
    code: str,
    *,
    into: Sequence[str],
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
) -> Changed:
    """Retire a code and put new ones of these names in its place; its segments are judged again."""
    code_id = find_code(study.codebook, code).id

    def make(book: Codebook) -> Codebook:
        return edits.split(book, code_id, into)

    return apply_change(study, "split", code_id, make, by=by, reason=reason, dry_run=dry_run)


def move(
    study: Study,
    code: str,
    *,
    before: str | None = None,
    after: str | None = None,
    parent: str | None = None,
    to_family: str | None = None,
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
) -> Changed:
    """Give a code another place in its family, another parent ("" for none) or another family.

    Raises:
        UsageError: Nothing is asked for, or both a place and a family.
    """
    moving = find_code(study.codebook, code)
    if to_family is not None:
        if (before, after, parent) != (None, None, None):
            raise UsageError("--to-family goes alone", hint="give the code its place afterwards")
        family = family_called(study.codebook, to_family)
    families = [moving.family]
    first, last = _id(study.codebook, before, families), _id(study.codebook, after, families)
    above = parent if not parent else _id(study.codebook, parent, families)

    def make(book: Codebook) -> Codebook:
        if to_family is not None:
            return edits.refamilied(book, moving.id, family)
        return edits.moved(book, moving.id, before=first, after=last, parent=above)

    return apply_change(study, "move", moving.id, make, by=by, reason=reason, dry_run=dry_run)


def retire(
    study: Study, code: str, *, by: str | None, reason: str = "", dry_run: bool = False
) -> Changed:
    """Take a code out of use; its codings stay stored and count no more."""
    code_id = find_code(study.codebook, code).id

    def make(book: Codebook) -> Codebook:
        return edits.retired(book, code_id)

    return apply_change(study, "retire", code_id, make, by=by, reason=reason, dry_run=dry_run)


def undo(
    study: Study,
    decision_id: int | None = None,
    *,
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
) -> Changed:
    """Take a decision about the codebook back: the last one that stands, or the one named.

    Raises:
        UsageError: There is none, or what it touched was changed since.
    """
    standing = study.repository.decisions.standing([SUBJECT])
    wanted = [d for d in standing if decision_id in (None, d.id)]
    if not wanted:
        numbers = ", ".join(f"{d.id} ({d.action} {d.target})" for d in standing[-8:])
        raise UsageError(
            "no decision about the codebook stands"
            if decision_id is None
            else f"no decision {decision_id} about the codebook stands",
            hint=f"these do: {numbers}" if numbers else "there is nothing to take back",
        )
    decision = wanted[-1]
    # One that was taken back and brought again stands by the undoing that brought it.
    undoing = {d.undoes: d for d in study.repository.decisions.all() if d.undoes is not None}
    while decision.id in undoing:
        decision = undoing[decision.id]

    def make(book: Codebook) -> Codebook:
        return restored(book, decision.value, decision.replaced)

    return apply_change(
        study,
        "undo",
        decision.target,
        make,
        by=by,
        reason=reason or f"takes back {decision.action} {decision.target}",
        dry_run=dry_run,
        undoes=decision.id,
    )


def _id(book: Codebook, asked: str | None, families: Sequence[str]) -> str | None:
    """Return the id of a code of these families if one is called so, else of any."""
    if asked is None:
        return None
    near = families if codes_called(book, asked, families=families) else None
    return find_code(book, asked, families=near).id
