"""The many interviews and comments that the map's size is measured on."""

import csv
from pathlib import Path

from evals.map_size import transcript, write_comments, write_interviews
from qualcode.ingest.interview import build_document, read_interview
from qualcode.ingest.speakers import guess_roles
from qualcode.records import Document, DocumentKind, Role, Speaker, Turn


def talk() -> Document:
    """Return an interview with a heading, an interviewer and two participants."""
    text = "At home\nWhy?\nRain.\nAnd snow."
    ends = [(0, 7), (8, 12), (13, 18), (19, 28)]
    voices = (None, "Ada", "Bo", "Cy")
    turns = tuple(
        Turn(n, *ends[n], voice, is_speech=voice is not None) for n, voice in enumerate(voices)
    )
    speakers = (
        Speaker("Ada", Role.INTERVIEWER),
        Speaker("Bo", Role.PARTICIPANT, "P1"),
        Speaker("Cy", Role.PARTICIPANT, "P2"),
    )
    return Document("d", "s", "talk.txt", DocumentKind.INTERVIEW, text, turns, speakers)


def comment(text: str) -> Document:
    return Document("c", "s", "survey.csv", DocumentKind.COMMENT, text)


def test_a_repeated_interview_keeps_its_voices_and_numbers_what_participants_say() -> None:
    assert transcript(talk(), 7) == (
        "Interviewer: Why?\n\nParticipant: Rain. (7)\n\nParticipant 2: And snow. (7)\n"
    )


def test_the_reader_hears_the_same_roles_in_the_repeated_interview(tmp_path: Path) -> None:
    write_interviews(tmp_path, [(talk(), "Parent")], 1)
    path = tmp_path / "talk-0000.txt"
    read = build_document(
        read_interview(path.read_bytes(), Path(path.name)),
        path=path.name,
        source_id="src",
        source_sha256="x",
    )
    assert [speaker.role for speaker in guess_roles(read)] == [
        Role.INTERVIEWER,
        Role.PARTICIPANT,
        Role.PARTICIPANT,
    ]


def test_no_two_repeated_comments_are_equal_and_empty_ones_are_left_out(tmp_path: Path) -> None:
    write_comments(tmp_path, [(comment("Fine"), "Parent"), (comment(" "), ""), (talk(), "")], 3)
    with (tmp_path / "comments.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["comment"] for row in rows] == ["Fine (0)", "Fine (1)", "Fine (2)"]
    assert {row["persona"] for row in rows} == {"Parent"}
