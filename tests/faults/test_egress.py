"""Nothing leaves the machine: no step opens a socket."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from qualcode.coders.local.runtime import silent_runtime
from qualcode.workflow.demo import demo
from qualcode.workflow.export import export
from qualcode.workflow.study import Study


def test_the_main_job_opens_no_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []

    def refuse(_socket: socket.socket, address: Any) -> None:
        opened.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    report = demo(tmp_path / "demo")
    with Study(tmp_path / "demo") as study:
        export(study, "json", tmp_path / "out.json")
    assert report.coded.n_codings > 0
    assert opened == []


def test_the_encoders_runtime_is_told_to_tell_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the switch, onnxruntime 1.32 asks for the maker's server some ten seconds after a
    # session was made, in a thread of its own that no patch of Python's sockets sees.
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    silent_runtime()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
