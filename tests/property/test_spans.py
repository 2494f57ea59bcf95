"""Spans move through edits to the same words, or to the whole placeholder that replaced them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.spans import Edit, Rebase, Span, apply_edits

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=80)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """Return a text and non-overlapping, non-empty edits of it in order."""
    text = draw(TEXT)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=10)))
    pairs = zip(borders[::2], borders[1::2], strict=False)
    return text, [Edit(a, b, draw(st.text(max_size=12))) for a, b in pairs]


def spans(text: str) -> st.SearchStrategy[Span]:
    at = st.integers(0, len(text))
    return st.tuples(at, at).map(lambda pair: Span(min(pair), max(pair)))


@settings(max_examples=200, deadline=None)
@given(edited(), st.data())
def test_a_span_between_edits_keeps_its_words(
    case: tuple[str, list[Edit]], data: st.DataObject
) -> None:
    text, edits = case
    span = data.draw(spans(text))
    if any(span.overlaps(Span(e.start_char, e.end_char)) for e in edits):
        return
    moved = Rebase(edits).span(span)
    if len(span):
        assert moved.of(apply_edits(text, edits)) == span.of(text)


@settings(max_examples=200, deadline=None)
@given(edited(), st.data())
def test_a_span_that_touches_an_edit_covers_the_whole_replacement(
    case: tuple[str, list[Edit]], data: st.DataObject
) -> None:
    text, edits = case
    span = data.draw(spans(text))
    new = apply_edits(text, edits)
    moved = Rebase(edits).span(span)
    low, high = span.start_char, span.end_char
    for edit in edits:
        if len(span) and span.overlaps(Span(edit.start_char, edit.end_char)):
            low, high = min(low, edit.start_char), max(high, edit.end_char)
    inside = [
        Edit(e.start_char - low, e.end_char - low, e.replacement)
        for e in edits
        if low <= e.start_char and e.end_char <= high
    ]
    if len(span):
        assert moved.of(new) == apply_edits(text[low:high], inside)


@settings(max_examples=200, deadline=None)
@given(edited())
def test_offsets_keep_their_order_and_stay_in_the_text(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    rebase = Rebase(edits)
    new = apply_edits(text, edits)
    moved = [rebase.offset(at) for at in range(len(text) + 1)]
    assert moved == sorted(moved)
    assert moved[0] >= 0 and moved[-1] == len(new)


@settings(max_examples=100, deadline=None)
@given(edited())
def test_the_order_in_which_edits_are_given_does_not_matter(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    assert apply_edits(text, reversed(edits)) == apply_edits(text, edits)
    for at in range(len(text) + 1):
        assert Rebase(edits[::-1]).offset(at) == Rebase(edits).offset(at)


@settings(max_examples=100, deadline=None)
@given(TEXT, st.data())
def test_without_edits_nothing_moves(text: str, data: st.DataObject) -> None:
    span = data.draw(spans(text))
    assert apply_edits(text, ()) == text
    assert Rebase(()).span(span) == span


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 19))
def test_overlapping_edits_are_refused(start: int, length: int, inside: int) -> None:
    first = Edit(start, start + length, "x")
    second = Edit(start + inside % length, start + length + 1, "y")
    with pytest.raises(ValueError, match="overlap"):
        apply_edits("z" * 60, (first, second))
    with pytest.raises(ValueError, match="overlap"):
        Rebase((second, first))


@settings(max_examples=100, deadline=None)
@given(TEXT, st.integers(1, 5))
def test_edits_and_spans_beyond_the_text_are_refused(text: str, over: int) -> None:
    with pytest.raises(ValueError, match="beyond"):
        apply_edits(text, (Edit(0, len(text) + over, "x"),))
    with pytest.raises(ValueError, match="span ends"):
        Span(0, len(text) + over).of(text)
