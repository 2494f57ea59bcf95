"""Find what is near in meaning: exactly with NumPy, through the search index where that pays.

The store's vectors are the truth. NumPy reads and compares all of them and finds all; checking and
opening the index takes a second or two whatever its size, and it may miss a few. Over 20,000 texts
NumPy is faster by far, over 200,000 the two are even (`evals/search_speed.py`), so from there on
the index answers. What it finds is ranked again with the store's own vectors: scores are the same.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from qualcode.errors import StoreError, UsageError
from qualcode.records import Role
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qualcode.store.index.vector_index import VectorIndex
    from qualcode.store.segment_texts import SegmentText

    Vector = NDArray[np.float32]

__all__ = [
    "INDEX_FROM_TEXTS",
    "IndexUse",
    "Nearest",
    "Reindexed",
    "Scored",
    "discard_index",
    "nearest",
    "nearest_exactly",
    "reindex",
]

INDEX_FROM_TEXTS = 200_000
"""From how many different texts on the index answers unless something else is asked for."""

_TEXTS_A_TRANSACTION = 256
_MORE_THAN_ASKED = 10  # times as many candidates as results are ranked again, and at least
_FEWEST_CANDIDATES = 200
_FLOAT32_ERROR = 1e-4
_DECIMALS = 6


class IndexUse(StrEnum):
    """Say whether the search index answers."""

    AUTO = "auto"
    EXACT = "exact"
    CHROMA = "chroma"


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold a segment with the cosine of its vector to what was asked for, to six decimals."""

    text: SegmentText
    score: float


@dataclass(frozen=True, slots=True)
class Nearest:
    """Hold what was found, nearest first.

    Attributes:
        engine: "exact" or "chroma".
        doubt: Why the index was wanted and not used, else empty.
    """

    found: tuple[Scored, ...]
    engine: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """Say what `reindex` did; `n_bytes` is the size of the index on disk."""

    n_embedded: int
    n_rows: int
    n_bytes: int
    seconds: float


def nearest(
    study: Study,
    everything: Sequence[SegmentText],
    candidates: Sequence[SegmentText],
    vector: Vector,
    limit: int,
    *,
    use: IndexUse = IndexUse.AUTO,
    progress: Progress = silent,
) -> Nearest:
    """Return the candidates nearest to a unit vector.

    Args:
        study: The study.
        everything: All segments as they stand, by which the index is checked.
        candidates: Those that may be found, in the order of the corpus, which decides between
            equal scores.
        vector: float32, (dimension,), of length 1.
        limit: How many at most.
        use: Whether the index answers.
        progress: Takes how far the embedding of texts without a vector is.
    """
    doubt = ""
    heard = all(text.segment.role is not Role.INTERVIEWER for text in candidates)
    if use is not IndexUse.EXACT and heard and limit and candidates:
        is_large = len({text.key for text in candidates}) >= INDEX_FROM_TEXTS
        if is_large or use is IndexUse.CHROMA:
            from qualcode.store.index.manifest import IndexDoubt

            try:
                near = _indexed(study, _keys(everything), candidates, vector, limit)
            except IndexDoubt as error:
                near, doubt = None, str(error)
            if near is not None:
                found = nearest_exactly(study, near, vector, limit, progress=progress)
                return Nearest(found, IndexUse.CHROMA.value)
    found = nearest_exactly(study, candidates, vector, limit, progress=progress)
    return Nearest(found, IndexUse.EXACT.value, doubt)


def nearest_exactly(
    study: Study,
    candidates: Sequence[SegmentText],
    vector: Vector,
    limit: int,
    *,
    progress: Progress = silent,
) -> tuple[Scored, ...]:
    """Return the candidates nearest to a unit vector, comparing it with every one of them.

    Scores do not depend on what else is compared; of equal ones the first candidate goes first.
    """
    import numpy as np

    if not candidates or limit < 1:
        return ()
    keys = {key: row for row, key in enumerate(dict.fromkeys(t.key for t in candidates))}
    matrix = _matrix(study, list(keys), candidates, progress)
    # How a product of matrices rounds depends on its shape: it chooses, and what it chose is
    # scored again one by one.
    rough = (matrix @ vector)[[keys[text.key] for text in candidates]]
    if len(candidates) > limit:
        least = np.partition(rough, -limit)[-limit] - _FLOAT32_ERROR
        chosen = np.flatnonzero(rough >= least).tolist()
    else:
        chosen = list(range(len(candidates)))
    exact = vector.astype(np.float64)
    scored = []
    for at in chosen:
        own = matrix[keys[candidates[at].key]].astype(np.float64)
        scored.append(Scored(candidates[at], round(float(own @ exact), _DECIMALS)))
    return tuple(sorted(scored, key=lambda s: -s.score)[:limit])


def reindex(study: Study, progress: Progress = silent) -> Reindexed:
    """Embed what has no vector yet and build the search index anew.

    Interviewers' words are not in it: few ask for them, and comparing them all is quick.

    Raises:
        UsageError: There is nothing to find yet.
        StoreError: Another process is building it, or it cannot be built.
    """
    from qualcode.store.index.manifest import IndexDoubt

    began = time.monotonic()
    texts = _heard(study.repository.segment_texts.all())
    if not texts:
        raise UsageError("there is nothing to search yet", hint="qualcode ingest PATH…")
    n_embedded = _embed(study, texts, progress)
    keys = _keys(texts)
    secret = study.private.index_key(make=True)
    assert secret is not None
    try:
        built = _index(study).build(
            keys,
            _model(),
            secret,
            is_current=lambda: _keys(study.repository.segment_texts.all()) == keys,
            progress=lambda done, total: progress("Indexing", done, total),
        )
    except IndexDoubt as error:
        raise StoreError(
            f"the search index could not be built: {error}",
            hint="search answers without it; to try again: qualcode reindex",
        ) from error
    return Reindexed(n_embedded, built.n_rows, built.n_bytes, time.monotonic() - began)


def discard_index(study: Study) -> None:
    """Delete the search index, because it may hold vectors of texts that are gone.

    Raises:
        StoreError: Another process has it open, which only Windows minds.
    """
    _index(study).discard()


def _indexed(
    study: Study,
    keys: Sequence[str],
    candidates: Sequence[SegmentText],
    vector: Vector,
    limit: int,
) -> list[SegmentText] | None:
    """Return the candidates that the index finds near; None when it finds too few of them."""
    n_rows = min(max(limit * _MORE_THAN_ASKED, _FEWEST_CANDIDATES), len(keys))
    with _index(study).open(keys, _model(), study.private.index_key()) as index:
        (rows,) = index.nearest(vector[None, :], n_rows)
    near = {keys[row] for row in rows}
    found = [text for text in candidates if text.key in near]
    return found if len(found) >= limit or n_rows == len(keys) else None


def _index(study: Study) -> VectorIndex:
    from qualcode.store.index.vector_index import VectorIndex

    def vectors(keys: Sequence[str]) -> Vector:
        return study.repository.vectors.matrix(keys, _model())

    return VectorIndex(study.path / "vectors", vectors)


def _model() -> str:
    from qualcode.coders.local.weights import model_id

    return model_id()


def _heard(texts: Sequence[SegmentText]) -> list[SegmentText]:
    return [text for text in texts if text.segment.role is not Role.INTERVIEWER]


def _keys(texts: Sequence[SegmentText]) -> list[str]:
    """Return the keys that the index is over: a row's number is its key's place among them."""
    return sorted({text.key for text in _heard(texts)})


def _matrix(
    study: Study, keys: Sequence[str], texts: Sequence[SegmentText], progress: Progress
) -> Vector:
    try:
        return study.repository.vectors.matrix(keys, _model())
    except KeyError:
        _embed(study, texts, progress)
        return study.repository.vectors.matrix(keys, _model())


def _embed(study: Study, texts: Sequence[SegmentText], progress: Progress) -> int:
    """Compute and save the vectors that are missing, so that a run that is stopped goes on."""
    from qualcode.coders.local.encoder import Encoder

    words = {text.key: text.text for text in texts}
    missing = sorted(words.keys() - study.repository.vectors.known(list(words), _model()))
    if not missing:
        return 0
    encoder = Encoder()
    for first in range(0, len(missing), _TEXTS_A_TRANSACTION):
        some = missing[first : first + _TEXTS_A_TRANSACTION]
        computed = encoder.encode([words[key] for key in some])
        study.repository.vectors.add(dict(zip(some, computed, strict=True)), _model())
        progress("Embedding", first + len(some), len(missing))
    return len(missing)
