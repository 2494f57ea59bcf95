"""What the embedded coder learns about a code from people's yes and no.

Each code begins where the coder stands without any judgement: its log odds that the code applies,
from the codebook's definition. A logistic regression moves them,

    log odds learnt = log odds + (scale - 1) (log odds - PIVOT) + bias + weights · seen

with normal priors that are centred on no change, so that nothing moves without judgements and no
number of yeses alone makes a bias infinite. What is found is the most likely rule given prior and
judgements (Bishop 2006, ch. 4.5), by Newton's method; with fewer judgements than weights through
the judgements' own products, as in Gaussian processes (Rasmussen and Williams 2006, algorithm 3.1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.readings import N_ANSWERS, Readings

__all__ = ["N_SEEN", "Learnt", "best_cut", "chances_of", "fingerprint", "learn", "log_odds", "seen"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Chosen on written codebooks kept from the encoder, and on clinc150, multidogo, nlupp and
# GoEmotions with the frozen original, never on NHS themes: half or double of any of them changes
# mean average precision there by less than a point.
VECTOR_SCALE = 2.5
"""What makes the weights of a unit vector as firm as those of the heads' answers."""
SCALE_SPREAD = 0.4
BIAS_SPREAD = 0.5
"""Standard deviations of the priors; that of a weight is 1."""
PIVOT = -3.0
"""Log odds that a change of scale leaves alone: of a text that a code hardly applies to. Were it 0,
a scale drawn down by yeses to unlikely texts would lift the farthest ones most."""
KEPT = 10.0
"""How many judgements it weighs that texts which nobody judged keep their chances."""
LEAST_CUT, MOST_CUT = 0.1, 0.5

N_SEEN = 384 + N_ANSWERS
_DIGITS = 6
_MAX_STEPS = 50
_CLOSE_ENOUGH = 1e-10
_FARTHEST = 9.2
"""Log odds of a chance of one in ten thousand."""


def seen(vectors: NDArray[np.floating[Any]], readings: Readings) -> Floats:
    """Return (n, N_SEEN): what weights are learnt for, of texts as the store keeps them.

    Args:
        vectors: (n, 384), unit rows.
        readings: Of the same texts, from `read_answers`.
    """
    heard = [np.sqrt(readings.emotion), 0.5 * np.tanh(0.5 * readings.pain)[:, None]]
    heard += [0.5 * np.tanh(0.5 * readings.praise)[:, None], readings.valence[:, None] / 4]
    columns: Floats = np.concatenate([VECTOR_SCALE * vectors.astype(np.float64), *heard], axis=1)
    return columns


def log_odds(chances: Floats) -> Floats:
    """Return the log odds of chances, none farther than one in ten thousand."""
    least = 1 / (1 + np.exp(_FARTHEST))
    held = np.clip(chances, least, 1 - least)
    result: Floats = np.log(held / (1 - held))
    return result


def chances_of(odds: Floats) -> Floats:
    """Return the chances of log odds."""
    result: Floats = 0.5 * (1 + np.tanh(0.5 * odds))
    return result


@dataclass(frozen=True, slots=True)
class Learnt:
    """Hold what was learnt about one code.

    Attributes:
        scale: What the coder's own log odds count, 1 without judgements.
        bias: Added to them.
        weights: (N_SEEN,), of what is seen in a text.
        n_yes: Judgements that the code applies.
        n_no: Judgements that it does not.
        cut: The chance from which on the code is proposed; None leaves the judge's own.
    """

    scale: float = 1.0
    bias: float = 0.0
    weights: Floats = field(default_factory=lambda: np.zeros(N_SEEN), compare=False, repr=False)
    n_yes: int = 0
    n_no: int = 0
    cut: float | None = None

    def odds(self, odds: Floats, looked_at: Floats) -> Floats:
        """Return log odds as learnt, (n,).

        Args:
            odds: (n,), the coder's own.
            looked_at: (n, N_SEEN), from `seen`.
        """
        moved = (self.scale - 1) * (odds - PIVOT) + self.bias + looked_at @ self.weights
        # Products round differently with the number of rows: rounding far above gives a text the
        # same odds in whatever batch it comes.
        result: Floats = odds + np.round(moved, _DIGITS)
        return result

    def as_json(self) -> dict[str, Any]:
        """Return what JSON can hold; `from_json` gives the same numbers again."""
        return {
            "scale": self.scale,
            "bias": self.bias,
            "weights": self.weights.tolist(),
            "n_yes": self.n_yes,
            "n_no": self.n_no,
            "cut": self.cut,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Learnt:
        """Read what `as_json` returned.

        Raises:
            ValueError: The weights are not as many as this version looks at.
        """
        weights = np.array(given["weights"], np.float64)
        if weights.shape != (N_SEEN,):
            raise ValueError(f"{N_SEEN} weights were to be read, not {weights.size}")
        cut = given["cut"]
        return cls(
            float(given["scale"]),
            float(given["bias"]),
            weights,
            int(given["n_yes"]),
            int(given["n_no"]),
            None if cut is None else float(cut),
        )


def fingerprint(learnt: Mapping[str, Learnt]) -> str:
    """Return 12 hex digits that differ when anything learnt does; "" for nothing."""
    if not learnt:
        return ""
    content = json.dumps({code: learnt[code].as_json() for code in sorted(learnt)}, sort_keys=True)
    return hashlib.sha256(content.encode("ascii")).hexdigest()[:12]


def learn(
    odds: Floats,
    looked_at: Floats,
    applies: Bools,
    weight: Floats | None = None,
    *,
    elsewhere: tuple[Floats, Floats] | None = None,
    cut: float | None = None,
) -> Learnt:
    """Learn one code from judgements, in whatever order they come.

    People judge what they are shown, not what is typical: three texts that all have a code say
    little of all other texts. So texts that nobody judged may be named, and what is learnt is drawn
    to leave their chances as they are, with the weight of `KEPT` judgements in all.

    Args:
        odds: (n,), log odds of the coder that had learnt nothing, of each judged text.
        looked_at: (n, N_SEEN), from `seen`.
        applies: (n,), what people said.
        weight: (n,), how much each judgement counts; all 1 when None. 0 is as if not judged.
        elsewhere: Log odds (m,) and what is seen (m, N_SEEN) of texts that nobody judged.
        cut: Kept as it is; see `best_cut`.

    Raises:
        ValueError: A weight is negative, or a number is not finite.
    """
    counts = np.ones(len(odds)) if weight is None else np.asarray(weight, np.float64)
    if not all(np.isfinite(given).all() for given in (odds, looked_at, counts)):
        raise ValueError("log odds, what is seen and weights must be finite")
    if (counts < 0).any():
        raise ValueError("a judgement's weight must be 0 or more")
    told = np.flatnonzero(counts)
    if not len(told):
        return Learnt(cut=cut)
    rows = [(looked_at[i].tobytes(), odds[i], applies[i], counts[i], i) for i in told]
    order = [row[-1] for row in sorted(rows)]
    own, said = odds[order], applies[order].astype(np.float64)
    looked, counted = looked_at[order], counts[order]
    if elsewhere is not None and len(elsewhere[0]):
        theirs, their_looks = elsewhere
        own = np.concatenate([own, theirs])
        looked = np.concatenate([looked, their_looks])
        said = np.concatenate([said, chances_of(theirs)])
        counted = np.concatenate([counted, np.full(len(theirs), KEPT / len(theirs))])
    moving = np.column_stack([SCALE_SPREAD * (own - PIVOT), np.full(len(own), BIAS_SPREAD), looked])
    # Matrices are too small for several threads to help; waiting for each other, they take ten
    # times as long on a busy machine. One thread also rounds alike everywhere.
    with _threads().limit(limits=1, user_api="blas"):
        found = _most_likely(own, moving, said, counted)
    n_yes = int(applies[told].sum())
    return Learnt(
        scale=round(1 + SCALE_SPREAD * float(found[0]), _DIGITS),
        bias=round(BIAS_SPREAD * float(found[1]), _DIGITS),
        weights=np.round(found[2:], _DIGITS) + 0.0,  # no negative zeros, which JSON would keep
        n_yes=n_yes,
        n_no=len(told) - n_yes,
        cut=cut,
    )


def best_cut(chances: Floats) -> float:
    """Return the cut with the best F1 to be expected if chances are what they say.

    Of the texts at or above a cut the sum of chances is how many the code applies to, of all texts
    likewise, so no label is needed (Lipton, Elkan and Naryanaswamy 2014). Between `LEAST_CUT`,
    below which nobody would want to read proposals, and `MOST_CUT`.

    Args:
        chances: (n,), of one code, of all texts that it might be proposed for.
    """
    if not len(chances):
        return MOST_CUT
    ranked = np.sort(chances)[::-1]
    expected = np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
    cut = float(ranked[int(expected.argmax())])
    # Downwards, so that the text the cut was taken from is proposed.
    return min(max(float(np.floor(cut * 1e4) / 1e4), LEAST_CUT), MOST_CUT)


@cache
def _threads() -> Any:
    """Return what holds the libraries behind numpy and scipy to a number of threads."""
    import scipy.linalg  # noqa: F401 - so that its library is loaded and found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _most_likely(start: Floats, moving: Floats, said: Floats, counts: Floats) -> Floats:
    """Return (n_moving,), the mode of a logistic regression under standard normal priors.

    Args:
        start: (n,), log odds that are there already.
        moving: (n, n_moving), what the coefficients are of.
        said: (n,), zeros and ones.
        counts: (n,), weights.
    """
    # scipy takes longer to import than --help may take.
    from scipy.linalg import cho_factor, cho_solve

    n, n_moving = moving.shape
    # Beyond, products of the judgements among each other take longer than those of coefficients.
    products = moving @ moving.T if n <= 2 * n_moving else None

    def cost(found: Floats, odds: Floats) -> float:
        fit = counts @ (np.logaddexp(0, odds) - said * odds)
        return float(fit + 0.5 * found @ found)

    def solved(held: Floats, wanted: Floats) -> Floats:
        held.flat[:: len(held) + 1] += 1
        factor = cho_factor(held, lower=True, overwrite_a=True, check_finite=False)
        result: Floats = cho_solve(factor, wanted, check_finite=False)
        return result

    found, odds = np.zeros(n_moving), start
    before = cost(found, odds)
    for _ in range(_MAX_STEPS):
        chance = 0.5 * (1 + np.tanh(0.5 * odds))
        curve = counts * chance * (1 - chance)
        root = np.sqrt(curve)
        pull = curve * (odds - start) + counts * (said - chance)
        if products is not None:
            held = root[:, None] * products
            held *= root
            aim = moving.T @ (pull - root * solved(held, root * (products @ pull)))
        else:
            curved = root[:, None] * moving
            aim = solved(curved.T @ curved, moving.T @ pull)
        way = aim - found
        # The cost is convex: some part of Newton's step always lowers it.
        for part in 0.5 ** np.arange(12):
            trial = found + part * way
            after = cost(trial, start + moving @ trial)
            if after <= before:
                break
        else:
            break
        found, odds = trial, start + moving @ trial
        if before - after < _CLOSE_ENOUGH * (1 + before):
            break
        before = after
    return found
