"""Sources, notes, forgetting and packs at the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.coded_study import N_ROWS, comment
from tests.model_study import called


@pytest.fixture
def study(coded_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUALCODE_PERSON_NAME", "Ada")
    return shutil.copytree(coded_template, tmp_path / "study")


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Return the study's survey with a row changed."""
    rows = [f'c{n},x,"{"All is well." if n == 3 else comment(n)}"' for n in range(N_ROWS)]
    path = tmp_path / "newer.csv"
    path.write_text("\n".join(["id,persona,comment", *rows]) + "\n", encoding="utf-8")
    return path


def test_the_list_of_sources_says_what_was_read(study: Path) -> None:
    (source,) = called("sources", "list", "--json", "--study", study).data["sources"]
    assert (source["path"], source["documents"], source["participants"]) == (
        "survey.csv",
        N_ROWS,
        N_ROWS,
    )


def test_the_list_of_sources_is_a_table(study: Path) -> None:
    lines = called("sources", "list", "--study", study).out.splitlines()
    assert lines[2].split()[:4] == ["survey.csv", "survey", "csv", "36"]


def test_a_source_is_shown_with_its_columns_and_notes(study: Path) -> None:
    called("note", "First wave.", "--source", "survey.csv", "--study", study)
    told = called("sources", "show", "survey.csv", "--json", "--study", study).data
    assert told["text columns"] == ["comment"]
    assert [note["text"] for note in told["notes"]] == ["First wave."]


def test_a_source_that_is_not_there_is_a_mistake_of_use(study: Path) -> None:
    done = called("sources", "show", "nothing.csv", "--study", study, expect=2)
    assert "qualcode sources list" in done.err


def test_a_replaced_source_says_what_was_not_carried(study: Path, newer: Path) -> None:
    found = called("search", "3 weeks", "--json", "--study", study).data
    (segment,) = [hit["segment_id"] for hit in found if "waited 5 weeks" in hit["quote"]]
    called("note", "Look again.", "--segment", segment, "--study", study)
    done = called("sources", "replace", "survey.csv", newer, "--study", study)
    assert "note  1  row 5  segment note by Ada" in done.out


def test_a_removed_source_comes_back_with_the_command_that_is_told(study: Path) -> None:
    done = called("sources", "remove", "survey.csv", "--study", study)
    command = done.err.strip().splitlines()[-1].partition("qualcode ")[2]
    assert called("sources", "list", "--json", "--study", study).data["sources"] == []
    called(*command.split(), "--study", study)
    assert len(called("sources", "list", "--json", "--study", study).data["sources"]) == 1


def test_after_an_undo_the_list_tells_how_to_put_the_newer_file_back(
    study: Path, newer: Path
) -> None:
    called("sources", "replace", "survey.csv", newer, "--study", study)
    called("edit", "undo", "--study", study)
    (out,) = called("sources", "list", "--json", "--study", study).data["removed"]
    called("edit", "undo", str(out["decision"]), "--study", study)
    called("export", "csv", "--out", study / "a.csv", "--study", study)
    assert "All is well." in (study / "a.csv").read_text(encoding="utf-8-sig")


def test_the_log_of_edits_tells_of_sources(study: Path) -> None:
    called("sources", "remove", "survey.csv", "--study", study, "--by", "Bo")
    assert (
        "Bo took the source survey.csv out of the study"
        in called("edit", "log", "--study", study).out
    )


def test_notes_are_listed_with_who_and_when(study: Path) -> None:
    called("note", "Ask again in May.", "--study", study, "--by", "Bo")
    out = called("note", "--study", study).out
    assert "UTC  Bo on study" in out
    assert "      Ask again in May." in out


def test_a_note_is_on_one_thing(study: Path) -> None:
    done = called("note", "x", "--code", "a", "--source", "b", "--study", study, expect=2)
    assert "a note is on one thing: --source, --code" in done.err


def test_forgetting_wants_to_be_confirmed_where_nobody_can_be_asked(study: Path) -> None:
    done = called("forget", "c1", "--study", study, expect=2)
    assert "add --yes" in done.err


def test_forgetting_tells_what_remains_outside(study: Path) -> None:
    done = called("forget", "c1", "--yes", "--study", study)
    assert "recordings" in done.out
    assert "c1: 1 documents deleted" in done.err


def test_a_pack_comes_out_as_the_same_study(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called("pack", "--out", tmp_path / "s.qcpack", "--study", study)
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "abroad"))
    called("unpack", tmp_path / "s.qcpack", tmp_path / "made")
    listed = [called("sources", "list", "--study", s).out for s in (study, tmp_path / "made")]
    assert listed[0] == listed[1]


def test_what_is_no_pack_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.qcpack").write_bytes(b"not a pack")
    done = called("unpack", tmp_path / "x.qcpack", tmp_path / "made", expect=1)
    assert "What to do: ask for it again" in done.err
