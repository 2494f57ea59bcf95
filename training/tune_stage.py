"""Print which constants of the judge of stages do best on the development labels.

    python -m training.tune_stage

The two interviews and sixty comments of rollwell in `evals/dev`. Best is the highest mean, over a
setting and the settings next to it, of the share of segments that get their stage, or none where
they have none: a peak that its neighbours do not share would be luck. Nothing is written; the
constants stand in `qualcode/coders/local/stage.py`.
"""

from __future__ import annotations

import itertools

import numpy as np

from evals.local_coder import rollwell
from qualcode.codebook import load_codebook
from qualcode.coders.local import stage
from qualcode.coders.local.matcher import Matcher
from qualcode.coders.local.odds import load_rules
from qualcode.coders.local.weights import Weights
from qualcode.resources import default_codebook_path
from training.fit_judges import Reader, rows_of

GRID: dict[str, tuple[float, ...]] = {
    "TEMPERATURE": (0.7, 1.0, 1.4, 2.0, 2.8),
    "QUESTION_SHARE": (0.0, 0.2, 0.35, 0.5, 0.8),
    "STAY": (0.5, 0.65, 0.8, 0.9),
    "FLOOR_INTERVIEW": (0.2, 0.3, 0.4, 0.5),
    "MIN_ODDS": (-4.0, -3.0, -2.0, -1.0),
}


def main() -> None:
    """Try every setting and print the best ones."""
    tasks, labelled = rollwell()
    reader = Reader(Weights())
    passages = reader.passages(tasks)
    codes = load_codebook(default_codebook_path()).family("stage")
    matcher = Matcher(codes, reader.read, load_rules())
    match = matcher.match(passages)
    matcher.match = lambda _: match  # type: ignore[method-assign]
    rows = rows_of(passages, labelled, "stage")
    right = np.zeros([len(values) for values in GRID.values()])
    likeliest = np.zeros_like(right)
    for at in itertools.product(*(range(len(values)) for values in GRID.values())):
        for (name, values), place in zip(GRID.items(), at, strict=True):
            setattr(stage, name, values[place])
        left = 1 - stage.STAY
        stage.FORWARD, stage.BACK = 0.6 * left, 0.4 * left
        opinions = stage.StageJudge(matcher).judge(passages)
        hits, tops = [], []
        for row, labels in rows.items():
            found = {finding.code.id for finding in opinions[row].findings}
            hits.append(bool(found & labels) if labels else not found)
            chances = opinions[row].chances
            if labels and chances is not None:
                tops.append(codes[int(chances.argmax())].id in labels)
        right[at], likeliest[at] = np.mean(hits), np.mean(tops)
    smooth = np.zeros_like(right)
    for at in itertools.product(*(range(n) for n in right.shape)):
        around = tuple(
            slice(max(i - 1, 0), min(i + 2, n)) for i, n in zip(at, right.shape, strict=True)
        )
        smooth[at] = right[around].mean()
    for flat in np.argsort(-smooth, axis=None)[:8]:
        at = np.unravel_index(flat, right.shape)
        setting = {n: v[i] for (n, v), i in zip(GRID.items(), at, strict=True)}
        print(
            f"{smooth[at]:.3f} around, {right[at]:.3f} here, likeliest {likeliest[at]:.3f}", setting
        )


if __name__ == "__main__":
    main()
