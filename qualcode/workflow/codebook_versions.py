"""The versions of a study's codebook: stored as they are met, found again and compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qualcode.codebook import Codebook, load_codebook, parse_codebook
from qualcode.codebook.changes import Difference, Touched, differences, seen_with, touched
from qualcode.errors import UsageError
from qualcode.store.codebook_versions import StoredVersion
from qualcode.workflow.study import Study

__all__ = [
    "Compared",
    "Comparison",
    "compare",
    "known_book",
    "remember",
    "remember_edits",
    "touches",
]


@dataclass(frozen=True, slots=True)
class Compared:
    """Hold what differs in one code, with the codings of today that it touches."""

    difference: Difference
    touched: Touched


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold what differs between two versions, each named as in "version 3"."""

    older: str
    newer: str
    codes: tuple[Compared, ...]


def remember(study: Study, *, author: str, reason: str) -> None:
    """Store the book as it stands now, unless it is the newest version already."""
    study.repository.codebook_versions.add(
        fingerprint=study.codebook.fingerprint(),
        book_yaml=study.codebook_text,
        author=author,
        reason=reason,
    )


def remember_edits(study: Study) -> None:
    """Store what was written into the file by hand since the newest version; nobody knows who."""
    has_any = bool(study.repository.codebook_versions.all())
    remember(study, author="", reason="found edited" if has_any else "as first met")


def known_book(study: Study, fingerprint: str) -> Codebook | None:
    """Return the book of this fingerprint, if the study was ever seen with it."""
    if study.codebook.fingerprint() == fingerprint:
        return study.codebook
    for version in reversed(study.repository.codebook_versions.all()):
        if version.fingerprint == fingerprint:
            return _book(study, version)
    return None


def _book(study: Study, version: StoredVersion) -> Codebook:
    text = study.repository.codebook_versions.text(version.id) or ""
    return parse_codebook(text, Path(f"version {version.id} of the codebook"))


def compare(study: Study, older: str | None = None, newer: str | None = None) -> Comparison:
    """Say code by code how two versions differ.

    Args:
        study: The study.
        older: A version's number or fingerprint, or a codebook file; the newest version stored
            when None.
        newer: Likewise; the study's codebook.yaml as it stands when None.

    Raises:
        UsageError: There is no such version.
        CodebookError: A file does not validate.
    """
    one_name, one = _named(study, older) if older is not None else _newest(study)
    two_name, two = _named(study, newer) if newer is not None else ("codebook.yaml", study.codebook)
    return Comparison(one_name, two_name, touches(study, one, two))


def touches(study: Study, older: Codebook, newer: Codebook) -> tuple[Compared, ...]:
    """Return what differs between two books, with the codings that either has under each code."""
    found = differences(older, newer)
    if not found:
        return ()
    corpus = study.repository.corpus()
    views = (seen_with(corpus, older), seen_with(corpus, newer))
    return tuple(Compared(d, touched({d.code}, *views)) for d in found)


def _newest(study: Study) -> tuple[str, Codebook]:
    versions = study.repository.codebook_versions.all()
    if not versions:
        raise UsageError(
            "no version of the codebook is stored yet",
            hint="qualcode code stores the book that it codes with; or name a FILE to compare with",
        )
    return f"version {versions[-1].id}", _book(study, versions[-1])


def _named(study: Study, asked: str) -> tuple[str, Codebook]:
    versions = study.repository.codebook_versions.all()
    for version in reversed(versions):
        if asked == str(version.id) or (len(asked) >= 4 and version.fingerprint.startswith(asked)):
            return f"version {version.id}", _book(study, version)
    if Path(asked).is_file():
        return asked, load_codebook(Path(asked))
    numbers = ", ".join(f"{v.id} ({v.fingerprint})" for v in versions[-8:])
    raise UsageError(
        f"there is no version {asked!r} of the codebook, and no such file",
        hint=f"stored are: {numbers}" if numbers else "qualcode code stores the first one",
    )
