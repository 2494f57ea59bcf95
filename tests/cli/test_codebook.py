"""qualcode codebook, as a user types it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run

COMMENTS = """\
id,comment
1,I waited three weeks for the delivery and nobody told me anything.
2,On hold for an hour and then the line went dead.
3,"The price is far too high, I cannot afford it."
4,The engineer was lovely and explained everything.
5,They charged me twice and I had to wait for the refund.
6,The app crashes whenever I open it.
"""


@pytest.fixture(scope="module")
def coded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("codebook")
    (folder / "wave.csv").write_text(COMMENTS, encoding="utf-8", newline="\n")
    environment = {
        **os.environ,
        "QUALCODE_DATA_HOME": str(folder / "data"),
        "QUALCODE_CONFIG": str(folder / "config.toml"),
    }
    for arguments in (
        ["init", "study", "--yes"],
        ["ingest", "--study", "study", "wave.csv", "--text-col", "comment", "--id-col", "id"],
        ["code", "--study", "study"],
    ):
        subprocess.run(
            [sys.executable, "-m", "qualcode", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=True,
            capture_output=True,
            timeout=300,
        )
    return folder / "study"


@pytest.fixture
def study(coded_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(coded_folder, tmp_path / "study"))


@pytest.fixture
def codebook(study: Path, qualcode: Run) -> Run:
    """Run `qualcode codebook` on the study."""

    def run(*arguments: str | Path, expect: int | None = 0) -> "subprocess.CompletedProcess[str]":
        return qualcode("codebook", *arguments, "--study", study, expect=expect)

    return run


def codings(qualcode: Run, study: Path) -> list[dict[str, object]]:
    qualcode("export", "json", "--study", study, "--out", study / "out.json")
    exported = json.loads((study / "out.json").read_text(encoding="utf-8"))
    return exported["codings"]  # type: ignore[no-any-return]


def counts(codebook: Run, code: str) -> dict[str, int]:
    (row,) = json.loads(codebook("show", code, "--json").stdout)
    return {key: row[key] for key in ("codings", "segments", "people")}


def test_show_lists_codes_with_codings_and_people(study: Path, codebook: Run) -> None:
    rows = json.loads(codebook("show", "--family", "Pain point", "--json").stdout)
    assert {row["family"] for row in rows} == {"pain_point"}
    waiting = next(row for row in rows if row["id"] == "pain_waiting")
    assert waiting["codings"] >= 1
    assert waiting["people"] >= 1
    table = codebook("show").stdout
    assert "pain_waiting" in table
    assert table.splitlines()[0].split() == ["family", "code", "codings", "people", "name"]


def test_a_renamed_code_is_found_by_its_old_name_and_nothing_is_judged_again(
    study: Path, codebook: Run, qualcode: Run
) -> None:
    before = codings(qualcode, study)
    done = codebook("rename", "Waiting and delays", "I wait and wait", "--by", "Ada")
    assert "pain_waiting: renamed from “Waiting and delays” to “I wait and wait”" in done.stdout
    assert "No segment is judged again." in done.stderr
    assert json.loads(qualcode("code", "--study", study, "--json").stdout)["judged"] == 0
    assert "I wait and wait" in codebook("show", "waiting and delays").stdout
    quotes = qualcode("quotes", "--study", study, "--code", "Waiting and delays", "--json")
    assert len(json.loads(quotes.stdout)) == sum(c["code"] == "pain_waiting" for c in before)


def test_a_merge_tells_what_it_touches_and_undo_brings_it_back(
    study: Path, codebook: Run, qualcode: Run
) -> None:
    text = (study / "codebook.yaml").read_text(encoding="utf-8")
    before = codings(qualcode, study)
    touched = counts(codebook, "pain_waiting")
    arguments = ["merge", "pain_waiting", "--into", "pain_broken_promise", "--json"]
    dry = json.loads(codebook(*arguments, "--dry-run").stdout)
    assert (dry["is_done"], dry["touched"]) == (False, touched)
    assert (study / "codebook.yaml").read_text(encoding="utf-8") == text
    done = json.loads(codebook(*arguments, "--reason", "one thing").stdout)
    assert (done["is_done"], done["touched"], done["judged_again"]) == (True, touched, {})
    merged = codings(qualcode, study)
    assert not any(c["code"] == "pain_waiting" for c in merged)
    # One segment has both codes on the same words, of which the stronger coding stays.
    pairs = {(c["segment_id"], "pain_broken_promise") for c in before if c["code"] in arguments}
    assert {(c["segment_id"], c["code"]) for c in merged} >= pairs
    assert {c["id"] for c in merged} <= {c["id"] for c in before}
    codebook("undo")
    assert codings(qualcode, study) == before
    assert (study / "codebook.yaml").read_text(encoding="utf-8") == text


def test_after_another_definition_only_segments_with_that_code_are_judged_again(
    study: Path, codebook: Run, qualcode: Run
) -> None:
    expected = counts(codebook, "pain_waiting")["segments"]
    path = study / "codebook.yaml"
    text = path.read_text(encoding="utf-8")
    old = "definition: Something takes longer than it should,"
    assert old in text
    path.write_text(text.replace(old, f"{old} as it seems,"), encoding="utf-8", newline="\n")
    done = qualcode("code", "--study", study, "--json")
    report = json.loads(done.stdout)
    assert report["judged"] == expected
    assert report["on_an_earlier_codebook"] == {"pain_point": 6 - expected}
    assert "stand on an earlier version" in done.stderr
    again = json.loads(qualcode("code", "--study", study, "--again", "--json").stdout)
    assert (again["judged"], again["on_an_earlier_codebook"]) == (6 - expected, {})


def test_a_code_is_split_into_the_names_that_follow(codebook: Run) -> None:
    done = codebook("split", "pain_waiting", "--into", "Waiting at home", "Waiting on hold")
    assert "split into “Waiting at home” and “Waiting on hold”" in done.stdout
    assert "codebook.yaml" in done.stderr
    (row,) = json.loads(codebook("show", "Waiting on hold", "--json").stdout)
    assert (row["id"], row["split_from"]) == ("waiting_on_hold", "pain_waiting")


def test_a_code_is_added_moved_and_retired(codebook: Run) -> None:
    codebook("add", "Parking", "--family", "Need", "--include", "car park", "--example", "No space")
    (row,) = json.loads(codebook("show", "parking", "--json").stdout)
    assert (row["family"], row["include"], row["examples"]) == ("need", ["car park"], ["No space"])
    moved = codebook("move", "stage_stay_or_leave", "--before", "Find out what fits me")
    assert "stage_stay_or_leave: moved, now after “Notice I need something”" in moved.stdout
    assert "parking: retired" in codebook("retire", "Parking").stdout
    assert [
        d["text"] for d in json.loads(codebook("diff", "1", "--json").stdout)["codes"][0]["changes"]
    ]


def test_an_import_asks_and_without_an_answer_changes_nothing(
    tmp_path: Path, study: Path, codebook: Run
) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text("id,owner\npain_waiting,Dispatch\n", encoding="utf-8", newline="\n")
    text = (study / "codebook.yaml").read_text(encoding="utf-8")
    refused = codebook("import", file, "--keep-missing", expect=2)
    assert "pain_waiting: owner written" in refused.stderr
    assert "--yes" in refused.stderr
    assert (study / "codebook.yaml").read_text(encoding="utf-8") == text
    done = codebook("import", file, "--keep-missing", "--yes")
    assert "pain_waiting: owner written" in done.stdout
    assert "owner: Dispatch" in (study / "codebook.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["yaml", "csv", "xlsx"])
def test_what_is_exported_imports_without_a_difference(
    tmp_path: Path, codebook: Run, suffix: str
) -> None:
    codebook("export", "--out", tmp_path / f"out.{suffix}")
    assert "Nothing differs." in codebook("import", tmp_path / f"out.{suffix}").stderr


def test_the_page_to_read_is_markdown(tmp_path: Path, codebook: Run) -> None:
    assert codebook("export", "--out", tmp_path / "out.md").stdout.strip().endswith("out.md")
    page = (tmp_path / "out.md").read_text(encoding="utf-8")
    assert "1. **Notice I need something**" in page


def test_versions_and_their_differences_are_listed(codebook: Run) -> None:
    codebook("rename", "pain_waiting", "I wait", "--by", "Ada", "--reason", "their words")
    stored = json.loads(codebook("versions", "--json").stdout)
    assert [(v["author"], v["reason"]) for v in stored] == [
        ("", "as first met"),
        ("Ada", "their words"),
    ]
    found = json.loads(codebook("diff", "1", "2", "--json").stdout)
    assert [(c["code"], c["changes"][0]["kind"]) for c in found["codes"]] == [
        ("pain_waiting", "renamed")
    ]
    assert "no difference" in codebook("diff").stderr


def test_the_lint_asks_about_funnel_words_and_is_strict_when_wanted(codebook: Run) -> None:
    codebook("rename", "stage_find_out", "Consideration")
    done = json.loads(codebook("lint", "--json").stdout)
    assert {
        "check": "funnel-words",
        "codes": ["stage_find_out"],
    }.items() <= done["findings"][0].items()
    assert codebook("lint", "--strict", expect=7).stdout.startswith("Stages named after")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["rename", "nothing_such", "X"], 2, "no code is called 'nothing_such'"),
        (["rename", "pain_waiting", "Broken promise"], 1, "is used twice"),
        (["merge", "pain_waiting", "--into", "need_easy"], 2, "only codes of one family"),
        (["split", "pain_waiting", "--into", "One"], 2, "two or more"),
        (["undo"], 2, "no decision about the codebook stands"),
        (["diff", "77"], 2, "stored are: 1"),
        (["export", "--out", "x.pdf"], 2, "end it in .yaml"),
        (["import", "nowhere.yaml"], 1, "no such codebook"),
        (["move", "pain_waiting"], 2, "--before CODE"),
    ],
)
def test_a_mistake_has_its_exit_code_and_says_what_to_do(
    codebook: Run, arguments: list[str], code: int, told: str
) -> None:
    done = codebook(*arguments, expect=code)
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
