"""Serve a language model's wire format on loopback, late and cheaply: each answer after a time.

One thread waits for all, and an answer costs it a fraction of a millisecond, so that the processors
are left to the client that is measured. For faults and other wire formats see `tests/llm_server`.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from typing import Self

from tests.llm_server.obedient import codes_of, items_of
from tests.llm_server.said import Wire, heard

__all__ = ["LateServer"]

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_MOST_BYTES = 4_000_000
_PATH = "/v1/chat/completions"


class LateServer:
    """Answer coding requests in OpenAI's format, each so long after its head came.

    Every sentence that is asked about gets a code, each time the next one of the schema's.

    Args:
        latency: Seconds, the server's own work included.

    Attributes:
        n_requests: How many were answered.
        most_at_once: How many were open at the same time, at most.
    """

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._codes: list[str] = []
        self._n_open = 0
        self.n_requests = 0
        self.most_at_once = 0
        self.url = ""

    def __enter__(self) -> Self:
        is_up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(is_up)), daemon=True)
        self._thread.start()
        is_up.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()

    async def _serve(self, is_up: threading.Event) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, limit=_MOST_BYTES)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        is_up.set()
        await self._ending.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                writer.close()
                return
            due = self._loop.time() + self._latency
            self._n_open += 1
            self.most_at_once = max(self.most_at_once, self._n_open)
            length = _LENGTH.search(head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            answer = self._answer(body)
            await asyncio.sleep(due - self._loop.time())
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (len(answer), answer)
            )
            self._n_open -= 1
            self.n_requests += 1

    def _answer(self, body: bytes) -> bytes:
        said = heard(Wire.OPENAI, _PATH, {}, json.loads(body))
        self._codes = self._codes or sorted(codes_of(said))
        asked = next(each.text for each in said.messages if each.role == "user")
        items = [
            {"id": item.id, "codings": list(map(self._coding, item.sentences)), "unsure": []}
            for item in items_of(asked)
        ]
        text = json.dumps({"items": items})
        message = {"role": "assistant", "content": text}
        reply = {
            "id": "late",
            "object": "chat.completion",
            "model": said.model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": len(body) // 4, "completion_tokens": len(text) // 4 + 1},
        }
        return json.dumps(reply).encode()

    def _coding(self, number: int) -> dict[str, object]:
        code = self._codes[self.n_requests % len(self._codes)]
        return {
            "code": code,
            "sentences": [number],
            "words": None,
            "why": "A word of this sentence says so.",
            "intensity": 2 if code.startswith("emo_") else None,
            "confidence": 0.8,
        }
