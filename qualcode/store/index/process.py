"""Ask the process that runs chromadb, and outlive it whatever happens to it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["START_SECONDS", "IndexProcess", "NoAnswer"]

START_SECONDS = 60.0
"""For a first answer: the first start after an installation reads a hundred megabytes."""

_MODULE = "qualcode.store.index.chroma"
# All that chromadb's settings or OpenTelemetry read from the environment begin so.
_NOT_PASSED_ON = (
    *("CHROMA_", "OTEL_", "ANONYMIZED_", "IS_PERSISTENT", "PERSIST_", "ALLOW_RESET"),
    *("MIGRATIONS", "ENVIRONMENT", "TENANT_ID", "TOPIC_NAMESPACE", "WORKER_"),
)


class NoAnswer(Exception):
    """The process could not be started, ended, failed or took too long; `str` tells which."""


class IndexProcess:
    """Hold a running process; as a context manager it is gone at the end, in any case."""

    def __init__(self) -> None:
        # -P: modules are never taken from the folder where it runs. That is our own folder, in
        # which nobody puts a file .env for chromadb to read.
        command = [sys.executable, "-P", "-W", "ignore", "-m", _MODULE]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parent,
                env=_environment(os.environ),
            )
        except OSError as error:
            raise NoAnswer("it cannot be started") from error
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        # Pipes cannot be read with a time limit on Windows; a queue can.
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(b"")

    def ask(
        self,
        do: str,
        *,
        seconds: float,
        vectors: NDArray[np.float32] | None = None,
        **values: object,
    ) -> Mapping[str, Any]:
        """Send a message and return the answer.

        Raises:
            NoAnswer: None came within `seconds`, or it tells of a failure. The process is of no
                use afterwards.
        """
        message: dict[str, object] = {"do": do, **values}
        content = b""
        if vectors is not None:
            content = vectors.astype("<f4", copy=False).tobytes()
            message |= {"rows": len(vectors), "bytes": len(content)}
        # A process that hangs does not read either, so sending must not be waited for.
        self._threads[1:] = [
            threading.Thread(target=self._send, args=(message, content), daemon=True)
        ]
        self._threads[1].start()
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            self._process.kill()
            raise NoAnswer(f"it did not answer within {seconds:g} s") from None
        if not line:
            raise NoAnswer("it ended unexpectedly")
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            self._process.kill()
            raise NoAnswer("its answer makes no sense")
        if "error" in answer:
            raise NoAnswer(f"it failed ({answer['error']})")
        return answer

    def _send(self, message: Mapping[str, object], content: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode("ascii") + b"\n" + content)
            self._process.stdin.flush()
        except (OSError, ValueError):
            return  # it has ended: the missing answer tells

    def close(self, *, seconds: float = 10.0) -> None:
        """End the process, so that none of its files is open any more."""
        if self._process.poll() is None:
            try:
                self.ask("close", seconds=seconds)
                self._process.wait(seconds)
            except (NoAnswer, subprocess.TimeoutExpired):
                pass
        self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join()  # its pipe is broken now
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):  # bytes that the process no longer took
                pipe.close()

    def __enter__(self) -> IndexProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.kill()


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in own.items() if not name.upper().startswith(_NOT_PASSED_ON)
    }
