"""Look up what is near in an index that a process of its own has open."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from qualcode.store.index.manifest import IndexDoubt
from qualcode.store.index.process import START_SECONDS, IndexProcess, NoAnswer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["OpenIndex", "remove_folder"]

_DATABASE = "chroma.sqlite3"
_QUERY_SECONDS = 15.0


class OpenIndex:
    """Hold an index that a process of its own has open; close it when done.

    Raises:
        IndexDoubt: It does not open, or has another number of rows.
    """

    def __init__(self, path: Path, beside: Path, n_rows: int) -> None:
        self._n_rows = n_rows
        self._process: IndexProcess | None = None
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="reading-", dir=beside))
        except OSError as error:
            raise IndexDoubt("its folder cannot be written") from error
        try:
            _copied(path, self._folder)
            self._process = IndexProcess()
            opened = self._process.ask(
                "open", seconds=START_SECONDS, path=str(self._folder.absolute())
            )
            if opened["rows"] != n_rows:
                raise IndexDoubt("rows are missing from it")
        except BaseException as error:
            self.close()
            if isinstance(error, NoAnswer | OSError):
                raise IndexDoubt(f"its process: {error}") from error
            raise

    def nearest(self, vectors: Matrix, n_rows: int) -> list[list[int]]:
        """Return the numbers of about the nearest rows to each vector, nearest first.

        Raises:
            IndexDoubt: There was no answer within fifteen seconds, or none that makes sense.
        """
        assert self._process is not None
        wanted = min(n_rows, self._n_rows)
        try:
            answer = self._process.ask(
                "query", seconds=_QUERY_SECONDS, vectors=vectors, nearest=wanted
            )
        except NoAnswer as error:
            raise IndexDoubt(f"its process: {error}") from error
        found: list[list[int]] = answer["found"]
        # A search through a graph may miss rows, but not all of them.
        if len(found) != len(vectors) or not all(found):
            raise IndexDoubt("it does not find what is in it")
        if not all(0 <= row < self._n_rows for near in found for row in near):
            raise IndexDoubt("it finds what is not in it")
        return found

    def close(self) -> None:
        """End the process and delete its copy."""
        if self._process is not None:
            self._process.close()
        remove_folder(self._folder)

    def __enter__(self) -> OpenIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _copied(folder: Path, into: Path) -> None:
    """Make a copy that shares the large files, which chromadb only reads."""
    for path in folder.rglob("*"):
        copy = into / path.relative_to(folder)
        if path.is_dir():
            copy.mkdir(exist_ok=True)
        elif path.name == _DATABASE:
            shutil.copyfile(path, copy)
        else:
            try:
                copy.hardlink_to(path)
            except OSError:  # a file system without links
                shutil.copyfile(path, copy)


def remove_folder(path: Path) -> None:
    """Delete a folder as far as others let us; of a link to one only the link."""
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)
