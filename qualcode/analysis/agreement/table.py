"""All figures of agreement of one set of ratings, with intervals and reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from qualcode.analysis.agreement.bootstrap import (
    FEW_CLUSTERS,
    N_RESAMPLES,
    SEED,
    drawn,
    no_draws,
    with_interval,
)
from qualcode.analysis.agreement.counting import MOST_PAIRS, Counting
from qualcode.analysis.agreement.figures import (
    CODE_FIGURES,
    LABELS,
    ORDINAL,
    SET_FIGURES,
    Agreement,
    CodeAgreement,
    PairAgreement,
    by_construction,
)
from qualcode.analysis.agreement.grid import Floats, Grid, gridded
from qualcode.analysis.agreement.ratings import Ratings
from qualcode.analysis.agreement.whole_sets import MOST_SETS, OrdinalSets
from qualcode.analysis.scored import Figure

__all__ = ["measure", "ordinal_alpha"]


def measure(
    ratings: Ratings,
    *,
    between: Sequence[tuple[str, str]] | None = None,
    ordinal: bool = False,
    clusters: str = "participants",
    seed: int = SEED,
    n_resamples: int = N_RESAMPLES,
) -> Agreement:
    """Return the figures of agreement, with 95 % percentile intervals over clusters.

    Cohen's kappa of more than two coders is the mean over their pairs (R. J. Light, Psychological
    Bulletin 76 (1971), 365-377). A pair whose kappa is undefined is left out of the mean, and the
    figure's reason says so.

    Args:
        ratings: Who gave which codes to what.
        between: Only these pairs of coders, such as each person with each model; every figure is
            then the mean over these pairs, each on the units that both judged.
        ordinal: Whether codes are numbers in an order; ordinal alpha is added then.
        clusters: What a cluster is, in the plural, for reasons and warnings.
        seed: Of the resamples; the same ratings and seed give the same intervals.
        n_resamples: How many; none gives no intervals.
    """
    counting = Counting(ratings, between, ordinal=ordinal)
    rows = min(len(counting.grid.sets), MOST_SETS)
    parts: dict[str, list[Floats]] = {}
    for weights in drawn(counting.grid.n_clusters, seed=seed, n_resamples=n_resamples, n_rows=rows):
        for name, values in counting.count(weights).items():
            parts.setdefault(name, []).append(values)
    draws = {name: np.concatenate(values, axis=-1) for name, values in parts.items()}
    return _Reporter(counting, draws, clusters).agreement()


def ordinal_alpha(
    ratings: Ratings,
    *,
    clusters: str = "participants",
    seed: int = SEED,
    n_resamples: int = N_RESAMPLES,
) -> Figure:
    """Return Krippendorff's ordinal alpha of values that are single numbers; others are missing."""
    grid = gridded(ratings.numbers())
    counted = OrdinalSets(grid)
    value = counted.figure(np.ones((grid.n_clusters, 1)))[0]
    parts = [
        counted.figure(weights)
        for weights in drawn(grid.n_clusters, seed=seed, n_resamples=n_resamples)
    ]
    draws = np.concatenate(parts) if parts else np.zeros(0)
    reason = _undefined(ORDINAL, grid) if np.isnan(value) else ""
    return with_interval(value, draws, reason=reason, without=no_draws(grid.n_clusters, clusters))


class _Reporter:
    """Put counts and draws into records."""

    def __init__(self, counting: Counting, draws: Mapping[str, Floats], clusters: str) -> None:
        self._counting = counting
        self._draws = draws
        self._clusters = clusters

    def agreement(self) -> Agreement:
        counting = self._counting
        names = (*SET_FIGURES, ORDINAL) if f"sets.{ORDINAL}" in counting.own else SET_FIGURES
        overall = {name: self._of_sets(name) for name in names}
        return Agreement(
            n_units=int((counting.grid.n_judged > 0).sum()),
            n_compared=counting.n_compared(),
            coders=counting.coders,
            n_clusters=counting.grid.n_clusters,
            overall=overall,
            codes={code.code: code for code in self._codes()},
            pairs=tuple(self._pairs(overall)),
            warnings=tuple(self._warnings()),
        )

    def _figure(self, name: str, reason: str, at: int | None = None) -> Figure:
        """Return a figure; `at` is its code, None for whole sets."""
        own = self._counting.own.get(name)
        draws = self._draws.get(name, np.zeros(0) if at is None else np.zeros((at + 1, 0)))
        if own is None:
            return Figure(None, reason=reason)
        value, drawn_values = (own[0], draws) if at is None else (own[at, 0], draws[at])
        if self._draws and name not in self._draws and not np.isnan(value):
            return Figure(float(value), reason=f"no interval: {self._too_many(name)}")
        without = no_draws(self._counting.grid.n_clusters, self._clusters)
        return with_interval(value, drawn_values, reason=reason, without=without)

    def _too_many(self, name: str) -> str:
        if name.startswith("pair.") and len(self._counting.pairs) > MOST_PAIRS:
            return f"more than {MOST_PAIRS} pairs of coders"
        return f"more than {MOST_SETS:,} different code sets"

    def _of_sets(self, name: str) -> Figure:
        own = self._counting.own.get(f"sets.{name}")
        if own is None or np.isnan(own[0]):
            reason = self._why(name)
        else:
            reason = self._left_out(f"sets.{name}")
        return self._figure(f"sets.{name}", reason)

    def _codes(self) -> Iterator[CodeAgreement]:
        counting = self._counting
        n_given, n = counting.n_given(), counting.n_judgements()
        for at, code in enumerate(counting.grid.codes):
            figures = {}
            for name in CODE_FIGURES:
                own = counting.own.get(f"codes.{name}")
                if own is None or np.isnan(own[at, 0]):
                    reason = self._why(name, given=int(n_given[at]))
                else:
                    reason = self._left_out(f"codes.{name}", at)
                figures[name] = self._figure(f"codes.{name}", reason, at)
            warning = _rare(float(n_given[at]) / n) if n else ""
            yield CodeAgreement(code, int(n_given[at]), n, figures, warning)

    def _pairs(self, overall: Mapping[str, Figure]) -> Iterator[PairAgreement]:
        counting = self._counting
        number = {pair.at: n for n, pair in enumerate(counting.pairs)}
        for at in counting.asked:
            coders = (counting.coders[at[0]], counting.coders[at[1]])
            n = number.get(at)
            if n is None:
                figures = {
                    name: Figure(None, reason=f"{LABELS[name]} undefined: no unit judged by both")
                    for name in SET_FIGURES
                }
                yield PairAgreement(coders, 0, figures)
                continue
            grid = counting.pairs[n].grid
            figures = (
                {
                    name: self._figure(f"pair.{n}.{name}", self._why_pair(n, name))
                    for name in SET_FIGURES
                }
                if counting.has_pairs_apart
                else {name: overall[name] for name in SET_FIGURES}
            )
            yield PairAgreement(coders, len(grid.given), figures)

    def _why_pair(self, n: int, name: str) -> str:
        own = self._counting.own.get(f"pair.{n}.{name}")
        if own is not None and not np.isnan(own[0]):
            return ""
        return _undefined(name, self._counting.pairs[n].grid)

    def _why(self, name: str, given: int | None = None) -> str:
        """Say why a figure is undefined; `given` is how often the code was given."""
        counting = self._counting
        if counting.is_between and not counting.pairs:
            return f"{LABELS[name]} undefined: no unit was judged by two of these coders"
        if counting.is_between or (name == "cohen_kappa" and len(counting.pairs) > 1):
            where = " in every pair"
        else:
            where = ""
        return _undefined(name, counting.grid, given, where, apart=counting.is_between)

    def _left_out(self, name: str, at: int = 0) -> str:
        """Say of how many pairs a figure is the mean, where that is not all of them."""
        defined = self._counting.n_defined.get(name)
        n_pairs = len(self._counting.asked)
        if defined is None or int(defined[at].item()) == n_pairs:
            return ""
        return f"mean of {int(defined[at].item())} of {n_pairs} pairs, undefined for the others"

    def _warnings(self) -> Iterator[str]:
        counting, grid = self._counting, self._counting.grid
        if 2 <= grid.n_clusters < FEW_CLUSTERS:
            yield (
                f"intervals are drawn from {grid.n_clusters} {self._clusters}; from fewer than "
                f"{FEW_CLUSTERS} they are too narrow"
            )
        alone = int((grid.n_judged > 0).sum()) - counting.n_compared()
        if alone and len(counting.coders) > 1 and not counting.is_between:
            yield f"{alone} units were judged by one coder only and are compared with nothing"
        missing = len(counting.asked) - len(counting.pairs)
        if missing and counting.pairs:
            yield f"{missing} of {len(counting.asked)} pairs of coders have no unit in common"
        values = grid.given[grid.is_pairable]
        counts = np.bincount(values[values >= 0], minlength=1)
        if counts.sum() and not counting.is_between:
            largest = grid.sets[int(counts.argmax())]
            what = f"the code set {'; '.join(sorted(largest))!r}" if largest else "no code at all"
            shares = (np.sort(counts[counts > 0])[::-1] / counts.sum()).tolist()
            if told := by_construction(f"overall: {what}", shares[0], shares[1:]):
                yield told


def _rare(share: float) -> str:
    return by_construction("given", share, (1 - share,))


def _undefined(
    name: str, grid: Grid, given: int | None = None, where: str = "", *, apart: bool = False
) -> str:
    """Say why a figure of a grid is undefined.

    Args:
        name: The figure.
        grid: What was judged.
        given: How often the code was given, None for whole sets.
        where: Follows "one code only".
        apart: Whether pairs are counted apart, so that missing values do not matter.
    """
    begin = f"{LABELS[name]} undefined: "
    if grid.given.shape[1] < 2:
        return begin + "one coder only"
    if not grid.is_pairable.any():
        return begin + "no unit was judged by two coders"
    n_missing = int((grid.given < 0).any(axis=1).sum())
    if name == "fleiss_kappa" and n_missing and not apart:
        return begin + f"{n_missing} of {len(grid.given)} units were not judged by every coder"
    if given is None:
        return begin + "one code only" + where
    return begin + ("nobody gave it" if given == 0 else "everybody always gave it") + where
