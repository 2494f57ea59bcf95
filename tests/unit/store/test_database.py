"""The database file: settings, migrations, locks and refusals."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from qualcode.errors import StoreError
from qualcode.store import schema
from qualcode.store.database import APPLICATION_ID, Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qualcode.db"


def test_the_migrations_make_exactly_the_tables_of_the_schema(path: Path) -> None:
    database = Database(path, create=True)
    difference = compare_metadata(MigrationContext.configure(database.read()), schema.metadata)
    database.close()
    assert difference == []


def test_the_file_is_marked_as_ours_and_writes_ahead(path: Path) -> None:
    database = Database(path, create=True)
    connection = database.read()
    pragma = {
        name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        for name in ("application_id", "journal_mode", "foreign_keys", "secure_delete")
    }
    database.close()
    assert pragma == {
        "application_id": APPLICATION_ID,
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
    }


def test_a_failed_write_saves_nothing(path: Path) -> None:
    database = Database(path, create=True)
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(schema.meta.insert(), {"key": "a", "value": "b"})
        raise RuntimeError
    rows = database.read().execute(sa.select(schema.meta)).all()
    database.close()
    assert rows == []


def test_a_broken_rule_of_the_schema_is_a_store_error_without_the_values(path: Path) -> None:
    database = Database(path, create=True)
    with pytest.raises(StoreError) as caught, database.write() as connection:
        for _ in range(2):
            connection.execute(schema.meta.insert(), {"key": "secret words", "value": "b"})
    database.close()
    assert "secret words" not in str(caught.value)


def test_a_missing_file_is_not_made_by_opening(path: Path) -> None:
    with pytest.raises(StoreError, match="no database"):
        Database(path)
    assert not path.exists()


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Database(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database at all, but long enough", b"\0" * 4096])
def test_a_damaged_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(b"SQLite format 3\0" + content)
    with pytest.raises(StoreError):
        Database(path)


PAGE = 4096


def filled(path: Path) -> bytes:
    """Make a database of many pages and return its bytes."""
    database = Database(path, create=True)
    with database.write() as connection:
        rows = [{"key": f"secret {n}", "value": "secret " * 90} for n in range(400)]
        connection.execute(schema.meta.insert(), rows)
    database.close()
    return path.read_bytes()


@pytest.mark.parametrize("filling", [b"\0", b"\xff", b"secret"])
def test_overwritten_pages_are_a_store_error_whichever_statement_meets_them(
    path: Path, filling: bytes
) -> None:
    whole = filled(path)
    for first in (1, 2, 40, 80):
        size = len(whole) - first * PAGE
        path.write_bytes(whole[: first * PAGE] + (filling * size)[:size])
        with pytest.raises(StoreError) as caught:
            database = Database(path)
            try:
                database.read().execute(sa.select(schema.meta)).all()
            finally:
                database.close()
        assert "secret" not in str(caught.value).replace(str(path), "")
        assert "SELECT" not in str(caught.value)
        assert "backup" in str(caught.value.hint)


def test_a_text_that_is_no_utf_8_is_a_store_error_without_the_text(path: Path) -> None:
    whole = filled(path)
    at = whole.rindex(b"secret secret ")
    path.write_bytes(whole[:at] + b"\xff" + whole[at + 1 :])
    database = Database(path)
    with pytest.raises(StoreError) as caught:
        database.read().execute(sa.select(schema.meta)).all()
    database.close()
    assert "ecret" not in str(caught.value).replace(str(path), "")


def test_a_damaged_page_met_while_writing_saves_nothing_and_is_a_store_error(path: Path) -> None:
    whole = filled(path)
    spared = len(whole) // PAGE * 3 // 4  # the tables' own descriptions among them
    path.write_bytes(whole[: spared * PAGE] + bytes(len(whole) - spared * PAGE))
    database = Database(path)
    with pytest.raises(StoreError, match="damaged"), database.write() as connection:
        connection.execute(schema.meta.update().values(value="x"))
    database.close()


def test_a_failed_backup_before_a_migration_is_a_store_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = filled(path)
    monkeypatch.setattr("qualcode.store.migrate.HEAD", "a later one")
    path.write_bytes(whole[: 40 * PAGE] + bytes(len(whole) - 40 * PAGE))
    with pytest.raises(StoreError, match="damaged"):
        Database(path)


ADDED = {
    "0002": ("review_event", "draw", "learnt", "lease", "review_session"),
    "0003": ("request", "request_body", "reply", "candidate", "narrative"),
    "0004": ("removed_document", "removed_source", "note"),
    "0005": ("request.version",),
}
"""What the version after each of these brought: tables, and columns of older ones."""


def make_version(path: Path, version: str) -> None:
    """Make a database as an older qualcode left it, with a row in it."""
    database = Database(path, create=True)
    with database.write() as connection:
        connection.execute(schema.meta.insert(), {"key": "kept", "value": "as it was"})
    database.close()
    with closing(sqlite3.connect(path)) as connection:
        for added in reversed(added_since(version)):
            table, _, column = added.partition(".")
            drop = f"ALTER TABLE {table} DROP COLUMN {column}" if column else f"DROP TABLE {table}"
            connection.execute(drop)
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.commit()


def added_since(version: str) -> list[str]:
    return [each for then, added in ADDED.items() if then >= version for each in added]


@pytest.mark.parametrize("version", ADDED)
def test_an_older_database_gets_what_it_lacks_and_keeps_its_rows(path: Path, version: str) -> None:
    make_version(path, version)
    database = Database(path)
    connection = database.read()
    difference = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    kept = connection.execute(sa.select(schema.meta)).all()
    database.close()
    assert difference == []
    assert [tuple(row) for row in kept] == [("kept", "as it was")]


@pytest.mark.parametrize("version", ADDED)
def test_an_older_database_is_backed_up_as_it_was_before_it_is_upgraded(
    path: Path, version: str
) -> None:
    make_version(path, version)
    Database(path).close()
    (backup,) = (path.parent / "backups").iterdir()
    with closing(sqlite3.connect(backup)) as connection:
        held = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        rows = connection.execute("SELECT key, value FROM meta").fetchall()
        wanted = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
        columns = connection.execute(wanted).fetchall()
        names = {name for table, column in columns for name in (table, f"{table}.{column}")}
    assert (held, rows) == ((version,), [("kept", "as it was")])
    assert names.isdisjoint(added_since(version))


def test_a_write_inside_a_write_is_saved_with_it(path: Path) -> None:
    database = Database(path, create=True)
    with database.write():
        put(database, "a")
        before = database.read().scalar(sa.select(sa.func.count()).select_from(schema.meta))
    after = database.read().scalar(sa.select(sa.func.count()).select_from(schema.meta))
    database.close()
    assert (before, after) == (0, 1)


def test_a_write_inside_a_write_that_fails_is_not_saved(path: Path) -> None:
    database = Database(path, create=True)
    with pytest.raises(RuntimeError), database.write():
        put(database, "a")
        raise RuntimeError
    put(database, "b")
    kept = database.read().scalars(sa.select(schema.meta.c.key)).all()
    database.close()
    assert kept == ["b"]


def put(database: Database, key: str) -> None:
    with database.write() as connection:
        connection.execute(schema.meta.insert(), {"key": key, "value": "x"})


def test_a_database_of_this_version_is_not_backed_up(path: Path) -> None:
    Database(path, create=True).close()
    Database(path).close()
    assert not (path.parent / "backups").exists()


def test_a_newer_database_is_refused(path: Path) -> None:
    Database(path, create=True).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="newer qualcode"):
        Database(path)


def test_an_open_reader_does_not_hold_up_a_writer(path: Path) -> None:
    database = Database(path, create=True)
    database.read().execute(sa.select(schema.meta)).all()
    other = Database(path)
    with other.write() as connection:
        connection.execute(schema.meta.insert(), {"key": "a", "value": "b"})
    seen = database.read().execute(sa.select(schema.meta.c.value)).scalar()
    other.close()
    database.close()
    assert seen == "b"


def test_two_writers_at_once_lose_nothing(path: Path) -> None:
    Database(path, create=True).close()

    def write(name: str) -> None:
        database = Database(path)
        for number in range(20):
            with database.write() as connection:
                values = {"key": f"{name}{number}", "value": "x"}
                connection.execute(schema.meta.insert(), values)
        database.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database = Database(path)
    count = database.read().scalar(sa.select(sa.func.count()).select_from(schema.meta))
    database.close()
    assert count == 40
