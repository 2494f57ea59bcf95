"""Every figure of agreement against published values, at the precision that was printed."""

from __future__ import annotations

import pytest

from qualcode.analysis.agreement import Ratings, measure, ordinal_alpha
from tests.ratings_sample import FOUR_OBSERVERS, counted, ratings_of, tabled

# K. Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: sections A, B and C.
BINARY = ratings_of("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
NOMINAL = ratings_of("a a b b d c c c e d d a", "b a b b b c c c e d d d")
FOUR = ratings_of(*FOUR_OBSERVERS)
# J. Cohen (1968), Psychological Bulletin 70, 213-220, table 1, in units of 1/100 of 100 patients;
# the unweighted kappa that Cohen reports for it is .492 (as R's psych::cohen.kappa quotes it).
COHEN = tabled([(44, 7, 9), (5, 20, 5), (1, 3, 6)])
# K. L. Gwet (2014), Handbook of Inter-Rater Reliability; irrCAC's `cont3x3abstractors`.
ABSTRACTORS = tabled([(13, 0, 0), (0, 20, 7), (0, 4, 56)])
# The first 15 patients of J. L. Fleiss (1971), table 1; irrCAC's `distrib.6raters`.
PATIENTS = counted(
    [
        *((0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0)),
        *((2, 0, 4, 0, 0), (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6)),
        *((1, 0, 0, 5, 0), (1, 1, 0, 4, 0), (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1)),
    ]
)
# Wikipedia, Fleiss' kappa: fourteen raters, ten subjects, five categories.
FOURTEEN = counted(
    [
        *((0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1)),
        *((7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7)),
    ]
)


@pytest.mark.parametrize(
    ("ratings", "name", "printed", "decimals"),
    [
        (BINARY, "krippendorff_alpha", 0.095, 3),
        (NOMINAL, "krippendorff_alpha", 0.692, 3),
        (FOUR, "krippendorff_alpha", 0.743, 3),
        (FOUR, "krippendorff_alpha", 0.74342, 5),  # irrCAC, krippen.alpha.raw
        (FOUR, "percent", 0.8181818, 7),  # irrCAC, pa.coeff.raw
        (FOUR, "gwet_ac1", 0.77544, 5),  # irrCAC, gwet.ac1.raw
        (COHEN, "cohen_kappa", 0.492, 3),
        (ABSTRACTORS, "cohen_kappa", 0.7964094, 7),  # irrCAC, kappa2.table
        (ABSTRACTORS, "fleiss_kappa", 0.7962397, 7),  # Scott's pi, scott2.table
        (ABSTRACTORS, "gwet_ac1", 0.8493305, 7),  # gwet.ac1.table
        (ABSTRACTORS, "krippendorff_alpha", 0.7972585, 7),  # krippen2.table
        (PATIENTS, "percent", 0.5511111, 7),
        (PATIENTS, "fleiss_kappa", 0.4139265, 7),  # fleiss.kappa.dist
        (PATIENTS, "gwet_ac1", 0.4448007, 7),  # gwet.ac1.dist
        (PATIENTS, "krippendorff_alpha", 0.4204384, 7),  # krippen.alpha.dist
        (FOURTEEN, "fleiss_kappa", 0.210, 3),
    ],
)
def test_a_figure_is_the_published_one(
    ratings: Ratings, name: str, printed: float, decimals: int
) -> None:
    value = measure(ratings, n_resamples=0).overall[name].value
    assert value is not None and round(value, decimals) == printed


def test_ordinal_alpha_is_the_published_one() -> None:
    value = ordinal_alpha(FOUR, n_resamples=0).value
    assert value is not None and round(value, 3) == 0.815
