"""A place where nothing must ever arrive: it listens, and keeps what comes."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self

__all__ = ["Trap"]

_NO = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Trap:
    """Listen on loopback, refuse everything, and count; use as a context manager."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._lock = threading.Lock()
        self._heard: list[bytes] = []

    @property
    def heard(self) -> list[bytes]:
        """Return the first bytes of each connection that came."""
        with self._lock:
            return list(self._heard)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as last:
            last.sendall(b"enough")
        self._thread.join(5)
        self._socket.close()

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                connection.settimeout(1)
                try:
                    begin = connection.recv(4096)
                except OSError:
                    begin = b""
                if begin == b"enough":
                    return
                with self._lock:
                    self._heard.append(begin)
                with contextlib.suppress(OSError):
                    connection.sendall(_NO)
