"""Sockets that keep an attempt's deadline, in the classes that httpx and httpx2 work with.

Their base classes come with packages that are imported when a model is asked, never before: so the
classes are made in functions.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from qualcode.coders.llm.exchange import Exchange, Trouble

__all__ = ["Line", "backend_of", "http_transport_of"]

_MOST_BYTES = 32_000_000
_RECORD = 16_384
"""Bytes of one record of an encrypted connection, at most."""
_SLICE = 2.0
"""Seconds of one wait; between two of them closing is noticed where a system does not wake those
who read when a connection is shut down."""
_CONNECT = 15.0


class Line(Protocol):
    """Know the attempt of this thread, and where it may go."""

    @property
    def is_open(self) -> bool:
        """Say whether attempts may go on."""

    @property
    def exchange(self) -> Exchange:
        """Return the attempt of this thread."""

    def addresses(self, host: str, port: int) -> list[str]:
        """Look a host up; raises `OSError`."""


class Pools:
    """Hold connections, each in a pool of httpcore or httpcore2 of its own, for one attempt each.

    One pool for all looks every connection over whenever an attempt begins or ends, with all other
    attempts waiting: with 64 of them that took more time than all else.

    Args:
        make: Returns a new pool.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._all: list[Any] = []
        self._free: deque[Any] = deque()

    def take(self) -> Any:
        """Return a pool that nobody uses, the one that was used last where there are several."""
        try:
            return self._free.pop()
        except IndexError:
            pool = self._make()
            self._all.append(pool)
            return pool

    def give_back(self, pool: Any) -> None:
        """Let others use a pool."""
        self._free.append(pool)

    def close(self) -> None:
        """Close all connections, those in use too."""
        for pool in self._all:
            pool.close()


def http_transport_of(package: Any, core: Any, pools: Pools, line: Line) -> Any:
    """Return a transport of httpx or httpx2 that sends through pools of httpcore or httpcore2."""

    class Stream(package.SyncByteStream):  # type: ignore[misc]
        def __init__(self, inner: Any, pool: Any) -> None:
            self._inner = inner
            self._pool = pool

        def __iter__(self) -> Any:
            try:
                yield from self._inner
            except Exception as error:
                raise _translated(error) from error

        def close(self) -> None:
            pool, self._pool = self._pool, None
            try:
                self._inner.close()
            finally:
                if pool is not None:
                    pools.give_back(pool)

    class Way(package.BaseTransport):  # type: ignore[misc]
        _before: Any = None

        def handle_request(self, request: Any) -> Any:
            url = core.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            )
            asked = core.Request(
                request.method, url, headers=request.headers.raw, content=request.stream
            )
            self._before = asked
            return self._handle(asked)

        def again(self, body: bytes) -> Any:
            """Send another body as the one before was sent; None where there was none."""
            before = self._before
            if before is None:
                return None
            headers = [pair for pair in before.headers if pair[0].lower() != b"content-length"]
            headers.append((b"Content-Length", str(len(body)).encode()))
            return self._handle(
                core.Request(before.method, before.url, headers=headers, content=body)
            )

        def _handle(self, asked: Any) -> Any:
            pool = pools.take()
            try:
                answer = pool.handle_request(asked)
            except Exception as error:
                pools.give_back(pool)
                raise _translated(error) from error
            return package.Response(
                answer.status,
                headers=answer.headers,
                stream=Stream(answer.stream, pool),
                extensions=answer.extensions,
            )

        def close(self) -> None:
            pools.close()

    def _translated(error: Exception) -> Exception:
        if not line.is_open:  # the sockets are closed under attempts that wait for an answer
            line.exchange.trouble = Trouble.CLOSED
        is_late = isinstance(error, core.TimeoutException)
        kind = package.ReadTimeout if is_late else package.ReadError
        return kind(type(error).__name__)  # type: ignore[no-any-return]

    return Way()


def backend_of(core: Any, line: Line) -> Any:
    """Return a network backend of httpcore or httpcore2 whose every wait ends at the deadline.

    A timeout of the packages' own is one of each read, which a server that drips outlasts.
    """
    plain = core.SyncBackend()

    def wait(longest: float = _SLICE) -> float:
        exchange = line.exchange
        if not line.is_open:
            exchange.trouble = Trouble.CLOSED
            raise core.ReadError("closed")
        left = exchange.remaining()
        if left <= 0:
            exchange.trouble = Trouble.TIMEOUT
            raise core.ReadTimeout("the attempt's time is over")
        return min(left, longest)

    class Stream(core.NetworkStream):  # type: ignore[misc]
        def __init__(self, inner: Any) -> None:
            self._inner = inner
            self._socket = inner.get_extra_info("socket")
            # With encryption nothing counts as sent until all that was handed over has left.
            self._piece = _RECORD if isinstance(self._socket, ssl.SSLSocket) else None
            self._n_read = 0
            self._head = b""

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            while True:
                longest = wait()
                try:
                    data: bytes = self._inner.read(max_bytes, longest)
                except core.ReadTimeout:
                    continue
                self._n_read += len(data)
                if self._n_read > _MOST_BYTES:
                    line.exchange.trouble = Trouble.TOO_MUCH
                    raise core.ReadError("more than any reply has")
                return data

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            exchange = line.exchange
            if not exchange.n_head:
                # The head is written at once, and what follows it, be it empty, after it: they
                # leave together, which halves what a request costs of the system.
                exchange.n_head = len(buffer)
                self._n_read = 0
                self._head = buffer
                return
            view, self._head = memoryview(self._head + buffer), b""
            while view:
                # Not the packages' own way: that does not say how much had left when it failed.
                self._socket.settimeout(wait(exchange.remaining()))
                try:
                    n_written = self._socket.send(view[: self._piece])
                except TimeoutError:
                    continue
                except OSError as error:
                    exchange.trouble = exchange.trouble or Trouble.BROKEN
                    raise core.WriteError(type(error).__name__) from error
                exchange.n_left += n_written
                view = view[n_written:]

        def close(self) -> None:
            # Wakes who reads. Not the method of an encrypted socket: that gives up its encryption
            # first, and who is about to write would write in the clear.
            with contextlib.suppress(OSError):  # it may be closed by now
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            self._inner.close()

        def start_tls(
            self,
            ssl_context: ssl.SSLContext,
            server_hostname: str | None = None,
            timeout: float | None = None,
        ) -> Any:
            exchange = line.exchange
            try:
                inner = self._inner.start_tls(ssl_context, server_hostname, wait(_CONNECT))
            except (core.ConnectError, core.ConnectTimeout) as error:
                cause = error.__cause__
                is_refused = isinstance(cause, ssl.SSLError) and not isinstance(
                    cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)
                )
                exchange.trouble = Trouble.CERTIFICATE if is_refused else Trouble.CONNECT
                raise
            return Stream(inner)

        def get_extra_info(self, info: str) -> Any:
            return self._inner.get_extra_info(info)

    class Backend(core.NetworkBackend):  # type: ignore[misc]
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Any = None,
        ) -> Any:
            wait()
            try:
                addresses = line.addresses(host, port)
            except (OSError, UnicodeError) as error:
                line.exchange.trouble = line.exchange.trouble or Trouble.CONNECT
                raise core.ConnectError(type(error).__name__) from error
            for address in addresses:
                with contextlib.suppress(core.ConnectError, core.ConnectTimeout):
                    return Stream(plain.connect_tcp(address, port, wait(_CONNECT)))
            line.exchange.trouble = Trouble.CONNECT
            raise core.ConnectError("no connection")

    return Backend()
