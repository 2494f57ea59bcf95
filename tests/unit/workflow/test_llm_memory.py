"""What a replay makes of a recording that was written elsewhere, or by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from qualcode.coders.llm.recording_lines import Header, Made, Recorded, answer_line, header_line
from qualcode.workflow.code import CodeReport, code
from qualcode.workflow.llm import LlmOptions, LlmSession
from qualcode.workflow.llm_code import llm_coder
from qualcode.workflow.llm_memory import Replay
from qualcode.workflow.study import Study
from tests.model_study import make_study

GOOD = {"codings": [], "unsure": ["stage"]}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("replayed")
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        return make_study(folder, ["I was on hold."])


@pytest.fixture
def asked(template: Path, tmp_path: Path) -> Iterator[Study]:
    with Study(shutil.copytree(template, tmp_path / "study")) as opened:
        yield opened


def replayed(
    study: Study, reply: Any, setup: str = "", unit: str = ""
) -> tuple[CodeReport, Replay]:
    """Code from a recording of one answer, by default on the study's only segment."""
    (text,) = study.repository.segment_texts.all()
    recorded = Recorded("code", unit or text.segment.id, setup, reply)
    header = Header("test:hand", Made.HAND_WRITTEN, "a test", "2026-01-01")
    path = study.path.parent / "answers.jsonl"
    lines = (header_line(header), answer_line(recorded))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    with LlmSession(study, None, LlmOptions(replay=path)) as session:
        report = code(study, llm_coder(session))
        assert session.replay is not None
        return report, session.replay


def reasons(study: Study) -> set[str]:
    return {judgement.reason for judgement in study.corpus().judgements}


def test_an_answer_written_by_hand_is_taken_for_its_segment(asked: Study) -> None:
    report, replay = replayed(asked, GOOD)
    assert (report.coder, report.n_unprocessed) == ("llm:test:hand", 0)
    assert report.verdicts["stage"] == {"abstained": 1}
    assert replay.made == "hand-written, a test"


def test_an_answer_under_another_setup_is_taken_and_counted(asked: Study) -> None:
    report, replay = replayed(asked, GOOD, "0" * 64)
    assert (report.n_unprocessed, replay.n_other_setup) == (0, 1)


def test_what_the_recording_does_not_hold_is_unprocessed(asked: Study) -> None:
    report, replay = replayed(asked, GOOD, unit="seg_nowhere")
    assert (report.n_unprocessed, replay.n_missing) == (4, 1)
    assert reasons(asked) == {"not in the recording"}


def _coding(**fields: Any) -> Mapping[str, Any]:
    coding = {"code": "emo_anger", "sentences": [1], "why": "He says so.", "confidence": 0.5}
    return {"codings": [coding | fields], "unsure": []}


@pytest.mark.parametrize(
    "reply",
    [
        [1, 2],
        "furious",
        {"codings": 7},
        {"codings": [7]},
        {"codings": [], "unsure": 7},
        _coding(code="emo_schadenfreude"),
        _coding(sentences=[9]),
        _coding(words=[["a", "b"]]),
        _coding(words=[[0, 9999]], extra=1),
        _coding(words="I was furious."),
        _coding(confidence=1.5),
    ],
    ids=str,
)
def test_an_answer_of_another_form_is_unprocessed_and_ends_nothing(
    asked: Study, reply: Any
) -> None:
    report, _ = replayed(asked, reply)
    assert report.n_unprocessed == 4
    assert all("in the recording" in reason or "recording's" in reason for reason in reasons(asked))


def test_a_replay_sends_nothing_and_keeps_no_reply(asked: Study) -> None:
    replayed(asked, GOOD)
    assert (asked.repository.ledger.all(), list(asked.repository.replies.all())) == ((), [])
