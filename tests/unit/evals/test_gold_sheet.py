"""The blank gold sheet of a bundled corpus: which segments, and what a reader sees of them."""

import csv
import io
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from evals.gold.draw import RULES, draw, drawn_interviews, ordered
from evals.gold.sheet import (
    CONTEXT_CHARS,
    Sample,
    read_corpus,
    sample_of,
    sheet_rows,
    words_before,
    write_sheet,
)
from qualcode.answers import is_non_answer
from qualcode.records import Corpus, Document, DocumentKind, Role, Segment, Speaker, Turn
from qualcode.resources import corpora

ROOT = Path(__file__).resolve().parents[3]
Read = Mapping[str, tuple[Corpus, Mapping[str, Mapping[str, str]]]]


@pytest.fixture(scope="module")
def read() -> Read:
    return {name: read_corpus(name) for name in corpora()}


def talk(*turns: tuple[str, str]) -> Document:
    """Return an interview of INT, P and P2 as it is stored."""
    roles = {"Ada": Role.INTERVIEWER, "Bo": Role.PARTICIPANT, "Cy": Role.PARTICIPANT}
    text, made = "", []
    for index, (who, words) in enumerate(turns):
        start = len(text) + (len(who) + 2 if who else 0)
        made.append(Turn(index, start, start + len(words), who or None, is_speech=bool(who)))
        text += f"{who}: {words}\n" if who else f"{words}\n"
    speakers = tuple(Speaker(name, role) for name, role in roles.items())
    return Document(
        "doc_1", "src_1", "talk.txt", DocumentKind.INTERVIEW, text, tuple(made), speakers
    )


def part(document: Document, turn: int, words: str) -> Segment:
    start = document.text.index(words, document.turns[turn].start_char)
    return Segment("seg_1", document.id, 0, turn, start, start + len(words))


def test_each_line_before_a_segment_begins_with_who_speaks() -> None:
    document = talk(
        ("", "At home."), ("Ada", "Why?"), ("Bo", "Rain."), ("Cy", "Snow. It was snow.")
    )
    before = words_before(document, part(document, 3, "It was snow."))
    assert before == "At home.\nINT: Why?\nP: Rain.\nP2: Snow."


def test_a_segment_that_begins_its_turn_still_shows_who_says_it() -> None:
    document = talk(("Ada", "Why?"), ("Bo", "Rain."))
    assert words_before(document, part(document, 1, "Rain.")) == "INT: Why?\nP:"


def test_long_talk_before_a_segment_is_cut_at_a_word() -> None:
    document = talk(
        ("Ada", "Why?"), ("Bo", "because " * 100 + "yes."), ("Ada", "No?"), ("Bo", "No.")
    )
    before = words_before(document, part(document, 3, "No."))
    assert before.startswith("P: … because ")
    assert CONTEXT_CHARS - 20 <= len(before) <= CONTEXT_CHARS + 20


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_text_is_its_slice(read: Read, name: str) -> None:
    corpus, _ = read[name]
    texts = {(d.path, d.external_id or ""): d.text for d in corpus.documents}
    rows = list(sheet_rows(corpus, sample_of(name)))
    assert [r[5] for r in rows] == [texts[r[0], r[1]][r[2] : r[3]] for r in rows]


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_sampled_interview_and_comment_is_on_the_sheet(read: Read, name: str) -> None:
    corpus, _ = read[name]
    sample = sample_of(name)
    rows = list(sheet_rows(corpus, sample))
    assert {r[0] for r in rows if not r[1]} == sample.interviews
    # "n/a" and the like were on the sheet once; they are no segments any more.
    silent = {d.external_id for d in corpus.documents if d.row and is_non_answer(d.text)}
    for survey, ids in sample.comments.items():
        assert {r[1] for r in rows if r[0] == survey} == ids - silent


@pytest.mark.parametrize("name", sorted(RULES))
def test_about_a_third_of_the_participants_segments_is_sampled(read: Read, name: str) -> None:
    corpus, _ = read[name]
    heard = [s for s in corpus.segments if s.role is Role.PARTICIPANT]
    assert 0.3 <= len(list(sheet_rows(corpus, sample_of(name)))) / len(heard) <= 0.4


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_fixed_sample_is_what_the_draw_gives(read: Read, name: str) -> None:
    interviews, comments = draw(*read[name], RULES[name])
    sample = sample_of(name)
    assert frozenset(interviews) == sample.interviews
    assert {survey: frozenset(ids) for survey, ids in comments.items()} == sample.comments


def test_no_segment_of_the_development_set_is_sampled() -> None:
    with (ROOT / "evals" / "dev" / "rollwell.csv").open(encoding="utf-8", newline="") as lines:
        developed = {row["document"] for row in csv.DictReader(lines)}
    sample = sample_of("rollwell")
    assert len(developed) > 50
    assert developed.isdisjoint(sample.interviews | sample.comments["survey.csv"])


def test_no_interviewer_is_on_a_sheet(read: Read) -> None:
    corpus, _ = read["rollwell"]
    everything = Sample(frozenset(d.path for d in corpus.documents), {})
    asked = {
        (d.path, s.start_char)
        for d in corpus.documents
        for s in corpus.segments
        if s.document_id == d.id and s.role is Role.INTERVIEWER
    }
    assert len(asked) > 100
    assert asked.isdisjoint({(r[0], r[2]) for r in sheet_rows(corpus, everything)})


def test_a_draw_shows_every_persona_and_no_format_twice() -> None:
    personas = {"a.txt": "X", "b.txt": "X", "c.vtt": "X", "d.srt": "Y", "e.txt": "X"}
    taken = drawn_interviews(personas, 3)
    assert "d.srt" in taken
    assert {name[-3:] for name in taken} == {"txt", "vtt", "srt"}


def test_a_name_less_does_not_change_the_order_of_the_others() -> None:
    names = [f"R{n:03}" for n in range(50)]
    assert ordered(names[1:], "1") == [n for n in ordered(names, "1") if n != "R000"]


def test_judgements_are_left_empty_and_line_breaks_survive() -> None:
    out = io.StringIO(newline="")
    write_sheet([("talk.txt", "", 0, 4, "P:", "Yes\nno")], out)
    (row,) = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    assert row["text"] == "Yes\nno"
    assert [row[key] for key in ("stage", "emotion", "pain_point", "note")] == ["", "", "", ""]


def test_a_sheet_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    sheet = tmp_path / "judged.csv"
    sheet.write_text("judged", encoding="utf-8")
    command = [sys.executable, "-m", "evals.gold.sheet", "rollwell", "--out", str(sheet)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert b"exists already" in done.stderr
    assert sheet.read_text(encoding="utf-8") == "judged"


@pytest.mark.parametrize("name", sorted(RULES))
def test_no_voice_of_a_bundled_interview_is_left_unknown(read: Read, name: str) -> None:
    corpus, _ = read[name]
    roles = {s.role for d in corpus.documents for s in d.speakers}
    assert roles == {Role.INTERVIEWER, Role.PARTICIPANT}


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_writer_and_speaker_of_a_bundled_corpus_has_a_persona(read: Read, name: str) -> None:
    corpus, people = read[name]
    heard = {s.participant_id or "" for s in corpus.segments if s.role is Role.PARTICIPANT}
    of_comments = {d.participant_id: d.attributes.get("persona") for d in corpus.documents}
    assert [p for p in heard if not (people.get(p, {}).get("persona") or of_comments.get(p))] == []


def test_kestrel_holds_twelve_interviews_with_fourteen_people_and_400_comments(read: Read) -> None:
    corpus, _ = read["kestrel"]
    talks = [d for d in corpus.documents if d.kind is DocumentKind.INTERVIEW]
    people = {s.participant_id for d in talks for s in d.speakers if s.role is Role.PARTICIPANT}
    assert (len(talks), len(people), len(corpus.documents)) == (12, 14, 412)
