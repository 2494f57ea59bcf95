"""A small study that nobody has coded, for a model on loopback, and the command line in process."""

from __future__ import annotations

import io
import json
import socket
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from qualcode.cli.main import run
from qualcode.settings import Charter
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import Study, create_study
from tests.llm_server import LlmServer
from tests.llm_server.obedient import items_of

__all__ = [
    "BOOK",
    "N_ROWS",
    "Done",
    "called",
    "coded_by",
    "dialled",
    "items_asked",
    "judged",
    "make_study",
    "survey",
]

BOOK = """\
schema: 1
name: Book of the model
language: en
codes:
  - {id: stage_get_help, name: Get help, family: stage, goal: Who helps me?}
  - {id: stage_pay_costs, name: Pay, family: stage, goal: What does it cost?}
  - {id: emo_anger, name: Anger, family: emotion, valence: -2, definition: The customer is angry.}
  - {id: emo_confusion, name: Confusion, family: emotion, valence: -1, definition: All is unclear.}
  - {id: emo_joy, name: Joy, family: emotion, valence: 2, definition: The customer is happy.}
  - {id: pain_waiting, name: Waiting, family: pain_point, definition: It takes too long.}
  - {id: pain_broken_promise, name: Broken promise, family: pain_point, definition: No word kept.}
  - {id: need_know_status, name: Know the state, family: need, definition: To be told.}
"""
"""Codes that `llm_server.obedient` has words for."""

SAID = (
    "I was on hold for {} minutes and I was furious.",
    "The website was so confusing that I gave up {} times.",
    "The parcel arrived {} days early, which was lovely.",
    "Then the bill was {} pounds too high and I rang the hotline.",
    "Nobody ever called me back in {} weeks, write to ada.moss@example.org, said Ada Moss.",
    "It is all right, {} out of ten.",
)
N_ROWS = 30
"""Three requests: twelve, twelve and six."""


@dataclass(frozen=True, slots=True)
class Done:
    """Hold what a call of the command line came to."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Return what was printed as JSON."""
        return json.loads(self.out)


def called(*arguments: str | Path, expect: int | None = 0) -> Done:
    """Call the command line in this process, without a terminal; errors become exit codes."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
    code = 0
    argv = patch.object(sys, "argv", ["qualcode", *map(str, arguments)])
    with argv, redirect_stdout(out), redirect_stderr(err):
        try:
            run()
        except SystemExit as left:
            code = int(left.code or 0)
    told = []
    for stream in (out, err):
        stream.flush()
        told.append(stream.buffer.getvalue().decode("utf-8"))
    done = Done(code, *told)
    assert expect is None or code == expect, done.err
    return done


def coded_by(
    server: LlmServer, study: Path, *arguments: str | Path, expect: int | None = 0
) -> Done:
    """Have the server's model code a study."""
    model = ("--coder", "llm", "--model", "compatible:test-model", "--base-url", server.openai_url)
    return called("code", "--study", study, *model, *arguments, expect=expect)


def survey(folder: Path, name: str, comments: Sequence[str]) -> Path:
    """Write comments as a table, a person a row."""
    lines = ["id,comment", *(f'{name}{n},"{text}"' for n, text in enumerate(comments))]
    path = folder / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return path


def make_study(folder: Path, comments: Sequence[str] = (), *, masked: bool = True) -> Path:
    """Make a study with `BOOK` below a folder, by default of `N_ROWS` comments."""
    said = comments or [SAID[n % len(SAID)].format(n + 2) for n in range(N_ROWS)]
    book = folder / "book.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    book.write_text(BOOK, encoding="utf-8", newline="\n")
    with create_study(folder / "study", name="Asked", charter=Charter(), codebook=book) as study:
        options = IngestOptions(
            text_cols=("comment",), id_col="id", masked=masked, names=("Ada Moss",)
        )
        ingest(study, [survey(folder, "survey", said)], options)
    return folder / "study"


def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let sockets reach this machine alone, and return the list of all that they are to reach."""
    found: list[str] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def noted(host: str) -> None:
        found.append(host)
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise OSError("no network in this test")

    def connected(one: socket.socket, address: Any) -> None:
        noted(address[0])
        connect(one, address)

    def looked_up(host: Any, *arguments: Any, **named: Any) -> Any:
        noted(host.decode() if isinstance(host, bytes) else host)
        return look_up(host, *arguments, **named)

    monkeypatch.setattr(socket.socket, "connect", connected)
    monkeypatch.setattr(socket.socket, "connect_ex", connected)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return found


def items_asked(server: LlmServer) -> list[str]:
    """Return the words of every item that the server was asked about, in the order of asking."""
    users = [
        next(each.text for each in logged.said.messages if each.role == "user")
        for logged in server.log
        if logged.said is not None
    ]
    return [" ".join(item.sentences.values()) for user in users for item in items_of(user)]


def judged(path: Path) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """Return verdict and codes of each judgement by the segment's words and the family."""
    with Study(path) as study:
        corpus = study.corpus(of_all_machines=True)
        texts = {document.id: document.text for document in corpus.documents}
        words = {s.id: s.span.of(texts[s.document_id]) for s in corpus.segments}
        return {
            (words[one.segment_id], one.family): (
                one.verdict.value,
                tuple(sorted(coding.code for coding in one.codings)),
            )
            for one in corpus.judgements
        }
