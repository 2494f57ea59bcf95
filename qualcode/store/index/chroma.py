"""The only module that knows chromadb. It runs as a process of its own: `python -m` this module.

chromadb is native code over files, and a damaged index has been seen to end or to hang the process
that reads it, so the command that asks must be able to outlive it. In its own process it also finds
none of the user's settings: chromadb reads the environment and a file `.env` in the folder where it
runs. `process.py` is the other side.

A message is a line of JSON, followed by as many bytes as its key "bytes" says: float32 vectors in
little-endian order, row after row. Each message gets one answer; {"error": kind} tells that
something failed, without chromadb's own words.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Chroma", "serve"]

_COLLECTION = "segments"
# Measured on 20,000 vectors without any structure, the hardest case: 98 % of the ten nearest are
# among the first hundred, against 60 % with chromadb's defaults (16 neighbours, ef 100).
_NEIGHBOURS = 32
_EF_CONSTRUCTION = 200
_EF_SEARCH = 400


class Chroma:
    """Hold one open folder; vectors are always given, chromadb never makes any."""

    def __init__(self, path: str) -> None:
        from chromadb import PersistentClient
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False, allow_reset=False)
        self._client = PersistentClient(path=path, settings=settings)
        self._collection: Any = None

    def create(self, n_rows: int, rows_a_batch: int) -> int:
        """Make the collection and return in how many batches of equal size to add the rows.

        Each batch is saved as it comes. Rows of one that is smaller than the others would stay
        in a log, and each opening would insert them again.
        """
        n_batches = -(-n_rows // min(rows_a_batch, int(self._client.get_max_batch_size())))
        smallest = n_rows // n_batches
        self._collection = self._client.create_collection(
            _COLLECTION,
            embedding_function=None,
            configuration={
                "hnsw": {
                    "space": "ip",  # of unit vectors, so this is the cosine
                    "max_neighbors": _NEIGHBOURS,
                    "ef_construction": _EF_CONSTRUCTION,
                    "ef_search": _EF_SEARCH,
                    "batch_size": smallest,
                    "sync_threshold": smallest,
                }
            },
        )
        return n_batches

    def add(self, first: int, vectors: NDArray[np.float32]) -> None:
        """Add rows; a row's id is its number."""
        ids = [str(row) for row in range(first, first + len(vectors))]
        self._collection.add(ids=ids, embeddings=vectors)

    def open(self) -> int:
        """Open the collection that is there and return its number of rows."""
        self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
        return int(self._collection.count())

    def query(self, vectors: NDArray[np.float32], n_rows: int) -> list[list[int]]:
        """Return the numbers of about the nearest rows to each vector, nearest first."""
        found = self._collection.query(query_embeddings=vectors, n_results=n_rows, include=[])
        return [[int(row) for row in rows] for rows in found["ids"]]

    def close(self) -> None:
        self._client.close()


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer messages until the other side closes its end."""
    held: Chroma | None = None
    while line := source.readline():
        message: dict[str, Any] = json.loads(line)
        content = source.read(message.get("bytes", 0))
        try:
            if message["do"] in ("create", "open"):
                held = Chroma(message["path"])
            assert held is not None
            answer = _answer(held, message, content)
        except BaseException as error:  # native code panics past Exception
            answer = {"error": type(error).__name__}
        sink.write(json.dumps(answer).encode("ascii") + b"\n")
        sink.flush()
        if message["do"] == "close":
            return


def _answer(held: Chroma, message: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    import numpy as np

    match message["do"]:
        case "create":
            return {"batches": held.create(message["rows"], message["rows_a_batch"])}
        case "add":
            held.add(message["first"], _rows(np.frombuffer(content, "<f4"), message["rows"]))
            return {}
        case "open":
            return {"rows": held.open()}
        case "query":
            vectors = _rows(np.frombuffer(content, "<f4"), message["rows"])
            return {"found": held.query(vectors, message["nearest"])}
        case "close":
            held.close()
            return {}
        case other:
            raise ValueError(other)


def _rows(values: NDArray[np.float32], n_rows: int) -> NDArray[np.float32]:
    return values.reshape(n_rows, -1)


def _main() -> None:
    # Whatever chromadb or its libraries print must not get between the answers.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, sink)
    os._exit(0)  # the libraries' threads may not want to end


if __name__ == "__main__":
    _main()
