from pathlib import PurePath

import pytest

from qualcode.ingest.plain import PlainReader
from qualcode.ingest.reading import Paragraph, Reading


def read(text: str) -> Reading:
    return PlainReader().read(text.encode(), PurePath("a.txt"), None)


def said(text: str) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(text).paragraphs if p.is_speech]


def unsaid(text: str) -> list[str]:
    return [p.text for p in read(text).paragraphs if not p.is_speech]


def test_hard_wrapped_lines_are_joined_by_a_space() -> None:
    assert said("A: one  \n  two\nB: x\nA: three") == [
        ("A", "one two"),
        ("B", "x"),
        ("A", "three"),
    ]


def test_a_blank_line_begins_another_turn_of_the_same_speaker() -> None:
    assert said("A: one\n\ntwo\n\nB: x\n\nA: y")[:2] == [("A", "one"), ("A", "two")]


@pytest.mark.parametrize(
    "text", ["A: one\n\ntwo\n\nB: x\n\nA: y", "A:\n\none\n\nB:\n\nx\n\nA:\n\ny"]
)
def test_any_number_of_blank_lines_is_one(text: str) -> None:
    assert read(text.replace("\n\n", "\n \n\n\t\n")).paragraphs == read(text).paragraphs


def test_a_line_behind_blank_ones_keeps_its_number() -> None:
    assert read("A: one\n\n\n\nB:\n\n\nA: x\nB: y").skipped == ("line 5: a label without words",)


def test_prose_with_a_colon_stays_prose() -> None:
    assert said("A: well.\nThere is one thing: the price.\nB: ok\nA: yes\nB: no")[0] == (
        "A",
        "well. There is one thing: the price.",
    )


def test_a_speaker_who_speaks_once_counts_beside_others() -> None:
    assert ("Moderator", "Welcome.") in said("Moderator: Welcome.\n\nP1: a\n\nP2: b\n\nP1: c")


def test_a_head_is_not_speech() -> None:
    text = "Interview 3\nDate: 3 March\nParticipant: P7\n\nINT: Hi?\nP7: Hello\nINT: So?\nP7: Yes"

    assert unsaid(text) == ["Interview 3", "Date: 3 March", "Participant: P7"]
    assert said(text)[0] == ("INT", "Hi?")


def test_stage_directions_alone_on_a_line_are_not_speech() -> None:
    text = "[Music]\n\nA: one\n(pause)\ntwo\n\nB: x [laughs]\n\nA: [sighs]\n\nB: y"

    assert unsaid(text) == ["[Music]", "(pause)", "[sighs]"]
    assert said(text) == [("A", "one"), ("A", "two"), ("B", "x [laughs]"), ("B", "y")]


def test_a_sentence_in_parentheses_is_speech() -> None:
    assert said("(I did ring them twice about it, mind you.)\n\nNo answer.")[0][0] is None
    assert not unsaid("(I did ring them twice about it, mind you.)\n\nNo answer.")


def test_a_file_without_labels_is_one_voice_in_paragraphs() -> None:
    assert said("I came\nin May.\n\nIt rained.") == [(None, "I came in May."), (None, "It rained.")]


def test_long_lines_without_blanks_between_are_paragraphs() -> None:
    long = "word " * 30 + "end."

    assert [text for _, text in said(f"{long}\nshort.\n{long}")] == [long, "short.", long]


def test_times_become_marks_that_end_where_the_next_begins() -> None:
    reading = read("[00:01] A: one\n[00:04] B: two\n[00:09] A: three")
    marks = [p.marks[0] for p in reading.paragraphs]

    assert [(m.start_seconds, m.end_seconds) for m in marks] == [(1, 4), (4, 9), (9, 9)]


def test_a_time_inside_a_turn_marks_the_words_that_follow_it() -> None:
    paragraph = read("A: one\n00:00:05\ntwo\n\nB: x\n\nA: y").paragraphs[0]

    assert paragraph.text[paragraph.marks[0].start_char :] == "two"


def test_a_name_with_its_time_above_the_words_is_a_label() -> None:
    reading = read(
        "Ann Bly  00:01:02\nHello\nthere.\n\nBo Ek  00:01:09\nHi.\n\nAnn Bly  0:01:12\nSo."
    )

    assert [(p.speaker, p.text) for p in reading.paragraphs] == [
        ("Ann Bly", "Hello there."),
        ("Bo Ek", "Hi."),
        ("Ann Bly", "So."),
    ]


def test_unlabelled_questions_are_not_given_to_the_labelled_participant() -> None:
    text = "How was it?\n\nP1: Good.\n\nAnd then?\n\nP1: Bad.\n\nWhy was that?\n\nP1: Rain."

    assert [t for s, t in said(text) if s == "P1"] == ["Good.", "Bad.", "Rain."]
    assert (None, "And then?") in said(text)


def test_a_label_without_words_is_reported() -> None:
    assert read("A: one\nB:\nA: two\nB: three").skipped == ("line 2: a label without words",)


def test_characters_stay_as_they_are() -> None:
    words = "e\u0301 👩🏽\u200d🔧 שלום \u202eabc\u202c\u2028x"

    assert read(f"A: {words}\nB: y\nA: z").paragraphs[0] == Paragraph(words, "A")


TALK = [("Tom", "So then"), ("Ann Bly", "It was."), ("Tom", "And"), ("Ann Bly", "Good.")]


@pytest.mark.parametrize(
    "layout",
    [
        "{name}\n{words}\n\n",
        "00:05\n{name}\n{words}\n\n",
        "[00:00:05] {name}\n{words}\n\n",
        "00:05 {name}\n{words}\n\n",
        "{name}\n00:00:05\n{words}\n\n",
        "{name}\t{words}\n",
        "00:00:05\t{name}\t{words}\n",
        "[{name}] {words}\n",
        "({name}) {words}\n",
        "{name} - {words}\n",
        ">> {name}: {words}\n",
    ],
)
def test_names_without_a_colon_are_labels_when_they_recur(layout: str) -> None:
    assert said("".join(layout.format(name=n, words=w) for n, w in TALK)) == TALK


def test_a_short_answer_alone_on_a_line_is_no_label() -> None:
    text = "Tom\nWhere\n\nAnn\nBerlin\n\nTom\nAnd\n\nAnn\nBerlin\n"

    assert {speaker for speaker, _ in said(text)} == {"Tom", "Ann"}


def test_recurring_lines_of_one_kind_only_are_no_labels() -> None:
    assert {speaker for speaker, _ in said("Chorus\nla la\n\nChorus\nla la")} == {None}
