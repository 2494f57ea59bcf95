"""Which addresses may be reached: no plain http to the public, no passwords in addresses."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from qualcode.errors import UsageError

__all__ = ["checked_url", "is_loopback", "is_private", "place"]

_NETLOC = re.compile(r"[A-Za-z0-9.\-_]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_PRIVATE_ENDINGS = (".local", ".lan", ".internal", ".localdomain", ".home.arpa")
_HINT = "--base-url takes such as http://127.0.0.1:8000/v1 or https://models.example.org/v1"


def checked_url(url: str, *, allow_http: bool = False) -> str:
    """Return an address without the slash at its end.

    Args:
        url: As the user wrote it.
        allow_http: Plain http may go to private addresses too, never to public ones.

    Raises:
        UsageError: It is no http or https, carries a name and password, a query or a fragment, or
            it would send transcripts over the public net unencrypted.
    """
    parts = _split(url)
    if parts.scheme not in ("http", "https"):
        raise UsageError("the address of the model begins neither http:// nor https://", hint=_HINT)
    if "@" in parts.netloc:
        raise UsageError(
            "the address of the model carries a name or password",
            hint="put the key into an environment variable and name that as [llm] "
            "key_variable of your own config.toml",
        )
    if not _NETLOC.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise UsageError("the address of the model has no plain host in it", hint=_HINT)
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(host):
        if not is_private(host):
            raise UsageError(
                f"{host}: plain http would carry what people said over the net for all to read",
                hint="use https://; plain http is for this machine only",
            )
        if not allow_http:
            raise UsageError(
                f"{host}: plain http to another machine is off",
                hint="use https://, or allow_http = true under [llm] in your own config.toml, if "
                "the net between here and there is your own",
            )
    return url.strip().rstrip("/")


def place(url: str) -> str:
    """Return host and port of an address, the port only where it is written."""
    parts = _split(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port}" if parts.port else host


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine: 127.0.0.0/8, ::1 or localhost, nothing else.

    Names are not looked up: one that happens to lead to this machine is not loopback.
    """
    address = _address(host)
    if address is None:
        return host.lower().rstrip(".") == "localhost"
    return address.is_loopback


def is_private(host: str) -> bool:
    """Say whether a host lies in a private net, by its address or by how its name ends."""
    address = _address(host)
    if address is None:
        name = host.lower().rstrip(".")
        return bool(name) and ("." not in name or name.endswith(_PRIVATE_ENDINGS))
    if address.is_unspecified or address.is_multicast:
        return False
    return address.is_private or address.is_link_local


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  raises where it is no number
    except ValueError as error:
        raise UsageError("the address of the model cannot be read", hint=_HINT) from error
    return parts


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
