"""Bring a database to this version's tables, with a backup before anything changes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from qualcode.errors import StoreError
from qualcode.store.migrations import HEAD, REVISIONS

__all__ = ["upgrade"]


def upgrade(connection: sa.Connection, path: Path) -> None:
    """Apply the migrations that the database lacks, in one transaction.

    Raises:
        StoreError: The database was written by a newer version.
    """
    current = _current(connection)
    if current == HEAD:
        return
    if current is not None and current not in REVISIONS:
        raise StoreError(
            f"{path}: written by a newer qualcode (database version {current})",
            hint="pip install --upgrade qualcode",
        )
    if current is not None:
        _back_up(connection, path)
    _run(connection, path)


def _current(connection: sa.Connection) -> str | None:
    """Read alembic's mark ourselves: importing alembic costs 0.3 s and is needed rarely."""
    with connection.begin():
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return None if found is None else str(found)


def _back_up(connection: sa.Connection, path: Path) -> None:
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    dbapi = connection.connection.dbapi_connection
    assert dbapi is not None
    dbapi.cursor().execute("VACUUM INTO ?", (str(folder / f"qualcode-{stamp}.db"),))


def _run(connection: sa.Connection, path: Path) -> None:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)

    def steps(revision: object, _context: object) -> object:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        with connection.begin():
            environment.run_migrations()
