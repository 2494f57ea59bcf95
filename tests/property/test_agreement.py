"""Agreement, whatever coders say: what must not matter does not, and a draw is what was drawn."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.agreement import Ratings, measure
from qualcode.analysis.agreement.counting import Counting

CODES = "abcd"
VALUES = st.one_of(st.none(), st.frozensets(st.sampled_from(CODES), max_size=3))
SETS = st.frozensets(st.sampled_from(CODES), max_size=3)


@st.composite
def ratings(draw: st.DrawFn, values: st.SearchStrategy[frozenset[str] | None] = VALUES) -> Ratings:
    n_units, n_coders = draw(st.integers(2, 8)), draw(st.integers(2, 4))
    rows = [tuple(draw(values) for _ in range(n_coders)) for _ in range(n_units)]
    return Ratings(
        tuple(f"u{n}" for n in range(n_units)),
        tuple(f"coder {n}" for n in range(n_coders)),
        tuple(rows),
        tuple(f"p{draw(st.integers(0, 3))}" for _ in range(n_units)),
    )


def figures(found: Ratings) -> dict[str, float | None]:
    """Return every figure, rounded where only the order of a sum could differ."""
    told = measure(found, n_resamples=0)
    every = {name: figure.value for name, figure in told.overall.items()}
    for code in told.codes.values():
        every |= {f"{code.code} {name}": figure.value for name, figure in code.figures.items()}
    return {name: None if v is None else round(v, 9) + 0.0 for name, v in every.items()}


@settings(deadline=None)
@given(ratings(), st.randoms(use_true_random=False))
def test_the_order_of_units_does_not_matter(found: Ratings, chance: random.Random) -> None:
    order = list(range(len(found.units)))
    chance.shuffle(order)
    other = Ratings(
        tuple(found.units[n] for n in order),
        found.coders,
        tuple(found.values[n] for n in order),
        tuple(found.clusters[n] for n in order),
    )
    assert figures(other) == figures(found)


@settings(deadline=None)
@given(ratings(), st.randoms(use_true_random=False))
def test_the_order_of_coders_does_not_matter(found: Ratings, chance: random.Random) -> None:
    order = list(range(len(found.coders)))
    chance.shuffle(order)
    other = Ratings(
        found.units,
        tuple(found.coders[n] for n in order),
        tuple(tuple(row[n] for n in order) for row in found.values),
        found.clusters,
    )
    assert figures(other) == figures(found)


@settings(deadline=None)
@given(ratings(), st.permutations(CODES))
def test_names_of_codes_do_not_matter(found: Ratings, names: list[str]) -> None:
    called = dict(zip(CODES, names, strict=True))

    def renamed(value: frozenset[str] | None) -> frozenset[str] | None:
        return None if value is None else frozenset(called[code] for code in value)

    values = tuple(tuple(map(renamed, row)) for row in found.values)
    other = figures(Ratings(found.units, found.coders, values, found.clusters))
    back = {new: old for old, new in called.items()}
    plain = {
        f"{back[name[0]]}{name[1:]}" if name[1:2] == " " else name: value
        for name, value in other.items()
    }
    assert plain == figures(found)


@settings(deadline=None)
@given(st.lists(SETS, min_size=2, max_size=8), st.integers(2, 4))
def test_perfect_agreement_is_one_or_undefined_for_want_of_a_second_code(
    said: list[frozenset[str]], n_coders: int
) -> None:
    units = tuple(f"u{n}" for n in range(len(said)))
    coders = tuple(f"coder {n}" for n in range(n_coders))
    found = figures(Ratings(units, coders, tuple((value,) * n_coders for value in said), units))
    wanted = {1.0} if len(set(said)) > 1 else {1.0, None}
    assert {v for name, v in found.items() if name[1:2] != " "} == wanted


@settings(deadline=None)
@given(ratings())
def test_no_figure_is_above_one_or_not_a_number(found: Ratings) -> None:
    assert [v for v in figures(found).values() if v is not None and not v <= 1] == []


@settings(deadline=None)
@given(ratings(), st.data())
def test_a_draw_is_what_the_same_ratings_repeated_give(found: Ratings, data: st.DataObject) -> None:
    counting = Counting(found, None, ordinal=False)
    clusters = sorted(set(found.clusters))
    times = [data.draw(st.integers(1, 3)) for _ in clusters]
    drawn = counting.count(np.array(times, np.float64)[:, None])
    repeated = [
        (f"{unit} {n}", row)
        for unit, row, cluster in zip(found.units, found.values, found.clusters, strict=True)
        for n in range(times[clusters.index(cluster)])
    ]
    units = tuple(unit for unit, _ in repeated)
    again = Counting(
        Ratings(units, found.coders, tuple(row for _, row in repeated), units), None, ordinal=False
    )
    assert drawn.keys() == again.own.keys()
    for name, values in drawn.items():
        np.testing.assert_allclose(values, again.own[name], atol=1e-9, err_msg=name)
