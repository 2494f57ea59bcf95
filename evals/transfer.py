"""Score the embedded coder on codebooks and texts that its training never saw.

    python -m evals.transfer --data ../shared/data --original DIR [--out FILE.json]

* `banking77`: the test split, 77 intents. From definitions only (accuracy of the code with the
  highest chance), and with eight training texts a code as examples (five draws).
* `nhs_themes`: comments with their themes from definitions only: mean average precision, macro-F1
  of the coder's own decision, and macro-F1 at the one threshold that is best on the same texts,
  which flatters everybody alike; over all themes that occur, and over those of at least 64
  comments, from which a coder that learns from examples could be compared. "See and Convey" stands
  apart: texts of the other services were trained on, with their sentiment, never with a theme.

Beside each stands the frozen original (`training/build_encoder.py --original`): cosine to names, to
names with definitions, and a logistic regression on its vectors. Definitions are those of
`evals/codebooks`. Intervals are 95 %, percentile bootstrap over texts, seeded.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from evals.foreign import Frozen, book_of, scored, with_examples
from evals.measures import N_BOOTSTRAP, SEED, Bools, macro_f1, resampled, spread, tally
from evals.output import emit
from training.sources import HELD_BACK_SERVICE, text_key

N_EXAMPLES = 8
DRAWS = 5
OFTEN = 64
"""Comments of a theme, 32 to learn from and 32 to judge, that a learning coder needs."""
NO_THEME = {"Labelling not possible", "Not assigned", ""}

Floats = NDArray[np.float64]


def share(hits: Bools) -> dict[str, Any]:
    """Return the share of hits and its interval."""
    rng = np.random.default_rng(SEED)
    drawn = np.array(
        [hits[rng.integers(0, len(hits), len(hits))].mean() for _ in range(N_BOOTSTRAP)]
    )
    return {"accuracy": round(float(hits.mean()), 4), "interval": spread(drawn)}


def banking(data: Path, frozen: Frozen) -> dict[str, Any]:
    """Return accuracy on the test split of banking77."""
    book, names = book_of("banking77.csv")
    codes = book.codes

    def rows(split: str) -> tuple[list[str], NDArray[np.int_]]:
        with (data / f"banking77/{split}.csv").open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        places = np.array([names.index(row["category"]) for row in found])
        return [row["text"] for row in found], places

    texts, truth = rows("test")
    answers = {
        "coder, definitions": scored(book, texts).scores,
        "frozen, cosine to names": frozen.cosines(texts, codes, names_only=True),
        "frozen, cosine to names and definitions": frozen.cosines(texts, codes, names_only=False),
    }
    result: dict[str, Any] = {
        who: share(said.argmax(axis=1) == truth) for who, said in answers.items()
    }
    learnt, labels = rows("train")
    seen, of_train = frozen.encode(texts), frozen.encode(learnt)
    ours, theirs = [], []
    for draw in range(DRAWS):
        rng = random.Random(SEED + draw)
        taken = [
            rng.sample(np.flatnonzero(labels == j).tolist(), N_EXAMPLES) for j in range(len(names))
        ]
        shots = {name: [learnt[i] for i in rows] for name, rows in zip(names, taken, strict=True)}
        said = scored(with_examples(book, shots), texts).scores
        ours.append(float((said.argmax(axis=1) == truth).mean()))
        used = np.concatenate(taken)
        model = LogisticRegression(C=10, max_iter=2000).fit(of_train[used], labels[used])
        theirs.append(float((model.predict(seen) == truth).mean()))
    result["eight examples a code"] = {
        "coder": [round(value, 4) for value in ours],
        "coder_mean": round(float(np.mean(ours)), 4),
        "frozen, logistic regression": [round(value, 4) for value in theirs],
        "frozen_mean": round(float(np.mean(theirs)), 4),
    }
    return result


def nhs_themes(data: Path, frozen: Frozen) -> dict[str, Any]:
    """Return figures of themes from definitions only."""
    book, names = book_of("nhs_themes.csv")
    texts, labels, held_back = [], [], []
    seen: set[str] = set()
    with (data / "nhs_comments/comments_coded.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            themes = {theme.strip() for theme in row["themes"].split(";")} - NO_THEME
            key = text_key(row["text"])
            if themes and key and key not in seen:
                seen.add(key)
                texts.append(row["text"])
                labels.append([name in themes for name in names])
                held_back.append(row["service"] == HELD_BACK_SERVICE)
    truth = np.array(labels)
    ours = scored(book, texts)
    beside = frozen.cosines(texts, book.codes, names_only=False)
    result: dict[str, Any] = {}
    for part, rows in {
        "all": np.ones(len(texts), bool),
        "see_and_convey": np.array(held_back),
    }.items():
        result[part] = {
            "n": int(rows.sum()),
            "coder": {
                **ranked(truth[rows], ours.scores[rows]),
                "own_decision": decided(truth[rows], ours.predicted[rows]),
            },
            "frozen, cosine to names and definitions": ranked(truth[rows], beside[rows]),
        }
    often = truth.sum(axis=0) >= OFTEN
    result["themes of at least 64 comments"] = {
        "n": len(truth),
        "coder": {
            **ranked(truth[:, often], ours.scores[:, often]),
            "own_decision": decided(truth[:, often], ours.predicted[:, often]),
        },
        "frozen, cosine to names and definitions": ranked(truth[:, often], beside[:, often]),
    }
    return result


def decided(truth: Bools, proposed: Bools) -> dict[str, Any]:
    """Return macro-F1 over the codes that occur."""
    tallies = tally(truth, proposed)
    return {
        "macro_f1": round(float(macro_f1(tallies.sum(axis=0))), 4),
        "interval": spread(macro_f1(resampled(tallies))),
    }


def ranked(truth: Bools, scores: Floats) -> Mapping[str, Any]:
    """Return mean average precision, and macro-F1 at the best single threshold."""
    present = truth.any(axis=0)
    precisions = [
        average_precision_score(truth[:, j], scores[:, j]) for j in np.flatnonzero(present)
    ]
    cuts = np.quantile(scores, np.linspace(0.5, 0.999, 120))
    best = max(
        (float(macro_f1(tally(truth, scores >= cut).sum(axis=0))), float(cut)) for cut in cuts
    )
    return {
        "mean_average_precision": round(float(np.mean(precisions)), 4),
        "macro_f1_at_best_threshold": round(best[0], 4),
        "threshold": round(best[1], 4),
        "n_codes": int(present.sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--original", type=Path, required=True, help="folder of the frozen encoder")
    parser.add_argument("--only", choices=("banking77", "nhs_themes"))
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args()
    frozen = Frozen(args.original)
    parts = {"banking77": banking, "nhs_themes": nhs_themes}
    figures: dict[str, Any] = {"seed": SEED}
    for name, part in parts.items():
        if args.only in (None, name):
            figures[name] = part(args.data, frozen)
    emit(figures, args.out)


if __name__ == "__main__":
    main()
