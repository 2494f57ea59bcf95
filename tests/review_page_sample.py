"""A study to review in a browser, with hostile words in it, and servers on it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qualcode.review.addresses import Addresses
from qualcode.review.invitations import Invitations
from qualcode.review.service import ReviewOptions, Service
from qualcode.review_events import Part, ReviewEvent, standing_events
from qualcode.settings import Charter
from qualcode.workflow.code import code
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import Study, create_study
from tests.codebook_sample import TEXT, WordCoder, survey

__all__ = [
    "ANSWER",
    "HOSTILE",
    "STORE",
    "Served",
    "copy_of",
    "events_of",
    "make_study",
    "serving",
    "started",
]

STORE = "0123abcd"
HOSTILE = '<img src=x onerror=alert(1)> </script><script>alert("spoken")</script> &amp; <b>'
ANSWER = (
    f"\U0001f92c\U0001f600 {HOSTILE} \u202eeueuq eht\u202c, the queue was slow "
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 and \u05d4\u05db\u05d5\u05dc dear"
)
"""Markup, marks that turn the direction of writing, and characters beyond 16 bits before the
words that are coded."""

_WAIT_SECONDS = 20.0


def make_study(folder: Path, *, n_rows: int = 240) -> Path:
    """Make a study of comments and one interview below a folder and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "book.yaml"
    book.write_text(TEXT, encoding="utf-8", newline="\n")
    (folder / "survey.csv").write_text(survey(n_rows), encoding="utf-8", newline="\n")
    turns = [f"Interviewer: And day {n}?\nAda: On day {n} it was slow." for n in range(1, 5)]
    turns.insert(2, f"Interviewer: {HOSTILE} What happened?\nAda: {ANSWER}")
    talk = folder / "talk.txt"
    talk.write_text("\n".join(turns) + "\n", encoding="utf-8", newline="\n")
    name = f"Parking {HOSTILE}"
    with create_study(folder / "study", name=name, charter=Charter(), codebook=book) as study:
        options = IngestOptions(text_cols=("comment",), id_col="id", participant_col="person")
        ingest(study, [folder / "survey.csv", talk], options)
        code(study, WordCoder(study.codebook))
    return folder / "study"


class Served:
    """Hold a running server.

    Attributes:
        base: Its address.
        study: The study's folder.
    """

    def __init__(self, study: Path, service: Service) -> None:
        self.base = service.addresses.base
        self.study = study
        self._service = service

    def link(self, name: str, part: Part = Part.REVIEWER) -> str:
        """Return a new link for a person."""
        return f"{self.base}/open?token={self._service.invitations.invite(name, part)}"

    def segment_with(self, words: str) -> str:
        """Return the id of the first segment that holds some words."""
        with Study(self.study) as opened:
            corpus = opened.repository.corpus()
        texts = {document.id: document.text for document in corpus.documents}
        return next(s.id for s in corpus.segments if words in s.span.of(texts[s.document_id]))

    def release(self, name: str) -> None:
        """Give back what a person has before him or her, so that others can have it."""
        with Study(self.study) as opened:
            opened.repository.leases.release(name)


@contextmanager
def serving(study: Path, *, batch_size: int = 20, overlap: int = 1) -> Iterator[Served]:
    """Serve a study from a thread of this process."""
    import uvicorn

    from qualcode.review.app import make_app

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    options = ReviewOptions(overlap=overlap, batch_size=batch_size)
    service = Service(study, STORE, Addresses("127.0.0.1", port), Invitations(), options)
    config = uvicorn.Config(make_app(service), log_config=None, ws="none", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + _WAIT_SECONDS
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    try:
        yield Served(study, service)
    finally:
        server.should_exit = True
        thread.join(_WAIT_SECONDS)
        listener.close()


class Started:
    """Run `qualcode review` as a person does, to be killed and started again."""

    def __init__(self, study: Path, people: Sequence[str], port: int) -> None:
        self.study = study
        self.port = port
        self._people = people
        self._process: subprocess.Popen[str] | None = None
        self.links: dict[str, str] = {}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "qualcode", "review", "--study", str(self.study)]
        command += ["--no-browser", "--port", str(self.port)]
        for name in self._people:
            command += ["--reviewer", name]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        assert self._process.stdout is not None
        for _ in self._people:
            line = self._process.stdout.readline()
            found = re.match(r"(.+) \(reviewer\): (http\S+)", line)
            assert found is not None, f"no link was printed but {line!r}"
            self.links[found[1]] = found[2]

    def release(self, name: str) -> None:
        """Keep what a person has: nobody else comes to this study."""

    def kill(self) -> None:
        """End it without a chance to finish anything."""
        if self._process is None:
            return
        self._process.kill() if sys.platform == "win32" else self._process.send_signal(
            signal.SIGKILL
        )
        self._process.wait(_WAIT_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


@contextmanager
def started(study: Path, people: Sequence[str]) -> Iterator[Started]:
    """Start the program on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Started(study, people, port)
    running.start()
    try:
        yield running
    finally:
        running.kill()


def events_of(study: Path, author: str, *, standing: bool = False) -> list[ReviewEvent]:
    """Return what a person did, as the store has it."""
    with Study(study) as opened:
        events: list[Any] = list(opened.repository.review_events.all(author=author))
    return standing_events(events) if standing else events


def copy_of(study: Path, folder: Path) -> Path:
    return Path(shutil.copytree(study, folder / "study"))
