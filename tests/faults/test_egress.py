"""Nothing leaves the machine: no step opens a socket."""

import socket
from pathlib import Path
from typing import Any

import pytest

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
