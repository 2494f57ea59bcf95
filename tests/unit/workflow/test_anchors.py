"""Segments are found again by their words alone, and not where several could be meant."""

from __future__ import annotations

from typing import Any

import pytest

from qualcode.ingest.segmentation import segment
from qualcode.records import Document, DocumentKind, Role, Segment, Speaker, Turn, stable_id
from qualcode.spans import Span
from qualcode.workflow.anchors import Anchors, Pointers

LONG = "I waited three whole weeks for the delivery to come to my house and nobody told me why"


def talk(name: str, *said: tuple[str, str]) -> tuple[list[Document], list[Segment]]:
    """Return an interview of turns, each with its speaker, and its segments."""
    text, turns = "", []
    for at, (who, words) in enumerate(said):
        text += f"{who}: "
        turns.append(Turn(at, len(text), len(text) + len(words), who))
        text += f"{words}\n"
    speakers = tuple(Speaker(who, Role.PARTICIPANT) for who in dict.fromkeys(w for w, _ in said))
    document = Document(
        stable_id("doc", name), "src", f"{name}.txt", DocumentKind.INTERVIEW, text, tuple(turns)
    )
    document = Document(**{**_fields(document), "speakers": speakers})
    return [document], list(segment(document))


def _fields(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in Document.__dataclass_fields__}


def words(texts: tuple[list[Document], list[Segment]], found: Segment | None) -> str | None:
    return None if found is None else found.span.of(texts[0][0].text)


@pytest.fixture
def moved() -> tuple[Anchors, Any, Any]:
    old = talk("old", ("A", "Hello."), ("B", LONG), ("A", "Why?"), ("B", "It was a mistake."))
    new = talk("new", ("A", "Good morning."), ("B", LONG), ("A", "Why?"), ("B", "It was my fault."))
    return Anchors(old, new), old, new


def test_words_that_are_there_again_are_found(moved: Any) -> None:
    anchors, old, new = moved
    assert words(new, anchors.segment(old[1][1].id)) == LONG


def test_words_that_changed_are_not_found(moved: Any) -> None:
    anchors, old, _ = moved
    assert [anchors.segment(old[1][at].id) for at in (0, 3)] == [None, None]


def test_a_span_moves_with_its_segment(moved: Any) -> None:
    anchors, old, new = moved
    start = old[1][1].start_char + LONG.index("three")
    span = anchors.span(old[1][1].id, Span(start, start + len("three whole weeks")))
    assert span is not None
    assert span.of(new[0][0].text) == "three whole weeks"


def test_a_span_that_reaches_into_changed_words_does_not_move(moved: Any) -> None:
    anchors, old, _ = moved
    own = old[1][1]
    assert anchors.span(own.id, Span(own.start_char, len(old[0][0].text))) is None


def test_of_equal_answers_each_stays_behind_its_question() -> None:
    old = talk("old", ("A", "One?"), ("B", "Yes."), ("A", "Two?"), ("B", "Yes."))
    new = talk("new", ("A", "Two?"), ("B", "Yes."), ("A", "One?"), ("B", "Yes."))
    anchors = Anchors(old, new)
    assert [anchors.segment(old[1][at].id) for at in (1, 3)] == [new[1][3], new[1][1]]


def test_equal_answers_that_became_fewer_are_not_found() -> None:
    old = talk("old", ("A", "One?"), ("B", "Yes."), ("B", "Yes."), ("A", "Two?"))
    new = talk("new", ("A", "Three?"), ("B", "Yes."), ("A", "Four?"))
    assert [Anchors(old, new).segment(s.id) for s in old[1][1:3]] == [None, None]


def test_going_back_finds_what_going_there_found(moved: Any) -> None:
    there, old, new = moved
    back = Anchors(new, old)
    ways = [(s, there.segment(s.id)) for s in old[1]]
    assert all(back.segment(to.id) == s for s, to in ways if to is not None)


def test_a_pinned_quote_points_at_the_same_words_afterwards(moved: Any) -> None:
    anchors, old, new = moved
    held = {
        "document_id": old[0][0].id,
        "segment_id": old[1][1].id,
        "start_char": old[1][1].start_char,
        "end_char": old[1][1].end_char,
    }
    value = anchors.value({"quote": held, "cell": "x"}, Pointers())
    quote = value["quote"]
    assert new[0][0].text[quote["start_char"] : quote["end_char"]] == LONG


def test_a_pointer_to_changed_words_stays_and_counts_as_lost(moved: Any) -> None:
    anchors, old, _ = moved
    gone = old[1][3]
    held = {
        "document_id": old[0][0].id,
        "start_char": gone.start_char,
        "end_char": gone.end_char,
    }
    told = Pointers()
    assert (anchors.value(held, told), told.n_lost) == (held, 1)


def test_a_list_of_segments_counts_as_lost_only_when_none_is_left(moved: Any) -> None:
    anchors, old, _ = moved
    kept, gone = old[1][1].id, old[1][3].id
    some, none = Pointers(), Pointers()
    anchors.value([kept, gone], some)
    anchors.value([gone], none)
    assert (some.n_lost, none.n_lost) == (0, 1)
