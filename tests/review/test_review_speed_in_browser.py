"""How long it takes from a key to the next segment on the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.review_page_sample import Served

pytestmark = [pytest.mark.browser, pytest.mark.alone]

# The browser's own measure (Event Timing): from the press to the frame that shows what it did. What
# takes less than 16 ms is not told of, so those presses count as 16.
WATCH = """() => { window.presses = [];
  new PerformanceObserver((list) => { for (const entry of list.getEntries())
    if (entry.name === 'keydown') window.presses.push(entry.duration); })
    .observe({ type: 'event', durationThreshold: 16 }); }"""
# What a person leaves in the browser who has judged for days: 4,000 keys to take back.
FILL = """() => { for (let n = 0; n < 4000; n += 1) localStorage.setItem(
  `qualcode/did/0123abcd/reviewer/Racer/${String(n).padStart(15, '0')}/u${n}`,
  JSON.stringify({ segment: 'seg_' + n, label: 'Done', key: 'a/b', uids: ['u' + n] })); }"""
SHORTEST = 16.0
LONGEST = 50.0
KEYS = 50
ROUNDS = 3


def percentile_95(desk: Any) -> float:
    """Return how long keys took in a batch that is judged with one key each, in milliseconds."""
    desk.open("new", KEYS + 5)
    desk.page.evaluate(WATCH)
    desk.page.wait_for_timeout(500)
    for _ in range(KEYS):
        desk.press("Enter")
        desk.page.wait_for_timeout(60)
    desk.page.wait_for_timeout(300)
    assert desk.place == f"{KEYS + 1} of {KEYS + 5}"
    slow: list[float] = desk.page.evaluate("window.presses")
    took = sorted([SHORTEST] * (KEYS - len(slow)) + slow)
    print(f"median {took[KEYS // 2]} ms, 95th percentile {took[-3]} ms, most {took[-1]} ms")
    for _ in range(5):
        desk.press("Enter")
    desk.sent()
    return took[-3]


def test_the_next_segment_is_painted_within_50_ms_at_the_95th_percentile(
    served: Served, come_in: Callable[..., Any]
) -> None:
    desk = come_in(served, "Racer")
    desk.page.goto(f"{served.base}/help")
    desk.page.evaluate(FILL)
    # What else runs on the machine makes a round slower, never faster.
    assert any(percentile_95(desk) < LONGEST for _ in range(ROUNDS))
