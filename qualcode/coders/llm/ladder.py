"""Which way of answering in JSON a server knows: found by asking, from the best way downwards."""

from __future__ import annotations

import threading
from collections.abc import Callable

from qualcode.coders.llm.wire import Mode

__all__ = ["Ladder"]

_ORDER = tuple(Mode)


class Ladder:
    """Hold the mode that requests are sent in; safe to use from several threads at once.

    Workers call `step_down` when a server refuses the mode that they asked in. Several may report
    the same refusal, which is one step. `worked` is for the thread that may write to the study:
    only a mode in which a reply came back is worth remembering.

    Args:
        known: The mode that was found earlier for this server and model, None for the best one.
        remember: Takes each mode that is found to work, once, in the thread that calls `worked`.
    """

    def __init__(
        self, known: Mode | None = None, remember: Callable[[Mode], None] | None = None
    ) -> None:
        self._lock = threading.Lock()
        self._mode = known or _ORDER[0]
        self._remembered = known
        self._remember = remember

    @property
    def mode(self) -> Mode:
        """Return the mode for the next request."""
        with self._lock:
            return self._mode

    def step_down(self, refused: Mode) -> Mode | None:
        """Go one step below a mode that the server refused.

        Args:
            refused: The mode that the refused request was sent in, not the ladder's of now.

        Returns:
            The mode to ask again in; None where the last one was refused.
        """
        with self._lock:
            below = _ORDER[_ORDER.index(refused) + 1 :]
            if not below:
                return None
            if _ORDER.index(self._mode) <= _ORDER.index(refused):
                self._mode = below[0]
            return self._mode

    def worked(self, mode: Mode) -> None:
        """Remember a mode in which a reply came back, where that is news.

        A reply to what was asked before another worker stepped down is no news.
        """
        with self._lock:
            if mode is not self._mode or mode is self._remembered:
                return
            self._remembered = mode
        if self._remember is not None:
            self._remember(mode)
