"""Files are replaced whole or not at all."""

from pathlib import Path

import pytest

from qualcode.errors import UsageError
from qualcode.workflow.files import write_atomically


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")
    write_atomically(path, "new\n€")
    assert path.read_bytes() == "new\n€".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        write_atomically(tmp_path / "no" / "map.html", "x")
    assert "cannot be written" in caught.value.message
    assert caught.value.hint


def test_a_folder_in_the_way_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "map.html").mkdir()
    with pytest.raises(UsageError):
        write_atomically(tmp_path / "map.html", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]
