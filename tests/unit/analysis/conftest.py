"""Let the tests of analysis import the made-up study that lies beside `tests/unit`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
