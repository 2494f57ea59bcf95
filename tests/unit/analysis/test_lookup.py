"""Quotes are found again by where they are."""

from __future__ import annotations

import pytest

from qualcode.analysis.lookup import Lookup
from qualcode.spans import Span
from tests.edits_sample import BOOK, Study, coding_id, corpus_of, usual_codes

FIRST = Span(0, 40)
"""The first segment of every talk: “I waited. I thought it would never come.”"""


@pytest.fixture(scope="module")
def found() -> Lookup:
    return Study().found


@pytest.mark.parametrize("span", [FIRST, Span(0, 20), Span(10, 40), Span(0, 45)])
def test_a_code_on_mostly_the_same_words_is_the_same_quote(found: Lookup, span: Span) -> None:
    same = found.similar("d0", "wait", span)
    assert same is not None
    assert same.coding.id == coding_id("s00", "wait")


@pytest.mark.parametrize(
    ("document", "code", "span"),
    [
        ("d0", "wait", Span(0, 19)),
        ("d0", "price", FIRST),
        ("d9", "wait", FIRST),
        ("d0", "wait", Span(300, 340)),
    ],
)
def test_less_than_half_of_the_words_or_another_code_is_not(
    found: Lookup, document: str, code: str, span: Span
) -> None:
    assert found.similar(document, code, span) is None


def test_the_segment_of_a_span_is_the_one_in_which_it_begins(found: Lookup) -> None:
    for span, segment in ((Span(0, 5), "s00"), (Span(39, 60), "s00"), (Span(41, 50), "s01")):
        at = found.segment_at("d0", span)
        assert at is not None
        assert at.id == segment


@pytest.mark.parametrize(
    ("document", "span"), [("d0", Span(40, 41)), ("d0", Span(3, 3)), ("d0", Span(0, 999))]
)
def test_words_outside_the_text_or_between_segments_are_in_no_segment(
    found: Lookup, document: str, span: Span
) -> None:
    assert found.segment_at(document, span) is None


def test_an_interviewers_words_are_in_no_segment_that_counts() -> None:
    found = Lookup(corpus_of(usual_codes(), silent=[0]), BOOK)
    assert found.segment_at("d0", Span(0, 5)) is None
    assert found.in_order(["s10", "s00", "s10", "gone"]) == ("s10",)
