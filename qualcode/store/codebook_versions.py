"""The states that a study's codebook was in, in the store: added to, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["CodebookVersions", "StoredVersion"]


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """Hold one state of the codebook, without its text.

    Attributes:
        id: Grows by one.
        at: When it was met first in a row, UTC, ISO 8601.
        fingerprint: Of the whole book; two versions have the same when the book came back to it.
        author: Who changed it, as far as that is known.
        reason: In the author's words, or how the program met it.
    """

    id: int
    at: str
    fingerprint: str
    author: str
    reason: str


_HEAD: Sequence[sa.Column[str] | sa.Column[int]] = [
    schema.codebook_version.c[name] for name in ("id", "at", "fingerprint", "author", "reason")
]


class CodebookVersions:
    """Append versions of the codebook and read them back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, *, fingerprint: str, book_yaml: str, author: str, reason: str) -> None:
        """Save a version with the time of now, unless the newest one is the same book."""
        table = schema.codebook_version
        newest = sa.select(table.c.fingerprint).order_by(table.c.id.desc()).limit(1)
        with self._database.write() as connection:
            if connection.scalar(newest) == fingerprint:
                return
            connection.execute(
                table.insert(),
                {
                    "at": rows.now(),
                    "fingerprint": fingerprint,
                    "book_yaml": book_yaml,
                    "author": author,
                    "reason": reason,
                },
            )

    def all(self) -> tuple[StoredVersion, ...]:
        """Return every version, oldest first."""
        found = self._database.read().execute(
            sa.select(*_HEAD).order_by(schema.codebook_version.c.id)
        )
        return tuple(StoredVersion(**row) for row in found.mappings())

    def text(self, version_id: int) -> str | None:
        """Return the YAML of a version."""
        table = schema.codebook_version
        found: str | None = self._database.read().scalar(
            sa.select(table.c.book_yaml).where(table.c.id == version_id)
        )
        return found

    def rewrite_text(self, version_id: int, book_yaml: str) -> None:
        """Save another text of a version under its old fingerprint.

        Only forgetting a person does this: judgements refer to the fingerprint.
        """
        table = schema.codebook_version
        with self._database.write() as connection:
            connection.execute(
                table.update().where(table.c.id == version_id).values(book_yaml=book_yaml)
            )
