"""A damaged database is told as such, with its own exit code."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Run

PAGE = 4096
TABLES = ("alembic_version", "document", "turn", "segment", "source")


@pytest.fixture
def whole(tmp_path: Path, qualcode: Run) -> Path:
    text = "".join(f"Ada: I waited {n} weeks for the parcel.\n" for n in range(200))
    (tmp_path / "talk.txt").write_text(text, encoding="utf-8", newline="\n")
    qualcode("init", "study", "--yes")
    qualcode("ingest", "--study", "study", "talk.txt")
    return Path(shutil.copyfile(tmp_path / "study" / "qualcode.db", tmp_path / "whole.db"))


def test_overwritten_pages_leave_with_5_and_without_words_of_the_study(
    tmp_path: Path, whole: Path, qualcode: Run
) -> None:
    with closing(sqlite3.connect(whole)) as connection:
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master").fetchall())
    content = whole.read_bytes()
    damages = [(roots[table] - 1, roots[table]) for table in TABLES]  # one page of each
    damages.append((1, len(content) // PAGE))  # all but the first page
    for first, end in damages:
        damaged = content[: first * PAGE] + bytes((end - first) * PAGE) + content[end * PAGE :]
        (tmp_path / "study" / "qualcode.db").write_bytes(damaged)
        done = qualcode("export", "json", "--study", "study", "--out", "out.json", expect=5)
        assert "backup" in done.stderr
        assert "parcel" not in done.stderr
        assert not (tmp_path / "out.json").exists()
