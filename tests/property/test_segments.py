"""Segments tile the words of every speech turn, whatever the text."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.ingest.reading import Paragraph, assemble
from qualcode.ingest.segmentation import MAX_WORDS, count_words, segment
from qualcode.records import Document, DocumentKind, Role, Speaker, TimeMark, stable_id

LABELS = (None, "Ann", "INT")
PIECES = st.sampled_from(
    [
        "I went home",
        "and then",
        "because",
        "well,",
        "no.",
        "No!",
        "Really?",
        "…",
        "...",
        "Dr. Who",
        "3.5",
        "good.Bad",
        "don’t",
        "[laughs]",
        "👍🏽",
        "👩‍👩‍👧",
        "e\u0301te\u0301",
        "\u200b",
        "zero\u200bwidth",
        "\u202eabc\u202c",
        "שלום עולם.",
        "مرحبا، كيف الحال؟",
        "昨天我去了商店。",
        "สวัสดีครับ",
        "नमस्ते।",
        "x" * 300,
        "w " * 70,
        "\n",
        "\n\n",
        "\u00a0",
        "\t",
        "–",
        ";",
        "[PERSON_1]",
    ]
)
SAID = st.one_of(
    st.lists(PIECES, max_size=30).map(" ".join),
    st.lists(PIECES, max_size=8).map("".join),
    st.text(st.characters(exclude_characters="\r", exclude_categories=("Cs",)), max_size=200),
    st.integers(61, 400).map(lambda n: " ".join(["word"] * n)),
    st.just("y" * 10_000),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    paragraphs = []
    for _ in range(draw(st.integers(0, 4))):
        said = draw(SAID)
        clock = 0.0
        marks = []
        for at in sorted(draw(st.sets(st.integers(0, len(said)), max_size=12))):
            clock += draw(st.floats(-1, 5))
            marks.append(TimeMark(at, clock, clock + 1))
        label = draw(st.sampled_from(LABELS))
        paragraphs.append(Paragraph(said, label, draw(st.booleans()), tuple(marks)))
    text, turns = assemble(paragraphs)
    speakers = (Speaker("Ann", Role.PARTICIPANT, "p1"), Speaker("INT", Role.INTERVIEWER))
    kind = draw(st.sampled_from(DocumentKind))
    return Document("doc_1", "src_1", "a.txt", kind, text, turns, speakers)


@settings(max_examples=150, deadline=None)
@given(documents())
def test_every_word_of_every_speech_turn_lies_in_exactly_one_segment(document: Document) -> None:
    covered = [0] * len(document.text)
    for piece in segment(document):
        for at in range(piece.start_char, piece.end_char):
            covered[at] += 1
    expected = [0] * len(document.text)
    for turn in document.turns:
        for at in range(turn.start_char, turn.end_char):
            expected[at] = int(turn.is_speech)
    for at, char in enumerate(document.text):
        if char.isspace():
            assert covered[at] <= expected[at]
        else:
            assert covered[at] == expected[at]


@settings(max_examples=150, deadline=None)
@given(documents())
def test_segments_are_in_order_stripped_short_and_inside_their_turn(document: Document) -> None:
    pieces = segment(document)
    assert [piece.index for piece in pieces] == list(range(len(pieces)))
    assert all(a.end_char <= b.start_char for a, b in pairwise(pieces))
    for piece in pieces:
        turn = document.turns[piece.turn_index]
        words = piece.span.of(document.text)
        assert turn.span.contains(piece.span)
        assert words and words == words.strip()
        assert count_words(words) <= MAX_WORDS
        assert piece.id == stable_id("seg", "doc_1", str(piece.start_char), str(piece.end_char))


@settings(max_examples=60, deadline=None)
@given(documents())
def test_no_token_with_spaces_around_it_is_cut_in_scripts_that_write_spaces(
    document: Document,
) -> None:
    text = document.text
    for piece in segment(document):
        turn = document.turns[piece.turn_index]
        if piece.end_char < turn.end_char and not text[piece.end_char].isspace():
            token = text[turn.start_char : piece.end_char].split()[-1]
            rest = text[piece.end_char : turn.end_char].split()[0]
            assert any(char >= "\u0e00" for char in token + rest)


@settings(max_examples=40, deadline=None)
@given(documents())
def test_segmenting_twice_gives_the_same(document: Document) -> None:
    assert segment(document) == segment(document)
