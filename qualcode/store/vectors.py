"""Embeddings in the store, by the hash of the text and the model that made them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qualcode.store import schema
from qualcode.store.database import Database

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

__all__ = ["Vectors", "text_key"]

_IDS_A_QUERY = 500  # SQLite allows 999 parameters in older builds


def text_key(text: str) -> str:
    """Return the SHA-256 of a text: the same for equal texts, whoever said them."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Vectors:
    """Keep unit vectors as little-endian float32 blobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, keys: Sequence[str], model: str) -> Mapping[str, Vector]:
        """Return the vectors that are there, by text key."""
        import numpy as np

        found: dict[str, Vector] = {}
        for some in _chunks(sorted(set(keys)), _IDS_A_QUERY):
            held = self._database.read().execute(
                sa.select(schema.embedding.c.text_sha256, schema.embedding.c.vector).where(
                    schema.embedding.c.model == model, schema.embedding.c.text_sha256.in_(some)
                )
            )
            found |= {key: np.frombuffer(blob, dtype="<f4") for key, blob in held}
        return found

    def known(self, keys: Sequence[str], model: str) -> set[str]:
        """Return those of the text keys that there is a vector for."""
        table, found = schema.embedding, set[str]()
        for some in _chunks(sorted(set(keys)), _IDS_A_QUERY):
            held = sa.select(table.c.text_sha256).where(
                table.c.model == model, table.c.text_sha256.in_(some)
            )
            found.update(self._database.read().scalars(held))
        return found

    def matrix(self, keys: Sequence[str], model: str) -> Vector:
        """Return the vectors of these keys as rows, float32, in their order; (0, 0) for none.

        Raises:
            KeyError: One is not there.
        """
        import numpy as np

        rows: Vector = np.empty((0, 0), np.float32)
        for first in range(0, len(keys), _IDS_A_QUERY):
            some = keys[first : first + _IDS_A_QUERY]
            found = self.get(some, model)
            for row, key in enumerate(some, start=first):
                if not row:
                    rows = np.empty((len(keys), len(found[key])), np.float32)
                rows[row] = found[key]
        return rows

    def add(self, vectors: Mapping[str, Vector], model: str) -> None:
        """Save vectors by text key; one that is there already is left."""
        from sqlalchemy.dialects.sqlite import insert

        if not vectors:
            return
        values = [
            {"text_sha256": key, "model": model, "vector": vector.astype("<f4").tobytes()}
            for key, vector in vectors.items()
        ]
        with self._database.write() as connection:
            connection.execute(insert(schema.embedding).on_conflict_do_nothing(), values)

    def remove(self, keys: Sequence[str]) -> None:
        """Delete the vectors of texts that are no longer in the study, whatever the model."""
        for some in _chunks(sorted(set(keys)), _IDS_A_QUERY):
            with self._database.write() as connection:
                connection.execute(
                    schema.embedding.delete().where(schema.embedding.c.text_sha256.in_(some))
                )

    def keep_only(self, keys: Collection[str]) -> int:
        """Delete all other vectors, whatever the model, and return how many that were."""
        table = schema.embedding
        held = set(self._database.read().scalars(sa.select(table.c.text_sha256).distinct()))
        gone = sorted(held - set(keys))
        self.remove(gone)
        return len(gone)


def _chunks(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(values), size):
        yield values[at : at + size]
