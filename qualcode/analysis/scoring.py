"""How right a coder is against labels: counts, ranking, calibration, with bootstrap intervals.

Every figure is computed from row weights: all ones give the figure itself, and the numbers of times
that rows were drawn give one draw of the bootstrap (Efron and Tibshirani 1993, chapter 13: the
percentile interval). Weights are `(n_draws, n_rows)`, figures `(n_draws, …)`, nan where undefined.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qualcode.analysis.scored import (
    Bin,
    Calibration,
    CodeFigures,
    Figure,
    Figures,
    GroupFigures,
    Means,
)

__all__ = [
    "N_BINS",
    "N_DRAWS",
    "SEED",
    "Answers",
    "average_precision",
    "calibration_bins",
    "calibration_error",
    "measure",
]

SEED = 20240501
N_DRAWS = 1000
N_BINS = 10
_CELLS_A_CHUNK = 500_000
"""Weights in memory at a time, so that 10,000 rows are drawn in chunks of 50."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int_]

_NO_LABEL = "no row has this label"
_NO_PROPOSAL = "nothing was proposed"
_NO_LABELS = "no row has a label"
_NO_SCORES = "the coder gave no scores"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Hold what is so and what a coder said of it, `(n_rows, n_codes)` but for `any…` `(n_rows,)`.

    Attributes:
        has_scores: False where scores only repeat what was proposed; ranking and calibration are
            undefined then.
        groups: Name of a grouping to the group of each row; groups come in order of appearance in
            `group_order`, else of the rows.
    """

    codes: tuple[str, ...]
    wanted: Bools
    predicted: Bools
    scores: Floats
    any_predicted: Bools
    any_scores: Floats
    has_scores: bool = True
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    group_order: Mapping[str, Sequence[str]] = field(default_factory=dict)


def average_precision(wanted: Bools, scores: Floats, weights: Floats | None = None) -> Floats:
    """Return (n_draws,) the average precision: sum over thresholds of (R_n - R_n-1) P_n.

    The non-interpolated form (Manning, Raghavan and Schütze 2008, chapter 8.4; scikit-learn's
    `average_precision_score`). Rows of the same score stand or fall together.

    Args:
        wanted: (n,).
        scores: (n,).
        weights: (n_draws, n), one draw of ones when None.
    """
    if weights is None:
        weights = np.ones((1, len(wanted)))
    if not wanted.any():
        return np.full(len(weights), np.nan)
    order = np.argsort(-scores, kind="stable")
    ranked, is_hit = scores[order], wanted[order]
    # Precision counts only where recall grows: at the last row of each score that a hit has.
    thresholds, first_hits = np.unique(-ranked[is_hit], return_index=True)
    ends = np.searchsorted(-ranked, thresholds, side="right")
    by_row = weights.T[order[: ends[-1]]]
    seen = np.cumsum(np.add.reduceat(by_row, np.append(0, ends[:-1]), axis=0), axis=0)
    hits = np.add.reduceat(by_row[is_hit[: ends[-1]]], first_hits, axis=0)
    found = np.cumsum(hits, axis=0)
    return _ratio((hits * _ratio(found, seen, 0.0)).sum(axis=0), found[-1])


def calibration_bins(scores: Floats, n_bins: int = N_BINS) -> Integers:
    """Return (n,) the bin of each score: bins of equal mass, lowest scores first.

    Equal scores are never parted, so that the order of rows does not count: a border inside a run
    of them moves to its end. There may be fewer bins than asked for, then.
    """
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    sizes = [len(part) for part in np.array_split(order, n_bins)]
    borders = np.cumsum(sizes)[:-1]
    borders = borders[(borders > 0) & (borders < len(scores))]
    moved = np.unique(np.searchsorted(ranked, ranked[borders - 1], side="right"))
    bins = np.empty(len(scores), np.int_)
    bins[order] = np.searchsorted(moved, np.arange(len(scores)), side="right")
    return bins


def calibration_error(wanted: Bools, scores: Floats, n_bins: int = N_BINS) -> float | None:
    """Return the expected calibration error, None without scores.

    The gap between mean score and share of right ones, bin by bin, weighted by the bins' sizes
    (Naeini, Cooper and Hauskrecht 2015), with bins of equal mass (Nixon et al. 2019).
    """
    if not len(scores):
        return None
    bins = calibration_bins(scores, n_bins)
    gaps = np.bincount(bins, weights=wanted - scores)
    return float(np.abs(gaps).sum() / len(scores))


def measure(answers: Answers, *, seed: int = SEED, n_draws: int = N_DRAWS) -> Figures:
    """Return all figures of one family, with 95 % percentile bootstrap intervals over rows.

    Bins of calibration and groups stay those of the whole sample in every draw.
    """
    counter = _Counter(answers)
    n = len(answers.wanted)
    own = counter.figures(np.ones((1, n)))
    draws: dict[str, list[Floats]] = {name: [] for name in own}
    for weights in _drawn(n, seed, n_draws):
        for name, values in counter.figures(weights).items():
            draws[name].append(values)
    joined = {name: np.concatenate(parts) for name, parts in draws.items() if parts}
    return _Reporter(answers, counter, own, joined).figures()


def _drawn(n: int, seed: int, n_draws: int) -> Iterator[Floats]:
    """Yield weights of bootstrap draws, some at a time."""
    if not n:
        return
    rng = np.random.default_rng(seed)
    size = max(1, min(n_draws, _CELLS_A_CHUNK // n))
    for start in range(0, n_draws, size):
        rows = rng.integers(0, n, (min(size, n_draws - start), n))
        counts = [np.bincount(drawn, minlength=n) for drawn in rows]
        # Rows of the sample together in memory: ranking takes them in another order.
        yield np.stack(counts, axis=1).astype(np.float64).T


def _ratio(part: Floats, whole: Floats, undefined: float = np.nan) -> Floats:
    result: Floats = np.divide(part, whole, out=np.full_like(part, undefined), where=whole > 0)
    return result


def _mean(values: Floats, of: Bools) -> Floats:
    """Return the mean over codes that count in a draw, nan where none does."""
    return _ratio(np.where(of, values, 0).sum(axis=-1), of.sum(axis=-1).astype(np.float64))


class _Counter:
    """Compute every figure from row weights."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        wanted, predicted = answers.wanted, answers.predicted
        self.any_wanted = np.asarray(wanted.any(axis=1), bool)
        self._tally = _tally(wanted, predicted)
        self._any_tally = _tally(self.any_wanted[:, None], answers.any_predicted[:, None])
        everything = np.ones_like(predicted)
        self.all_bins = _binned(wanted, answers.scores, everything)
        self.proposed_bins = _binned(wanted, answers.scores, predicted)
        self.groups: dict[str, dict[str, Bools]] = {}
        for name, of_rows in answers.groups.items():
            order = dict.fromkeys([*answers.group_order.get(name, ()), *of_rows])
            column = np.array(of_rows, dtype=object)
            found = {value: np.asarray(column == value, bool) for value in order}
            self.groups[name] = {value: rows for value, rows in found.items() if rows.any()}

    def figures(self, weights: Floats) -> dict[str, Floats]:
        answers = self._answers
        figures = _shares(_counts(weights, self._tally), "")
        figures |= _shares(_counts(weights, self._any_tally), "any.")
        if answers.has_scores:
            ranked = [
                average_precision(answers.wanted[:, at], answers.scores[:, at], weights)
                for at in range(len(answers.codes))
            ]
            precision = np.stack(ranked, axis=1)
            figures["ap"] = precision
            figures["macro.ap"] = _mean(precision, ~np.isnan(precision))
            figures["any.ap"] = average_precision(self.any_wanted, answers.any_scores, weights)
            figures["ece.all"] = _binned_error(weights, self.all_bins)
            figures["ece.proposed"] = _binned_error(weights, self.proposed_bins)
        for name, found in self.groups.items():
            for value, rows in found.items():
                counts = _counts(weights[:, rows], self._tally[rows])
                figures |= _shares(counts, f"{name}\x1f{value}\x1f")
        return figures

    def counts(self) -> Integers:
        """Return (3, n_codes): right, proposed, wanted."""
        return _whole(self._tally)

    def any_counts(self) -> Integers:
        return _whole(self._any_tally)


def _tally(wanted: Bools, predicted: Bools) -> Floats:
    """Return (n, 3, k) zeros and ones: right, proposed, wanted."""
    return np.stack([wanted & predicted, predicted, wanted], axis=1).astype(np.float64)


def _whole(tally: Floats) -> Integers:
    counts: Integers = tally.sum(axis=0).astype(np.int_)
    return counts


def _counts(weights: Floats, tally: Floats) -> Floats:
    flat = weights @ tally.reshape(len(tally), math.prod(tally.shape[1:]))
    return flat.reshape(len(weights), *tally.shape[1:])


def _shares(counts: Floats, prefix: str) -> dict[str, Floats]:
    """Return precision, recall and F1 of (n_draws, 3, k) counts: each code, macro, micro."""
    right, proposed, wanted = counts[:, 0], counts[:, 1], counts[:, 2]
    precision, recall = _ratio(right, proposed), _ratio(right, wanted)
    is_wanted = wanted > 0
    f1 = np.where(is_wanted, _ratio(2 * right, proposed + wanted), np.nan)
    all_right, all_proposed, all_wanted = (part.sum(axis=1) for part in (right, proposed, wanted))
    both = np.where(all_wanted > 0, all_proposed + all_wanted, 0)
    return {
        f"{prefix}precision": precision,
        f"{prefix}recall": recall,
        f"{prefix}f1": f1,
        f"{prefix}macro.precision": _mean(np.nan_to_num(precision), is_wanted),
        f"{prefix}macro.recall": _mean(recall, is_wanted),
        f"{prefix}macro.f1": _mean(f1, is_wanted),
        f"{prefix}micro.precision": _ratio(all_right, all_proposed),
        f"{prefix}micro.recall": _ratio(all_right, all_wanted),
        f"{prefix}micro.f1": _ratio(2 * all_right, both),
    }


def _binned(wanted: Bools, scores: Floats, among: Bools) -> Floats:
    """Return (n_rows, 3, n_bins) sums over what is `among`: answers, right ones, scores."""
    rows = np.nonzero(among)[0]
    right, said = wanted[among], scores[among]
    bins = calibration_bins(said)
    n_bins = int(bins.max()) + 1 if len(bins) else 0
    sums = np.zeros((len(wanted), 3, n_bins))
    for part, values in enumerate((np.ones(len(said)), right.astype(np.float64), said)):
        np.add.at(sums[:, part], (rows, bins), values)
    return sums


def _binned_error(weights: Floats, bins: Floats) -> Floats:
    totals = _counts(weights, bins)
    gaps = np.abs(totals[:, 1] - totals[:, 2]).sum(axis=1)
    return _ratio(gaps, totals[:, 0].sum(axis=1))


class _Reporter:
    """Put figures and their draws into records."""

    def __init__(
        self,
        answers: Answers,
        counter: _Counter,
        own: Mapping[str, Floats],
        draws: Mapping[str, Floats],
    ) -> None:
        self._answers = answers
        self._counter = counter
        self._own = own
        self._draws = draws

    def figures(self) -> Figures:
        counts = self._counter.counts()
        has_any = bool(counts[2].any())
        codes = tuple(
            self._code(code, counts[:, at], "", at) for at, code in enumerate(self._answers.codes)
        )
        n_wanted_codes = int((counts[2] > 0).sum())
        macro = self._means("macro.", n_wanted_codes, has_any, "macro.ap")
        micro = self._means("micro.", len(codes), has_any, None)
        return Figures(
            n_rows=len(self._answers.wanted),
            codes=codes,
            macro=macro,
            micro=micro,
            any=self._code("any", self._counter.any_counts()[:, 0], "any.", 0),
            calibration=self._calibration("ece.all", self._counter.all_bins),
            calibration_proposed=self._calibration("ece.proposed", self._counter.proposed_bins),
            groups={
                name: tuple(self._group(name, value, rows) for value, rows in found.items())
                for name, found in self._counter.groups.items()
            },
        )

    def _figure(self, name: str, at: int | None, reason: str) -> Figure:
        """Return a figure; `at` is its code, None where it has none."""
        if name not in self._own:
            return Figure(None, reason=_NO_SCORES)
        own, draws = self._own[name], self._draws.get(name, self._own[name][:0])
        if own.ndim == 2:
            own, draws = own[:, at or 0], draws[:, at or 0]
        value = float(own[0]) if len(own) else np.nan
        if np.isnan(value):
            return Figure(None, reason=reason)
        known = draws[~np.isnan(draws)]
        if not len(known):
            return Figure(value)
        low, high = (float(np.quantile(known, q)) for q in (0.025, 0.975))
        return Figure(value, low, high)

    def _code(self, code: str, counts: Integers, prefix: str, at: int) -> CodeFigures:
        return CodeFigures(
            code=code,
            n_wanted=int(counts[2]),
            n_proposed=int(counts[1]),
            n_right=int(counts[0]),
            precision=self._figure(f"{prefix}precision", at, _NO_PROPOSAL),
            recall=self._figure(f"{prefix}recall", at, _NO_LABEL),
            f1=self._figure(f"{prefix}f1", at, _NO_LABEL),
            average_precision=self._figure(f"{prefix}ap", at, _NO_LABEL),
        )

    def _means(self, prefix: str, n_codes: int, has_any: bool, ap: str | None) -> Means:
        return Means(
            n_codes=n_codes,
            precision=self._figure(
                f"{prefix}precision", None, _NO_PROPOSAL if has_any else _NO_LABELS
            ),
            recall=self._figure(f"{prefix}recall", None, _NO_LABELS),
            f1=self._figure(f"{prefix}f1", None, _NO_LABELS),
            average_precision=None if ap is None else self._figure(ap, None, _NO_LABELS),
        )

    def _calibration(self, name: str, binned: Floats) -> Calibration:
        n, right, said = (part.astype(np.float64) for part in binned.sum(axis=0))
        bins = tuple(
            Bin(int(count), float(score / count), float(share / count))
            for count, share, score in zip(n, right, said, strict=True)
            if count
        )
        error = self._figure(name, None, _NO_PROPOSAL)
        return Calibration(error, int(n.sum()), bins if self._answers.has_scores else ())

    def _group(self, name: str, value: str, rows: Bools) -> GroupFigures:
        key = f"{name}\x1f{value}\x1f"
        wanted = int(self._answers.wanted[rows].sum())
        return GroupFigures(
            value=value,
            n_rows=int(rows.sum()),
            n_wanted=wanted,
            precision=self._figure(f"{key}micro.precision", None, _NO_PROPOSAL),
            recall=self._figure(f"{key}micro.recall", None, _NO_LABELS),
            f1=self._figure(f"{key}micro.f1", None, _NO_LABELS),
            macro_f1=self._figure(f"{key}macro.f1", None, _NO_LABELS),
        )
