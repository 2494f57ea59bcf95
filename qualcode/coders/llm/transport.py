"""The way to one server: a deadline for the whole attempt, one address, no proxy, no redirect.

The providers' packages are given the HTTP client that is made here, so that what they do with
environment variables, retries and addresses of their own has no effect. What was sent and what came
back is kept byte for byte beside them: replies and faults are read from that, not from what the
packages make of it.
"""

from __future__ import annotations

import importlib
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from qualcode.coders.llm.exchange import Exchange, Trouble
from qualcode.coders.llm.hosts import is_loopback, is_private
from qualcode.coders.llm.network import Pools, backend_of, http_transport_of

__all__ = ["Received", "Transport"]

_IDLE = 5.0
_USUAL_PORTS = {"http": 80, "https": 443}
_KEY_HEADERS = {"authorization", "x-api-key", "api-key"}
_HEADERS = {
    "accept",
    "anthropic-beta",
    "anthropic-version",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
}


class Received(Exception):
    """Say that an answer is there: what the packages would make of it is work for nothing."""


class Transport:
    """Make HTTP clients for one server, whichever of httpx and httpx2 a package wants.

    Looking a host's name up is the one wait that no deadline holds: the system has its own for it.

    Args:
        base_url: The only address that is reached.
        key: The only key that is sent, whatever others the environment holds.
        headers: Those that may be sent besides the usual ones, lower case.
    """

    def __init__(self, base_url: str, key: str = "", headers: Iterable[str] = ()) -> None:
        parts = urlsplit(base_url)
        self.is_open = True
        self._is_plain = parts.scheme == "http"
        name = parts.hostname or ""
        host = name.encode("ascii" if ":" in name else "idna")
        self._origin = (parts.scheme, host, parts.port or _USUAL_PORTS.get(parts.scheme))
        self._headers = _HEADERS.union(headers)
        self._credentials = {key, f"Bearer {key}"} if key else set()
        self._local = threading.local()
        self._pools: list[Pools] = []

    def begin(self, timeout: float) -> Exchange:
        """Start an attempt of this thread; all that it does on the wire is written into it."""
        exchange = Exchange(time.monotonic() + timeout)
        self._local.exchange = exchange
        return exchange

    @property
    def exchange(self) -> Exchange:
        """Return the attempt of this thread."""
        return self._local.exchange  # type: ignore[no-any-return]

    def options(self, package: Any) -> dict[str, Any]:
        """Return the arguments of a synchronous client of httpx or httpx2."""
        core = importlib.import_module("httpcore2" if package.__name__ == "httpx2" else "httpcore")
        self._way = http_transport_of(package, core, self._pools_of(package, core), self)
        return {
            "transport": self._way,
            "trust_env": False,
            "follow_redirects": False,
            "timeout": None,
            "event_hooks": {"request": [self._on_request], "response": [self._on_response]},
        }

    def client(self, package: Any) -> Any:
        """Return a synchronous client."""
        return package.Client(**self.options(package))

    @staticmethod
    def no_async(package: Any) -> dict[str, Any]:
        """Return the arguments of an asynchronous client that can do nothing; packages want one."""
        return {"transport": package.AsyncBaseTransport(), "trust_env": False}

    def again(self, body: bytes) -> bool:
        """Send another body to where the one before went, with the same headers.

        What the packages make of addresses and headers is the same each time, and takes them longer
        than sending takes.

        Returns:
            False where nothing was sent before.

        Raises:
            Received: The answer is there.
        """
        self.exchange.body = body
        response = self._way.again(body)
        if response is None:
            return False
        try:
            self._on_response(response)
        finally:
            response.close()  # one that could not be read to its end, too
        return True

    def close(self) -> None:
        """Close all connections; attempts under way fail within a moment."""
        self.is_open = False
        for pools in self._pools:
            pools.close()

    def _pools_of(self, package: Any, core: Any) -> Pools:
        # A context is made where one is needed only, and once: it reads some hundred certificates.
        context = None if self._is_plain else package.create_ssl_context()
        backend = backend_of(core, self)

        def make() -> Any:
            return core.ConnectionPool(
                ssl_context=context,
                max_connections=None,
                max_keepalive_connections=None,
                keepalive_expiry=_IDLE,
                network_backend=backend,
            )

        self._pools.append(Pools(make))
        return self._pools[-1]

    def _on_request(self, request: Any) -> None:
        exchange = self.exchange
        url = request.url
        port = url.port or _USUAL_PORTS.get(url.scheme)
        if (url.scheme, url.raw_host.lower(), port) != self._origin:
            exchange.trouble = Trouble.ELSEWHERE
            raise ConnectionError("a request to another address")
        for name, value in list(request.headers.items()):
            is_key = name.lower() in _KEY_HEADERS and value in self._credentials
            if not is_key and name.lower() not in self._headers:
                del request.headers[name]
        request.headers["user-agent"] = "qualcode"
        exchange.body = request.read()

    def _on_response(self, response: Any) -> None:
        exchange = self.exchange
        exchange.status = response.status_code
        exchange.headers = {name.lower(): value for name, value in response.headers.items()}
        exchange.content = response.read()
        raise Received

    def addresses(self, host: str, port: int) -> list[str]:
        """Look a host up.

        Raises:
            OSError: There is none, or it lies outside of where plain http may go.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if self._is_plain:
            wanted = is_loopback if is_loopback(host) else is_private
            if not all(wanted(address.partition("%")[0]) for address in addresses):
                self.exchange.trouble = Trouble.ELSEWHERE
                raise OSError("plain http, and the name leads elsewhere")
        return addresses
