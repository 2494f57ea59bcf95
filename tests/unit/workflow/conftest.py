"""A small study in a folder of its own, and files to read into it."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qualcode.settings import Charter
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.study import Study, create_study
from tests.codebook_sample import TEXT, survey
from tests.coded_study import grouped_by_need
from tests.forgotten_study import make_study as make_forgettable_study
from tests.review_sample import make_study

Write = Callable[[str, str], Path]


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with create_study(tmp_path / "study", name="Test", charter=Charter()) as opened:
        yield opened


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file below a folder for inputs and return its path."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    return written


@pytest.fixture(scope="session")
def unreviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small coded study that nobody has reviewed yet; tests copy it."""
    folder = tmp_path_factory.mktemp("unreviewed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        # The drawn order follows from the study's id: of another one, other segments are blind.
        patch.setattr("qualcode.workflow.study.uuid.uuid4", lambda: uuid.UUID(int=1))
        make_study(folder).close()
    return folder / "study"


@pytest.fixture
def index(unreviewed: Path, tmp_path: Path) -> Iterator[ReviewIndex]:
    """Yield the index of a copy of it."""
    with Study(shutil.copytree(unreviewed, tmp_path / "reviewed")) as opened:
        yield ReviewIndex(opened)


@pytest.fixture
def grouped(
    coded_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Study]:
    """Yield a coded study whose criteria are its needs, which takes no time to draft."""
    monkeypatch.setattr("qualcode.analysis.criteria.draft_criteria", grouped_by_need)
    with Study(shutil.copytree(coded_template, tmp_path / "study")) as opened:
        yield opened


@pytest.fixture(scope="module")
def untouched(coded_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Yield a study in which nobody has decided anything, for tests that decide nothing."""
    folder = tmp_path_factory.mktemp("untouched") / "study"
    shutil.copytree(coded_template, folder)
    with pytest.MonkeyPatch.context() as patch, Study(folder) as opened:
        patch.setattr("qualcode.analysis.criteria.draft_criteria", grouped_by_need)
        yield opened


@pytest.fixture
def parking(tmp_path: Path, write: Write) -> Iterator[Study]:
    with _parking(tmp_path / "parking", write) as opened:
        yield opened


@pytest.fixture
def other_parking(tmp_path: Path, write: Write) -> Iterator[Study]:
    """Yield a study that is like `parking` but for its folder."""
    with _parking(tmp_path / "other", write) as opened:
        yield opened


def _parking(path: Path, write: Write) -> Study:
    """Make a study with the small codebook and 16 comments to code by its words."""
    book = write("book.yaml", TEXT)
    made = create_study(path, name="Parking", charter=Charter(), codebook=book)
    options = IngestOptions(text_cols=("comment",), id_col="id", participant_col="person")
    ingest(made, [write("survey.csv", survey())], options)
    return made


def talk(name: str, words: str = "I waited three weeks for it and nobody told me anything.") -> str:
    return (
        f"Interviewer: How did it go?\n{name}: {words}\n"
        f"Interviewer: What happened then?\n{name}: The man who came was lovely about it.\n"
        "Interviewer: Was that all?\n"
    )


@pytest.fixture(scope="session")
def said_much(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a study and its private folder, both full of a person's words."""
    folder = tmp_path_factory.mktemp("forget")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        make_forgettable_study(folder / "made").close()
    return folder


@pytest.fixture
def home(said_much: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that folder."""
    shutil.copytree(said_much, tmp_path / "all")
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "all" / "data"))
    return tmp_path / "all"


@pytest.fixture
def known(home: Path) -> Iterator[Study]:
    """Yield the study in it."""
    with Study(home / "made" / "study") as opened:
        yield opened
