"""A language model's server on loopback: a real one, with real faults.

It speaks OpenAI's, Azure's, Anthropic's and Ollama's wire formats at their paths, at once.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from qualcode.coders.llm.wire import Finish, Message
from tests.llm_server.replies import Outcome, Tokens, body_of
from tests.llm_server.said import Said, Wire, heard, what_is_wrong, wire_of
from tests.llm_server.troubles import Trouble

__all__ = ["Answer", "LlmServer", "Logged"]

Answer = Callable[[Said], Any]

_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""For SO_LINGER: closing resets the connection."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Hold one request as it came in.

    Attributes:
        at: By `time.monotonic()`, when it was read.
        path: With its query.
        headers: By lower-case names.
        body: Byte for byte.
        said: None where nothing is served at that path, or the body made no sense.
    """

    at: float
    path: str
    headers: Mapping[str, str]
    body: bytes
    said: Said | None


class LlmServer(ThreadingHTTPServer):
    """Serve answers of a function; use as a context manager.

    Args:
        answer: From what was said to a JSON value.
        script: Troubles, request by request; None is a good reply.
        latency: Seconds from a request's head to its answer, good or bad, the server's own work
            included.
        context_tokens: A server that cuts what is longer, from its beginning and without a word,
            as Ollama does: "ollama" reads `num_ctx` on its own wire and 4,096 elsewhere.
    """

    daemon_threads = True
    request_queue_size = 512
    allow_reuse_address = True

    def __init__(
        self,
        answer: Answer,
        script: Sequence[Trouble | None] = (),
        *,
        latency: float = 0.0,
        context_tokens: int | str | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.latency = latency
        self.context_tokens = context_tokens
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._script = list(script)
        self._log: list[Logged] = []
        self._connections: set[socket.socket] = set()
        self._kept: set[str] = set()
        self._n_open = 0
        self._most_at_once = 0

    @property
    def openai_url(self) -> str:
        """Return the base URL of clients that speak as OpenAI does."""
        return f"{self.url}/v1"

    @property
    def log(self) -> list[Logged]:
        """Return all requests so far, in the order in which they came in."""
        with self._lock:
            return list(self._log)

    @property
    def n_requests(self) -> int:
        """Return how many requests came in."""
        with self._lock:
            return len(self._log)

    @property
    def most_at_once(self) -> int:
        """Return how many requests were open at the same time, at most."""
        with self._lock:
            return self._most_at_once

    @property
    def gaps(self) -> list[float]:
        """Return the seconds between one request and the next."""
        times = [each.at for each in self.log]
        return [later - earlier for earlier, later in zip(times, times[1:], strict=False)]

    def script(self, *troubles: Trouble | None) -> None:
        """Replace what is left of the script."""
        with self._lock:
            self._script = list(troubles)

    def forget(self) -> None:
        """Empty the log."""
        with self._lock:
            self._log.clear()
            self._most_at_once = 0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._lock:
            still_open = list(self._connections)
        for connection in still_open:  # clients that keep theirs for a next request
            _hang_up(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that give up are what is tested."""

    # What the handler's threads do here.

    def _entered(self, logged: Logged) -> Trouble | None:
        with self._lock:
            self._log.append(logged)
            self._n_open += 1
            self._most_at_once = max(self._most_at_once, self._n_open)
            if logged.said is None:
                return None
            for index, trouble in enumerate(self._script):
                if trouble is None or trouble.concerns(logged.said):
                    if trouble is None or not trouble.is_always:
                        del self._script[index]
                    return trouble
        return None

    def _left(self) -> None:
        with self._lock:
            self._n_open -= 1

    def _outcome(self, said: Said) -> Outcome:
        """Return what a server in good health sends back."""
        limit = said.context_tokens if self.context_tokens == "ollama" else self.context_tokens
        n_read = said.n_tokens
        if limit is not None and n_read > int(limit):
            n_read = int(limit)
            said = replace(said, messages=(Message("user", said.user[-4 * n_read :]),))
        text = json.dumps(self.answer(said), ensure_ascii=False)
        finish, room = Finish.STOP, said.max_output_tokens
        if room is not None and len(text) > 4 * room:
            text, finish = text[: 4 * room], Finish.LENGTH
        return Outcome(text, finish, Tokens(n_read, len(text) // 4 + 1, self._n_kept(said)))

    def _n_kept(self, said: Said) -> int:
        """Count the tokens of a beginning that was there before, as providers keep it."""
        size = len(said.system) // 4 // 128 * 128
        if size < 1024 or (said.wire is Wire.ANTHROPIC and not said.is_kept):
            return 0
        with self._lock:
            was_there = said.system in self._kept
            self._kept.add(said.system)
        return size if was_there and said.wire is not Wire.OLLAMA else 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # with small unbuffered writes it would serve twenty calls a second
    disable_nagle_algorithm = True
    server: LlmServer

    def setup(self) -> None:
        super().setup()
        with self.server._lock:
            self.server._connections.add(self.connection)

    def finish(self) -> None:
        with self.server._lock:
            self.server._connections.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        """Write no access log."""

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        due = time.monotonic() + self.server.latency
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        wire = wire_of(self.path)
        said: Said | None = None
        if wire is not None:
            try:
                said = heard(wire, self.path, headers, json.loads(body))
            except (KeyError, TypeError, ValueError, IndexError):
                said = None
        trouble = self.server._entered(Logged(time.monotonic(), self.path, headers, body, said))
        try:
            if said is None:
                problem = "nothing is served here" if wire is None else "this body makes no sense"
                self._out(404 if wire is None else 400, "text/plain", {}, [problem.encode()])
                return
            wrong = what_is_wrong(said, headers)
            outcome = Outcome("", error=wrong) if wrong else self.server._outcome(said)
            if trouble is not None:
                outcome = trouble.change(outcome, said)
            self._send(outcome, said, due)
        except OSError:  # the client is gone
            self.close_connection = True
        finally:
            self.server._left()

    def _send(self, outcome: Outcome, said: Said, due: float) -> None:
        status, kind, parts = body_of(outcome, said)
        wait = due + outcome.hang - time.monotonic()
        if wait > 0:
            self.server.closing.wait(wait)
        if outcome.is_reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self._drop()
            return
        if outcome.is_cut or outcome.drip:
            self._send_badly(outcome, status, kind, b"".join(parts))
        else:
            self._out(status, kind, outcome.headers, parts)

    def _out(self, status: int, kind: str, headers: Mapping[str, str], parts: list[bytes]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, value)
        if len(parts) == 1:
            self.send_header("Content-Length", str(len(parts[0])))
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if len(parts) == 1:
            self.wfile.write(parts[0])
        else:
            for part in parts:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _send_badly(self, outcome: Outcome, status: int, kind: str, body: bytes) -> None:
        head = (
            f"HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        if outcome.is_cut:
            self.wfile.write(head.encode() + body[: len(body) // 2])
            self.wfile.flush()
            self._drop()
            return
        whole = head.encode() + body
        start = 0 if outcome.drip_headers else len(head)
        self.wfile.write(whole[:start])
        self.wfile.flush()
        for at in range(start, len(whole)):
            self.wfile.write(whole[at : at + 1])
            self.wfile.flush()
            if self.server.closing.wait(outcome.drip):
                break
        self.close_connection = True

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.close()


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may be closed meanwhile
        connection.shutdown(socket.SHUT_RDWR)
