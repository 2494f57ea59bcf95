"""Recordings: what was written is found again, and what is wrong in a file is named by its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from qualcode.coders.llm.recording import Found, Made, Recorder, Recording
from qualcode.errors import SourceError, UsageError

HEADER = {
    **{"kind": "qualcode-recording", "version": 1, "model": "openai:m"},
    **{"made": "hand-written", "by": "Ann", "date": "2026-01-31"},
}
LINE = {"step": "code", "unit": "u1", "setup": "s1", "reply": {"codings": []}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "replies.jsonl"


def record(path: Path, *replies: tuple[str, str, Any]) -> None:
    with Recorder(path, model="openai:m") as recorder:
        for unit, setup, reply in replies:
            recorder.keep("code", unit, setup, reply)


def written(path: Path, *lines: object, end: str = "\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + end, encoding="utf-8", newline="\n")
    return path


def n_lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("reply", [{"ü": [1, None]}, [], 0, "", "\ud83d", "a\u2028b\x85c"])
def test_a_recorded_answer_is_found_again(path: Path, reply: Any) -> None:
    record(path, ("u1", "s1", reply))
    assert Recording.load(path).find("code", "u1", "s1") == Found(reply, "", False)


def test_a_recorded_failure_is_found_with_its_reason(path: Path) -> None:
    with Recorder(path, model="openai:m") as recorder:
        recorder.failed("code", "u1", "s1", "the model refused")
    found = Recording.load(path).find("code", "u1", "s1")
    assert found == Found(None, "the model refused", False)


def test_the_first_line_says_whose_answers_these_are_and_how_they_were_made(path: Path) -> None:
    with Recorder(path, model="openai:m", made=Made.SCRIPTED, by="a script"):
        pass
    header = Recording.load(path).header
    assert (header.model, header.made, header.by) == ("openai:m", Made.SCRIPTED, "a script")


def test_an_answer_of_the_same_setup_goes_before_a_newer_one_of_another(path: Path) -> None:
    record(path, ("u1", "s1", "same"), ("u1", "s2", "newer"))
    assert Recording.load(path).find("code", "u1", "s1") == Found("same", "", False)


def test_an_answer_of_another_setup_is_found_and_marked(path: Path) -> None:
    record(path, ("u1", "s1", "old"), ("u1", "s2", "newer"))
    assert Recording.load(path).find("code", "u1", "s3") == Found("newer", "", True)


def test_an_answer_without_a_setup_goes_with_any(path: Path) -> None:
    written(path, HEADER, {"step": "code", "unit": "u1", "reply": 1})
    assert Recording.load(path).find("code", "u1", "s1") == Found(1, "", False)


def test_an_answer_that_names_the_unit_by_its_id_is_found(path: Path) -> None:
    written(path, HEADER, {"step": "code", "unit": "seg_1", "reply": 1})
    found = Recording.load(path).find("code", "content", "s1", unit_id="seg_1")
    assert found == Found(1, "", False)


def test_an_answer_to_the_content_goes_before_one_that_names_the_id(path: Path) -> None:
    record(path, ("seg_1", "s1", "by id"), ("content", "s1", "by content"))
    found = Recording.load(path).find("code", "content", "s1", unit_id="seg_1")
    assert found == Found("by content", "", False)


def test_another_steps_answer_is_not_found(path: Path) -> None:
    record(path, ("u1", "s1", "x"))
    assert Recording.load(path).find("cell", "u1", "s1") is None


def test_the_newest_of_several_answers_counts(path: Path) -> None:
    record(path, ("u1", "s1", "old"), ("u1", "s1", "new"))
    assert Recording.load(path).find("code", "u1", "s1") == Found("new", "", False)


def test_recording_the_same_answers_again_adds_no_line(path: Path) -> None:
    record(path, ("u1", "s1", "x"), ("u2", "s1", "y"))
    before = path.read_bytes()
    record(path, ("u1", "s1", "x"), ("u2", "s1", "y"))
    assert path.read_bytes() == before


def test_an_answer_that_changed_and_changed_back_counts_as_it_is_now(path: Path) -> None:
    record(path, ("u1", "s1", "x"), ("u1", "s1", "y"), ("u1", "s1", "x"))
    assert Recording.load(path).find("code", "u1", "s1") == Found("x", "", False)


def test_recording_goes_on_after_half_a_line_of_a_run_that_was_killed(path: Path) -> None:
    record(path, ("u1", "s1", "x"), ("u2", "s1", "y"))
    path.write_bytes(path.read_bytes()[:-5])
    record(path, ("u3", "s1", "z"))
    recording = Recording.load(path)
    found = [recording.find("code", unit, "s1") is not None for unit in ("u1", "u2", "u3")]
    assert found == [True, False, True]


def test_recording_goes_on_after_a_whole_line_without_its_end(path: Path) -> None:
    written(path, HEADER, LINE, end="")
    record(path, ("u2", "s1", "y"))
    assert n_lines(path) == 3


def test_a_recording_of_another_model_is_not_added_to(path: Path) -> None:
    record(path, ("u1", "s1", "x"))
    with pytest.raises(UsageError, match=r"of openai:m, not of ollama:q"):
        Recorder(path, model="ollama:q")


def test_a_file_that_is_no_recording_is_not_added_to(path: Path) -> None:
    written(path, "my notes", "and more", end="")
    with pytest.raises(SourceError, match="not a recording"):
        Recorder(path, model="openai:m")
    assert path.read_text(encoding="utf-8") == "my notes\nand more"


@pytest.mark.parametrize(
    "line",
    [
        "{half a li",
        "[1]",
        '{"step": "code", "unit": "u1", "setup": "s1", "reply": NaN}',
        '{"step": "code", "unit": "u1", "unit": "u2", "setup": "s1", "reply": 1}',
        "[" * 100_000,
        {"step": "code", "setup": "s1", "reply": 1},
        {**LINE, "step": ""},
        {**LINE, "unit": 7},
        {**LINE, "extra": 1},
        {**LINE, "failed": "it failed"},
        {**LINE, "reply": None},
        {"step": "code", "unit": "u1", "setup": "s1"},
        {"step": "code", "unit": "u1", "setup": "s1", "failed": ""},
    ],
)
def test_a_bad_line_is_named_by_its_number(path: Path, line: object) -> None:
    written(path, HEADER, LINE, "", line, LINE)
    with pytest.raises(SourceError, match="line 4"):
        Recording.load(path)


def test_what_a_bad_line_holds_is_not_told(path: Path) -> None:
    written(path, HEADER, '{"reply": "Priya said')
    with pytest.raises(SourceError) as raised:
        Recording.load(path)
    assert "Priya" not in raised.value.message + str(raised.value.__cause__)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({**HEADER, "kind": "other"}, "not a recording"),
        ("id,comment", "not a recording"),
        ({**HEADER, "version": 2}, "version 2"),
        ({**HEADER, "made": "dreamt"}, "hand-written"),
        ({**HEADER, "by": None}, "by or date"),
    ],
)
def test_a_first_line_that_does_not_fit_is_refused(path: Path, header: object, told: str) -> None:
    written(path, header, LINE)
    with pytest.raises(SourceError, match=told):
        Recording.load(path)


def test_an_empty_file_is_no_recording(path: Path) -> None:
    written(path, end="")
    with pytest.raises(SourceError, match="not a recording"):
        Recording.load(path)


def test_a_missing_file_is_told(path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        Recording.load(path)


def test_a_file_in_another_encoding_is_told(path: Path) -> None:
    written(path)
    path.write_bytes(json.dumps(HEADER).encode("utf-16"))
    with pytest.raises(SourceError, match="UTF-8"):
        Recording.load(path)


def test_a_file_saved_by_a_windows_editor_is_read(path: Path) -> None:
    written(path)
    text = "\r\n".join([json.dumps(HEADER), json.dumps(LINE), ""])
    path.write_bytes(text.encode("utf-8-sig"))
    assert len(Recording.load(path)) == 1
