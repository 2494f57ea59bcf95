"""qualcode draft: words come from a recording here, so that nothing is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from qualcode.cli.draft import app
from qualcode.coders.llm.recording_lines import Header, Made, Recorded, answer_line, header_line
from qualcode.errors import UsageError
from tests.coded_study import grouped_by_need
from tests.words_sample import text

WAIT = "cell:pain_point/stage_wait"
Draft = Callable[..., Result]


@pytest.fixture
def folder(coded_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("qualcode.analysis.criteria.draft_criteria", grouped_by_need)
    return shutil.copytree(coded_template, tmp_path / "study")


@pytest.fixture
def draft(folder: Path) -> Draft:
    def run(*arguments: str | Path) -> Result:
        told = [str(argument) for argument in arguments]
        return CliRunner().invoke(app, [*told, "--study", str(folder)])

    return run


@pytest.fixture
def recorded(tmp_path: Path) -> Callable[..., Path]:
    """Write a recording by hand: step, unit and texts of each answer."""

    def written(*answers: tuple[str, str, Sequence[dict[str, Any]]]) -> Path:
        lines = [header_line(Header("test:hand", Made.HAND_WRITTEN, "a test", "2026-01-01"))]
        lines += [
            answer_line(Recorded(step, unit, "", {"texts": list(texts)}))
            for step, unit, texts in answers
        ]
        path = tmp_path / "answers.jsonl"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        return path

    return written


def test_words_are_drafted_from_a_recording_and_shown(
    draft: Draft, recorded: Callable[..., Path]
) -> None:
    replay = recorded(("draft cell", WAIT, [text("They want it sooner.", 1, 2)]))
    assert "They want it sooner.  (2 quotes)" in draft("cells", "--replay", replay).stdout
    shown = draft("show").stdout
    assert "draft by llm:test:hand; rests on 2 quotes of 2 people" in shown


def test_things_without_an_answer_are_named_and_the_exit_code_says_so(
    draft: Draft, recorded: Callable[..., Path]
) -> None:
    replay = recorded(("draft cell", WAIT, [text("They want it sooner.", 1)]))
    done = draft("cells", "--replay", replay)
    assert done.exit_code == 3
    assert "Needs, at the stage “Wait for it”: not in the recording" in done.stderr


def test_removed_texts_are_counted_with_their_reasons(
    draft: Draft, recorded: Callable[..., Path]
) -> None:
    texts = [text("They want it sooner.", 1), text("Most of them wait.", 1)]
    done = draft("cells", "--replay", recorded(("draft cell", WAIT, texts)), "--json")
    assert json.loads(done.stdout)["removed"] == {"states a number": 1}


def test_names_for_stages_come_with_how_to_take_one_over(
    draft: Draft, recorded: Callable[..., Path]
) -> None:
    replay = recorded(("draft stage", "stage:stage_wait", [text("Hear when it comes", 1)]))
    done = draft("stages", "--replay", replay)
    assert "Hear when it comes  (1 quote)" in done.stdout
    assert "edit stage rename STAGE NAME" in done.stderr


def test_without_a_model_nothing_is_drafted(draft: Draft) -> None:
    done = draft("cells")
    assert isinstance(done.exception, UsageError)
    assert "no words were drafted: no model is named" in done.exception.message


def test_a_dry_run_shows_what_would_be_said_and_sends_nothing(draft: Draft) -> None:
    done = draft("cells", "--model", "ollama:small", "--dry-run")
    assert "Pain points, at the stage “Wait for it”" in done.stdout
    assert "Nothing was sent." in done.stderr


def test_an_empty_list_says_how_to_fill_it(draft: Draft) -> None:
    assert "draft cells" in draft("show").stderr
