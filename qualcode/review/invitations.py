"""Links that let a person in: each once, and none is written down."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from qualcode.review_events import Part

__all__ = ["LINK_HOURS", "Invitation", "Invitations"]

LINK_HOURS = 12.0
"""How long a link that nobody opened lets somebody in."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Hold whom a link lets in, and in what part."""

    reviewer: str
    part: Part


class Invitations:
    """Make tokens and take each back once; they live in this process's memory, as hashes.

    Safe to use from several threads.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Invitation, float]] = {}

    def invite(self, reviewer: str, part: Part) -> str:
        """Return a new token for a person; those made before stay good."""
        token = secrets.token_urlsafe(32)
        until = self._clock() + LINK_HOURS * 3600
        with self._lock:
            self._open[_digest(token)] = (Invitation(reviewer, part), until)
        return token

    def redeem(self, token: str) -> Invitation | None:
        """Return whom a token lets in and forget it; None if it was used, is too old or unknown."""
        with self._lock:
            found = self._open.pop(_digest(token), None)
        if found is None or self._clock() > found[1]:
            return None
        return found[0]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
