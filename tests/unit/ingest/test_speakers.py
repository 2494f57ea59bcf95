"""Who is taken for interviewer, participant or unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualcode.ingest.reading import Paragraph, assemble
from qualcode.ingest.speakers import assign_participants, guess_roles
from qualcode.records import Document, DocumentKind, Role, Speaker

INTERVIEWER, PARTICIPANT, UNKNOWN = Role.INTERVIEWER, Role.PARTICIPANT, Role.UNKNOWN
QUESTION = "And how was that for you?"
ANSWER = "It took a while and then it went well enough, apart from the bill which I did not get."


def interview(*said: tuple[str | None, str]) -> Document:
    text, turns = assemble([Paragraph(words, label) for label, words in said])
    return Document("doc_1", "src_1", "a.txt", DocumentKind.INTERVIEW, text, turns)


def roles(document: Document, **listed: tuple[str, ...]) -> dict[str | None, Role]:
    return {speaker.label: speaker.role for speaker in guess_roles(document, **listed)}


def talk(asker: str, other: str, n_rounds: int = 4) -> list[tuple[str | None, str]]:
    return [(asker, QUESTION), (other, ANSWER)] * n_rounds


@pytest.mark.parametrize(
    ("asker", "other"),
    [
        ("Interviewer", "Participant"),
        ("INT", "P7"),
        ("I", "B"),
        ("Q", "A"),
        ("I", "R"),
        ("Moderator", "Customer"),
        ("Host", "Jennifer"),
        ("Tom (research)", "Leila"),
        ("[PERSON_1] (research)", "[PERSON_2]"),
        ("Interviewer 1 (she/her)", "Respondent 3"),
    ],
)
def test_labels_that_say_a_role_are_believed(asker: str, other: str) -> None:
    document = interview((asker, "Right."), (other, "Well."))
    assert roles(document) == {asker: INTERVIEWER, other: PARTICIPANT}


def test_listed_names_win_over_labels_and_are_not_guesses() -> None:
    document = interview(("Host", "We rent out."), ("Hanna Berg", "I see."))
    found = guess_roles(document, interviewers=("Hanna",), participants=("host",))
    assert [(s.role, s.guessed) for s in found] == [(PARTICIPANT, False), (INTERVIEWER, False)]


def test_a_name_in_both_lists_is_an_interviewer() -> None:
    document = interview(("Ann", "Yes."), ("Bo", "No."))
    assert roles(document, interviewers=("Ann",), participants=("Ann",))["Ann"] is INTERVIEWER


def test_a_first_name_that_two_labels_share_means_neither() -> None:
    document = interview(("Ann Berg", "Yes."), ("Ann Abel", "No."))
    assert set(roles(document, interviewers=("Ann",)).values()) == {UNKNOWN}


def test_a_role_that_a_person_has_set_stays() -> None:
    said = talk("Ann", "Bo")
    chosen = Speaker("Ann", PARTICIPANT, "p1", guessed=False)
    document = replace(interview(*said), speakers=(chosen, Speaker("Bo", UNKNOWN)))
    assert guess_roles(document, interviewers=("Ann",))[0] == chosen


@pytest.mark.parametrize("label", [None, "Priya", "Speaker 1"])
def test_a_lone_voice_is_the_participant(label: str | None) -> None:
    assert roles(interview((label, ANSWER), (label, ANSWER))) == {label: PARTICIPANT}


def test_a_lone_interviewer_is_no_participant() -> None:
    assert roles(interview(("Interviewer", QUESTION))) == {"Interviewer": INTERVIEWER}


def test_one_unlabelled_stretch_with_an_interview_in_it_is_unknown() -> None:
    captions = (
        "welcome everyone can you tell us about your work sure i fix bikes and how did you get "
        "into it well my uncle and what do you like about it the smell"
    )
    assert roles(interview((None, captions))) == {None: UNKNOWN}


def test_of_two_voices_the_one_who_asks_is_the_interviewer() -> None:
    assert roles(interview(*talk("Hanna", "Priya"))) == {
        "Hanna": INTERVIEWER,
        "Priya": PARTICIPANT,
    }


def test_questions_without_question_marks_count_by_how_they_open() -> None:
    said = [("Hanna", "so how was that for you"), ("Priya", ANSWER)] * 4
    assert roles(interview(*said))["Hanna"] is INTERVIEWER


@pytest.mark.parametrize(
    "said",
    [
        talk("Ann", "Bo", 2),
        [("Ann", QUESTION), ("Bo", QUESTION)] * 5,
        [("Ann", QUESTION + " " + ANSWER * 3), ("Bo", ANSWER)] * 5,
        [("Ann", ANSWER), ("Bo", ANSWER)] * 5,
    ],
    ids=["too few questions", "both ask", "the asker talks most", "nobody asks"],
)
def test_two_voices_without_a_clear_difference_are_unknown(
    said: list[tuple[str | None, str]],
) -> None:
    assert set(roles(interview(*said)).values()) == {UNKNOWN}


def test_words_without_a_label_are_unknown_in_a_labelled_file() -> None:
    assert roles(interview((None, ANSWER), *talk("INT", "P7")))[None] is UNKNOWN


def test_on_a_panel_only_those_who_say_much_and_ask_little_are_participants() -> None:
    said = [
        *talk("Moderator", "Ann"),
        *talk("Moderator", "Bo"),
        ("Cy", "Yes."),
        *[("Di", QUESTION), ("Di", ANSWER)] * 4,
        ("Audience", ANSWER * 3),
    ]
    assert roles(interview(*said)) == {
        "Moderator": INTERVIEWER,
        "Ann": PARTICIPANT,
        "Bo": PARTICIPANT,
        "Cy": UNKNOWN,
        "Di": UNKNOWN,
        "Audience": UNKNOWN,
    }


def test_several_voices_without_a_known_interviewer_are_unknown() -> None:
    said = [*talk("Ann", "Bo"), ("Cy", ANSWER)]
    assert set(roles(interview(*said)).values()) == {UNKNOWN}


def test_the_first_of_three_letters_is_not_taken_for_an_answer() -> None:
    said = [("A", ANSWER), ("B", ANSWER), ("C", ANSWER)]
    assert set(roles(interview(*said)).values()) == {UNKNOWN}


def test_r_beside_p_may_be_the_researcher() -> None:
    assert roles(interview(*talk("R", "P"))) == {"R": INTERVIEWER, "P": PARTICIPANT}


def test_a_comments_speakers_stay_as_they_are() -> None:
    speakers = (Speaker(None, PARTICIPANT, "p1", guessed=False),)
    document = replace(interview((None, QUESTION)), kind=DocumentKind.COMMENT, speakers=speakers)
    assert guess_roles(document, interviewers=("x",)) == speakers


def test_only_participants_get_an_id_and_keep_the_one_they_have() -> None:
    asked: list[str | None] = []

    def allocate(label: str | None) -> str:
        asked.append(label)
        return f"p{len(asked)}"

    found = assign_participants(
        (
            Speaker("Ann", INTERVIEWER, "old"),
            Speaker("Bo", PARTICIPANT),
            Speaker("Cy", PARTICIPANT, "p9"),
            Speaker(None, UNKNOWN),
        ),
        allocate,
    )
    assert [speaker.participant_id for speaker in found] == ["old", "p1", "p9", None]
    assert asked == ["Bo"]


@pytest.mark.parametrize(
    "said",
    [
        ["Interviewer How was it?", "It was early."],
        ["Interviewer", "How was it", "It was early."],
        ["It was early. Moderator - And then"],
        ["[00:01] INT\tso then", "It was early."],
        ["**P1** It was early."],
        ["Q", "so then", "It was early."],
        [">> so then >> it was early"],
        ["- so then", "- it was early"],
        ["Hanna It was.", "Tom So.", "Hanna They did.", "Tom And.", "Hanna That day."],
        ["I. so then", "H. it was.", "I. and", "H. yes.", "I. good"],
        ["Was it early?", "It was.", "Was it cold?", "It was."],
    ],
)
def test_an_unlabelled_voice_with_signs_of_a_second_one_is_unknown(said: list[str]) -> None:
    assert roles(interview(*((None, words) for words in said))) == {None: UNKNOWN}


def test_prose_with_role_words_inside_is_still_one_participant() -> None:
    said = "Customer service was bad. I rang. Guest houses are nice. I said: was that all? No."
    assert roles(interview((None, said), (None, "They came. They went. They slept."))) == {
        None: PARTICIPANT
    }


def test_a_labelled_lone_voice_with_another_role_inside_is_unknown() -> None:
    assert roles(interview(("Hanna", "I came."), ("Hanna", "Interviewer And then?"))) == {
        "Hanna": UNKNOWN
    }


@pytest.mark.parametrize("label", ["Observer", "Translator 2", "Note taker", "Technician"])
def test_bystanders_are_never_participants(label: str) -> None:
    assert roles(interview((label, ANSWER)))[label] is UNKNOWN
    assert roles(interview(("Interviewer", QUESTION), (label, ANSWER)))[label] is UNKNOWN
    assert roles(interview(*talk("Hanna", label)))[label] is UNKNOWN


@pytest.mark.parametrize("guest", ["Hanna Berg (Guest)", "Guest", "Guest 2"])
def test_a_guest_of_a_meeting_may_be_the_interviewer(guest: str) -> None:
    assert roles(interview((guest, "Right."), ("Priya", "Well.")))[guest] is UNKNOWN


def test_a_guest_beside_a_host_is_the_participant() -> None:
    assert roles(interview(("Ann (host)", "Right."), ("Guest", "Well.")))["Guest"] is PARTICIPANT


@pytest.mark.parametrize("label", ["Speaker 1", "SPEAKER_00", "spk_0", "Channel 1"])
def test_one_voice_that_a_recorder_heard_may_be_two(label: str) -> None:
    said = ["Was it early?", "It was.", "Was it cold?", "It was."]

    assert roles(interview(*((label, words) for words in said))) == {label: UNKNOWN}
