"""Copy a study's database for handing on, and look at one that a stranger handed over.

A stranger's file is opened for reading only, without its triggers, views and functions, and every
table has to be one of ours before any of its rows are believed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from qualcode.errors import StoreError
from qualcode.store.database import APPLICATION_ID
from qualcode.store.migrations import REVISIONS
from qualcode.store.schema import metadata

__all__ = ["LEFT_OUT", "copy_for_handing_on", "refuse_unfit"]

LEFT_OUT = (
    *("embedding", "learnt", "lease", "review_session"),
    *("removed_document", "removed_source"),
)
"""Tables that are empty in a copy: caches, browsers' passes, what was taken out of the study."""

_MARK = "alembic_version"
_NEWER = "pip install --upgrade qualcode"
_WITH_SPANS = ("turn", "segment", "coding")
_LONGEST_SECONDS = 10.0
_BYTES_A_SECOND = 20e6  # a slow disk
_STEPS_A_LOOK = 100_000


def copy_for_handing_on(database: Path, to: Path) -> None:
    """Write a copy of a database without the tables of `LEFT_OUT`, as one file.

    Raises:
        StoreError: The database cannot be read, or the copy not be written.
    """
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as held:
            held.execute("VACUUM INTO ?", (str(to),))
        with closing(sqlite3.connect(to)) as copy:
            copy.execute("PRAGMA secure_delete=ON")
            for table in LEFT_OUT:
                copy.execute(f"DELETE FROM {table}")
            copy.commit()
            copy.execute("VACUUM")
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{database}: cannot be copied: {error}", hint="check free space and permissions"
        ) from error


def refuse_unfit(path: Path, called: str) -> None:
    """Refuse a database that is not one of ours, whole and without anything that runs by itself.

    Args:
        path: The file; nothing is written to it.
        called: How to name it in a message.

    Raises:
        StoreError: It is not; the message says why.
    """
    seconds = _LONGEST_SECONDS + path.stat().st_size / _BYTES_A_SECOND
    try:
        with closing(_opened(path)) as connection, _in_time(connection, seconds):
            _refuse_foreign_tables(connection, called)
            _refuse_damage(connection, called)
    except sqlite3.OperationalError as error:
        why = "takes too long to look through" if "interrupt" in str(error) else str(error)
        raise StoreError(f"{called}: {why}", hint="ask for it again") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{called}: not a database: {error}", hint="ask for it again") from error


def _opened(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True)
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    return connection


@contextmanager
def _in_time(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS_A_LOOK)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _refuse_foreign_tables(connection: sqlite3.Connection, called: str) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError(f"{called}: a database of another program")
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    odd = [name for kind, name, _, _ in found if kind not in ("table", "index")]
    odd += [
        name
        for kind, name, table, sql in found
        if (kind == "table" and not _is_known(name, sql or ""))
        or (kind == "index" and table not in metadata.tables and table != _MARK)
    ]
    if odd:
        raise StoreError(f"{called}: holds {odd[0]!r}, which is none of qualcode's tables")
    if (_MARK,) not in [(name,) for _, name, _, _ in found]:
        raise StoreError(f"{called}: does not say which version it is of")
    marks = [str(row[0]) for row in connection.execute(f"SELECT version_num FROM {_MARK}")]
    if len(marks) != 1 or marks[0] not in REVISIONS:
        newer = ", ".join(marks) or "none"
        raise StoreError(f"{called}: written by a newer qualcode (version {newer})", hint=_NEWER)
    for name in {name for kind, name, _, _ in found if kind == "table"} - {_MARK}:
        columns = metadata.tables[name].columns
        own = {column.name for column in columns if column.info.get("since", "") <= marks[0]}
        rows = connection.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (name,))
        held = {column: hidden for column, hidden in rows}
        if set(held) != own or any(held.values()):
            raise StoreError(f"{called}: the table {name!r} is not as qualcode makes it")


def _is_known(name: str, sql: str) -> bool:
    is_plain = " ".join(sql.split()).upper().startswith("CREATE TABLE ")
    return is_plain and (name in metadata.tables or name == _MARK)


def _refuse_damage(connection: sqlite3.Connection, called: str) -> None:
    """Refuse broken pages, rows that belong to nothing, and places outside their texts."""
    told = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if told != "ok":
        raise StoreError(f"{called}: damaged: {str(told).splitlines()[0][:200]}")
    loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    if loose is not None:
        raise StoreError(f"{called}: a row of {loose[0]!r} belongs to nothing")
    for table in _WITH_SPANS:
        outside = connection.execute(
            f"SELECT count(*) FROM {table} JOIN document ON document.id = {table}.document_id "
            "WHERE start_char < 0 OR end_char < start_char OR end_char > length(document.text)"
        ).fetchone()[0]
        if outside:
            raise StoreError(f"{called}: {outside} rows of {table!r} point outside their texts")
    for known in metadata.sorted_tables:
        for column in known.columns:
            if column.name.endswith("_json") and _has(connection, known.name):
                bad = connection.execute(
                    f"SELECT 1 FROM {known.name} WHERE {column.name} IS NOT NULL "
                    f"AND NOT json_valid({column.name}) LIMIT 1"
                ).fetchone()
                if bad:
                    raise StoreError(f"{called}: {known.name}.{column.name} holds no JSON")


def _has(connection: sqlite3.Connection, table: str) -> bool:
    wanted = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(wanted, (table,)).fetchone() is not None
