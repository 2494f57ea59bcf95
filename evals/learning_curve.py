"""Measure how fast the embedded coder learns themes from yes and no, by a simulated reviewer.

    python -m evals.learning_curve --data ../shared/data [--cache DIR] [--out FILE.json]

Themes of the NHS comments with at least 60 rows; half of the comments, by their text's hash, are
there to be judged, the other half to be scored. The reviewer answers as the data set's coders did,
8, 32 or 128 comments a theme, drawn at random or, eight at a time, where the coder is least sure
(log odds nearest 0); there each of five seeds leaves another fifth of the comments out, so that
five different orders come of it. A comment is read whole, as one segment.

Beside the coder stands a fresh logistic regression (scikit-learn, C=10, which was the best of 1, 10
and 100 on the data that the coder's priors were chosen on) on the same sentence vectors with the
same decisions. Where all decisions are alike it has nothing to fit and says their share of
everything. `f1` is at the cut of `best_cut` on the chances that each gives the comments to be
judged, `f1_own_cut` at the chance from which the coder proposes a code where no cut was learnt
(0.2), and for the regression at 0.5.

Intervals are 95 %, percentile bootstrap over the comments scored, of the mean over themes and
seeds. Neither priors nor anything else was chosen on these themes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from evals.foreign import book_of
from evals.machine import load_average
from evals.measures import SEED, Bools, spread
from evals.output import emit
from qualcode.codebook import Codebook
from qualcode.coders.base import Task
from qualcode.coders.local.coder import LocalCoder
from qualcode.coders.local.learning import VECTOR_SCALE, best_cut, chances_of, learn
from qualcode.coders.local.odds import load_rules
from qualcode.workflow.eval_coders import comment_tasks
from qualcode.workflow.eval_scheme import FOREIGN_FAMILY
from training.sources import text_key

NO_THEME = {"Labelling not possible", "Not assigned", ""}
MIN_ROWS = 60
DECISIONS = (0, 8, 32, 128)
BATCH = 8
N_SEEDS = 5
DRAWN_FROM = 0.8
N_RESAMPLED = 500
DIMENSION = 384
FRESH_C = 10.0
FRESH_CUT = 0.5
N_ELSEWHERE = 64
"""How many comments that nobody judged keep their chances, as in `qualcode learn`."""

Floats = NDArray[np.float64]
Rows = NDArray[np.int_]


@dataclass(frozen=True)
class Comments:
    """Hold the comments as the coder sees them before it has learnt anything.

    Attributes:
        odds: (n, n_themes), log odds from the definitions.
        seen: (n, N_SEEN), what weights are learnt for.
        themes: (n, n_themes), what people said.
        pool: Places of those to be judged.
        scored: Places of the others.
    """

    odds: Floats
    seen: Floats
    themes: Bools
    pool: Rows
    scored: Rows


@dataclass(frozen=True)
class Answer:
    """Hold what somebody says of all comments about one theme.

    Attributes:
        chances: (n,).
        cuts: The best one to be expected, and their own.
    """

    chances: Floats
    cuts: tuple[float, float]


def labelled(data: Path, names: Sequence[str]) -> tuple[list[str], Bools]:
    """Return different comments and their themes."""
    found: dict[str, tuple[str, list[bool]]] = {}
    with (data / "nhs_comments/comments_coded.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            themes = {theme.strip() for theme in row["themes"].split(";")} - NO_THEME
            key = text_key(row["text"])
            if themes and key:
                found.setdefault(key, (row["text"], [name in themes for name in names]))
    return [text for text, _ in found.values()], np.array([said for _, said in found.values()])


def whole(tasks: Sequence[Task]) -> list[Task]:
    """Return each comment as one segment: its labels are of the whole."""
    return [
        Task(
            task.document,
            (replace(task.segments[0], end_char=task.segments[-1].end_char),),
        )
        for task in tasks
    ]


def read(book: Codebook, texts: Sequence[str], cache: Path) -> tuple[Floats, Floats]:
    """Return what the coder says before it has learnt anything, read once a cache."""
    coder = LocalCoder(book)
    content = "\x1f".join([coder.basis(FOREIGN_FAMILY), *map(repr, book.codes), *texts])
    path = cache / f"{hashlib.sha256(content.encode('utf-8')).hexdigest()[:16]}.npz"
    if not path.exists():
        grounds = coder.grounds(whole(comment_tasks(texts)), FOREIGN_FAMILY)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, odds=grounds.odds, seen=grounds.seen)
    with np.load(path) as arrays:
        return arrays["odds"], arrays["seen"]


def prepared(data: Path, cache: Path) -> tuple[Comments, list[str]]:
    """Return the comments, and the themes with enough rows."""
    book, names = book_of("nhs_themes.csv")
    texts, themes = labelled(data, names)
    odds, seen = read(book, texts, cache)
    kept = np.flatnonzero(themes.sum(axis=0) >= MIN_ROWS)
    first = np.array([hashlib.sha256(text_key(t).encode("utf-8")).digest()[0] for t in texts])
    comments = Comments(
        odds[:, kept],
        seen,
        themes[:, kept],
        np.flatnonzero(first < 128),
        np.flatnonzero(first >= 128),
    )
    return comments, [names[j] for j in kept]


def learnt(comments: Comments, theme: int, told: Rows) -> Floats:
    """Return the coder's log odds of all comments after some decisions."""
    own = comments.odds[:, theme]
    beside = np.setdiff1d(comments.pool, told)[:N_ELSEWHERE]
    what = learn(
        *(own[told], comments.seen[told], comments.themes[told, theme]),
        elsewhere=(own[beside], comments.seen[beside]),
    )
    return what.odds(own, comments.seen)


def fresh(comments: Comments, theme: int, told: Rows) -> Floats:
    """Return the chances of a logistic regression that knows nothing but the decisions."""
    said = comments.themes[told, theme]
    if said.all() or not said.any():
        return np.full(len(comments.themes), said.mean() if len(said) else 0.5)
    vectors = comments.seen[:, :DIMENSION] / VECTOR_SCALE
    model = LogisticRegression(C=FRESH_C, max_iter=2000).fit(vectors[told], said)
    chances: Floats = model.predict_proba(vectors)[:, 1]
    return chances


def at_random(comments: Comments, theme: int, rng: np.random.Generator) -> Rows:
    """Return comments to be judged, in their order."""
    return rng.permutation(comments.pool)[: max(DECISIONS)]


def where_unsure(comments: Comments, theme: int, rng: np.random.Generator) -> Rows:
    """Return comments to be judged, those next that the coder is least sure of by then."""
    left = np.sort(rng.permutation(comments.pool)[: int(DRAWN_FROM * len(comments.pool))])
    told = np.array([], int)
    while len(told) < max(DECISIONS):
        odds = learnt(comments, theme, told)
        nearest = left[np.argsort(np.abs(odds[left]), kind="stable")][:BATCH]
        told = np.concatenate([told, nearest])
        left = np.setdiff1d(left, nearest)
    return told


ORDERS: Mapping[str, Callable[[Comments, int, np.random.Generator], Rows]] = {
    "random": at_random,
    "uncertain": where_unsure,
}


class Resampled:
    """Score answers on the comments as they are and as bootstrap draws them again."""

    def __init__(self, comments: Comments) -> None:
        self._comments = comments
        n = len(comments.scored)
        drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), size=N_RESAMPLED)
        # The first row is the sample itself.
        self._times = np.concatenate([np.ones((1, n)), drawn])

    def figures(self, answer: Answer, theme: int) -> Floats:
        """Return (3, 1 + N_RESAMPLED): average precision, F1 at both cuts."""
        chances = answer.chances[self._comments.scored]
        wanted = self._comments.themes[self._comments.scored, theme]
        f1 = [self._f1(chances >= cut, wanted) for cut in answer.cuts]
        return np.stack([self._precision(chances, wanted), *f1])

    def _precision(self, chances: Floats, wanted: Bools) -> Floats:
        """Return average precision; a text drawn k times has k equal scores, which are tied."""
        order = np.argsort(-chances, kind="stable")
        times, hits = self._times[:, order], self._times[:, order] * wanted[order]
        # Of equal scores the last has seen all of them.
        ends = np.flatnonzero(np.append(np.diff(chances[order]) != 0, True))
        found, looked = hits.cumsum(axis=1)[:, ends], times.cumsum(axis=1)[:, ends]
        gained = np.diff(found, axis=1, prepend=0)
        precision: Floats = (gained * found / np.maximum(looked, 1)).sum(axis=1)
        return precision / np.maximum(hits.sum(axis=1), 1)

    def _f1(self, proposed: Bools, wanted: Bools) -> Floats:
        right = self._times @ (proposed & wanted)
        f1: Floats = 2 * right / np.maximum(self._times @ (proposed * 1.0 + wanted), 1)
        return f1


def curve(comments: Comments, n_themes: int) -> dict[str, Any]:
    """Return figures by order and number of decisions."""
    resampled = Resampled(comments)
    own_cut = load_rules()["definitions"].cut
    held: dict[tuple[str, int, str], list[Floats]] = {}
    yes: dict[tuple[str, int], list[float]] = {}
    spent: list[float] = []
    for order, choose in ORDERS.items():
        for seed in range(N_SEEDS):
            for theme in range(n_themes):
                told = choose(comments, theme, np.random.default_rng([SEED, seed, theme]))
                for n in DECISIONS:
                    started = time.process_time()
                    odds = learnt(comments, theme, told[:n])
                    if n == max(DECISIONS):
                        spent.append(time.process_time() - started)
                    ours, theirs = chances_of(odds), fresh(comments, theme, told[:n])
                    yes.setdefault((order, n), []).append(comments.themes[told[:n], theme].sum())
                    said = (("learnt", ours, own_cut), ("fresh", theirs, FRESH_CUT))
                    for who, chances, cut in said:
                        answer = Answer(chances, (best_cut(chances[comments.pool]), cut))
                        held.setdefault((order, n, who), []).append(
                            resampled.figures(answer, theme)
                        )
    result: dict[str, Any] = {}
    for order in ORDERS:
        result[order] = {}
        for n in DECISIONS:
            of = {
                who: np.mean(held[order, n, who], axis=0)  # (3, 1 + N_RESAMPLED)
                for who in ("learnt", "fresh")
            }
            result[order][str(n)] = {
                "yes_a_theme": round(float(np.mean(yes[order, n])), 1),
                **{who: told_as(both) for who, both in of.items()},
                "difference": told_as(of["learnt"] - of["fresh"]),
            }
    result["milliseconds_of_processor_an_update_at_128"] = round(1000 * float(np.mean(spent)), 1)
    return result


def told_as(figures: Floats) -> dict[str, Any]:
    """Return each mean with its interval."""
    result: dict[str, Any] = {}
    for name, drawn in zip(("average_precision", "f1", "f1_own_cut"), figures, strict=True):
        result[name] = round(float(drawn[0]), 4)
        result[f"{name}_interval"] = spread(drawn[1:])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--cache", type=Path, help="folder to keep what was read in")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        comments, names = prepared(args.data, args.cache or Path(temporary))
    figures = {
        "seed": SEED,
        "n_seeds": N_SEEDS,
        "n_to_be_judged": len(comments.pool),
        "n_scored": len(comments.scored),
        "themes": {
            name: int(comments.themes[comments.scored, j].sum()) for j, name in enumerate(names)
        },
        **curve(comments, len(names)),
        "load_average": load_average(),
    }
    emit(figures, args.out)


if __name__ == "__main__":
    main()
