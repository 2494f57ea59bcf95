"""Whatever the letters, a place that is given holds what the quote says, and parts no sign."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.locate import Tier, locate, normalised
from qualcode.spans import Span

PIECES = [
    *("a", "b", "A", "ß", "ss", "ﬁ", "fi", "e\u0301", "é", "İ", "i\u0307", "ё", "क", "ा", "한"),
    *(
        "👨\u200d👩\u200d👧",
        "👍🏽",
        "👍",
        "❤\ufe0f",
        "שלום",
        "\u200fمرحبا\u200e",
        "漢字",
        "½",
        "²",
        "1",
    ),
    *("2", ",", ".", "…", "...", "'", "’", "-", "—", "“", '"', " ", " ", "\u00a0", "\r\n", "\n"),
    *("\u200b", "\u00ad", "\u0301", "\u200d", "\ufeff", "_", "%", "(", "\u2028", "\ud800"),
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
ANY = TEXT | st.text(max_size=40)


def _variants(quote: str) -> list[str]:
    return [
        quote,
        quote.swapcase(),
        unicodedata.normalize("NFC", quote),
        unicodedata.normalize("NFD", quote),
        quote.replace(" ", "\u00a0\r\n"),
        f"“{quote}”",
    ]


@settings(max_examples=400, deadline=None)
@given(ANY, st.data())
def test_a_slice_that_is_given_as_the_same_says_the_same(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    for quote in _variants(text[start:end]):
        located = locate(text, quote)
        if located.tier in (Tier.EXACT, Tier.TYPOGRAPHY):
            for span in located.spans:
                assert normalised(span.of(text)) == normalised(quote).strip(" \"'")


@settings(max_examples=400, deadline=None)
@given(ANY, ANY, st.data())
def test_spans_lie_within_the_given_stretch_in_order(
    text: str, quote: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    within = Span(start, data.draw(st.integers(start, len(text))))
    spans = locate(text, quote, within).spans
    ends = [at for span in spans for at in (span.start_char, span.end_char)]
    assert ends == sorted(ends) and all(within.contains(span) for span in spans)


@settings(max_examples=400, deadline=None)
@given(ANY, st.data())
def test_no_accepted_place_begins_or_ends_within_a_sign_or_word(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 12)))
    located = locate(text, text[start:end])
    for span in located.spans if located.is_accepted else ():
        for at in (span.start_char, span.end_char):
            if 0 < at < len(text):
                assert not unicodedata.combining(text[at])
                assert not (text[at - 1].isalnum() and text[at].isalnum())


WORDS = st.lists(
    st.sampled_from(["Straße", "ﬁne", "cafe\u0301", "שלום", "ok", "क\u093e", "5½", "漢字"])
)


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS.filter(bool), WORDS, st.sampled_from([" ", "\r\n", "\u00a0", " \u200b"]))
def test_whole_words_are_found_however_they_are_spaced(
    before: list[str], quoted: list[str], after: list[str], space: str
) -> None:
    text = space.join([*before, *quoted, *after])
    start = len(space.join([*before, ""]))
    located = locate(text, " ".join(quoted))
    held = Span(start, start + len(space.join(quoted)))
    assert any(span.overlaps(held) for span in located.spans) and located.is_accepted
