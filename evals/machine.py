"""What a figure of speed or memory says about the machine it was taken on."""

from __future__ import annotations

import os
import platform


def peak_rss_mib() -> float | None:
    """Return the process's peak memory, None on Windows, which has no `resource`."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if platform.system() == "Darwin" else 2**10), 1)


def load_average() -> float | None:
    """Return how many processes wanted to run in the last minute, None where nobody counts.

    Above what the measured work itself needs, other jobs took time away from it.
    """
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None
