"""Fit the rules of the families that the coder knows on the development labels.

    python -m training.fit_judges --data ../shared/data

`fit_odds` and `fit_known` come before. One reader's labels in `evals/dev`, for pain and praise
the talks of `speech_check.csv`, what was written for the default codebook and kept from the
encoder, and the labelled talks of `interviews/` but for series b; nothing of the gold. A rule is a
logistic regression over a handful of features, so that the chance it gives is calibrated; its cut
is about the best by F1 on texts that a rule fitted without them judged (five folds). A rule whose
name ends in ":known" takes evidence that `fit_known` corrected, the others that from definitions
alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from evals.local_coder import Labelled, otel, rollwell
from qualcode.codebook import load_codebook
from qualcode.coders.base import Task
from qualcode.coders.local import difficulty, emotion, need
from qualcode.coders.local.known import KNOWN_FAMILIES, KNOWN_RULE
from qualcode.coders.local.matcher import Matcher
from qualcode.coders.local.odds import Rule, load_rules
from qualcode.coders.local.weights import Weights
from qualcode.records import DocumentKind
from qualcode.resources import default_codebook_path
from training.fit_known import LEARNT_FROM, fit, known_families, part_of, written_parts
from training.labelled_talks import talk_names, talks_of
from training.logistic import calibration_error, fit_near
from training.manifest import enter
from training.matching import DEFAULT_BOOK, written
from training.reading import Labels, Reader, rows_of, stretches
from training.sources import speech_check

TRAINING_DIR = Path(__file__).resolve().parent
WEIGHTS_DIR = TRAINING_DIR.parent / "qualcode/coders/local/weights"
Floats = NDArray[np.float64]
FOLDS = 5
# Mean and precision of each weight. Everyday words were collected on the same labels, so they may
# not be given more than a word is worth; the rest is drawn to what log odds would mean as they are.
DIFFICULTY_PRIOR = {
    "head": (1.0, 5.0),
    "opposite": (-0.2, 5.0),
    "near": (0.15, 20.0),
    "words": (0.7, 1000.0),
    "against": (-0.4, 1000.0),
    "typed": (0.0, 5.0),
}
EMOTION_PRIOR = {
    "likeness": (0.7, 5.0),
    "heard": (0.6, 10.0),
    "unheard": (0.4, 10.0),
    "feeling": (1.5, 5.0),
    "tone_against": (-0.4, 10.0),
    "words_against": (-0.4, 1000.0),
}
# Whether there is a difficulty is told by the tone of real talk too, and writers to one brief have
# one tone: their series together count as one set.
GATE_WEIGHT = {
    **dict.fromkeys(("rollwell", "otel", "talks", "written"), 125.0),
    **dict.fromkeys(LEARNT_FROM, 125.0 / len(LEARNT_FROM)),
}
CODE_PRIOR = {"likeness": (1.0, 5.0)}
NEED_PRIOR = {"likeness": (0.9, 10.0), "wish": (1.5, 20.0), "typed": (0.0, 10.0)}


def talks(data: Path) -> tuple[list[Task], list[Labelled]]:
    """Return the stretches of `speech_check.csv`."""
    rows = []
    for part in speech_check(TRAINING_DIR / "speech_check.csv", data).values():
        for example in part:
            known = (("pain_point", example.pain), ("strength", example.praise))
            labels = {f: frozenset(["?"] if said else []) for f, said in known if said is not None}
            rows.append((example.text, labels))
    return stretches("talk", rows, DocumentKind.INTERVIEW)


def written_aside() -> tuple[list[Task], list[Labelled]]:
    """Return what was written for the default codebook's families and kept from the encoder.

    Of what tells of a difficulty nothing is taken to be praised, and the other way round.
    """
    opposite = {"pain_point": "strength", "strength": "pain_point"}
    rows: list[tuple[str, Labels]] = []
    for group in written(aside=True):
        family = group.name.removeprefix(f"written:{DEFAULT_BOOK}")
        for text, codes in group.said:
            labels = {family: frozenset(codes)}
            if family in opposite:
                labels[opposite[family]] = frozenset()
            rows.append((text, labels))
        if family not in opposite:
            rows += [(text, {family: frozenset()}) for text in group.nothing]
    return stretches("written", rows, DocumentKind.INTERVIEW)


class Sample:
    """Collect what a rule is fitted on, passage by passage."""

    def __init__(self) -> None:
        self._x: list[Floats] = []
        self._y: list[list[bool]] = []
        self._weights: list[float] = []

    def add(self, features: Floats, labels: list[bool], weight: float) -> None:
        """Add a passage: (n, n_features) and n labels, all of the same weight."""
        self._x.append(features)
        self._y.append(labels)
        self._weights.append(weight)

    def arrays(self) -> tuple[Floats, NDArray[np.bool_], Floats, NDArray[np.int_]]:
        """Return features, labels, weights and which passage each row is of, shuffled."""
        sizes = [len(labels) for labels in self._y]
        return (
            np.concatenate(self._x),
            np.concatenate([np.array(labels, bool) for labels in self._y]),
            np.repeat(self._weights, sizes),
            np.repeat(np.random.default_rng(1).permutation(len(sizes)), sizes),
        )


def blank(features: Sequence[str]) -> Rule:
    """Return a rule that is only needed to make a judge whose features are asked for."""
    return Rule(tuple(features), np.zeros(len(features)), 0.0)


def fitted(
    prior: Mapping[str, tuple[float, float]], sample: Sample
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rule as it is stored, and its figures on the folds left out."""
    x, y, weight, groups = sample.arrays()
    names = list(prior)
    mean, firmness = (np.array(part) for part in zip(*prior.values(), strict=True))

    def model(rows: NDArray[np.bool_]) -> tuple[Floats, float]:
        return fit_near(mean, firmness, x[rows], y[rows], weight[rows])

    chances = np.zeros(len(y))
    for fold in range(FOLDS):
        out = groups % FOLDS == fold
        coefficients, bias = model(~out)
        chances[out] = 1 / (1 + np.exp(-(x[out] @ coefficients + bias)))

    def f1(cut: float) -> float:
        said = chances >= cut
        return 2 * weight[said & y].sum() / max(weight[said].sum() + weight[y].sum(), 1e-9)

    cuts = np.round(np.arange(0.1, 0.71, 0.05), 2)
    scores = [f1(cut) for cut in cuts]
    # Of the cuts that are about as good as the best the highest: what is proposed wrongly costs
    # a reviewer more than what is missing.
    cut = float(cuts[np.array(scores) >= max(scores) - 0.015].max())
    coefficients, bias = model(np.ones(len(y), bool))
    rule = {
        "weights": {n: round(float(c), 5) for n, c in zip(names, coefficients, strict=True)},
        "bias": round(bias, 5),
        "cut": cut,
    }
    said = chances >= cut
    report = {
        "n": len(y),
        "yes": int(y.sum()),
        "f1": {str(c): round(float(s), 3) for c, s in zip(cuts, scores, strict=True)},
        "precision": round(float((said & y).sum() / max(said.sum(), 1)), 3),
        "recall": round(float((said & y).sum() / y.sum()), 3),
        "average_precision": round(float(average_precision_score(y, chances)), 3),
        "calibration_error": round(calibration_error(chances, y), 3),
        "calibration_error_proposed": round(calibration_error(chances[said], y[said]), 3),
    }
    return rule, report


def main() -> None:
    """Fit the rules and enter them into odds.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, default=WEIGHTS_DIR)
    args = parser.parse_args()
    weights = Weights(args.out)
    path = args.out / "odds.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    report: dict[str, Any] = {}
    fitter = Fitter(weights, args.data)
    for is_known in (False, True):
        ending = KNOWN_RULE if is_known else ""
        for family, tone in (("pain_point", difficulty.PAIN), ("strength", difficulty.PRAISE)):
            if is_known and family not in KNOWN_FAMILIES:
                continue
            gate, codes = fitter.difficulty(family, tone, is_known=is_known)
            for name, prior, sample in (
                (family, DIFFICULTY_PRIOR, gate),
                (f"{family}:code", CODE_PRIOR, codes),
            ):
                stored["rules"][name + ending], report[name + ending] = fitted(prior, sample)
        for family, prior in (("emotion", EMOTION_PRIOR), ("need", NEED_PRIOR)):
            sample = fitter.codes(family, is_known=is_known)
            stored["rules"][family + ending], report[family + ending] = fitted(prior, sample)
    path.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8", newline="\n")
    enter(path)
    print(json.dumps({"rules": stored["rules"], "figures": report}, indent=1))


class Fitter:
    """Make the samples that rules are fitted on.

    The corrected evidence of a text is that of a fit without the text's series (`fit_known`), as it
    will be on texts of users.
    """

    def __init__(self, weights: Weights, data: Path) -> None:
        self._weights = weights
        self._rules = dict(load_rules(weights))
        self._reader = Reader(weights)
        self._book = load_codebook(default_codebook_path())
        self._sets = {
            "rollwell": rollwell(),
            "otel": otel(data),
            "talks": talks(data),
            "written": written_aside(),
            **{s: series_of(s) for s in LEARNT_FROM},
        }
        self._passages = {
            name: self._reader.passages(tasks) for name, (tasks, _) in self._sets.items()
        }
        matchers = known_families(self._reader, weights)
        self._utterances = written_parts(self._reader, matchers)
        self._parts = {
            family: {
                s: part_of(matcher, self._passages[s], self._rows(s, family)) for s in LEARNT_FROM
            }
            for family, matcher in matchers.items()
        }

    def _rows(self, name: str, family: str) -> Mapping[int, frozenset[str]]:
        return rows_of(self._passages[name], self._sets[name][1], family)

    def _matchers(self, family: str, *, is_known: bool) -> Iterator[tuple[str, Matcher]]:
        """Yield each set that has labels of the family, with the matcher that may judge it."""
        codes = self._book.family(family)
        for name in self._sets:
            if not self._rows(name, family) or (is_known and name == "written"):
                continue  # what was kept aside of `written` is among what the known is fitted on
            known = None
            if is_known:
                others = [self._parts[family][s] for s in LEARNT_FROM if s != name]
                known = fit(family, codes, [self._utterances[family], *others])
            yield name, Matcher(codes, self._reader.read, self._rules, known)

    def difficulty(
        self, family: str, tone: difficulty.Tone, *, is_known: bool
    ) -> tuple[Sample, Sample]:
        """Return what tells whether a difficulty is there, and which code it is."""
        gate, codes = Sample(), Sample()
        for name, matcher in self._matchers(family, is_known=is_known):
            judge = difficulty.DifficultyJudge(matcher, tone, *(blank(difficulty.FEATURES),) * 2)
            match = matcher.match(self._passages[name])
            features = judge.features(self._passages[name], match)
            own = self._rows(name, family)
            for at, labels in own.items():
                gate.add(features[[at]], [bool(labels)], GATE_WEIGHT[name] / len(own))
                if labels - {"?"}:
                    codes.add(
                        match.evidence[at][:, None],
                        [code.id in labels for code in matcher.codes],
                        1.0,
                    )
        return gate, codes

    def codes(self, family: str, *, is_known: bool) -> Sample:
        """Return what tells of each code of emotion or need whether it applies."""
        sample = Sample()
        thresholds = self._reader.heads.emotion_thresholds.astype(np.float64)
        for name, matcher in self._matchers(family, is_known=is_known):
            passages = self._passages[name]
            match = matcher.match(passages)
            if family == "emotion":
                judge = emotion.EmotionJudge(matcher, thresholds, blank(emotion.FEATURES))
                features = judge.features(passages, match)
            else:
                features = need.NeedJudge(matcher, blank(need.FEATURES)).features(passages, match)
            for at, labels in self._rows(name, family).items():
                if "?" not in labels:
                    known = [code.id in labels for code in matcher.codes]
                    sample.add(features[at], known, 1.0)
        return sample


def series_of(series: str) -> tuple[list[Task], list[Labelled]]:
    """Return all files of a series of `interviews/` together."""
    files = [talks_of(name) for name in talk_names(series)]
    return [t for tasks, _ in files for t in tasks], [one for _, rows in files for one in rows]


if __name__ == "__main__":
    main()
