"""What seeing suggestions does to people."""

import math

import pytest

from qualcode.analysis.agreement import Acceptance, anchoring
from qualcode.analysis.scored import Figure


def share(
    kept: int, proposed: int, low: float | None = None, high: float | None = None
) -> Acceptance:
    rate = Figure(kept / proposed, low, high) if proposed else Figure(None, reason="nothing")
    return Acceptance(proposed, kept, 0, rate, {})


def test_the_difference_has_the_interval_that_newcombe_printed() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, row (a): 56/70 - 48/80,
    # method 10: 0.0524 to 0.3339. Wilson: 56/70 gives 0.6918-0.8773, 48/80 gives 0.4904-0.7004.
    from qualcode.analysis.intervals import wilson

    before, after = wilson(48, 80), wilson(56, 70)
    told = anchoring(
        share(48, 80, before.low, before.high), share(56, 70, after.low, after.high)
    ).difference
    assert told.value == pytest.approx(0.2)
    assert (round(told.low or 0, 4), round(told.high or 0, 4)) == (0.0524, 0.3339)


def test_bounds_follow_from_those_of_the_two_shares() -> None:
    told = anchoring(share(5, 10, 0.3, 0.7), share(8, 10, 0.6, 0.9)).difference
    assert told.low == pytest.approx(0.3 - math.hypot(0.2, 0.2))
    assert told.high == pytest.approx(0.3 + math.hypot(0.1, 0.2))


def test_without_an_interval_of_both_the_difference_has_none_and_says_why() -> None:
    told = anchoring(share(5, 10), share(8, 10, 0.6, 0.9)).difference
    assert (told.low, told.reason) == (None, "one of the two shares has no interval")


def test_where_nothing_was_proposed_there_is_no_difference() -> None:
    told = anchoring(share(0, 0), share(8, 10, 0.6, 0.9)).difference
    assert (told.value, told.reason) == (None, "nothing")
