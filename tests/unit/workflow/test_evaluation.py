"""Evaluations with coders that are easy to foresee, and with files."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from qualcode.codebook import Codebook, load_codebook
from qualcode.coders.base import Scores
from qualcode.errors import SourceError, UsageError
from qualcode.resources import default_codebook_path
from qualcode.workflow import eval_coders
from qualcode.workflow.eval_coders import rater_called
from qualcode.workflow.eval_gold import Gold, GoldColumns, read_gold
from qualcode.workflow.eval_scheme import foreign_scheme, own_scheme
from qualcode.workflow.evaluation import (
    Evaluation,
    check_columns,
    check_out,
    evaluate,
    write_predictions,
)

BOOK = "name,definition\nLate,It was late.\n=Dear,Too dear.\nlost;found,Lost and found.\n"
GOLD = """\
id,text,label
a,late,Late
b,,Late
=c,dear and late,=Dear;Late
d,lost;found,lost;found
e,fine,
"""


class WordScorer:
    """Propose a code where its name stands in the text; fail at the word "hard"."""

    name = "words:1"
    families = ("codes", "pain_point")

    def __init__(self, book: Codebook) -> None:
        self._book = book
        self.sizes: list[int] = []

    def score(self, texts: Sequence[str], family: str) -> Scores:
        self.sizes.append(len(texts))
        # Another order than the book's, which nobody may rely on.
        codes = self._book.family(family)[::-1]
        said = [[code.name.lower().strip("=") in text for code in codes] for text in texts]
        predicted = np.array(said, bool).reshape(len(texts), len(codes))
        scores = np.where(predicted, 0.875, 0.125)
        failed = {at: "too hard" for at, text in enumerate(texts) if "hard" in text}
        any_said = np.asarray(predicted.any(axis=1), bool)
        return Scores(
            *(tuple(c.id for c in codes), scores, predicted, scores.max(axis=1), any_said, failed)
        )


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval_coders, "SCORERS", {"words": WordScorer})


def foreign(folder: Path, gold: str = GOLD, book: str = BOOK) -> Gold:
    (folder / "book.csv").write_text(book, encoding="utf-8", newline="\n")
    (folder / "gold.csv").write_text(gold, encoding="utf-8", newline="\n")
    scheme = foreign_scheme(folder / "book.csv")
    return read_gold(folder / "gold.csv", GoldColumns("text", "label"), scheme)


def yes_no(folder: Path, gold: str) -> Gold:
    (folder / "gold.csv").write_text(gold, encoding="utf-8", newline="\n")
    scheme = own_scheme(load_codebook(default_codebook_path()), "the book", "pain_point")
    columns = GoldColumns("text", "label")
    return read_gold(folder / "gold.csv", columns, scheme, family="pain_point")


def file_of(folder: Path, text: str) -> str:
    (folder / "said.csv").write_text(text, encoding="utf-8", newline="\n")
    return f"file:{folder / 'said.csv'}"


def run(gold: Gold, coder: str = "words") -> Evaluation:
    return evaluate(gold, rater_called(coder, gold))


def written(evaluation: Evaluation, folder: Path) -> list[dict[str, str]]:
    write_predictions(evaluation, folder / "out.csv")
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_predictions_hold_every_row_in_order_under_the_exact_names(tmp_path: Path) -> None:
    rows = written(run(foreign(tmp_path)), tmp_path)
    assert list(rows[0]) == ["row", "id", "Late", "=Dear", "lost;found", "predicted"]
    assert [row["row"] for row in rows] == ["2", "3", "4", "5", "6"]
    assert list(rows[0].values()) == ["2", "a", "0.875", "0.125", "0.125", "Late"]
    assert list(rows[1].values()) == ["3", "b", "", "", "", ""]
    assert [row["predicted"] for row in rows] == ["Late", "", "Late;=Dear", "lost;found", ""]


def test_only_cells_that_a_spreadsheet_would_run_are_guarded(tmp_path: Path) -> None:
    rows = written(run(foreign(tmp_path, "id,text,label\n=c,dear,=Dear\n-1,late,\n")), tmp_path)
    assert [row["id"] for row in rows] == ["'=c", "-1"]
    assert rows[0]["predicted"] == "'=Dear"


def test_predictions_read_back_as_a_coder_give_the_same_figures(tmp_path: Path) -> None:
    gold = foreign(tmp_path)
    first = run(gold)
    write_predictions(first, tmp_path / "out.csv")
    again = run(gold, f"file:{tmp_path / 'out.csv'}")
    assert [f.figures for f in again.families] == [f.figures for f in first.families]
    assert set(again.unprocessed) == set(first.unprocessed)


def test_rows_without_a_text_never_reach_the_coder_and_count_in_no_figure(tmp_path: Path) -> None:
    found = run(foreign(tmp_path))
    assert found.unprocessed == {1: "no text"}
    assert (found.families[0].figures.n_rows, found.n_refused) == (4, 0)


def test_rows_that_the_coder_gives_no_answer_for_are_unprocessed(tmp_path: Path) -> None:
    found = run(foreign(tmp_path, "text,label\nlate,Late\nhard,Late\n"))
    assert (found.unprocessed, found.n_refused) == ({1: "too hard"}, 1)
    assert written(found, tmp_path)[1] == {
        **{"row": "3", "Late": "", "=Dear": "", "lost;found": "", "predicted": ""}
    }


def test_columns_of_ours_step_aside_for_codes(tmp_path: Path) -> None:
    book = "name,definition\nid,x\nrow,y\n"
    rows = written(run(foreign(tmp_path, "id,text,label\n7,row,row\n", book)), tmp_path)
    assert list(rows[0]) == ["row (gold)", "id (gold)", "id", "row", "predicted"]


def test_a_code_called_predicted_is_refused(tmp_path: Path) -> None:
    gold = foreign(tmp_path, "text,label\nx,predicted\n", "name\npredicted\n")
    with pytest.raises(UsageError, match="a code is called 'predicted'"):
        check_columns(gold)


def test_with_yes_and_no_the_family_is_the_one_column(tmp_path: Path) -> None:
    gold = yes_no(tmp_path, "text,label\nlate cost again,1\nrude staff,0\n,1\n")
    rows = written(run(gold), tmp_path)
    assert list(rows[0]) == ["row", "pain_point", "predicted"]
    assert {row["predicted"] for row in rows} <= {"pain_point", ""}
    assert [row["pain_point"] != "" for row in rows] == [True, True, False]


def test_long_files_come_in_batches(tmp_path: Path) -> None:
    gold = foreign(tmp_path, "text,label\n" + "late,Late\n" * 600)
    scorer = WordScorer(gold.scheme.book)
    seen: list[int] = []
    evaluate(gold, eval_coders._TextRater(scorer), progress=lambda _, done, __: seen.append(done))
    assert scorer.sizes == [256, 256, 88]
    assert seen[:4] == [0, 256, 512, 600]


def test_an_unknown_coder_is_told_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no coder 'gpt'") as caught:
        rater_called("gpt", foreign(tmp_path))
    assert "words, llm (a language model), file:PATH.csv" in str(caught.value.hint)


def test_a_family_that_the_coder_does_not_score_is_told(tmp_path: Path) -> None:
    (tmp_path / "gold.csv").write_text("text,label\nx,att_loyal\n", encoding="utf-8", newline="\n")
    scheme = own_scheme(load_codebook(default_codebook_path()), "the book", "attitude")
    gold = read_gold(tmp_path / "gold.csv", GoldColumns("text", "label"), scheme, family="attitude")
    with pytest.raises(UsageError, match="scores no codes of family 'attitude'"):
        rater_called("words", gold)


# --- a file as the coder --------------------------------------------------------------------


def test_a_file_in_the_gold_s_order_needs_no_ids(tmp_path: Path) -> None:
    coder = file_of(tmp_path, 'predicted\nLate\n\n""\nlate;=Dear\nlost;found\n""\n')
    gold = foreign(tmp_path)
    found = run(gold, coder)
    assert found.families[0].figures.micro.f1.value == 1
    assert found.families[0].figures.calibration.error.reason == "the coder gave no scores"


def test_a_file_is_joined_by_the_id_column_whatever_its_order(tmp_path: Path) -> None:
    coder = file_of(tmp_path, "predicted,ID\n,e\nlost;found,d\nLate,a\n=Dear;Late,'=c\nLate,x\n")
    found = run(foreign(tmp_path), coder)
    assert found.families[0].figures.micro.f1.value == 1
    assert found.n_refused == 0


def test_a_row_that_the_file_lacks_is_unprocessed(tmp_path: Path) -> None:
    found = run(foreign(tmp_path), file_of(tmp_path, "id,predicted\na,Late\nd,\n"))
    assert found.unprocessed == {1: "no text", 2: "not in the file", 4: "not in the file"}
    assert found.n_refused == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("said\nLate\n", "no column 'predicted'"),
        ("predicted\nLate\n", "1 rows for 5"),
        ("id,predicted\na,Late\na,Late\n", "used twice"),
        ("id,predicted\nq,Late\n", "no id of column 'id'"),
        ("id,predicted\na,Lte\n", "row 2: 'Lte' is no code of book.csv"),
        ("id,predicted,Late\na,Late,0.5\n", "scores for 1 of 3 codes"),
        ("id,predicted,Late,=Dear,lost;found\na,Late,0.5,2,0\n", "column '=Dear' holds no score"),
        ("id,predicted,Late,=Dear,lost;found\na,Late,0.5,,0\n", "column '=Dear' holds no score"),
        ("id,predicted,Late,=Dear,lost;found\na,Late,,,\n", "an answer without scores"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_place(
    tmp_path: Path, text: str, told: str
) -> None:
    gold = foreign(tmp_path)
    with pytest.raises(SourceError, match=told):
        rater_called(file_of(tmp_path, text), gold)


@pytest.mark.parametrize("said", ["1,0", "pain_point,", "pain_waiting,", "yes,no"])
def test_a_file_may_say_yes_and_no_in_several_ways(tmp_path: Path, said: str) -> None:
    yes, no = said.split(",")
    gold = yes_no(tmp_path, "text,label\nx,1\ny,0\n")
    coder = file_of(tmp_path, f"predicted,pain_point\n{yes},0.9\n{no},0.2\n")
    (family,) = run(gold, coder).families
    assert family.predicted[:, 0].tolist() == [True, False]
    assert family.scores[:, 0].tolist() == [0.9, 0.2]


# --- where predictions go -------------------------------------------------------------------


def test_a_file_that_is_there_is_replaced_only_when_told(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="there is a file already"):
        check_out(out, force=False, inputs=())
    check_out(out, force=True, inputs=())


def test_predictions_never_replace_what_is_read(tmp_path: Path) -> None:
    gold = tmp_path / "gold.csv"
    gold.write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="is read by this command"):
        check_out(tmp_path / "." / "gold.csv", force=True, inputs=(gold,))


def test_a_folder_that_is_missing_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a folder that exists"):
        check_out(tmp_path / "no" / "out.csv", force=False, inputs=())
