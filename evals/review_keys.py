"""Measure how long a key takes to the next segment painted, in a study of 100,000 segments.

    python -m evals.review_keys [--segments 100000] [--out evals/results/review_keys.json]

Makes the study of `evals/review_speed.py`, serves it, and judges batches in headless Chromium with
one key a segment, sixty milliseconds apart. The measure is the browser's own (Event Timing): from
the press to the frame that shows what it did; what takes less than 16 ms is not told of and counts
as 16. Lessons are on, as people have them. Needs playwright and Chromium.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from pathlib import Path
from typing import Any

from evals.machine import load_average
from evals.output import emit
from evals.review_screens import ARGUMENTS, Camera, chromium, served
from evals.review_speed import SEED, decide, fill

SHORTEST = 16.0
WATCH = """() => { window.presses = [];
  new PerformanceObserver((list) => { for (const entry of list.getEntries())
    if (entry.name === 'keydown') window.presses.push(entry.duration); })
    .observe({ type: 'event', durationThreshold: 16 }); }"""
BATCHES = 4
KEYS = 60
QUEUES = ("new", "uncertain")


def judged(camera: Camera, queue: str) -> list[float]:
    """Return how long each key of some batches took, in milliseconds."""
    took: list[float] = []
    for _ in range(BATCHES):
        camera.review(queue, KEYS + 5)
        camera.page.evaluate(WATCH)
        camera.page.wait_for_timeout(500)
        for _ in range(KEYS):
            camera.press("Enter")
            camera.page.wait_for_timeout(60)
        camera.page.wait_for_timeout(1000)
        slow = camera.page.evaluate("window.presses")
        took += slow + [SHORTEST] * (KEYS - len(slow))
    return sorted(took)


def told(took: list[float]) -> dict[str, Any]:
    """Return median, 95th percentile and the longest."""
    return {
        "n": len(took),
        "p50_ms": took[len(took) // 2],
        "p95_ms": took[int(0.95 * len(took))],
        "most_ms": took[-1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args()
    from playwright.sync_api import sync_playwright

    from qualcode.review_events import Part
    from qualcode.settings import Charter
    from qualcode.workflow.review_index import ReviewIndex
    from qualcode.workflow.study import create_study

    with tempfile.TemporaryDirectory() as folder:
        os.environ["QUALCODE_DATA_HOME"] = str(Path(folder) / "private")
        path = Path(folder) / "study"
        rng = random.Random(SEED)
        with create_study(path, name="Keys", charter=Charter()) as study:
            segments = fill(study, args.segments, rng)
            ReviewIndex(study)
            decide(study, segments, args.segments // 10, rng)
        with served(path) as service, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            camera = Camera(browser, service, Path(folder), "Ada", Part.REVIEWER)
            result = {queue: told(judged(camera, queue)) for queue in QUEUES}
            browser.close()
    emit({"segments": len(segments), **result, "load_average": load_average()}, args.out)


if __name__ == "__main__":
    main()
