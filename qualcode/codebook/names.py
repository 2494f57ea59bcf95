"""Which code is meant: the one way in which commands find a code by what a person typed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from qualcode.codebook.book import Codebook
from qualcode.codebook.codes import Code
from qualcode.errors import UsageError

__all__ = ["codes_called", "find_code", "near_miss", "similar"]


def find_code(book: Codebook, asked: str, *, families: Collection[str] | None = None) -> Code:
    """Return the one code that an id, a name or a former name stands for, in any case.

    Retired codes are found too. A name that is in use goes before a former one, a code that is
    not retired before one that is.

    Args:
        book: Where to look.
        asked: As a person typed it.
        families: Only these; all when None.

    Raises:
        UsageError: None is called that, or several are; the hint names what is near.
    """
    found = codes_called(book, asked, families=families)
    found = tuple(code for code in found if code.status != "retired") or found
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"several codes are called {asked!r}",
            hint="use the id: " + ", ".join(f"{c.id} ({c.family})" for c in found),
        )
    raise UsageError(f"no code is called {asked!r}", hint=near_miss(book, asked, families=families))


def codes_called(
    book: Codebook, asked: str, *, families: Collection[str] | None = None
) -> tuple[Code, ...]:
    """Return all codes that an id or a name stands for, in the order of the book.

    The exact id goes first, then ids and names in any case, then former names: only the first of
    these that finds any.
    """
    folded = asked.strip().casefold()
    codes = [code for code in book.codes if families is None or code.family in families]
    exact = tuple(code for code in codes if code.id == asked.strip())
    named = tuple(code for code in codes if folded in (code.id, code.name.casefold()))
    return exact or named or tuple(c for c in codes if folded in map(str.casefold, c.former_names))


def near_miss(book: Codebook, asked: str, *, families: Collection[str] | None = None) -> str:
    """Return a hint for what no code is called."""
    codes = [code for code in book.codes if families is None or code.family in families]
    near = similar(asked, [w for c in codes for w in (c.id, c.name, *c.former_names)])
    return f"did you mean {near}?" if near else "qualcode codebook show lists them"


def similar(asked: str, known: Iterable[str]) -> str:
    """Return up to three of the words that are spelt like the one asked for, or nothing."""
    by_folded = {word.casefold(): word for word in known}
    close = difflib.get_close_matches(asked.strip().casefold(), by_folded, n=3, cutoff=0.5)
    return ", ".join(by_folded[word] for word in close)
