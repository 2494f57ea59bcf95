"""Where turns and comments are cut."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from qualcode.ingest.reading import Paragraph, assemble
from qualcode.ingest.segmentation import MAX_WORDS, count_words, segment
from qualcode.records import (
    Document,
    DocumentKind,
    Role,
    Segment,
    Speaker,
    TimeMark,
    Turn,
    stable_id,
)


def document(
    *paragraphs: Paragraph | str,
    kind: DocumentKind = DocumentKind.INTERVIEW,
    speakers: tuple[Speaker, ...] = (),
) -> Document:
    text, turns = assemble([Paragraph(p) if isinstance(p, str) else p for p in paragraphs])
    return Document("doc_1", "src_1", "a.txt", kind, text, turns, speakers)


def cut(of: Document) -> list[str]:
    return [s.span.of(of.text) for s in segment(of)]


def words(n: int, prefix: str = "w") -> str:
    return " ".join(f"{prefix}{i}" for i in range(n))


def test_short_sentences_are_grouped_by_three() -> None:
    said = "I went there twice. Nobody was at home. They rang me later. It was all fine."
    assert cut(document(said)) == [
        "I went there twice. Nobody was at home. They rang me later.",
        "It was all fine.",
    ]


def test_a_group_ends_at_about_twenty_five_words() -> None:
    said = f"{words(15).capitalize()}. {words(12).capitalize()}. {words(14).capitalize()}."
    assert [count_words(piece) for piece in cut(document(said))] == [27, 14]


def test_an_interjection_is_not_a_segment_of_its_own() -> None:
    assert cut(document("Um. Yeah. I never got it. Sorry.")) == ["Um. Yeah. I never got it. Sorry."]


def test_segments_never_cross_a_turn_and_skip_what_nobody_says() -> None:
    of = document(
        Paragraph("Part one", is_speech=False), Paragraph("Yes.", "A"), Paragraph("No.", "B")
    )
    assert [(s.turn_index, s.span.of(of.text)) for s in segment(of)] == [(1, "Yes."), (2, "No.")]


@pytest.mark.parametrize("said", ["...", "👍", "—"])
def test_a_turn_without_a_word_is_one_segment(said: str) -> None:
    assert cut(document(said)) == [said]


def test_a_blank_turn_has_no_segment() -> None:
    of = Document("doc_1", "s", "a", DocumentKind.INTERVIEW, "  \n ", (Turn(0, 0, 4),))
    assert segment(of) == ()


def test_role_participant_and_id_are_those_of_the_document() -> None:
    of = document(
        Paragraph("Yes.", "Ann"),
        Paragraph("So?", "Bo"),
        speakers=(Speaker("Ann", Role.PARTICIPANT, "p1"), Speaker("Bo", Role.INTERVIEWER)),
    )
    assert segment(of) == (
        Segment(stable_id("seg", "doc_1", "5", "9"), "doc_1", 0, 0, 5, 9, Role.PARTICIPANT, "p1"),
        Segment(stable_id("seg", "doc_1", "14", "17"), "doc_1", 1, 1, 14, 17, Role.INTERVIEWER),
    )


def test_a_comment_of_sixty_words_is_one_segment() -> None:
    said = " ".join(f"{words(10).capitalize()}." for _ in range(6))
    assert cut(document(said, kind=DocumentKind.COMMENT)) == [said]


def test_a_longer_comment_is_cut_at_its_sentences() -> None:
    said = " ".join(f"{words(11).capitalize()}." for _ in range(6))
    pieces = cut(document(said, kind=DocumentKind.COMMENT))
    assert len(pieces) == 2
    assert all(piece.endswith(".") for piece in pieces)


def test_a_long_sentence_is_cut_at_the_clause_border_nearest_the_middle() -> None:
    said = f"{words(10)}, {words(22)}; {words(20)}, {words(15)}"
    assert [piece.split()[-1][-1] for piece in cut(document(said))] == [";", "4"]


def test_a_long_sentence_without_clauses_is_cut_into_even_pieces() -> None:
    assert [count_words(piece) for piece in cut(document(words(100)))] == [50, 50]


def captions(gaps: dict[int, float], n_words: int, every: int = 5) -> Document:
    """Return one unpunctuated turn with a mark at each `every` words and silences before some."""
    said = words(n_words)
    marks: list[TimeMark] = []
    clock = 0.0
    at = 0
    for index, word in enumerate(said.split()):
        if index % every == 0:
            clock += gaps.get(index, 0.0)
            marks.append(TimeMark(at, clock, clock + 2.0))
            clock += 2.0
        at += len(word) + 1
    return document(Paragraph(said, None, True, tuple(marks)))


def test_unpunctuated_captions_are_cut_at_the_longest_pause_first() -> None:
    of = captions({20: 0.8, 40: 2.5, 70: 0.9}, 90)
    assert [count_words(piece) for piece in cut(of)] == [40, 50]


def test_a_pause_that_leaves_under_eight_words_is_no_border() -> None:
    of = captions({5: 9.0, 30: 0.8}, 70)
    assert [count_words(piece) for piece in cut(of)] == [30, 40]


def test_captions_without_pauses_are_cut_where_a_cue_begins() -> None:
    pieces = cut(captions({}, 90))
    assert len(pieces) == 2
    assert int(pieces[1].split()[0][1:]) % 5 == 0


def test_text_without_spaces_is_cut_by_its_letters() -> None:
    of = document("昨天我去了商店买东西" * 40)
    assert count_words(of.text) == 200
    pieces = cut(of)
    assert "".join(pieces) == of.text
    assert max(map(count_words, pieces)) <= MAX_WORDS


def test_a_full_stop_of_chinese_ends_a_sentence() -> None:
    first, second = "我昨天去了商店。" * 6, "东西很贵。"
    assert cut(document(first + second))[-1].endswith(second)
    assert all(piece.endswith("。") for piece in cut(document(first * 9 + second)))


def test_a_token_is_never_cut_even_where_a_sentence_seems_to_end() -> None:
    said = "it was good.Bad came later " + "x" * 10_000
    pieces = cut(document(said))
    assert " ".join(pieces) == said


def test_offsets_that_do_not_fit_give_way_to_a_plain_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    from syntok import segmenter
    from syntok.tokenizer import Token

    monkeypatch.setattr(segmenter, "segment", lambda tokens: [[Token("", "nowhere", 3)]])
    said = " ".join(f"{words(20).capitalize()}." for _ in range(3))
    assert [count_words(piece) for piece in cut(document(said))] == [20, 20, 20]


def test_words_are_tokens_with_a_letter_or_digit() -> None:
    assert count_words("Well – um, 3 o'clock ... 👍 don't") == 5
    assert count_words("") == 0
    assert count_words("東京は") == 2


@pytest.mark.alone
@pytest.mark.parametrize("said", ["w ", "W. ", "w, ", "... ", "я и ", "。", "字", "👍 "])
def test_long_turns_are_cut_in_little_time(said: str) -> None:
    of = document(said * 10_000)
    begin = time.perf_counter()
    pieces = segment(of)
    assert time.perf_counter() - begin < 5
    assert "".join(s.span.of(of.text) for s in pieces).replace(" ", "") == of.text.replace(" ", "")
    assert all(a.end_char <= b.start_char for a, b in pairwise(pieces))
