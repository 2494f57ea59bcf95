"""Open a study's SQLite file so that two processes cannot hurt it.

Write-ahead log, with full sync unless a writer does not want to wait for it; writes begin
immediately and, like checkpoints and the last close, happen under one lock file: SQLite before
3.51.3 can corrupt a log that two connections write and checkpoint at once, and most Pythons link an
older one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from qualcode.errors import StoreError

__all__ = ["APPLICATION_ID", "Database"]

APPLICATION_ID = 0x51434F44  # "QCOD", marks our files for SQLite's application_id
_LOCK_WAIT_SECONDS = 30.0
_CHECKPOINT_EVERY = 50
_BUSY_MS = 10_000
_RESTORE = "restore study files from a backup, or begin a new study with qualcode init"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Database:
    """Hold the connections to one database file.

    Args:
        path: The file; made with its tables when it does not exist and `create` is true.
        create: Whether a missing file is made.

    Raises:
        StoreError: The file is missing, not ours, damaged or written by a newer version.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if not create and not path.is_file():
            raise StoreError(
                f"{path}: the study has no database", hint="qualcode init makes a new study"
            )
        self.path = path
        self._lock = FileLock(f"{path}.lock", timeout=_LOCK_WAIT_SECONDS)
        self._writes = 0
        self._is_flushed = True
        if path.is_file():
            _refuse_foreign(path)
        self._engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(path)),
            poolclass=sa.pool.NullPool,
            hide_parameters=True,
        )
        sa.event.listen(self._engine, "connect", _configure)
        sa.event.listen(self._engine, "begin", _begin)
        sa.event.listen(self._engine, "handle_error", self._translate)
        self._reader: sa.Connection | None = None
        self._writer: sa.Connection | None = None
        self._migrate()

    def _migrate(self) -> None:
        from qualcode.store.migrate import upgrade

        with self._locked(), _translating(self.path), self._engine.connect() as connection:
            upgrade(connection, self.path)

    def _translate(self, context: sa.ExceptionContext) -> None:
        """Replace what SQLAlchemy would raise, wherever in the package the statement ran."""
        error = context.original_exception
        # A ProgrammingError is a call of ours that cannot work, never the state of the file.
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.ProgrammingError
        ):
            raise _translated(error, self.path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except Timeout as error:
            raise StoreError(
                f"{self.path}: another qualcode has been writing for {_LOCK_WAIT_SECONDS:.0f} s",
                hint="wait for it to end, or close it, and run the command again",
            ) from error

    @contextmanager
    def write(self, *, is_flushed: bool = True) -> Iterator[sa.Connection]:
        """Run one short write transaction: all of it is saved, or nothing.

        One inside another joins it, so an error is to leave both.

        Args:
            is_flushed: Wait until the disk has it. Without that a transaction outlasts a killed
                process all the same, but not a power cut, which takes the last few.
        """
        if self._writer is not None and self._writer.in_transaction():
            yield self._writer
            return
        with self._locked():
            if self._writer is None:
                self._writer = self._engine.connect()
            self._flush(is_flushed)
            with self._writer.begin():
                yield self._writer
            self._writes += 1
            if self._writes % _CHECKPOINT_EVERY == 0:
                self._checkpoint("PASSIVE")

    def read(self) -> sa.Connection:
        """Return the connection for reading; each statement sees what is saved."""
        if self._reader is None:
            self._reader = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._reader

    def _flush(self, is_flushed: bool) -> None:
        """Set how the next transaction is saved; SQLite takes that between two of them only."""
        if is_flushed == self._is_flushed:
            return
        assert self._writer is not None
        dbapi = self._writer.connection.dbapi_connection
        assert dbapi is not None
        with _translating(self.path):
            dbapi.cursor().execute(f"PRAGMA synchronous={'FULL' if is_flushed else 'NORMAL'}")
        self._is_flushed = is_flushed

    def _checkpoint(self, mode: str) -> bool:
        """Move the log into the file as far as that goes; return whether all of it went."""
        if self._writer is None:
            return True
        dbapi = self._writer.connection.dbapi_connection
        assert dbapi is not None
        with _translating(self.path):
            (found,) = dbapi.cursor().execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
        return not found[0]

    def erase_leftovers(self) -> bool:
        """Overwrite what a deleted or replaced text left in the log and in free pages.

        Returns:
            False where another process was reading, so that the log still holds it.
        """
        with self._locked():
            return self._checkpoint("TRUNCATE")

    def close(self) -> None:
        """Close the connections; the last close checkpoints, so it holds the lock too."""
        with self._locked():
            for connection in (self._reader, self._writer):
                if connection is not None:
                    connection.close()
            self._reader = self._writer = None
            self._is_flushed = True
            self._engine.dispose()


def _refuse_foreign(path: Path) -> None:
    """Look at the file before anything is written: never touch a stranger's database."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    with _translating(path), closing(sqlite3.connect(address, uri=True)) as connection:
        found = connection.execute("PRAGMA application_id").fetchone()[0]
        kinds = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
    if found != APPLICATION_ID and kinds:
        raise StoreError(f"{path}: a database of another program", hint=_RESTORE)
    odd = [f"{kind} {name!r}" for kind, name in kinds if kind not in ("table", "index")]
    if odd:
        # A trigger would change with every decision what its writer wanted, unseen.
        raise StoreError(
            f"{path}: holds what no qualcode puts there: {', '.join(odd)[:200]}",
            hint="ask whoever made the study for a pack of it (qualcode pack)",
        )


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "secure_delete=ON",
        "wal_autocheckpoint=0",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _translating(path: Path) -> Iterator[None]:
    """Translate errors of statements that go to SQLite past SQLAlchemy."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _translated(error, path) from error


def _translated(error: sqlite3.DatabaseError, path: Path) -> StoreError:
    """Keep SQLite's reason and drop the statement, which may carry participants' words."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Not SQLite's own error but one of Python's module: "Could not decode to UTF-8 column …
        # with text …" holds the words of the column.
        return StoreError(f"{path}: holds what cannot be read as text", hint=_RESTORE)
    if code & 0xFF in _DAMAGED:  # the upper bytes tell subkinds
        return StoreError(f"{path}: the database is damaged: {error}", hint=_RESTORE)
    return StoreError(
        f"{path}: {error}", hint="check free space and permissions, then run the command again"
    )
