"""The search index finds what NumPy finds, and is built beside the old one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qualcode.errors import StoreError
from qualcode.store.index import vector_index
from qualcode.store.index.manifest import IndexDoubt
from qualcode.store.index.vector_index import VectorIndex

Matrix = NDArray[np.float32]

SECRET = b"ours"
N_ROWS = 400


def unit_rows(n_rows: int, seed: int = 1) -> Matrix:
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(20, 48))
    rows = middles[rng.integers(0, 20, n_rows)] + rng.normal(size=(n_rows, 48))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class Kept:
    """Stand in for the store: keys with a vector each."""

    def __init__(self, n_rows: int = N_ROWS) -> None:
        self.keys = [f"{row:064x}" for row in range(n_rows)]
        self.rows = unit_rows(n_rows)

    def vectors(self, keys: Sequence[str]) -> Matrix:
        place = {key: row for row, key in enumerate(self.keys)}
        return self.rows[[place[key] for key in keys]]


def build(index: VectorIndex, kept: Kept, secret: bytes = SECRET) -> None:
    index.build(
        kept.keys, "model", secret, is_current=lambda: True, progress=lambda done, total: None
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> VectorIndex:
    """Build once; tests must not change it."""
    kept = Kept()
    index = VectorIndex(tmp_path_factory.mktemp("study") / "vectors", kept.vectors)
    build(index, kept)
    return index


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_the_nearest_rows_are_those_of_numpy(built: VectorIndex) -> None:
    kept = Kept()
    queries = unit_rows(25, seed=2)
    with built.open(kept.keys, "model", SECRET) as opened:
        found = opened.nearest(queries, 40)
    exact = np.argsort(-(queries @ kept.rows.T), axis=1)
    for near, nearest in zip(found, exact[:, :10], strict=True):
        assert set(nearest.tolist()) <= set(near)


def test_asking_for_more_rows_than_there_are_gives_what_there_are(built: VectorIndex) -> None:
    kept = Kept()
    with built.open(kept.keys, "model", SECRET) as opened:
        (found,) = opened.nearest(kept.rows[:1], N_ROWS + 5)
    assert len(found) > N_ROWS * 0.9


def test_reading_changes_no_file_of_the_index_and_leaves_none(built: VectorIndex) -> None:
    kept = Kept()
    before = {p: p.read_bytes() for p in built.folder.rglob("*") if p.is_file()}
    with built.open(kept.keys, "model", SECRET) as opened:
        opened.nearest(kept.rows[:1], 5)
    assert {p: p.read_bytes() for p in built.folder.rglob("*") if p.is_file()} == before


def test_an_index_of_one_row_works(tmp_path: Path) -> None:
    kept = Kept(1)
    index = VectorIndex(tmp_path / "vectors", kept.vectors)
    build(index, kept)
    with index.open(kept.keys, "model", SECRET) as opened:
        assert opened.nearest(kept.rows, 3) == [[0]]


def test_a_newer_index_takes_the_place_of_the_older(tmp_path: Path) -> None:
    kept = Kept(20)
    index = VectorIndex(tmp_path / "vectors", kept.vectors)
    build(index, kept)
    build(index, kept)
    assert names(index.folder) == ["index-0002"]


def test_vectors_deleted_while_it_was_built_are_in_no_index(tmp_path: Path) -> None:
    kept = Kept(20)
    index = VectorIndex(tmp_path / "vectors", kept.vectors)
    answers = iter([True, False])  # before the rename, and after it
    with pytest.raises(IndexDoubt, match="changed meanwhile"):
        index.build(
            kept.keys,
            "model",
            SECRET,
            is_current=lambda: next(answers),
            progress=lambda done, total: None,
        )
    assert names(index.folder) == []


def test_rows_are_added_in_batches_of_equal_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_index, "_ROWS_A_BATCH", 100)
    kept = Kept(220)
    index = VectorIndex(tmp_path / "vectors", kept.vectors)
    told: list[tuple[int, int]] = []
    index.build(
        kept.keys,
        "model",
        SECRET,
        is_current=lambda: True,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(73, 220), (146, 220), (220, 220)]


def test_discarding_leaves_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    kept = Kept(20)
    index = VectorIndex(tmp_path / "vectors", kept.vectors)
    index.discard()
    build(index, kept)
    index.discard()
    index.discard()
    assert names(index.folder) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    kept = Kept(3)
    (tmp_path / "vectors").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        build(VectorIndex(tmp_path / "vectors", kept.vectors), kept)
