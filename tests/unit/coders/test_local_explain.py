"""The words that carried a code, and the vectors they come from."""

from __future__ import annotations

import numpy as np
import pytest

from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.explain import carrying_words
from qualcode.spans import Span


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=1)


@pytest.mark.parametrize(
    "text", ["", "I waited on the phone.", "naïve 😀 שלום", "very long talk about it " * 80]
)
def test_the_shares_of_pieces_sum_to_the_vector_of_the_text(encoder: Encoder, text: str) -> None:
    pieces = encoder.pieces(text)
    shares = pieces.shares()
    assert len(pieces.spans) == len(shares)
    np.testing.assert_allclose(shares.sum(axis=0), encoder.encode([text])[0], atol=1e-5)


def test_a_vector_taken_apart_has_the_same_bits(encoder: Encoder) -> None:
    texts = ["I waited on the phone.", "", "naïve 😀", "very long talk about it " * 80]
    encoded, apart = encoder.read_apart(texts)
    assert encoded.vectors.tobytes() == encoder.encode(texts).tobytes()
    assert encoded.firsts.tobytes() == encoder.read(texts).firsts.tobytes()
    assert [pieces.spans for pieces in apart] == [encoder.pieces(text).spans for text in texts]


def test_pieces_say_where_they_stand(encoder: Encoder) -> None:
    text = "A naïve 😀 chatbot"
    spans = encoder.pieces(text).spans
    assert "".join(s.of(text) for s in spans) == "Anaïve😀chatbot"


def test_the_word_that_a_direction_is_about_comes_first(encoder: Encoder) -> None:
    text = "We talked about the weather and then the invoice was wrong."
    about, apart = encoder.encode(["An unexpected bill", "Sunshine and rain"]).astype(np.float64)
    words = carrying_words(encoder.pieces(text), text, about - apart, Span(0, len(text)))
    assert words[0].of(text) == "invoice"
    assert len(words) <= 5


def test_words_come_from_the_stretch_that_was_coded(encoder: Encoder) -> None:
    text = "The invoice was wrong. We talked about the weather."
    (bill,) = encoder.encode(["An unexpected bill"]).astype(np.float64)
    within = Span(text.index("We"), len(text))
    words = carrying_words(encoder.pieces(text), text, bill, within)
    assert all(within.contains(word) for word in words)


def test_a_text_without_content_words_is_explained_by_what_words_it_has(encoder: Encoder) -> None:
    (bill,) = encoder.encode(["An unexpected bill"]).astype(np.float64)
    words = carrying_words(encoder.pieces("Mm, yeah."), "Mm, yeah.", bill, Span(0, 9))
    assert 1 <= len(words) <= 2
    assert carrying_words(encoder.pieces("…"), "…", bill, Span(0, 1)) == ()
