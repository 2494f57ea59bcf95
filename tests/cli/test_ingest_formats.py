"""qualcode ingest: the format column and --format."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Run

REV = "Mara (00:01):\nWe load at four.\n\nDana (00:09):\nWhen do you sleep?\n"


def test_the_table_shows_the_dialect_beside_the_format(qualcode: Run, tmp_path: Path) -> None:
    talk = tmp_path / "a.txt"
    talk.write_text(REV, encoding="utf-8")
    qualcode("init", "study", "--yes")

    assert "txt · rev" in qualcode("ingest", str(talk), "--study", "study").stdout


def test_an_unknown_format_lists_the_known_ones(qualcode: Run, tmp_path: Path) -> None:
    talk = tmp_path / "a.txt"
    talk.write_text(REV, encoding="utf-8")
    qualcode("init", "study", "--yes")
    done = qualcode("ingest", str(talk), "--study", "study", "--format", "zooom", expect=2)

    assert all(name in done.stderr for name in ("vtt", "otter", "deepgram"))
