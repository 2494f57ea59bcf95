"""Find files that hold a person's words: those of the study are deleted, others are told."""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from qualcode.workflow.escapes import plain
from qualcode.workflow.study import Study
from qualcode.workflow.their_words import TheirWords

__all__ = ["FilesTold", "erase_backups", "erase_names", "erase_outputs"]

_OUR_OWN = ("qualcode.db", ".ingest.lock", "study.toml", "codebook.yaml")
_FOLDERS = ("backups", "vectors")
_MOST_BYTES = 256 << 20
_ZIP, _DATABASE = b"PK\x03\x04", b"SQLite format 3\0"
_MARKS = (b'"generator": {"name": "qualcode"', b"qualcode")


@dataclass(frozen=True, slots=True)
class FilesTold:
    """Say what became of files with the person's words.

    Attributes:
        erased: Maps, pages, exports and packs that were in the study's folder.
        left: Files that qualcode did not write, or that lie elsewhere.
        unsearched: Files of which nobody knows: too large, damaged or locked.
    """

    erased: tuple[Path, ...]
    left: tuple[Path, ...]
    unsearched: tuple[Path, ...]


class _Unsearchable(Exception):
    pass


def erase_outputs(
    study: Study,
    words: TheirWords,
    whole_ids: Collection[str] = (),
    document_ids: Collection[str] = (),
) -> FilesTold:
    """Delete what was written into the study's folder and holds the words; name the rest.

    Args:
        study: The study.
        words: The person's.
        whole_ids: The documents that are the person's as a whole: what qualcode wrote of them is.
        document_ids: All that the person speaks in: a copy of the study holds them as they were.
    """
    inside = study.path.absolute()
    known = {inside / path for path in study.private.outputs()}
    erased, left, unsearched = [], [], []
    for path in sorted({*_files_in(inside), *known}):
        if not path.is_file() or path.is_symlink():
            continue
        try:
            is_ours = path in known or _is_ours(path)
            data = _read(path)
            ids = document_ids if _is_a_study(data) else whole_ids if is_ours else ()
            if not _holds(data, words, ids, is_ours=is_ours):
                continue
        except (_Unsearchable, OSError):
            unsearched.append(path)
            continue
        if is_ours and path.is_relative_to(inside):
            path.unlink()
            erased.append(path)
        else:
            left.append(path)
    return FilesTold(tuple(erased), tuple(left), tuple(unsearched))


def erase_backups(study: Study) -> int:
    """Delete the databases that were kept before migrations; return how many."""
    folder = study.path / "backups"
    found = sorted(folder.glob("*.db*")) if folder.is_dir() else []
    for path in found:
        path.unlink()
    if folder.is_dir() and not any(folder.iterdir()):
        shutil.rmtree(folder)
    return len(found)


def erase_names(study: Study, is_called: Callable[[str], bool]) -> int:
    """Take a person's names out of the lists of `study.toml`; return how many."""
    import tomlkit

    from qualcode.workflow.files import write_atomically

    path = study.path / "study.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    n_gone = 0
    for section, key in (
        ("pseudonyms", "names"),
        ("speakers", "interviewers"),
        ("speakers", "participants"),
    ):
        held = list(document.get(section, {}).get(key, []))
        left = [str(name) for name in held if not is_called(str(name))]
        if len(left) < len(held):
            document[section][key] = left
            n_gone += len(held) - len(left)
    if n_gone:
        write_atomically(path, tomlkit.dumps(document))
    return n_gone


def _files_in(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        is_own = len(parts) == 1 and parts[0].startswith(_OUR_OWN)
        if not is_own and parts[0] not in _FOLDERS and path.is_file():
            yield path


def _is_ours(path: Path) -> bool:
    """Tell whether qualcode wrote a page or export before it kept note of where."""
    if path.suffix not in (".html", ".json") or path.stat().st_size > _MOST_BYTES:
        return False
    return any(mark in path.read_bytes() for mark in _MARKS[path.suffix == ".html" :])


def _read(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        _Unsearchable: It is too large.
        OSError: It cannot be read.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise _Unsearchable
    return path.read_bytes()


def _is_a_study(data: bytes) -> bool:
    """Tell whether a file is a pack or a database, with the documents as a whole."""
    # An archive names its members as they are, whatever it does to what they hold.
    return data.startswith(_DATABASE) or (data.startswith(_ZIP) and b"qualcode.db" in data)


def _holds(data: bytes, words: TheirWords, document_ids: Collection[str], *, is_ours: bool) -> bool:
    """Tell whether a file holds the words or names a document.

    Raises:
        _Unsearchable: Nobody can tell.
    """
    return any(
        words.are_in(text)
        or any(document_id in text for document_id in document_ids)
        or (is_ours and words.stand_alone_in(text))
        for text in _texts(data)
    )


def _texts(data: bytes) -> Iterator[str]:
    """Yield what a file says, of a workbook or another packed file what its members say."""
    yield plain(data.decode("utf-8", "replace"))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield plain(data.decode("utf-16", "replace"))
    if not data.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            room = _MOST_BYTES
            for member in packed.infolist():
                with packed.open(member) as file:
                    held = file.read(room + 1)
                room -= len(held)
                if room < 0:
                    raise _Unsearchable
                yield plain(held.decode("utf-8", "replace"))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise _Unsearchable from error
