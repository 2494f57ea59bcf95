"""What belongs to a study but lies outside its folder: the pseudonym key and the originals."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.workflow.files import write_atomically

if TYPE_CHECKING:
    from qualcode.ingest.pseudonyms import Key

__all__ = ["PrivateFolder"]


class PrivateFolder:
    """Read and write one study's private files.

    Attributes:
        path: The folder, made when something is first written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._saved_key = ""
        self._kept: dict[str, set[tuple[object, object]]] = {}

    def load_key(self) -> Key:
        """Return the pseudonym key, an empty one where there is none yet."""
        from qualcode.ingest.pseudonyms import Key

        path = self.path / "pseudonyms.json"
        with self._explained():
            if not path.is_file():
                return Key()
            self._saved_key = path.read_text(encoding="utf-8")
        return Key.from_json(self._saved_key)

    def save_key(self, key: Key) -> None:
        """Save the key if it changed."""
        text = key.to_json()
        if text != self._saved_key:
            self._make()
            write_atomically(self.path / "pseudonyms.json", text)
            self._saved_key = text

    def keep_originals(self, source_id: str, entries: Iterable[Mapping[str, object]]) -> None:
        """Append texts as they were before masking, one JSON a line; each version once."""
        path = self.path / f"originals-{source_id}.jsonl"
        with self._explained():
            if source_id not in self._kept:
                self._kept[source_id] = set(_kept_in(path))
            kept = self._kept[source_id]
            fresh = [e for e in entries if (e["document"], e["version"]) not in kept]
            if not fresh:
                return
            self._make()
            # A run that was killed while writing may have left half a line behind.
            broken = path.is_file() and not path.read_bytes().endswith(b"\n")
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.write("\n" if broken else "")
                for entry in fresh:
                    file.write(json.dumps(entry, ensure_ascii=True, sort_keys=True) + "\n")
                    kept.add((entry["document"], entry["version"]))

    def index_key(self, *, make: bool = False) -> bytes | None:
        """Return the key that the search index is signed with.

        Args:
            make: Whether one is made where there is none; else None is returned.
        """
        path = self.path / "index.key"
        with self._explained():
            if path.is_file():
                return path.read_bytes()
        if not make:
            return None
        self._make()
        write_atomically(path, secrets.token_bytes(32))
        return path.read_bytes()

    def origins(self) -> dict[str, str]:
        """Return source id to the absolute path that it was read from."""
        path = self.path / "origins.json"
        with self._explained():
            text = path.read_text(encoding="utf-8") if path.is_file() else "{}"
        found: dict[str, str] = json.loads(text)
        return found

    def save_origin(self, source_id: str, path: Path) -> None:
        origins = self.origins()
        if origins.get(source_id) != str(path):
            self._make()
            origins[source_id] = str(path)
            text = json.dumps(origins, ensure_ascii=False, indent=1, sort_keys=True)
            write_atomically(self.path / "origins.json", text)

    def outputs(self) -> tuple[Path, ...]:
        """Return where maps, pages and exports were written, in the study's folder from there."""
        path = self.path / "outputs.json"
        with self._explained():
            text = path.read_text(encoding="utf-8") if path.is_file() else "[]"
        return tuple(map(Path, json.loads(text)))

    def note_output(self, path: Path) -> None:
        """Keep where something was written."""
        known = [one.as_posix() for one in self.outputs()]
        if path.as_posix() not in known:
            self._make()
            text = json.dumps(sorted([*known, path.as_posix()]), ensure_ascii=False, indent=1)
            write_atomically(self.path / "outputs.json", text)

    def forget_originals(self, is_theirs: Callable[[str, str], bool]) -> int:
        """Delete originals of texts, and return how many.

        Args:
            is_theirs: Takes a document's id and the text as it was, and says which go.
        """
        gone = 0
        with self._explained():
            for path in sorted(self.path.glob("originals-*.jsonl")):
                lines = path.read_text(encoding="utf-8").splitlines()
                kept = [line for line in lines if not _is_theirs(line, is_theirs)]
                gone += len(lines) - len(kept)
                if not kept:
                    path.unlink()
                elif len(kept) < len(lines):
                    write_atomically(path, "\n".join(kept) + "\n")
        self._kept = {}
        return gone

    def forget_origin(self, source_id: str) -> None:
        """Delete where a source was read from."""
        origins = self.origins()
        if origins.pop(source_id, None) is not None:
            text = json.dumps(origins, ensure_ascii=False, indent=1, sort_keys=True)
            write_atomically(self.path / "origins.json", text)

    def _make(self) -> None:
        with self._explained():
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StudyError(
                f"{self.path}: the folder for pseudonym keys cannot be used: {error.strerror}",
                hint="name another with the environment variable QUALCODE_DATA_HOME",
            ) from error


def _is_theirs(line: str, is_theirs: Callable[[str, str], bool]) -> bool:
    try:
        entry = json.loads(line)
        return is_theirs(str(entry["document"]), str(entry["text"]))
    except (ValueError, KeyError, TypeError):
        return True  # half a line of a killed run: nobody needs it, and it may hold anything


def _kept_in(path: Path) -> Iterator[tuple[object, object]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue  # half a line of a killed run; the document is written again
            yield entry["document"], entry["version"]
