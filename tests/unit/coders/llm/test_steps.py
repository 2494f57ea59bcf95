"""What all steps share: numbers that go through a whole request."""

from __future__ import annotations

import pytest

from qualcode.coders.llm.steps import firsts_of


@pytest.mark.parametrize(
    ("counts", "firsts"), [([], []), ([3], [1]), ([2, 1, 4], [1, 3, 4]), ([0, 0, 2], [1, 1, 1])]
)
def test_numbers_go_through_a_whole_request(counts: list[int], firsts: list[int]) -> None:
    assert firsts_of(counts) == firsts
