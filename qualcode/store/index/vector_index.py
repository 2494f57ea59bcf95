"""Build, check, open and discard a study's index."""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from qualcode.errors import StoreError
from qualcode.store import rows
from qualcode.store.index.manifest import (
    CHROMA,
    MANIFEST,
    IndexDoubt,
    Manifest,
    chromadb_version,
    digest_of,
    hashed_files,
    read_manifest,
    refuse_unfit,
)
from qualcode.store.index.process import START_SECONDS, IndexProcess, NoAnswer
from qualcode.store.index.reader import OpenIndex, remove_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["Built", "VectorIndex"]

_PROBE_TOLERANCE = 1e-3
_ROWS_A_BATCH = 5000
_BATCH_SECONDS = 300.0
_READER_SECONDS = 86_400.0
_MOVE_AGAIN_SECONDS = (0.1, 0.5, 2.0)


@dataclass(frozen=True, slots=True)
class Built:
    """Say what was built; `n_bytes` is the size of the index on disk."""

    n_rows: int
    n_bytes: int
    seconds: float


class VectorIndex:
    """Build, check, open and discard a study's index.

    Args:
        folder: STUDY/vectors; made when an index is built.
        vectors: Return the unit vectors of these keys, float32 rows in their order; raise
            `KeyError` for one that the store has no longer.
    """

    def __init__(self, folder: Path, vectors: Callable[[Sequence[str]], Matrix]) -> None:
        self.folder = folder
        self._vectors = vectors

    def open(self, keys: Sequence[str], model: str, secret: bytes | None) -> OpenIndex:
        """Check the index against the store and open it.

        Args:
            keys: Text keys of all that is to be found, sorted, each once.
            model: Whose vectors they are.
            secret: The study's private key, None where it has none yet.

        Raises:
            IndexDoubt: There is none, or not one that can be relied on.
        """
        indexes = self._indexes()
        if not indexes:
            raise IndexDoubt("there is none yet")
        built = indexes[-1]
        refuse_unfit(read_manifest(built, secret), built, keys, model)
        try:
            return self._opened(built / CHROMA, keys)
        except KeyError as error:
            raise IndexDoubt("the store has lost vectors that are in it") from error

    def build(
        self,
        keys: Sequence[str],
        model: str,
        secret: bytes,
        *,
        is_current: Callable[[], bool],
        progress: Callable[[int, int], None],
    ) -> Built:
        """Build the index anew beside the old one and put it in its place.

        Args:
            keys: As for `open`; not empty.
            model: Whose vectors they are.
            secret: The study's private key.
            is_current: Whether the store still holds just these keys; asked at the end, so that
                vectors which were deleted meanwhile do not stay in a new index.
            progress: Takes rows done and rows in all.

        Raises:
            IndexDoubt: It could not be built, or does not find what is in it.
            StoreError: Another process is building it, or the folder cannot be written.
        """
        started = time.monotonic()
        with self._building() as beside:
            try:
                self._fill(beside / CHROMA, keys, progress)
                files = hashed_files(beside / CHROMA)
                manifest = Manifest(
                    model=model,
                    dimension=self._vectors(keys[:1]).shape[1],
                    n_rows=len(keys),
                    keys_sha256=digest_of(keys),
                    chromadb=chromadb_version(),
                    built_at=rows.now(),
                    files=files,
                ).signed(secret)
                told = json.dumps(asdict(manifest), indent=1, sort_keys=True)
                (beside / MANIFEST).write_text(told, encoding="utf-8", newline="\n")
                self._opened(beside / CHROMA, keys).close()
            except NoAnswer as error:
                raise IndexDoubt(f"its process: {error}") from error
            except KeyError as error:
                raise IndexDoubt("the texts changed meanwhile") from error
            old = self._indexes()
            number = int(old[-1].name.partition("-")[2]) + 1 if old else 1
            new = self.folder / f"index-{number:04}"
            if is_current():
                _move(beside, new)
            if not is_current():  # also what was deleted between the two
                remove_folder(new)
                raise IndexDoubt("the texts changed meanwhile")
            for folder in old:
                remove_folder(folder)
        n_bytes = sum(size for size, _ in files.values())
        return Built(len(keys), n_bytes, time.monotonic() - started)

    def discard(self) -> None:
        """Delete every file with vectors, whoever is using it.

        Raises:
            StoreError: A file is held open by another process, which only Windows minds.
        """
        if not self.folder.is_dir():
            return
        for kind in ("index-*", "reading-*"):
            for folder in self.folder.glob(kind):
                remove_folder(folder)
        # What is being built is deleted by its builder, who finds the store changed.
        with contextlib.suppress(Timeout), self._lock():
            for folder in self.folder.glob("building-*"):
                remove_folder(folder)
        left = [path.name for kind in ("index-*", "reading-*") for path in self.folder.glob(kind)]
        if left:
            raise StoreError(
                f"{self.folder}: {', '.join(left)} with vectors of old texts cannot be deleted",
                hint="close every other qualcode and run: qualcode reindex",
            )

    def _indexes(self) -> list[Path]:
        """Return what may be an index, oldest first."""
        found = [p for p in self.folder.glob("index-*") if p.name.partition("-")[2].isdecimal()]
        return sorted(found, key=lambda path: int(path.name.partition("-")[2]))

    def _lock(self) -> contextlib.AbstractContextManager[object]:
        return FileLock(self.folder / ".lock", timeout=0)

    @contextlib.contextmanager
    def _building(self) -> Iterator[Path]:
        """Give an empty folder to build in, to the only builder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock():
                for left in self._left_behind():
                    remove_folder(left)
                beside = Path(tempfile.mkdtemp(prefix="building-", dir=self.folder))
                try:
                    yield beside
                finally:
                    remove_folder(beside)
        except Timeout as error:
            raise StoreError(
                f"{self.folder}: another qualcode is building the search index",
                hint="wait until it has ended; search answers without it meanwhile",
            ) from error
        except OSError as error:
            raise StoreError(
                f"{self.folder}: the search index cannot be written: {error.strerror}",
                hint="check free space and permissions, then run: qualcode reindex",
            ) from error

    def _left_behind(self) -> Iterator[Path]:
        """Yield what killed processes left: a builder, and readers a day ago or longer."""
        yield from self.folder.glob("building-*")
        for folder in self.folder.glob("reading-*"):
            with contextlib.suppress(FileNotFoundError):  # its reader was done just now
                if time.time() - folder.stat().st_mtime > _READER_SECONDS:
                    yield folder

    def _fill(self, path: Path, keys: Sequence[str], progress: Callable[[int, int], None]) -> None:
        n = len(keys)
        path.mkdir()
        with IndexProcess() as process:
            created = process.ask(
                "create",
                seconds=START_SECONDS,
                path=str(path.absolute()),
                rows=n,
                rows_a_batch=_ROWS_A_BATCH,
            )
            borders = [n * at // created["batches"] for at in range(created["batches"] + 1)]
            for first, end in pairwise(borders):
                some = self._vectors(keys[first:end])
                process.ask("add", seconds=_BATCH_SECONDS, vectors=some, first=first)
                progress(end, n)

    def _opened(self, path: Path, keys: Sequence[str]) -> OpenIndex:
        """Open a copy and look up rows whose answer is known.

        Raises:
            IndexDoubt: It does not open, or rows are missing or not found.
        """
        opened = OpenIndex(path, self.folder, len(keys))
        try:
            probes = sorted({0, len(keys) // 2, len(keys) - 1})
            wanted = self._vectors([keys[row] for row in probes])
            found = self._vectors([keys[near[0]] for near in opened.nearest(wanted, 1)])
            # Texts that differ in case alone have one vector, so the row may be another's.
            if float((wanted * found).sum(axis=1).min()) < 1 - _PROBE_TOLERANCE:
                raise IndexDoubt("it does not find what is in it")
        except BaseException:
            opened.close()
            raise
        return opened


def _move(folder: Path, to: Path) -> None:
    """Rename a folder; on Windows a virus scanner may hold new files for a moment."""
    for seconds in _MOVE_AGAIN_SECONDS:
        try:
            folder.rename(to)
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    folder.rename(to)
