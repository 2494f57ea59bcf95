"""The manifest beside the weights: every file with its hash and size."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

__all__ = ["enter", "file_entry"]


def file_entry(path: Path) -> dict[str, Any]:
    """Return the manifest's entry of a file."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def enter(path: Path) -> None:
    """Enter a file that was written into the manifest of its folder, or enter it anew."""
    manifest_path = path.parent / "manifest.json"
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    manifest["files"][path.name] = file_entry(path)
    manifest_path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8", newline="\n")
