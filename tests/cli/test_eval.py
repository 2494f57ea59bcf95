"""qualcode eval, as a user types it."""

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run

BOOK = """\
name,definition,include,exclude,examples,colour
Late Delivery,The parcel or order came later than promised or not at all.,late | delayed,,,red
Broken App!,The app or website crashes or cannot be used.,,,,
2nd price rise,The price went up again.,,,,
Kind Staff,"Somebody was friendly, patient or helpful.",,,,
"""
GOLD = """\
id,text,label,who
a1,"My parcel came three weeks late, I waited and waited.",Late Delivery,Parent
a2,The app crashes whenever I open it.,Broken App!,Commuter
a3,They put the price up again this year.,2nd price rise,Parent
a4,,Late Delivery,Parent
a5,The engineer was lovely and patient with me.,Kind Staff,Parent
a6,The website was down and the delivery never came.,Broken App!;Late Delivery,Commuter
a7,I bought it in May.,,Commuter
a8,My order still has not arrived.,late delivery,Parent
a9,The app does not start any more.,Broken App!,Parent
a10,Everybody on the phone was so kind.,Kind Staff,Commuter
,,,
a11,Another price rise,2nd price rise
a12,I have an account.,,Commuter
"""
PAIN = """\
comment,pain
I waited three weeks and nobody told me anything.,1
The driver was lovely.,0
"On hold for an hour, then the line went dead.",1
,1
They charged me twice and I had to wait for the refund.,1
It is a shop.,0
"""
ARGUMENTS = ("--gold", "gold.csv", "--text-col", "text", "--label-col", "label")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("book.csv", BOOK), ("gold.csv", GOLD), ("pain.csv", PAIN)):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    return tmp_path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_local_coder_is_measured_on_a_codebook_of_any_origin(
    folder: Path, qualcode: Run
) -> None:
    done = qualcode(
        *("eval", "--coder", "local", *ARGUMENTS, "--codebook", "book.csv", "--json"),
        *("--by", "who", "--predictions", "out.csv"),
    )
    told = json.loads(done.stdout)
    assert (told["n_rows"], told["n_scored"], told["labels"]) == (13, 11, "codes")
    assert [u["row"] for u in told["unprocessed"]] == [5, 12]
    (family,) = told["families"]
    assert [code["code"] for code in family["codes"]] == [
        *("Late Delivery", "Broken App!", "2nd price rise", "Kind Staff")
    ]
    assert family["micro"]["f1"]["value"] > 0.5
    rows = rows_of(folder / "out.csv")
    assert list(rows[0]) == [
        *("row", "id", "Late Delivery", "Broken App!", "2nd price rise", "Kind Staff", "predicted")
    ]
    assert [row["id"] for row in rows] == [
        *("a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10", "", "a11", "a12")
    ]
    assert {row["predicted"] + row["Late Delivery"] for row in (rows[3], rows[10])} == {""}
    assert rows[0]["predicted"] == "Late Delivery"
    assert float(rows[0]["Late Delivery"]) > float(rows[0]["Kind Staff"])
    assert "row 13" in done.stderr  # 3 cells under 4 columns


def keys(value: Any) -> Any:
    """Return the keys of JSON without its values; of lists, those of the first entry."""
    if isinstance(value, dict):
        return {key: keys(entry) for key, entry in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None


def test_the_json_has_the_keys_that_the_document_tells(folder: Path, qualcode: Run) -> None:
    arguments = ("--gold", "pain.csv", "--text-col", "comment", "--label-col", "pain")
    done = qualcode("eval", "--coder", "local", *arguments, "--family", "pain_point", "--json")
    figure = {"value": None, "low": None, "high": None}
    three = {"precision": figure, "recall": figure, "f1": figure}
    code = {
        **{"code": None, "support": None, "proposed": None, "right": None},
        **three,
        "average_precision": figure,
    }
    bins = [{"n": None, "mean_score": None, "share_right": None}]
    calibration = {"error": figure, "n": None, "bins": bins}
    group = {"value": None, "n_rows": None, "support": None, **three, "macro_f1": figure}
    assert keys(json.loads(done.stdout)) == {
        "schema_version": None,
        "coder": None,
        "gold": None,
        "codebook": {"source": None, "name": None, "fingerprint": None},
        "labels": None,
        "n_rows": None,
        "n_scored": None,
        "unprocessed": [{"row": None, "reason": None}],
        "ignored_labels": {},
        "bootstrap": {"seed": None, "draws": None, "interval": None},
        "calibration_bins": None,
        "families": [
            {
                "family": None,
                "n_rows": None,
                "macro": {"n_codes": None, **three, "average_precision": figure},
                "micro": {"n_codes": None, **three},
                "any": code,
                "calibration": calibration,
                "calibration_proposed": calibration,
                "codes": [code],
                "by": {"words": [group]},
            }
        ],
    }
    document = (Path(__file__).parents[2] / "docs" / "eval.md").read_text(encoding="utf-8")
    assert [key for key in json.loads(done.stdout) if f"`{key}`" not in document] == []


def test_labels_1_and_0_with_a_family_give_one_column_of_its_name(
    folder: Path, qualcode: Run
) -> None:
    arguments = ("--gold", "pain.csv", "--text-col", "comment", "--label-col", "pain")
    done = qualcode(
        *("eval", "--coder", "local", *arguments, "--family", "pain_point"),
        *("--predictions", "out.csv"),
    )
    rows = rows_of(folder / "out.csv")
    assert list(rows[0]) == ["row", "pain_point", "predicted"]
    assert [row["predicted"] for row in rows] == [
        *("pain_point", "", "pain_point", "", "pain_point", "")
    ]
    assert rows[3] == {"row": "5", "pain_point": "", "predicted": ""}
    assert "Pain point, 5 rows" in done.stdout
    assert "1 row unprocessed" in done.stderr


def test_an_unknown_label_is_told_with_row_and_what_is_near(folder: Path, qualcode: Run) -> None:
    text = GOLD.replace("a2,The app crashes whenever I open it.,Broken App!", "a2,x,Broken Ap")
    (folder / "gold.csv").write_text(text, encoding="utf-8", newline="\n")
    done = qualcode("eval", "--coder", "local", *ARGUMENTS, "--codebook", "book.csv", expect=1)
    assert "row 3: 'Broken Ap' is no code of book.csv; did you mean Broken App!?" in done.stderr
    assert done.stdout == ""


@pytest.mark.usefixtures("folder")
def test_an_unknown_coder_is_told_what_there_is(qualcode: Run) -> None:
    done = qualcode("eval", "--coder", "gpt", *ARGUMENTS, "--codebook", "book.csv", expect=2)
    assert "local, llm (a language model), file:PATH.csv" in done.stderr


def test_a_file_is_measured_without_loading_the_model(folder: Path, qualcode: Run) -> None:
    said = "id,predicted\n" + "".join(f"a{n},Late Delivery\n" for n in range(1, 13))
    (folder / "said.csv").write_text(said, encoding="utf-8", newline="\n")
    arguments = ("--coder", "file:said.csv", *ARGUMENTS, "--codebook", "book.csv")
    gold = GOLD.replace(",,,\n", "")
    (folder / "gold.csv").write_text(gold, encoding="utf-8", newline="\n")
    (family,) = json.loads(qualcode("eval", *arguments, "--json").stdout)["families"]
    late = family["codes"][0]
    assert (late["support"], late["proposed"], late["right"]) == (3, 11, 3)
    assert late["average_precision"]["reason"] == "the coder gave no scores"


def test_rows_that_a_file_lacks_are_told_and_leave_with_3(folder: Path, qualcode: Run) -> None:
    (folder / "said.csv").write_text(
        "id,predicted\na1,Late Delivery\n", encoding="utf-8", newline="\n"
    )
    (folder / "gold.csv").write_text(GOLD.replace(",,,\n", ""), encoding="utf-8", newline="\n")
    arguments = ("--coder", "file:said.csv", *ARGUMENTS, "--codebook", "book.csv")
    done = qualcode("eval", *arguments, expect=3)
    assert "10 rows with a text got no answer" in done.stderr


def test_predictions_are_not_replaced_unless_told(folder: Path, qualcode: Run) -> None:
    (folder / "out.csv").write_text("mine", encoding="utf-8", newline="\n")
    (folder / "said.csv").write_text(
        "predicted\n" + "Kind Staff\n" * 13, encoding="utf-8", newline="\n"
    )
    arguments = ("--coder", "file:said.csv", *ARGUMENTS, "--codebook", "book.csv")

    def run(*more: str, expect: int) -> "subprocess.CompletedProcess[str]":
        return qualcode("eval", *arguments, "--predictions", "out.csv", *more, expect=expect)

    assert "--force" in run(expect=2).stderr
    assert (folder / "out.csv").read_text(encoding="utf-8") == "mine"
    run("--force", expect=0)
    assert len(rows_of(folder / "out.csv")) == 13


def test_a_study_s_codebook_is_used_where_there_is_one(folder: Path, qualcode: Run) -> None:
    qualcode("init", "study", "--yes")
    path = folder / "study" / "codebook.yaml"
    text = path.read_text(encoding="utf-8").replace("name: Waiting and delays", "name: Queues")
    path.write_text(text, encoding="utf-8", newline="\n")
    (folder / "gold.csv").write_text(
        "text,label\nOn hold for an hour.,Queues\n", encoding="utf-8", newline="\n"
    )
    (folder / "said.csv").write_text("predicted\npain_waiting\n", encoding="utf-8", newline="\n")
    arguments = ("eval", "--coder", "file:said.csv", *ARGUMENTS, "--json")
    before = sorted(path.parent.iterdir())
    told = json.loads(qualcode(*arguments, "--study", "study").stdout)
    assert told["families"][0]["family"] == "pain_point"
    assert told["families"][0]["micro"]["f1"]["value"] == 1
    assert sorted(path.parent.iterdir()) == before
    assert "unknown labels" in qualcode(*arguments, expect=1).stderr


@pytest.mark.usefixtures("folder")
def test_a_codebook_and_a_family_contradict_each_other(qualcode: Run) -> None:
    more = ("--codebook", "book.csv", "--family", "emotion")
    done = qualcode("eval", "--coder", "local", *ARGUMENTS, *more, expect=2)
    assert "one of the two" in done.stderr
