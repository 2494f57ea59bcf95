"""The embedded model's files, and the check that they are the ones that were built.

They are made by the scripts in `training/`; MODEL_CARD.md says from what.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from qualcode.errors import ModelError

__all__ = ["Weights", "model_id"]

_HINT = "Reinstall qualcode, or in a checkout restore the files with `git checkout -- {where}`."


@dataclass(frozen=True)
class Weights:
    """A folder of model files with its manifest.

    Attributes:
        folder: Where the files lie; the package's own folder by default.
    """

    folder: Traversable = files(__name__)

    @functools.cached_property
    def manifest(self) -> dict[str, Any]:
        """Read `manifest.json`.

        Raises:
            ModelError: It is missing or not JSON.
        """
        try:
            manifest: dict[str, Any] = json.loads(self._read("manifest.json"))
        except ValueError as error:
            raise self._error("manifest.json is not JSON") from error
        return manifest

    def load(self, name: str) -> bytes:
        """Return a file's content after checking it against the manifest.

        The bytes that were hashed are the bytes that are returned, so a file exchanged in between
        cannot slip through.

        Raises:
            ModelError: The file is missing, not in the manifest or altered.
        """
        entry = self.manifest.get("files", {}).get(name)
        if entry is None:
            raise self._error(f"{name} is not in manifest.json")
        content = self._read(name)
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise self._error(
                f"{name} is not the file that was built "
                f"({len(content)} bytes, expected {entry['size']})"
            )
        return content

    def sha256(self, name: str) -> str:
        """Return the hash that the manifest promises for a file, without reading the file."""
        try:
            return str(self.manifest["files"][name]["sha256"])
        except KeyError as error:
            raise self._error(f"{name} is not in manifest.json") from error

    def _read(self, name: str) -> bytes:
        try:
            return self.folder.joinpath(name).read_bytes()
        except OSError as error:
            raise self._error(f"{name} is missing or cannot be read") from error

    def _error(self, problem: str) -> ModelError:
        return ModelError(
            f"Embedded model: {problem} (in {self.folder}).", hint=_HINT.format(where=self.folder)
        )


def model_id() -> str:
    """Return the id that the encoder of the package's own weights has, without loading them.

    Raises:
        ModelError: `manifest.json` is missing or altered.
    """
    weights = Weights()
    return f"{weights.manifest['model']['name']}-{weights.sha256('encoder.onnx')[:12]}"
