"""Change a codebook: each function takes a book and returns the next one, checked.

No code is ever taken out: one that is no longer used is retired, so that its id stays its own and
its codings can be read. `codebook/undo.py` takes a change back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qualcode.codebook.book import Codebook, checked
from qualcode.codebook.codes import Code
from qualcode.errors import UsageError

__all__ = [
    "added",
    "free_id",
    "merged",
    "moved",
    "refamilied",
    "renamed",
    "retired",
    "split",
]


def free_id(book: Codebook, name: str, family: str) -> str:
    """Return an id for a new code, from its name where that has letters for one."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
    base = slug if slug[:1].isalpha() else f"{family}_{slug}".strip("_")
    taken = {code.id for code in book.codes}
    number, free = 1, base
    while free in taken:
        number += 1
        free = f"{base}_{number}"
    return free


def added(
    book: Codebook, code: Code, *, before: str | None = None, after: str | None = None
) -> Codebook:
    """Add a code, by itself at the end of its family.

    Raises:
        CodebookError: Id or name is taken, or it refers to what is not there.
    """
    codes = list(book.codes)
    family = [n for n, other in enumerate(codes) if other.family == code.family]
    codes.insert(family[-1] + 1 if family else len(codes), code)
    made = checked(replace(book, codes=tuple(codes)))
    return moved(made, code.id, before=before, after=after) if before or after else made


def renamed(book: Codebook, code_id: str, name: str) -> Codebook:
    """Call a code otherwise; its id stays and its names so far still find it.

    Raises:
        UsageError: The name is empty or the code's already.
        CodebookError: Another code of the family has the name.
    """
    code, name = book.code(code_id), name.strip()
    if not name:
        raise UsageError("the new name is empty", hint="name the code in the customers' words")
    if name == code.name:
        raise UsageError(f"{code_id} is called {name!r} already")
    # The first name stays first, also when the code gets it back: see `Code.first_name`.
    names = (*code.former_names, *(() if code.name in code.former_names else (code.name,)))
    return _with(book, replace(code, name=name, former_names=names))


def merged(book: Codebook, codes: Sequence[str], into: str) -> Codebook:
    """Retire codes in favour of another one, which their codings count for from now on.

    Codes beneath them move beneath the survivor.

    Raises:
        UsageError: They are of several families, not in use, or the survivor is among them.
    """
    survivor = book.code(into)
    changed: list[Code] = []
    for code in map(book.code, dict.fromkeys(codes)):
        if code.id == into:
            raise UsageError(f"{into} cannot be merged into itself")
        if code.family != survivor.family:
            raise UsageError(
                f"{code.id} is of family {code.family}, {into} of {survivor.family}",
                hint="only codes of one family can be merged",
            )
        if code.merged_into is not None:
            raise UsageError(f"{code.id} is merged into {code.merged_into} already")
        changed.append(replace(code, status="retired", merged_into=into))
    if survivor.status == "retired":
        raise UsageError(f"{into} is retired", hint="merge into a code that is in use")
    return _lifted(_with(book, *changed), [code.id for code in changed], under=into)


def split(book: Codebook, code_id: str, names: Sequence[str]) -> Codebook:
    """Retire a code and put new ones in its place.

    The parts stand where it stood, under its parent, with its valence.

    Raises:
        UsageError: There are fewer than two names, or the code is retired.
    """
    code = book.code(code_id)
    names = [name.strip() for name in names]
    if len(names) < 2 or not all(names):
        raise UsageError("a code is split into two or more", hint='--into "Name A" "Name B"')
    _require_in_use(code)
    made, place = book, code_id
    for name in names:
        part = Code(
            id=free_id(made, name, code.family),
            name=name,
            family=code.family,
            parent=code.parent,
            valence=code.valence,
            goemotions=code.goemotions,
            split_from=code_id,
            owner=code.owner,
        )
        made, place = added(made, part, after=place), part.id
    return _lifted(_with(made, replace(code, status="retired")), [code_id])


def retired(book: Codebook, code_id: str) -> Codebook:
    """Take a code out of use; codes beneath it move up to its parent.

    Raises:
        UsageError: It is retired already.
    """
    code = book.code(code_id)
    _require_in_use(code)
    return _lifted(_with(book, replace(code, status="retired")), [code_id])


def moved(
    book: Codebook,
    code_id: str,
    *,
    before: str | None = None,
    after: str | None = None,
    parent: str | None = None,
) -> Codebook:
    """Give a code another place in its family, or another parent ("" for none).

    Raises:
        UsageError: Nothing is asked for, or the other code is of another family.
        CodebookError: The parent is of another family or beneath the code.
    """
    other = before or after
    if (before and after) or (other is None and parent is None):
        raise UsageError("say where to", hint="--before CODE, --after CODE or --parent CODE")
    code = book.code(code_id)
    if parent is not None:
        book = _with(book, replace(code, parent=parent or None))
    if other is None:
        return book
    if other == code_id:
        raise UsageError(f"{code_id} cannot stand beside itself")
    if book.code(other).family != code.family:
        raise UsageError(
            f"{other} is of family {book.code(other).family}, {code_id} of {code.family}",
            hint="order counts inside a family; --to-family changes the family",
        )
    codes = [c for c in book.codes if c.id != code_id]
    at = next(n for n, c in enumerate(codes) if c.id == other)
    codes.insert(at + (after is not None), book.code(code_id))
    return replace(book, codes=tuple(codes))


def refamilied(book: Codebook, code_id: str, family: str) -> Codebook:
    """Move a code to the end of another family, without its parent.

    Raises:
        UsageError: Other codes of its family hang on it, or it is retired.
        CodebookError: The family has a code of that name.
    """
    code = book.code(code_id)
    _require_in_use(code)
    if code.family == family:
        raise UsageError(f"{code_id} is of family {family} already")
    tied = [c.id for c in book.codes if code_id in (c.parent, c.merged_into, c.split_from)] or list(
        filter(None, [code.split_from])
    )
    if tied:
        raise UsageError(
            f"{code_id} stays in family {code.family}: {', '.join(tied)} hang on it",
            hint="add a code to the other family and retire this one",
        )
    rest = replace(book, codes=tuple(c for c in book.codes if c.id != code_id))
    return added(rest, replace(code, family=family, parent=None))


def _with(book: Codebook, *changed: Code) -> Codebook:
    by_id = {code.id: code for code in changed}
    return checked(replace(book, codes=tuple(by_id.get(c.id, c) for c in book.codes)))


def _lifted(book: Codebook, gone: Sequence[str], *, under: str | None = None) -> Codebook:
    """Give the codes beneath some codes a parent that stays: `under`, else the next one above."""
    parents = {code.id: code.parent for code in book.codes}

    def above(code_id: str | None) -> str | None:
        while code_id is not None and code_id in gone:
            code_id = parents[code_id]
        return code_id

    changed = []
    for code in book.codes:
        if code.parent not in gone or code.id in gone:
            continue
        beneath = under is not None and code.id != under and not _is_above(code.id, under, parents)
        changed.append(replace(code, parent=under if beneath else above(code.parent)))
    return _with(book, *changed)


def _is_above(code_id: str, other: str, parents: Mapping[str, str | None]) -> bool:
    at: str | None = other
    while at is not None:
        if at == code_id:
            return True
        at = parents[at]
    return False


def _require_in_use(code: Code) -> None:
    if code.status == "retired":
        raise UsageError(
            f"{code.id} is retired",
            hint="qualcode codebook undo takes that back, if it was the last",
        )
