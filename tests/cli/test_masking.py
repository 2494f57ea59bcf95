"""Names that come later are masked in what was there, and the command tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model_study import called


def talk(folder: Path, name: str, label: str, words: str) -> Path:
    path = folder / name
    text = f"Interviewer: How was it?\n{label}: {words}\nInterviewer: Was that all?\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUALCODE_PERSON_NAME", "Ada")
    called("init", tmp_path / "study", "--name", "Test", "--yes")
    first = talk(tmp_path, "1.txt", "Interviewee", "I asked Zebedee Quux, and he rang me back.")
    called("ingest", first, "--study", tmp_path / "study")
    return tmp_path / "study"


def test_an_ingest_tells_in_which_texts_it_masked_names(study: Path, tmp_path: Path) -> None:
    second = talk(tmp_path, "2.txt", "Zebedee Quux", "It was fine by me, really.")
    done = called("ingest", second, "--study", study)
    assert "masked in 1 text from before:\n  1.txt" in done.err


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_ingest_tells_what_cannot_be_brought_back(
    study: Path, tmp_path: Path, form: tuple[str, ...]
) -> None:
    called("sources", "remove", "1.txt", "--study", study)
    second = talk(tmp_path, "2.txt", "Zebedee Quux", "It was fine by me, really.")
    done = called("ingest", second, *form, "--study", study)
    assert "1.txt was taken out of the study before and named them" in done.err


def test_masking_tells_what_cannot_be_brought_back(study: Path) -> None:
    called("sources", "remove", "1.txt", "--study", study)
    done = called("mask", "Zebedee Quux", "--study", study)
    assert "1.txt was taken out of the study before and named them" in done.err
