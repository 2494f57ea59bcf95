"""Print which habits of the judge of stages do best on labelled talks.

    python -m training.tune_stage

The interviews and comments of `interviews/` but for series b. For `KNOWN` each series is judged by
what was fitted without it; for `PLAIN` by definitions alone, with the two interviews and sixty
comments of rollwell in `evals/dev` beside. Best is the highest mean over the series of the share of
segments that get their stage, or none where they have none. The root that is taken of chances then
made the likeliest stage's chance about as high as it is right. Nothing is written; the constants
stand in `qualcode/coders/local/stage.py`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from evals.local_coder import rollwell
from qualcode.coders.local.findings import Opinion
from qualcode.coders.local.matcher import Matcher
from qualcode.coders.local.odds import load_rules
from qualcode.coders.local.passages import Passages
from qualcode.coders.local.stage import PLAIN, StageJudge
from qualcode.coders.local.weights import Weights
from training.fit_judges import series_of
from training.fit_known import LEARNT_FROM, fit, known_families, part_of, written_parts
from training.reading import Reader, rows_of

STAGE = "stage"
GRID: dict[str, tuple[float, ...]] = {
    "temperature": (0.7, 1.0, 1.4),
    "question_share": (0.1, 0.3, 0.5),
    "stay": (0.5, 0.6, 0.7),
}
FLOORS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
FORWARD_SHARE = 0.6


def main() -> None:
    """Try every setting and print the best ones."""
    weights = Weights()
    reader, rules = Reader(weights), load_rules(weights)
    matchers = {STAGE: known_families(reader, weights)[STAGE]}
    codes = matchers[STAGE].codes
    utterances = written_parts(reader, matchers)[STAGE]
    sets = {s: series_of(s) for s in LEARNT_FROM}
    passages = {s: reader.passages(tasks) for s, (tasks, _) in sets.items()}
    labels = {s: rows_of(passages[s], sets[s][1], STAGE) for s in sets}
    parts = {s: part_of(matchers[STAGE], passages[s], labels[s]) for s in sets}

    def known_matchers() -> Iterator[tuple[str, Matcher]]:
        for s in LEARNT_FROM:
            others = [utterances, *(parts[other] for other in LEARNT_FROM if other != s)]
            yield s, Matcher(codes, reader.read, rules, fit(STAGE, codes, others))

    tried(dict(known_matchers()), passages, labels, "KNOWN")
    tasks, labelled = rollwell()
    passages["rollwell"] = reader.passages(tasks)
    labels["rollwell"] = rows_of(passages["rollwell"], labelled, STAGE)
    tried(dict.fromkeys(passages, matchers[STAGE]), passages, labels, "PLAIN")


def tried(
    matchers: dict[str, Matcher],
    passages: dict[str, Passages],
    labels: dict[str, dict[int, frozenset[str]]],
    name: str,
) -> None:
    """Print the best settings of one kind of evidence."""
    prepared = {}
    for s, matcher in matchers.items():
        match = matcher.match(passages[s])
        prepared[s] = Matched(matcher, match)
    found = []
    for values in itertools.product(*GRID.values()):
        setting = dict(zip(GRID, values, strict=True))
        forward = FORWARD_SHARE * (1 - setting["stay"])
        habits = replace(PLAIN, forward=forward, floor_interview=0, floor_comment=0, **setting)
        told = []
        for s, matched in prepared.items():
            opinions = StageJudge(matched, habits).judge(passages[s])  # type: ignore[arg-type]
            told.append([_told(passages[s], opinions, row, own) for row, own in labels[s].items()])
        for floors in itertools.product(FLOORS, FLOORS):
            shares = [np.mean([_is_right(*one, floors) for one in some]) for some in told]
            shown = setting | {"floor_interview": floors[0], "floor_comment": floors[1]}
            found.append((float(np.mean(shares)), np.round(shares, 3).tolist(), shown))
    for mean, shares, setting in sorted(found, key=lambda one: -one[0])[:8]:
        print(f"{name} {mean:.3f} {shares} {setting}")


def _told(
    passages: Passages, opinions: Sequence[Opinion], row: int, own: frozenset[str]
) -> tuple[bool, float, bool, bool]:
    """Return whether it stands alone, the likeliest stage's chance and truth, and if none is."""
    findings = opinions[row].findings
    score = findings[0].score if findings else 0.0
    is_right = bool(findings) and {findings[0].code.id} == own
    return passages.heard[row].alone, score, is_right, not own


def _is_right(
    alone: bool, score: float, likeliest_right: bool, is_none: bool, floors: tuple[float, ...]
) -> bool:
    return likeliest_right if score >= max(floors[alone], 1e-9) else is_none


class Matched:
    """Stand for a matcher that has matched already."""

    def __init__(self, matcher: Matcher, match: object) -> None:
        self._matcher = matcher
        self._match = match

    def __getattr__(self, name: str) -> object:
        return getattr(self._matcher, name)

    def match(self, _passages: Passages) -> object:
        return self._match


if __name__ == "__main__":
    main()
