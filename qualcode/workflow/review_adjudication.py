"""Where people judged the same segment: their answers side by side, for one who decides.

What they agree on is merged; of what they differ on, each answer is an option. The choice is an
event like any other, in the adjudicator's part, and leaves the people's own records as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qualcode.analysis.reviewed import Reviewed
from qualcode.codebook import Codebook
from qualcode.errors import UsageError
from qualcode.review_events import Part
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_item import item
from qualcode.workflow.review_views import Item

__all__ = ["DIFFERS", "SAME", "WORDS", "Case", "CaseRow", "Cases", "Option", "case", "open_cases"]

SAME = "same"
WORDS = "words"
DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Option:
    """Hold one answer to whether a code applies, and who gave it.

    Attributes:
        start_char: Where it applies; None for a no.
        coding_id: The suggestion that it answers, if it answers one.
        by: Who says so; empty for a no that nobody gave, which an adjudicator may still give.
        reasons: What those who said no wrote or chose.
    """

    applies: bool
    start_char: int | None
    end_char: int | None
    coding_id: str | None
    by: tuple[str, ...]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseRow:
    """Hold what people say of one code on one segment.

    Attributes:
        state: `SAME` where all who judged it say the same of the same words, `WORDS` where it
            applies to all of them but on other words, `DIFFERS` where some say no.
        options: Each different answer, the one that most people gave first.
        unsaid: Who judged the segment and not this code.
        chosen: Which option the adjudicator took, None where that is open; the first where all
            say the same.
    """

    family: str
    code: str
    state: str
    options: tuple[Option, ...]
    unsaid: tuple[str, ...]
    chosen: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """Hold a segment that several people judged.

    Attributes:
        item: The segment in its conversation.
        people: Who judged it.
        families: Those that somebody judged completely; done with the case, so has the
            adjudicator.
        codebook: Fingerprint of the book of today.
        rows: In the order of the book.
        is_decided: Whether nothing is left to choose and the adjudicator has confirmed it.
    """

    item: Item
    people: tuple[str, ...]
    families: tuple[str, ...]
    codebook: str
    rows: tuple[CaseRow, ...]
    is_decided: bool


@dataclass(frozen=True, slots=True)
class Cases:
    """List segments to adjudicate, in the order of the corpus.

    Attributes:
        differing: On which people differ and no adjudicator has decided.
        agreed: On which several people agree in everything; confirming them is optional.
        n_decided: How many an adjudicator has decided.
    """

    differing: tuple[str, ...]
    agreed: tuple[str, ...]
    n_decided: int


def open_cases(index: ReviewIndex) -> Cases:
    """Return which segments several people judged, by what there is to decide."""
    index.renew()
    book = index.book
    differing: list[str] = []
    agreed: list[str] = []
    n_decided = 0
    for at in sorted(index.people.held):
        found = list(index.people.held[at].values())
        if len(_people(found)) < 2:
            continue
        segment_id = index.texts[at].segment.id
        rows = _rows(found, book)
        if _is_decided(found, rows):
            n_decided += 1
        elif any(row.state != SAME for row in rows):
            differing.append(segment_id)
        else:
            agreed.append(segment_id)
    return Cases(tuple(differing), tuple(agreed), n_decided)


def case(index: ReviewIndex, adjudicator: str, segment_id: str) -> Case:
    """Return what people said of one segment.

    Raises:
        UsageError: There is no such segment, or fewer than two people judged it.
    """
    index.renew()
    found = list(index.people.held.get(index.number(segment_id), {}).values())
    people = _people(found)
    if len(people) < 2:
        raise UsageError(
            f"segment {segment_id!r} was not judged by two people",
            hint="qualcode review --overlap 2 asks for it",
        )
    shown = item(index, adjudicator, Part.ADJUDICATOR, segment_id)
    book = index.book
    rows = _rows(found, book)
    return Case(
        item=replace(shown, others=()),  # said by the rows, merged
        people=tuple(one.author for one in people),
        families=_families(people, book),
        codebook=book.fingerprint(),
        rows=rows,
        is_decided=_is_decided(found, rows),
    )


def _people(held: Sequence[Reviewed]) -> list[Reviewed]:
    """Return the reviewers who judged anything by hand."""
    return [
        one
        for one in held
        if one.part is Part.REVIEWER
        and (one.complete or any(not mark.is_bulk for mark in one.marks.values()))
    ]


def _families(people: Sequence[Reviewed], book: Codebook) -> tuple[str, ...]:
    complete = {family for one in people for family in one.complete}
    return tuple(family for family in book.families if family in complete)


def _adjudicator(held: Sequence[Reviewed]) -> Reviewed | None:
    """Return the adjudicator whose word counts: as in `analysis/settled.py`, the last one."""
    found = [one for one in held if one.part is Part.ADJUDICATOR]
    return found[-1] if found else None


def _is_decided(held: Sequence[Reviewed], rows: Sequence[CaseRow]) -> bool:
    judge = _adjudicator(held)
    if judge is None or any(row.chosen is None for row in rows):
        return False
    wanted = {family for one in _people(held) for family in one.complete}
    return wanted <= set(judge.complete) and all(
        judge.applies(row.family, row.code) is not None for row in rows
    )


def _rows(held: Sequence[Reviewed], book: Codebook) -> tuple[CaseRow, ...]:
    people, judge = _people(held), _adjudicator(held)
    marked = {key for one in people for key, mark in one.marks.items() if not mark.is_bulk}
    order = {code.id: at for at, code in enumerate(book.codes)}
    families = {family: at for at, family in enumerate(book.families)}
    ordered = sorted(
        (key for key in marked if key[1] in order),
        key=lambda key: (families.get(key[0], -1), order[key[1]]),
    )
    return tuple(_row(family, code, people, judge) for family, code in ordered)


def _row(family: str, code: str, people: Sequence[Reviewed], judge: Reviewed | None) -> CaseRow:
    answers: dict[tuple[bool, int | None, int | None], list[Reviewed]] = {}
    unsaid: list[str] = []
    for one in people:
        mark = one.marks.get((family, code))
        if mark is not None and not mark.is_bulk:
            key = (mark.applies, mark.start_char, mark.end_char)
        elif one.applies(family, code) is False:
            key = (False, None, None)
        else:
            unsaid.append(one.author)
            continue
        answers.setdefault(key, []).append(one)
    said = len(answers)
    chosen = None
    if judge is not None and (word := judge.applies(family, code)) is not None:
        mark = judge.marks.get((family, code))
        key = (word, mark.start_char if mark else None, mark.end_char if mark else None)
        answers.setdefault(key, [])
        chosen = key
    ways = {applies for applies, _, _ in list(answers)[:said]}
    state = SAME if said == 1 else WORDS if ways == {True} else DIFFERS
    if state is not SAME:
        answers.setdefault((False, None, None), [])
    options = [_option(key, who, family, code) for key, who in answers.items()]
    keys = list(answers)
    best = sorted(range(len(keys)), key=lambda at: (-len(answers[keys[at]]), not keys[at][0], at))
    place = best.index(keys.index(chosen)) if chosen is not None else None
    if place is None and state is SAME:
        place = 0
    return CaseRow(family, code, state, tuple(options[at] for at in best), tuple(unsaid), place)


def _option(
    key: tuple[bool, int | None, int | None],
    who: Sequence[Reviewed],
    family: str,
    code: str,
) -> Option:
    applies, start_char, end_char = key
    marks = [mark for one in who if (mark := one.marks.get((family, code))) is not None]
    return Option(
        applies=applies,
        start_char=start_char,
        end_char=end_char,
        coding_id=next((mark.coding_id for mark in marks if mark.coding_id), None),
        by=tuple(one.author for one in who),
        reasons=tuple(dict.fromkeys(mark.reason for mark in marks if mark.reason)),
    )
