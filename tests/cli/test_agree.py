"""qualcode agree, as a user types it."""

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import Run

RATINGS = """\
unit,coder,code,participant
s1,anna,late,p1
s1,ben,late;cold,p1
s2,anna,,p1
s2,ben,,p1
s3,anna,cold,p2
s3,ben,cold,p2
s4,anna,late,p3
s4,ben,,p3
"""
KEYS = ("percent", "cohen_kappa", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, RATINGS)
    return tmp_path


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "r.csv") -> None:
    (folder / name).write_text(text, encoding=encoding, newline="\n")


def told(done: "subprocess.CompletedProcess[str]") -> Any:
    return json.loads(done.stdout)


def agreed(qualcode: Run, *arguments: str) -> Any:
    return told(qualcode("agree", "--ratings", "r.csv", "--json", *arguments))


def test_overall_and_each_code_have_the_five_figures_with_four_keys(
    folder: Path, qualcode: Run
) -> None:
    found = agreed(qualcode)
    assert list(found["codes"]) == ["cold", "late"]
    for figures in (found["overall"], *found["codes"].values()):
        for name in KEYS:
            assert set(figures[name]) == {"value", "low", "high", "reason"}


def test_figures_of_a_file_are_those_of_the_hand(folder: Path, qualcode: Run) -> None:
    # Of four units s2 and s3 are equal. late 2, none 3, cold 2, both 1 of eight judgements:
    # alpha = 1 - 7 * 4 / (64 - 18). Code late: anna on s1 and s4, ben on s1: kappa
    # (4 * 3 - (2 * 1 + 2 * 3)) / (16 - 8).
    found = agreed(qualcode)
    assert found["overall"]["percent"]["value"] == 0.5
    assert found["overall"]["krippendorff_alpha"]["value"] == pytest.approx(18 / 46, abs=1e-9)
    assert found["codes"]["late"]["cohen_kappa"]["value"] == pytest.approx(0.5, abs=1e-9)


def test_the_json_tells_units_coders_pairs_warnings_and_unprocessed_rows(
    folder: Path, qualcode: Run
) -> None:
    found = agreed(qualcode)
    assert (found["n_units"], found["n_coders"], found["coders"]) == (4, 2, ["anna", "ben"])
    assert [(pair["coders"], pair["n_units"]) for pair in found["pairs"]] == [(["anna", "ben"], 4)]
    assert found["unprocessed"] == []
    assert any("fewer than 20" in warning for warning in found["warnings"])


def test_the_document_tells_every_key(folder: Path, qualcode: Run) -> None:
    document = (Path(__file__).parents[2] / "docs" / "agreement.md").read_text(encoding="utf-8")
    write(folder, "unit,coder,code\na,anna,1\na,ben,2\nb,anna,2\nb,ben,2\n")
    found = agreed(qualcode, "--confusion", "--ordinal")
    keys = [*found, *found["overall"], *found["codes"]["1"], *found["pairs"][0]]
    keys += [*found["bootstrap"], *found["confusion"][0]]
    assert [key for key in keys if f"`{key}`" not in document] == []


def test_tables_go_to_stdout_and_notes_to_stderr(folder: Path, qualcode: Run) -> None:
    done = qualcode("agree", "--ratings", "r.csv")
    assert "whole code sets" in done.stdout and "late" in done.stdout
    assert "Note: intervals are drawn from 3 participants" in done.stderr
    assert "Note" not in done.stdout


def test_the_same_seed_prints_the_same_bytes_and_another_one_does_not(
    folder: Path, qualcode: Run
) -> None:
    lines = ["unit,coder,code"]
    for unit in range(40):
        lines += [f"u{unit},anna,{'xy'[unit % 3 == 0]}", f"u{unit},ben,{'xy'[unit % 4 == 0]}"]
    write(folder, "\n".join(lines) + "\n")
    arguments = ("agree", "--ratings", "r.csv", "--json")
    first, again = (qualcode(*arguments).stdout for _ in range(2))
    assert first == again
    assert qualcode(*arguments, "--seed", "5").stdout != first


def test_rows_that_cannot_be_read_are_told_with_their_numbers_and_stop_nothing(
    folder: Path, qualcode: Run
) -> None:
    write(folder, RATINGS + ",anna,late,p1\ns5,,late,p1\ns6,anna,late,p1,more\n,,,\n")
    done = qualcode("agree", "--ratings", "r.csv", "--json")
    found = told(done)
    assert [row["row"] for row in found["unprocessed"]] == [10, 11, 12, 13]
    assert [row["reason"] for row in found["unprocessed"]][:2] == ["no unit", "no coder"]
    assert "row 12: more cells than the header has" in done.stderr
    assert (found["n_rows"], found["n_units"]) == (12, 4)


def test_an_empty_code_is_a_no_and_a_missing_row_is_missing(folder: Path, qualcode: Run) -> None:
    write(folder, "unit,coder,code\na,anna,x\na,ben,\nb,anna,x\n")
    found = agreed(qualcode)
    assert found["n_compared"] == 1
    assert found["overall"]["percent"]["value"] == 0
    assert found["overall"]["fleiss_kappa"]["reason"] == (
        "Fleiss' kappa undefined: 1 of 2 units were not judged by every coder"
    )


def test_two_rows_of_a_unit_and_coder_are_one_judgement(folder: Path, qualcode: Run) -> None:
    write(folder, "unit,coder,code\na,anna,x\na,anna,y\na,ben,x;y\nb,anna,z\nb,ben,z\n")
    found = agreed(qualcode)
    assert found["overall"]["percent"]["value"] == 1
    assert any(warning.startswith("row 3: another row of") for warning in found["warnings"])


def test_families_are_compared_apart_and_together(folder: Path, qualcode: Run) -> None:
    write(
        folder,
        "unit,coder,code,family\na,anna,x,pain\na,ben,x,pain\na,anna,j,joy\na,ben,k,joy\n"
        "b,anna,y,pain\nb,ben,y,pain\n",
    )
    found = agreed(qualcode)
    told_apart = {f["family"]: f["overall"]["percent"]["value"] for f in found["families"]}
    assert told_apart == {"pain": 1, "joy": 0}
    # Together a is the sets x+j and x+k, b is y and y.
    assert found["overall"]["percent"]["value"] == 0.5
    assert list(found["codes"]) == ["x", "y", "j", "k"]


def test_a_code_of_two_families_is_told_with_its_family(folder: Path, qualcode: Run) -> None:
    write(folder, "unit,coder,code,family\na,anna,x,p\na,ben,x,p\na,anna,x,q\na,ben,,q\n")
    assert list(agreed(qualcode)["codes"]) == ["p: x", "q: x"]


def test_any_column_can_say_who_spoke(folder: Path, qualcode: Run) -> None:
    write(folder, RATINGS.replace("participant", "Who said it"))
    assert agreed(qualcode)["bootstrap"]["over"] == "units"
    found = agreed(qualcode, "--cluster", "who said it")
    assert (found["bootstrap"]["column"], found["n_clusters"]) == ("Who said it", 3)


def test_ordinal_adds_a_figure_and_reports_codes_that_are_no_number(
    folder: Path, qualcode: Run
) -> None:
    rows = "a,anna,1\na,ben,1\nb,anna,2\nb,ben,3\nc,anna,3\nc,ben,3\nd,anna,high\n"
    write(folder, "unit,coder,code\n" + rows)
    found = agreed(qualcode, "--ordinal")
    # 7/9: see tests/unit/analysis/agreement/test_by_hand.py
    value = found["overall"]["krippendorff_alpha_ordinal"]["value"]
    assert value == pytest.approx(7 / 9, abs=1e-9)
    assert [row["row"] for row in found["unprocessed"]] == [8]


def test_confusion_tells_the_units_behind_a_cell(folder: Path, qualcode: Run) -> None:
    cells = agreed(qualcode, "--confusion")["confusion"]
    assert {"row": "late", "column": None, "n": 1, "units": ["s4"], "family": ""} in cells


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_and_semicolons_are_read(
    folder: Path, qualcode: Run, encoding: str
) -> None:
    text = "unit;coder;code\na;Zoë;für\na;Bén;für\nb;Zoë;\nb;Bén;\n"
    write(folder, text, encoding)
    found = agreed(qualcode)
    assert (found["coders"], list(found["codes"])) == (["Bén", "Zoë"], ["für"])


def test_quoted_codes_joined_by_semicolons_are_read_in_a_file_of_semicolons(
    folder: Path, qualcode: Run
) -> None:
    write(folder, 'unit;coder;code\na;anna;"x;y"\na;ben;"y;x"\nb;anna;x\nb;ben;x\n')
    found = agreed(qualcode)
    assert (list(found["codes"]), found["overall"]["percent"]["value"]) == (["x", "y"], 1)


def test_a_workbook_is_read(folder: Path, qualcode: Run) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in csv.reader(io.StringIO(RATINGS)):
        sheet.append(row)
    book.save(folder / "r.xlsx")
    found = told(qualcode("agree", "--ratings", "r.xlsx", "--json"))
    assert found["overall"] == agreed(qualcode)["overall"]


def test_one_coder_alone_gets_reasons_and_no_figures(folder: Path, qualcode: Run) -> None:
    write(folder, "unit,coder,code\na,anna,x\nb,anna,y\n")
    found = agreed(qualcode)
    assert {figure["value"] for figure in found["overall"].values()} == {None}
    assert found["overall"]["krippendorff_alpha"]["reason"] == "alpha undefined: one coder only"
    assert found["pairs"] == []


def test_coders_and_codes_that_differ_in_capitals_are_pointed_out(
    folder: Path, qualcode: Run
) -> None:
    write(folder, "unit,coder,code\na,Anna,Late\na,anna,late\n")
    warnings = agreed(qualcode)["warnings"]
    assert "coders that differ in capitals only count as different: Anna, anna" in warnings
    assert "codes that differ in capitals only count as different: Late, late" in warnings


def test_a_missing_column_is_named_with_those_that_are_there(folder: Path, qualcode: Run) -> None:
    write(folder, "unit,rater,code\na,anna,x\n")
    done = qualcode("agree", "--ratings", "r.csv", expect=1)
    assert done.stdout == ""
    assert "there is no column 'coder'" in done.stderr


@pytest.mark.parametrize("text", ["", "unit,coder,code\n", "unit,coder,code\n,anna,x\n"])
def test_a_file_without_anything_to_read_is_an_error(
    folder: Path, qualcode: Run, text: str
) -> None:
    write(folder, text)
    done = qualcode("agree", "--ratings", "r.csv", expect=1)
    assert (done.stdout, done.stderr[:6]) == ("", "Error:")


def test_a_file_that_is_not_there_is_an_error(folder: Path, qualcode: Run) -> None:
    done = qualcode("agree", "--ratings", "none.csv", expect=1)
    assert "none.csv: cannot be read" in done.stderr


def test_cluster_without_ratings_is_a_usage_error(folder: Path, qualcode: Run) -> None:
    done = qualcode("agree", "--cluster", "who", expect=2)
    assert "--cluster goes with --ratings" in done.stderr


def test_without_ratings_and_without_a_study_it_says_so(folder: Path, qualcode: Run) -> None:
    assert "Error:" in qualcode("agree", expect=1).stderr


def test_control_characters_of_a_file_do_not_reach_the_terminal(
    folder: Path, qualcode: Run
) -> None:
    write(folder, "unit,coder,code\na,anna,x\x1b[31m\na,ben,x\x1b[31m\nb,anna,y\nb,ben,y\n")
    done = qualcode("agree", "--ratings", "r.csv", "--confusion")
    assert "\x1b" not in done.stdout + done.stderr
