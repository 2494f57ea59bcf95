"""Scores on gold: what the figures count, and which sheets are refused."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from evals.gold.figures import Unit, confusions, family_figures
from evals.gold.judged import FAMILIES, Sheet, SheetError
from evals.gold.score import coder_figures, proposals, units_of
from evals.gold.sheet import COLUMNS, JUDGED
from qualcode.coders.base import Task
from qualcode.records import (
    Coding,
    Corpus,
    Document,
    DocumentKind,
    Judgement,
    Rationale,
    Segment,
    StepResult,
    Turn,
    Verdict,
)

TALK = ("talk.txt", "", 0, 3, "P:", "Yes")
NEXT = ("talk.txt", "", 4, 6, "P: Yes", "No")
ANSWER = ("survey.csv", "R1", 0, 4, "", "Fine")
BLANK = (TALK, NEXT, ANSWER)
CODES = {"stage": {"s1", "s2"}, "emotion": {"e1"}, "pain_point": {"p1", "p2"}}


def unit(wanted: str, proposed: str, document: str = "d", *, abstained: bool = False) -> Unit:
    """Return a unit whose codes are the letters."""
    return Unit(document, "comment", frozenset(wanted), frozenset(proposed), abstained)


def filled(path: Path, judged: Sequence[tuple[tuple[str | int, ...], Mapping[str, str]]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, *JUDGED])
        writer.writerows([*row, *(cells.get(name, "") for name in JUDGED)] for row, cells in judged)
    return path


def counts(part: Mapping[str, float]) -> tuple[float, ...]:
    return part["n_right"], part["n_proposed"], part["n_labelled"]


def test_a_difficulty_without_a_code_counts_for_any_and_for_no_code() -> None:
    figures = family_figures([unit("?", "p"), unit("p", "p")], is_stage=False)
    assert counts(figures["micro"]) == (1, 2, 1)
    assert counts(figures["any"]) == (2, 2, 2)


def test_macro_f1_is_the_mean_over_the_codes_that_the_reader_gave() -> None:
    # a: 2·1 / (1 + 2) = 2/3; b: 0 of 1; c was never given
    figures = family_figures([unit("a", "a"), unit("a", ""), unit("b", "c")], is_stage=False)
    assert (figures["n_codes"], figures["macro_f1"]) == (2, 0.333)


def test_a_stage_is_right_where_none_is_said_of_none() -> None:
    units = [unit("", ""), unit("a", "a"), unit("ab", "b"), unit("a", ""), unit("", "a")]
    assert family_figures(units, is_stage=True)["accuracy"] == 0.6


def test_the_commonest_answer_for_every_segment_stands_beside_the_accuracy() -> None:
    units = [unit("", "a"), unit("", "a"), unit("a", "a")]
    assert family_figures(units, is_stage=True)["accuracy_of_always_the_commonest"] == 0.667


def test_segments_of_a_document_are_drawn_together() -> None:
    # One document is right throughout and the other wrong, so every draw has 0, 1/2 or all right.
    one = [unit("a", "a", "d1") for _ in range(20)]
    other = [unit("a", "b", "d2") for _ in range(20)]
    assert family_figures(one + other, is_stage=True)["accuracy_interval"] == [0.0, 1.0]


def test_confusions_name_what_was_said_instead() -> None:
    units = [unit("a", "b"), unit("a", "b"), unit("a", ""), unit("a", "", abstained=True)]
    units += [unit("", "b"), unit("ab", "a")]
    said = {(c["reader"], c["proposed"]): c["n"] for c in confusions(units)}
    assert said == {
        **{("a", "b"): 2, ("a", "none"): 1, ("a", "abstained"): 1},
        **{("none", "b"): 1, ("b", "nothing else"): 1},
    }


def test_a_sheet_is_read_by_place(tmp_path: Path) -> None:
    rows = [(ANSWER, {"pain_point": "p1; ?"}), (TALK, {"stage": "s1"}), (NEXT, {})]
    labels = Sheet(BLANK, CODES).read(filled(tmp_path / "x.csv", rows), whole=True)
    assert [sorted(given["pain_point"]) for given in labels.values()] == [[], [], ["?", "p1"]]
    assert [sorted(given["stage"]) for given in labels.values()] == [["s1"], [], []]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([(TALK, {"stage": "s9"})], "row 2: no code of family stage: s9"),
        ([(TALK, {"stage": "?"})], "row 2: no code of family stage: ?"),
        ([((*TALK[:5], "No"), {"stage": "s1"})], "row 2: the text is not the corpus' own"),
        ([(("talk.txt", "", 1, 3, "", "es"), {})], "row 2: no segment of the sample"),
        ([(TALK, {"stage": "s1"}), (TALK, {})], "row 3: the segment stands twice"),
        ([(TALK, {"stage": "s1"})], "2 segments are missing"),
        ([(row, {}) for row in BLANK], "nothing is filled in"),
    ],
)
def test_a_sheet_that_does_not_fit_is_refused(
    tmp_path: Path, rows: list[tuple[tuple[str | int, ...], dict[str, str]]], complaint: str
) -> None:
    path = filled(tmp_path / "x.csv", rows)
    with pytest.raises(SheetError) as refused:
        Sheet(BLANK, CODES).read(path, whole=True)
    assert str(refused.value).endswith(complaint)


def test_a_second_reader_may_have_read_a_part(tmp_path: Path) -> None:
    path = filled(tmp_path / "x.csv", [(NEXT, {"emotion": "e1"})])
    assert list(Sheet(BLANK, CODES).read(path, whole=False)) == [NEXT[:4]]


class Echo:
    """Code each segment with what stands in it, and note which documents it was given."""

    name = "echo"
    families = FAMILIES

    def __init__(self) -> None:
        self.given: list[Task] = []

    def basis(self, family: str) -> str:
        return family

    def code(self, tasks: Sequence[Task], families: Sequence[str]) -> StepResult[Judgement]:
        self.given += tasks
        return StepResult(
            tuple(
                self._judged(task.document, segment, family)
                for task in tasks
                for segment in task.segments
                for family in families
            )
        )

    def _judged(self, document: Document, segment: Segment, family: str) -> Judgement:
        said = segment.span.of(document.text)
        if said == "No":
            return Judgement(segment.id, family, self.name, Verdict.ABSTAINED)
        coding = Coding(
            *("cod", document.id, segment.id, segment.start_char, segment.end_char),
            *(family, said, self.name, 1.0, Rationale("cue", "")),
        )
        return Judgement(segment.id, family, self.name, Verdict.CODED, codings=(coding,))


def corpus() -> Corpus:
    documents, segments = [], []
    for name, row, text in (("talk.txt", None, "Yes No"), ("other.txt", None, "Oh No")):
        document = Document(
            *(f"doc_{name}", "src", name, DocumentKind.INTERVIEW, text),
            turns=(Turn(0, 0, len(text)),),
            external_id=row,
        )
        documents.append(document)
        at = text.index(" ")
        for n, (start, end) in enumerate(((0, at), (at + 1, len(text)))):
            segments.append(Segment(f"seg_{name}_{n}", document.id, n, 0, start, end))
    return Corpus(tuple(documents), tuple(segments), ())


def test_the_coder_gets_whole_documents_of_the_sample_and_no_others() -> None:
    echo = Echo()
    found = proposals(echo, corpus(), [TALK[:4]])
    assert [(t.document.path, len(t.segments)) for t in echo.given] == [("talk.txt", 2)]
    assert list(found) == [TALK[:4]]


def test_an_abstention_is_scored_like_a_none_and_counted() -> None:
    places = [TALK[:4], NEXT[:4]]
    gold = {place: {family: frozenset({"Yes"}) for family in FAMILIES} for place in places}
    figures = coder_figures("emotion", gold, proposals(Echo(), corpus(), places))
    assert figures["abstained_share"] == 0.5
    assert counts(figures["micro"]) == (1, 1, 2)
    assert figures["confusions"] == [{"reader": "Yes", "proposed": "abstained", "n": 1}]


def test_a_comment_is_named_by_its_row() -> None:
    gold = {place[:4]: dict.fromkeys(FAMILIES, frozenset[str]()) for place in (TALK, ANSWER)}
    assert [(u.document, u.kind) for u in units_of("stage", gold, gold)] == [
        ("talk.txt:", "interview"),
        ("survey.csv:R1", "comment"),
    ]
