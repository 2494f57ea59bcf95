"""The prediction-powered share of one sample, and its interval.

With machine answers f on all N units and human verdicts Y on a probability sample S with weights w,

    estimate(λ) = λ mean of f over all + Σ_S w (Y - λ f) / Σ_S w

is the human estimate (Hájek) at λ = 0 and the difference estimator at λ = 1, for any λ unbiased but
for the ratio. λ is the one of least estimated variance, cut to [0, 1]: power tuning of PPI++
(A. Angelopoulos, J. Duchi, T. Zrnic, arXiv 2311.01453, section 6), here under the variance that the
target asks for. The paper's machine answers are those of unlabelled units only; with equal weights
its λ is ours times 1 - n / N, and the estimate is the same number.

Variances are sums of squared influences of independent parts (units, or participants): a part moves
the estimate by `own + λ by`. For small samples each square is divided by one less its leverage on
the weighted mean, W_g / W: HC2 (J. MacKinnon and H. White, J. Econometrics 29 (1985), 305-325),
over clusters after CR2 (R. Bell and D. McCaffrey, Survey Methodology 28 (2002), 169-181).
With equal weights, units as parts and λ = 0 this is s² / n to the last digit. A λ strictly between
0 and 1 was chosen by the same residuals; they are divided by one less their leverage on it,
by² / Σ by², as well, twice as the jackknife does (HC3).

Where a person and the machine differed on few units, the residuals say little of errors that were
not met: 200 judgements without any still leave room for 1.5 %. The variance then has that of two
more errors, one of either kind, so that the estimate stays (after A. Agresti and B. Caffo, Am.
Statistician 54 (2000), 280-288, who add one of either kind to each of two samples). Where none was
met the half-width becomes 1.96 √2 / n, about the 3 / n that no error in n leaves room for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qualcode.analysis.estimates.units import Floats

__all__ = ["CONFIDENCE", "Influences", "share_interval", "t_quantile"]

CONFIDENCE = 0.95

_ROUNDING = 1e-24
"""A sum of squares that equal answers of a machine leave where sums are rounded."""
_MOST_LEVERAGE = 0.9
"""Beyond this a part is so much of the sample that no correction could repair the figure."""


@dataclass(frozen=True, slots=True, eq=False)
class Influences:
    """Hold an estimate as a function of λ.

    Attributes:
        human: The estimate at λ = 0.
        shift: By how much it grows with λ: the machine's share of all less that of the sample.
        own: (n_parts,), what each part moves the human estimate by; adds up to 0 before any
            correction for a finite population.
        by: (n_parts,), what it moves `shift` by.
        leverage: (n_parts,), its part of the sample's weight.
        one_error: Mean square by which one more error among the judged would move the estimate.
        n_parts: How many of the parts have sampled units; degrees of freedom are one less.
    """

    human: float
    shift: float
    own: Floats
    by: Floats
    leverage: Floats
    one_error: float
    n_parts: int

    def tuned(self) -> float:
        """Return the λ of least variance in [0, 1]; 0 where the machine says the same of all."""
        spread = float(self.by @ self.by)
        if spread <= _ROUNDING:
            return 0.0
        return min(1.0, max(0.0, -float(self.own @ self.by) / spread))

    def estimate(self, tuning: float) -> float:
        """Return the estimate at this λ, which may lie outside [0, 1]."""
        return self.human + tuning * self.shift

    def variance(self, tuning: float, n_unmet: int = 0) -> float | None:
        """Return its variance, None for fewer than two parts.

        Args:
            tuning: λ.
            n_unmet: As if so many more errors had been met.
        """
        if self.n_parts < 2:
            return None
        squares = (self.own + tuning * self.by) ** 2
        squares /= 1 - np.minimum(self.leverage, _MOST_LEVERAGE)
        if 0 < tuning < 1:
            on_tuning = self.by**2 / float(self.by @ self.by)
            squares /= (1 - np.minimum(on_tuning, _MOST_LEVERAGE)) ** 2
        return float(squares.sum()) + n_unmet * self.one_error


def t_quantile(df: float, confidence: float = CONFIDENCE) -> float:
    """Return the two-sided quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(df, (1 + confidence) / 2))


def share_interval(
    estimate: float, variance: float, df: float, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the interval of a share: Student's t on the log-odds scale, in [0, 1].

    Method `xlogit` of R's survey package, that of SUDAAN. Around shares of one tenth the plain
    interval covers too seldom from above (evals/README.md); at one half they are the same. An
    estimate at or beyond 0 or 1 has no log-odds and gets the plain interval, cut to [0, 1].
    """
    if variance <= 0:
        at = min(1.0, max(0.0, estimate))
        return at, at
    half = t_quantile(df, confidence) * math.sqrt(variance)
    if not 0 < estimate < 1:
        return max(0.0, min(1.0, estimate - half)), min(1.0, max(0.0, estimate + half))
    odds = math.log(estimate / (1 - estimate))
    half /= estimate * (1 - estimate)
    return _from_odds(odds - half), _from_odds(odds + half)


def _from_odds(odds: float) -> float:
    # Either way the exponent is negative, so that it cannot overflow.
    small = math.exp(-abs(odds))
    return 1 / (1 + small) if odds >= 0 else small / (1 + small)
