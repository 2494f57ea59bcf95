"""What people hold of segments, folded from what they did."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from qualcode.codebook import Codebook
from qualcode.records import Coding, Judgement, Rationale, Verdict, stable_id
from qualcode.review_events import Action, Part, ReviewEvent, standing_events

__all__ = [
    "CodesOf",
    "Mark",
    "Reviewed",
    "coding_of",
    "fold",
    "human_coder",
    "judgements_of",
    "seen_with_book",
]

CodesOf = Callable[[str, str], frozenset[str]]
"""Codebook fingerprint and family to the ids of the codes that the family had then."""

_APPLIES = frozenset({Action.ACCEPT, Action.CHANGE, Action.ADD, Action.SPAN})


@dataclass(frozen=True, slots=True)
class Mark:
    """Hold one person's yes or no to one code on one segment.

    Attributes:
        applies: The yes or no.
        start_char: Where it applies; None for a no.
        coding_id: The suggestion that it answers, None where there was none.
        is_bulk: Whether it was one of many decided at once; such a mark was not looked at, unless
            the person was done with its family on that segment afterwards.
        is_blind: Whether suggestions were hidden.
    """

    family: str
    code: str
    applies: bool
    start_char: int | None
    end_char: int | None
    coding_id: str | None
    reason: str
    is_bulk: bool
    is_blind: bool
    at: str


@dataclass(slots=True)
class Reviewed:
    """Hold what one person, in one part, holds of one segment.

    Attributes:
        marks: By family and code; what is not here was not said by itself.
        complete: Families of which every code was judged, with the codes that the family had then.
        done_at: Family to the number of the event by which it was first complete.
        last_event: Number of the person's newest event here.
        is_blind: Whether suggestions were hidden whenever the person decided.
    """

    author: str
    segment_id: str
    part: Part
    marks: dict[tuple[str, str], Mark] = field(default_factory=dict)
    complete: dict[str, frozenset[str]] = field(default_factory=dict)
    done_at: dict[str, int] = field(default_factory=dict)
    last_event: int = 0
    is_flagged: bool = False
    is_skipped: bool = False
    notes: list[str] = field(default_factory=list)
    is_blind: bool = True
    at: str = ""

    def applies(self, family: str, code: str) -> bool | None:
        """Return the person's yes or no to a code, None where it was not judged.

        Bulk marks count here; see `Mark.is_bulk`.
        """
        mark = self.marks.get((family, code))
        if mark is not None:
            return mark.applies
        return False if code in self.complete.get(family, ()) else None


def human_coder(author: str) -> str:
    """Return the name under which a person's judgements stand beside the machines'."""
    return f"human:{author}"


def fold(
    events: Iterable[ReviewEvent], codes_of: CodesOf, *, blind_only: bool = False
) -> Mapping[tuple[str, str, Part], Reviewed]:
    """Return what people hold, by author, segment and part.

    Args:
        events: All events of the segments and people asked for, in the order of the store.
        codes_of: Which codes a family had when somebody was done with it.
        blind_only: Only what was decided while suggestions were hidden: the record that
            statistics rest on, whatever the person changed or took back afterwards.
    """
    found: dict[tuple[str, str, Part], Reviewed] = {}
    # Left out before undoings are followed: what is undone after the reveal stays in the record.
    told = (event for event in events if event.is_blind) if blind_only else events
    for event in standing_events(told):
        if event.action is Action.REVEAL:
            continue  # it decides nothing
        key = (event.author, event.segment_id, event.part)
        held = found.get(key)
        if held is None:
            held = found[key] = Reviewed(*key)
        _apply(held, event, codes_of)
    return found


def _apply(held: Reviewed, event: ReviewEvent, codes_of: CodesOf) -> None:
    held.at, held.last_event = event.at, event.id
    held.is_blind &= event.is_blind
    held.is_skipped = event.action is Action.SKIP
    match event.action:
        case Action.FLAG | Action.UNFLAG:
            held.is_flagged = event.action is Action.FLAG
        case Action.NOTE:
            held.notes.append(str(event.value.get("text", "")))
        case Action.DONE:
            fingerprint = str(event.value.get("codebook", ""))
            families = event.value.get("families", ())
            for family in families:
                held.complete[family] = codes_of(fingerprint, family)
                held.done_at.setdefault(family, event.id)
            _look_at(held, families)
        case Action.CLEAR:
            held.marks.pop((event.family, event.code), None)
        case Action.ACCEPT | Action.REJECT | Action.CHANGE | Action.ADD | Action.SPAN:
            before = held.marks.get((event.family, event.code))
            _mark(held, event, event.code, before)
            instead_of = event.value.get("instead_of")
            if event.action is Action.CHANGE and instead_of and instead_of != event.code:
                _mark(held, event, str(instead_of), None, applies=False)


def _look_at(held: Reviewed, families: Collection[str]) -> None:
    """Let bulk marks count as looked at: who is done with a segment had them before him or her."""
    for key, mark in held.marks.items():
        if mark.is_bulk and mark.family in families:
            held.marks[key] = replace(mark, is_bulk=False)


def _mark(
    held: Reviewed,
    event: ReviewEvent,
    code: str,
    before: Mark | None,
    *,
    applies: bool | None = None,
) -> None:
    yes = event.action in _APPLIES if applies is None else applies
    coding_id = event.value.get("coding_id")
    if coding_id is None and before is not None:
        coding_id = before.coding_id
    held.marks[event.family, code] = Mark(
        family=event.family,
        code=code,
        applies=yes,
        start_char=event.start_char if yes else None,
        end_char=event.end_char if yes else None,
        coding_id=coding_id,
        reason=event.reason,
        is_bulk=bool(event.batch),
        is_blind=event.is_blind,
        at=event.at,
    )


def seen_with_book(book: Codebook) -> Callable[[Reviewed], Reviewed]:
    """Return a function that gives what a person holds with its codes as a book has them.

    What was said of a merged code counts for the one that it was merged into; a yes to either is a
    yes to that. What was said of codes that are retired or gone is left out.
    """
    active = {(code.family, code.id) for code in book.codes if code.status != "retired"}
    standing = {code.id: book.standing(code.id) for code in book.codes}
    of_family = {f: frozenset(code.id for code in book.family(f)) for f in book.families}
    nothing: frozenset[str] = frozenset()

    def seen(held: Reviewed) -> Reviewed:
        if active.issuperset(held.marks) and all(
            codes <= of_family.get(family, nothing) for family, codes in held.complete.items()
        ):
            return held
        marks: dict[tuple[str, str], Mark] = {}
        for mark in held.marks.values():
            key = (mark.family, standing.get(mark.code, mark.code))
            before = marks.get(key)
            if key in active and (before is None or not before.applies or mark.applies):
                marks[key] = replace(mark, code=key[1])
        complete = {
            family: frozenset(
                kept
                for kept in (standing.get(code, code) for code in codes)
                if (family, kept) in active
            )
            for family, codes in held.complete.items()
        }
        return replace(held, marks=marks, complete=complete)

    return seen


def judgements_of(
    held: Iterable[Reviewed],
    document_of: Mapping[str, str],
    live: Mapping[str, Iterable[str]] | None = None,
) -> tuple[Judgement, ...]:
    """Return people's complete judgements as records like those of any coder.

    A family of which a person judged only some codes has none: what was not judged is not a no.

    Args:
        held: As `fold` returns them.
        document_of: Segment id to document id; segments that the study lacks are left out.
        live: Family to its codes of today; a family with one that the person was never asked for
            has no judgement. Without it all are as complete as they were.
    """
    found: list[Judgement] = []
    for one in held:
        document_id = document_of.get(one.segment_id)
        if document_id is None:
            continue
        for family in sorted(one.complete):
            asked = (live or {}).get(family, ())
            if any(one.applies(family, code) is None for code in asked):
                continue
            marks = [m for m in one.marks.values() if m.family == family and m.applies]
            codings = tuple(coding_of(one, mark, document_id) for mark in marks)
            verdict = Verdict.CODED if codings else Verdict.NONE
            found.append(
                Judgement(one.segment_id, family, human_coder(one.author), verdict, "", codings)
            )
    return tuple(found)


def coding_of(
    held: Reviewed,
    mark: Mark,
    document_id: str,
    *,
    status: str = "accepted",
    valence: float | None = None,
) -> Coding:
    """Return a person's yes as a coding of that person's; its score is 1, a person is sure."""
    assert mark.start_char is not None and mark.end_char is not None
    coder = human_coder(held.author)
    return Coding(
        id=stable_id(
            "cod", coder, held.segment_id, mark.code, str(mark.start_char), str(mark.end_char)
        ),
        document_id=document_id,
        segment_id=held.segment_id,
        start_char=mark.start_char,
        end_char=mark.end_char,
        family=mark.family,
        code=mark.code,
        coder=coder,
        score=1.0,
        rationale=Rationale("person", "", note=mark.reason),
        valence=valence,
        status=status,
    )
