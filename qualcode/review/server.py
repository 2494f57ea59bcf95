"""Listen on an address and serve until somebody stops it."""

from __future__ import annotations

import hashlib
import socket
import sys

from qualcode.errors import UsageError
from qualcode.review.service import Service

__all__ = ["listen", "serve"]

_FIRST_PORT, _N_PORTS = 20_000, 10_000
_TRIES = 5
_GOODBYE_SECONDS = 5


def listen(host: str, port: int | None, study_id: str) -> socket.socket:
    """Return a socket that listens; nothing answers yet.

    Without a port, a study gets the same one each time: what a page has not sent yet is kept by
    the browser under the address with its port. A second server on the study gets the next one.

    Args:
        host: A name or number of this machine.
        port: None for the study's own.
        study_id: Says which port is the study's own.

    Raises:
        UsageError: The address is none of this machine's, or the port is taken.
    """
    if port is not None:
        return _bound(host, port)
    digest = hashlib.sha256(study_id.encode("utf-8")).digest()
    own = _FIRST_PORT + int.from_bytes(digest[:4], "big") % _N_PORTS
    for step in range(_TRIES):
        try:
            return _bound(host, own + step)
        except UsageError:
            continue
    return _bound(host, 0)


def _bound(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise UsageError(
            f"--host {host}: no address of this machine",
            hint="leave it out for this machine alone; 0.0.0.0 stands for all its addresses",
        ) from error
    family, kind, protocol, _, address = found[0]
    made = socket.socket(family, kind, protocol)
    try:
        if sys.platform == "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except OSError as error:
        made.close()
        raise UsageError(
            f"{host}, port {port}: {error.strerror or error}",
            hint="name another with --port, or leave --port out for a free one",
        ) from error
    made.set_inheritable(False)
    return made


def serve(service: Service, listener: socket.socket) -> None:
    """Answer requests until Ctrl-C; what was begun is finished first.

    Nothing of a request is logged: addresses hold tokens, bodies hold participants' words.

    Raises:
        KeyboardInterrupt: Somebody pressed Ctrl-C, after everything was closed.
    """
    import uvicorn

    from qualcode.review.app import make_app

    config = uvicorn.Config(
        make_app(service),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        workers=1,
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
