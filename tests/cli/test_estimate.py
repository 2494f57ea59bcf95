"""qualcode estimate, as a user types it."""

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.conftest import Run

COLUMNS = ("--csv", "sample.csv", "--human", "human", "--machine", "machine")
FIGURE = {"estimate", "low", "high", "n", "n_clusters", "reason"}


def write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write 1,200 rows of 120 people, 200 of them judged; a quarter has the code."""
    dice = random.Random(7)
    judged = set(dice.sample(range(1200), 200))
    rows: list[Sequence[object]] = [("id", "human", "machine", "weight", "who", "wave")]
    for at in range(1200):
        truth = dice.random() < (0.15 if at % 20 < 10 else 0.35)
        machine = truth if dice.random() < 0.85 else not truth
        human = int(truth) if at in judged else ""
        weight = 6 if at in judged else ""
        rows.append(
            (at, human, int(machine), weight, f"P{at // 10}", "spring" if at % 3 else "fall")
        )
    write(tmp_path / "sample.csv", rows)
    return tmp_path


def test_the_json_has_the_three_counts(folder: Path, qualcode: Run) -> None:
    told = json.loads(qualcode("estimate", *COLUMNS, "--cluster", "who", "--json").stdout)
    for name in ("naive", "human_only", "prediction_powered"):
        assert set(told[name]) == FIGURE
    assert (told["naive"]["n"], told["human_only"]["n"]) == (1200, 200)


def test_the_json_names_target_lambda_and_what_else_the_document_tells(
    folder: Path, qualcode: Run
) -> None:
    told = json.loads(qualcode("estimate", *COLUMNS, "--json", "--plan", "5").stdout)
    assert set(told) == {
        *("schema_version", "file", "target", "target_meaning", "of", "confidence", "n_rows"),
        *("n_units", "n_clusters", "n_judged", "n_positives", "naive", "human_only"),
        *("prediction_powered", "lambda", "warnings", "unprocessed", "by", "plan"),
    }
    assert set(told["plan"]) == {"points", "more", "now", "then", "reason", "assumes"}


def test_without_a_target_a_table_is_about_customers_like_these(
    folder: Path, qualcode: Run
) -> None:
    told = json.loads(qualcode("estimate", *COLUMNS, "--json").stdout)
    assert (told["target"], told["target_meaning"]) == ("population", "customers like these")


def test_both_together_are_narrower_than_people_alone(folder: Path, qualcode: Run) -> None:
    told = json.loads(
        qualcode("estimate", *COLUMNS, "--cluster", "who", "--target", "data", "--json").stdout
    )
    width = {
        name: told[name]["high"] - told[name]["low"]
        for name in ("human_only", "prediction_powered")
    }
    assert width["prediction_powered"] < 0.8 * width["human_only"]


def test_the_naive_count_has_no_interval_and_says_why(folder: Path, qualcode: Run) -> None:
    naive = json.loads(qualcode("estimate", *COLUMNS, "--json").stdout)["naive"]
    assert (naive["low"], naive["high"]) == (None, None)
    assert "errors are not corrected" in naive["reason"]


def test_equal_weights_change_nothing(folder: Path, qualcode: Run) -> None:
    with_weights = qualcode("estimate", *COLUMNS, "--weight", "weight", "--json").stdout
    assert json.loads(with_weights) == json.loads(qualcode("estimate", *COLUMNS, "--json").stdout)


def test_the_table_stands_on_stdout_and_notes_on_stderr(folder: Path, qualcode: Run) -> None:
    done = qualcode("estimate", *COLUMNS)
    assert "among customers like these (target: population)" in done.stdout
    assert "machine's count (naive)" in done.stdout
    assert done.stderr.startswith("Note: every one of the rows counts as a participant")


def test_with_participants_there_is_nothing_to_note(folder: Path, qualcode: Run) -> None:
    assert qualcode("estimate", *COLUMNS, "--cluster", "who").stderr == ""


def test_groups_are_told_with_their_names(folder: Path, qualcode: Run) -> None:
    done = qualcode("estimate", *COLUMNS, "--cluster", "who", "--by", "wave", "--json")
    groups = json.loads(done.stdout)["by"]["wave"]
    assert [(group["value"], group["n_units"]) for group in groups] == [
        *(("spring", 800), ("fall", 400))
    ]
    assert set(groups[0]["prediction_powered"]) == FIGURE


def test_a_plan_says_how_many_more(folder: Path, qualcode: Run) -> None:
    done = qualcode("estimate", *COLUMNS, "--target", "data", "--plan", "3")
    assert "Plan for ± 3 points (now ± " in done.stdout
    assert " more rows, about ± 3.0 then." in done.stdout


def test_a_share_of_participants_needs_participants(folder: Path, qualcode: Run) -> None:
    done = qualcode("estimate", *COLUMNS, "--of", "participants", expect=2)
    assert "--cluster" in done.stderr and done.stdout == ""


def test_participants_judged_in_part_give_no_share_of_participants(
    folder: Path, qualcode: Run
) -> None:
    done = qualcode("estimate", *COLUMNS, "--cluster", "who", "--of", "participants", "--json")
    told = json.loads(done.stdout)
    assert (told["n_units"], told["human_only"]["estimate"]) == (120, None)
    assert "judged completely" in told["human_only"]["reason"]


UGLY = [
    ("Human ", "machine", "w"),
    ("yes", "0.8", "2"),
    ("TRUE", "1", "2"),
    ("No", "no", "2"),
    ("maybe", "1", "2"),
    ("0.0", "0,25", "2"),
    ("", "", ""),
    ("1", "", "2"),
    ("1", "1.5", "2"),
    ("0", "false", "lots"),
    ("", "true", ""),
    ("the parcel was late and nobody called me", "1", "2"),
]
UGLY_COLUMNS = ("--csv", "ugly.csv", "--human", "human", "--machine", "machine", "--weight", "w")


def ugly(folder: Path, qualcode: Run) -> Any:
    write(folder / "ugly.csv", UGLY)
    return qualcode("estimate", *UGLY_COLUMNS, "--json")


def test_every_row_that_cannot_be_used_is_told_with_its_number(
    tmp_path: Path, qualcode: Run
) -> None:
    told = json.loads(ugly(tmp_path, qualcode).stdout)
    assert told["unprocessed"] == [
        {"row": 5, "reason": "'human' is 'maybe', not 1 or 0"},
        {"row": 7, "reason": "an empty row"},
        {"row": 8, "reason": "no value in 'machine'"},
        {"row": 9, "reason": "'machine' is '1.5', not 1, 0 or a score between"},
        {"row": 10, "reason": "'w' is 'lots', not a weight"},
        {"row": 12, "reason": "'human' is a text of 40 characters, not 1 or 0"},
    ]


def test_what_is_left_of_an_ugly_file_is_counted(tmp_path: Path, qualcode: Run) -> None:
    told = json.loads(ugly(tmp_path, qualcode).stdout)
    assert (told["n_rows"], told["n_units"], told["n_judged"], told["n_positives"]) == (11, 5, 4, 2)


def test_rows_left_out_are_told_on_stderr_without_their_texts(
    tmp_path: Path, qualcode: Run
) -> None:
    done = ugly(tmp_path, qualcode)
    assert "6 rows are in no figure:" in done.stderr
    assert "parcel" not in done.stderr + done.stdout


def test_few_judged_rows_get_counts_and_an_exact_interval(tmp_path: Path, qualcode: Run) -> None:
    told = json.loads(ugly(tmp_path, qualcode).stdout)
    assert told["prediction_powered"]["low"] is None
    assert "4 judged rows, under 30" in told["prediction_powered"]["reason"]
    # 2 of 4: Clopper-Pearson
    assert round(told["human_only"]["low"], 4) == 0.0676


def test_a_workbook_is_read_as_well(tmp_path: Path, qualcode: Run) -> None:
    book = Workbook()
    assert book.active is not None
    for row in [("human", "machine"), *[(at % 2, at % 2 == 0) for at in range(40)], (None, True)]:
        book.active.append(row)
    book.save(tmp_path / "sample.xlsx")
    done = qualcode("estimate", "--csv", "sample.xlsx", *COLUMNS[2:], "--json")
    assert json.loads(done.stdout)["n_judged"] == 40


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 1, "holds a study"),
        (("--csv", "sample.csv", "--machine", "machine"), 2, "--human COLUMN is missing"),
        (("--csv", "sample.csv", "--human", "human"), 2, "--machine COLUMN is missing"),
        (("--csv", "none.csv", "--human", "h", "--machine", "m"), 1, "none.csv: cannot be read"),
        (("--csv", "sample.csv", "--human", "humam", "--machine", "machine"), 1, "did you mean"),
        ((*COLUMNS[:4], "--machine", "human"), 2, "the same column"),
        ((*COLUMNS, "--plan", "0"), 2, "no such width"),
        ((*COLUMNS, "--target", "world"), 2, "world"),
        ((*COLUMNS[:3], "weight", *COLUMNS[4:]), 1, "no judged row can be used; row "),
        ((*COLUMNS[:5], "who"), 1, "no row can be used; row 2: 'who' is 'P0'"),
    ],
)
def test_what_does_not_fit_ends_with_its_code_and_nothing_on_stdout(
    folder: Path, qualcode: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = qualcode("estimate", *arguments, expect=code)
    assert said in done.stderr and done.stdout == ""


def test_a_chance_in_place_of_its_inverse_is_refused_with_its_row(
    tmp_path: Path, qualcode: Run
) -> None:
    rows = [("human", "machine", "weight"), (1, 1, 4), (0, 0, 0.25), ("", 1, "")]
    write(tmp_path / "sample.csv", rows)
    done = qualcode("estimate", *COLUMNS, "--weight", "weight", expect=1)
    assert "row 3: a weight of 0.25" in done.stderr


def test_a_table_without_rows_says_so(tmp_path: Path, qualcode: Run) -> None:
    write(tmp_path / "sample.csv", [("human", "machine")])
    assert "sample.csv" in qualcode("estimate", *COLUMNS, expect=1).stderr


def test_a_row_without_a_participant_is_left_out_and_told(tmp_path: Path, qualcode: Run) -> None:
    rows = [("human", "machine", "who"), (1, 1, "a"), (0, 0, ""), ("", 1, "b")]
    write(tmp_path / "sample.csv", rows)
    told = json.loads(qualcode("estimate", *COLUMNS, "--cluster", "who", "--json").stdout)
    assert told["unprocessed"] == [{"row": 3, "reason": "no value in 'who'"}]
