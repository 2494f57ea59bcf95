"""How every script hands over its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def emit(result: Mapping[str, object], out: Path | None, *, indent: int = 2) -> None:
    """Print a result as JSON and, with `out`, write it there too."""
    text = json.dumps(result, indent=indent, ensure_ascii=False)
    print(text)
    if out is not None:
        write(result, out, indent=indent)


def write(result: Mapping[str, object], out: Path, *, indent: int = 2) -> None:
    """Write a result as JSON."""
    text = json.dumps(result, indent=indent, ensure_ascii=False)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text + "\n", encoding="utf-8", newline="\n")
