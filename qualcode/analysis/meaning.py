"""Where a segment stands in meaning: what was said, and which need it points to.

Words alone group by topic ("ambulance", "bike"); codes alone group by whatever was coded, right or
wrong. Half and half, segments come together that speak of the same thing and point to the same
need. A need points to itself; a pain, an attitude or an outcome to the needs that stand nearest to
it, most to the very nearest, or to itself where none is near.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.codebook import Codebook
from qualcode.records import Coding

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Vectors = Mapping[str, NDArray[np.float32]]

__all__ = ["NEAR_A_NEED", "Directions", "Space"]

NEAR_A_NEED = 0.5
"""Cosine from which a code points to a need instead of standing for itself."""

_SHARPNESS = 0.05
"""A need whose cosine is lower by this much gets 1/e of the weight. At 0.1 every pain points a
little everywhere, and groups blur; at 0.02 to one need alone, right or wrong."""
_NOTHING = 1e-6


class Directions:
    """Tell to which needs codings point.

    Attributes:
        ids: The needs in the order of the book, then the codes that stand for themselves.
        vectors: float64, (len(ids), dim), unit rows, 0 where a code has no vector; dim is 0 without
            any vector.
    """

    def __init__(self, codebook: Codebook, families: Sequence[str], vectors: Vectors) -> None:
        import numpy as np

        dim = max((len(v) for v in vectors.values()), default=0)

        def vector_of(code_id: str) -> Floats:
            vector = np.asarray(vectors.get(code_id, np.zeros(dim)), dtype=np.float64)
            norm = float(np.linalg.norm(vector))
            return np.asarray(vector / norm if norm > _NOTHING else np.zeros(dim))

        needs = [code.id for code in codebook.family("need")]
        rows = [vector_of(need) for need in needs]
        known = np.stack(rows) if rows else np.zeros((0, dim))
        self.ids = list(needs)
        nearest: dict[str, Floats] = {}
        for code in codebook.codes:
            if code.family == "need" or code.family not in families or code.status == "retired":
                continue
            vector = vector_of(code.id)
            cosines = known @ vector
            if len(cosines) and cosines.max() >= NEAR_A_NEED:
                weights = np.exp((cosines - cosines.max()) / _SHARPNESS)
                nearest[code.id] = weights / weights.sum()
            else:
                self.ids.append(code.id)
                rows.append(vector)
        self.vectors: Floats = np.stack(rows) if rows else np.zeros((0, dim))
        self._place = {code_id: at for at, code_id in enumerate(self.ids)}
        self._nearest = nearest

    def weights(self, codings: Sequence[Coding]) -> Floats:
        """Return how much codings point to each of `ids`; sums to 1, to 0 where none points.

        Codings count by their scores. A code that is in none of the families points nowhere.
        """
        import numpy as np

        total = np.zeros(len(self.ids))
        for coding in codings:
            score = max(coding.score, _NOTHING)
            if coding.code in self._place:
                total[self._place[coding.code]] += score
            elif coding.code in self._nearest:
                near = self._nearest[coding.code]
                total[: len(near)] += score * near
        whole = float(total.sum())
        return total / whole if whole else total


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold the middle of one part and its mean distance from it, 0 where all are the same."""

    middle: Floats
    spread: float

    @classmethod
    def of(cls, rows: Floats) -> _Part:
        import numpy as np

        middle = rows.mean(axis=0)
        spread = float(np.sqrt(((rows - middle) ** 2).sum(axis=1).mean())) if rows.size else 0.0
        return cls(middle, spread if spread > _NOTHING else 0.0)

    def place(self, rows: Floats) -> Floats:
        import numpy as np

        return (rows - self.middle) / self.spread if self.spread else np.zeros_like(rows)


@dataclass(frozen=True, slots=True)
class Space:
    """Place segments so that what was said and where it points weigh the same.

    Both parts are centred, because what all segments share ("it is about a bike") tells none of
    them apart, and scaled to the same mean square.
    """

    words: _Part
    directions: _Part

    @classmethod
    def of(cls, words: Floats, directions: Floats) -> Space:
        """Fit to rows of words, (n, dim), and of directions, (n, dim); rows of 0 point nowhere."""
        import numpy as np

        pointing = directions[np.linalg.norm(directions, axis=1) > _NOTHING]
        if not len(pointing):
            pointing = np.zeros((1, directions.shape[1]))
        return cls(_Part.of(words), _Part.of(pointing))

    def scaled(self, words: Floats, directions: Floats) -> Floats:
        """Return rows float64, (n, dim), centred and scaled, of any length."""
        import numpy as np

        said = self.words.place(words)
        if not directions.shape[1]:
            return said
        points = self.directions.place(directions)
        points[np.linalg.norm(directions, axis=1) <= _NOTHING] = 0.0
        return said + points

    def place(self, words: Floats, directions: Floats) -> NDArray[np.float32]:
        """Return unit rows, float32, (n, dim); 0 for one that is in the middle of everything."""
        return unit(self.scaled(words, directions))


def unit(rows: Floats) -> NDArray[np.float32]:
    """Return rows of length 1, those of no length as 0."""
    import numpy as np

    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(
        np.where(norms > _NOTHING, rows / np.maximum(norms, _NOTHING), 0.0), np.float32
    )
