"""Where the server is reached: the names that it answers to, and no others.

A page of a stranger can make a browser ask this server under a name that the stranger's own name
server points here (DNS rebinding). Such a request carries that name as its Host, so only names that
this server is known by get an answer; an address in numbers cannot be pointed elsewhere.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from qualcode.errors import UsageError

__all__ = ["Addresses", "is_loopback"]

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address."""
    if host.casefold() == "localhost":
        return True
    address = _numeric(host)
    return address is not None and address.is_loopback


@dataclass(frozen=True)
class Addresses:
    """Hold the addresses of one server.

    Attributes:
        host: What the server listens on.
        port: Likewise.
        url: Under which people reach it where that differs, as behind a proxy that speaks TLS;
            scheme and name, and a port if there is one.

    Raises:
        UsageError: The url has no http or https scheme, no name, or a path.
    """

    host: str
    port: int
    url: str = ""
    _names: frozenset[str] = field(init=False, repr=False, compare=False)
    _public: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_public", _netloc(self.url) if self.url else "")
        names = _LOOPBACK if is_loopback(self.host) or self._is_everywhere else ()
        own = (socket.gethostname(), socket.getfqdn()) if self._is_everywhere else (self.host,)
        object.__setattr__(
            self, "_names", frozenset(_in_brackets(name).casefold() for name in (*names, *own))
        )

    @property
    def is_encrypted(self) -> bool:
        """Say whether what people read and write travels encrypted as far as is known."""
        return self.url.casefold().startswith("https:")

    @property
    def is_local(self) -> bool:
        """Say whether only this machine reaches the server."""
        return is_loopback(self.host) and not self.url

    @property
    def base(self) -> str:
        """Return the address that links begin with, without a slash at its end."""
        if self.url:
            return f"{'https' if self.is_encrypted else 'http'}://{self._public}"
        host = socket.gethostname() if self._is_everywhere else self.host
        return f"http://{_in_brackets(host)}:{self.port}"

    def serves(self, host: str) -> bool:
        """Say whether a request with this Host is meant for the server."""
        asked = host.casefold()
        if self._public and asked == self._public:
            return True
        name, colon, port = asked.rpartition(":")
        if not colon or "]" in port:  # a browser leaves out the port that belongs to the scheme
            name, port = asked, str(_DEFAULT_PORTS["http"])
        if port != str(self.port):
            return False
        return name in self._names or (
            not is_loopback(self.host) and _numeric(name.strip("[]")) is not None
        )

    def is_own(self, origin: str, host: str) -> bool:
        """Say whether an Origin is the page that this server gave under this Host."""
        asked = origin.casefold()
        if asked == f"http://{host.casefold()}":
            return True
        return bool(self.url) and asked == self.base.casefold()

    @property
    def _is_everywhere(self) -> bool:
        address = _numeric(self.host)
        return address is not None and address.is_unspecified


def _netloc(url: str) -> str:
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        name, port = None, None
        parts = urlsplit("")
    if parts.scheme not in _DEFAULT_PORTS or not name or parts.path.strip("/") or parts.query:
        raise UsageError(
            f"--url {url}: not the address of a server",
            hint="give scheme and name, such as https://review.example.org",
        )
    host = _in_brackets(name).casefold()
    return host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"


def _numeric(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
