"""Load onnxruntime so that it tells nobody."""

from __future__ import annotations

import os
from typing import Any

__all__ = ["silent_runtime"]

_SWITCH = "ORT_DISABLE_TELEMETRY"


def silent_runtime() -> Any:
    """Return the module onnxruntime, its reports to Microsoft switched off.

    From 1.3x on the package connects to the maker's server when a session is made, on Linux too;
    `disable_telemetry_events` comes too late, the switch is read when the library is loaded.
    """
    os.environ[_SWITCH] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime
