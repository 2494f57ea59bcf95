"""qualcode search and qualcode reindex, as a person types them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from qualcode.settings import Charter
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import create_study
from tests.conftest import Run

COMMENTS = """\
id,persona,comment
r1,Parent,The parcel came three weeks <b>late</b>.
r2,Parent,Nobody picked up the phone when I rang.
r3,Commuter,I waited on hold for an hour before anyone answered.
"""
TALK = """\
Interviewer: How did it go?
Ada: I waited three weeks for it. Then the driver was lovely.
Interviewer: What happened then?
Ada: Nothing at all.
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    (folder / "survey.csv").write_text(COMMENTS, encoding="utf-8", newline="\n")
    (folder / "talk.txt").write_text(TALK, encoding="utf-8", newline="\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "private"))
        with create_study(folder / "study", name="Test", charter=Charter()) as study:
            options = IngestOptions(text_cols=("comment",), id_col="id", attr_cols=("persona",))
            ingest(study, [folder / "talk.txt", folder / "survey.csv"], options)
    return folder / "study"


@pytest.fixture
def study(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "study")


def as_json(qualcode: Run, *arguments: str) -> list[dict[str, Any]]:
    found = json.loads(qualcode("search", "--study", "study", "--json", *arguments).stdout)
    assert isinstance(found, list)
    return found


@pytest.mark.usefixtures("study")
def test_every_hit_says_who_where_and_why_and_is_cut_from_the_source(qualcode: Run) -> None:
    (hit,) = as_json(qualcode, "wait* week*", "--words-only")
    assert hit["quote"] == "I waited three weeks for it. Then the driver was lovely."
    assert [hit["quote"][m["start_char"] - hit["start_char"] :][:6] for m in hit["matched"]] == [
        "waited",
        "weeks ",
    ]
    assert (hit["source"], hit["place"], hit["role"]) == ("talk.txt", "turn 2", "participant")
    assert (hit["why"], hit["score"]) == (["words"], None)


@pytest.mark.usefixtures("study")
def test_text_shows_the_words_marked_and_markup_as_it_is(qualcode: Run) -> None:
    done = qualcode("search", "--study", "study", "LATE")
    assert "“The parcel came three weeks <b>«late»</b>.”" in done.stdout
    assert "r1 (Parent), survey.csv, row 2, characters 0–40" in done.stdout
    assert "marks the words" in done.stderr
    assert "marks the words" not in done.stdout


@pytest.mark.usefixtures("study")
def test_interviewers_words_are_marked_as_context(qualcode: Run) -> None:
    done = qualcode("search", "--study", "study", "happened", "--role", "interviewer")
    assert "interviewer, context only" in done.stdout
    assert "never evidence" in done.stderr


@pytest.mark.usefixtures("study")
def test_more_like_a_hit_is_found_by_its_id(qualcode: Run) -> None:
    (hit,) = as_json(qualcode, "hold", "--words-only")
    found = as_json(qualcode, "--like", hit["segment_id"], "--others-first", "--min-score", "0.1")
    assert found
    assert hit["segment_id"] not in [other["segment_id"] for other in found]


@pytest.mark.usefixtures("study")
def test_nothing_found_is_no_error_and_no_data(qualcode: Run) -> None:
    done = qualcode("search", "--study", "study", "zeppelin", "--words-only")
    assert done.stdout == ""
    assert "Nothing found in 5 segments" in done.stderr


@pytest.mark.usefixtures("study")
def test_the_index_is_built_and_told(qualcode: Run) -> None:
    told = json.loads(qualcode("reindex", "--study", "study", "--json").stdout)
    assert (told["n_rows"], told["n_embedded"]) == (5, 5)
    assert told["n_bytes"] > 0
    exact = as_json(qualcode, "late parcel", "--index", "exact")
    assert as_json(qualcode, "late parcel", "--index", "chroma") == exact


def test_an_index_that_is_missing_is_built_after_the_answer(study: Path, qualcode: Run) -> None:
    done = qualcode("search", "--study", "study", "late", "--index", "chroma")
    assert "«late»" in done.stdout
    assert "The search index was not used (there is none yet)" in done.stderr
    assert list((study / "vectors").glob("index-*"))
    assert (
        "not used" not in qualcode("search", "--study", "study", "late", "--index", "chroma").stderr
    )


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give a query or --like"),
        (["late", "--like", "seg_x"], "one of the two"),
        (["late", "--words-only", "--meaning-only"], "contradict"),
        (["--like", "seg_x"], "no segment or coding"),
        (["late", "--others-first"], "--like"),
        (["late", "--attr", "persona"], "NAME=VALUE"),
        (["late", "--index", "faiss"], "auto, exact, chroma"),
        (["late", "--persona", "Nobody"], "Commuter, Parent"),
        (["late -"], ""),
    ],
)
def test_a_search_that_does_not_fit_together_leaves_with_2(
    qualcode: Run, arguments: list[str], told: str
) -> None:
    done = qualcode("search", "--study", "study", *arguments, expect=2 if told else 0)
    assert told in done.stderr


def test_there_is_nothing_to_index_in_an_empty_study(tmp_path: Path, qualcode: Run) -> None:
    qualcode("init", "empty", "--yes")
    done = qualcode("reindex", "--study", "empty", expect=2)
    assert "qualcode ingest" in done.stderr
