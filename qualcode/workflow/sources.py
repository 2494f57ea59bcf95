"""Find the files that a person means by a few paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from qualcode.errors import SourceError

__all__ = ["ROSTER_NAME", "Found", "find_files"]

INTERVIEW_SUFFIXES = (".txt", ".md", ".vtt", ".srt", ".json", ".docx", ".odt", ".pdf", ".rtf")
SURVEY_SUFFIXES = (".csv", ".tsv", ".xlsx", ".sav", ".zsav", ".parquet")
ROSTER_NAME = "participants.csv"
_NOT_TALK = ("license", "licence", "readme", "notice", "copying", "changelog", "contributing")


@dataclass(frozen=True, slots=True)
class Found:
    """Hold one file with the name that the study knows it by, and why it is skipped, if it is.

    `kind` is "interview", "survey", "roster" or "skipped".
    """

    path: Path
    name: str
    kind: str
    reason: str = ""


def find_files(paths: Sequence[Path]) -> list[Found]:
    """List the files of folders (all levels, by name) and the files named, each once.

    A file inside a folder is known by its path below that folder, one named itself by its name.

    Raises:
        SourceError: A path does not exist.
    """
    found: dict[Path, Found] = {}
    for path in paths:
        if path.is_dir():
            inside = path.resolve()
            for file in _files_below(path):
                place, name = file.resolve(), file.relative_to(path).as_posix()
                one = _classified(file, name, "folder")
                if not place.is_relative_to(inside):
                    # The folder may come from a stranger, who must not choose what is read.
                    why = "a link out of the folder; name it to read it"
                    one = Found(file, name, "skipped", why)
                if place not in found or found[place].kind == "skipped":
                    found[place] = one
        elif path.is_file():
            place = path.resolve()
            if place not in found or found[place].kind == "skipped":
                found[place] = _classified(path, path.name, "named")
        else:
            raise SourceError(f"{path}: no such file or folder", hint="check the spelling")
    return list(found.values())


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _classified(path: Path, name: str, how: str) -> Found:
    suffix = path.suffix.lower()
    if path.name.lower() == ROSTER_NAME:
        return Found(path, name, "roster")
    if how == "folder" and path.stem.lower().split(".")[0] in _NOT_TALK:
        return Found(path, name, "skipped", "about the files, not a source; name it to read it")
    if how == "folder" and suffix == ".json" and not _is_recorded(path):
        return Found(path, name, "skipped", "JSON, but no recorder's transcript")
    if suffix in SURVEY_SUFFIXES:
        return Found(path, name, "survey")
    if suffix in INTERVIEW_SUFFIXES or how == "named":
        return Found(path, name, "interview")
    return Found(
        path, name, "skipped", f"{suffix or 'no suffix'} is not a transcript or survey format"
    )


def _is_recorded(path: Path) -> bool:
    """Tell whether a file has the keys of a recorder's JSON; folders hold other JSON too."""
    from qualcode.ingest.recorded import MAX_BYTES, RecordedReader

    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except OSError:
        return True  # reading it says what is wrong
    # Without its suffix, only its keys speak for it.
    return RecordedReader().sniff(data, PurePath("recording"))
