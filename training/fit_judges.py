"""Fit the rules of the families that the coder knows on the development labels.

    python -m training.fit_judges --data ../shared/data

`fit_odds` comes before. One reader's labels in `evals/dev`, for pain and praise the talks of
`speech_check.csv`, and what was written for the default codebook and kept from the encoder; nothing
of the gold. A rule is a logistic regression
over a handful of features, so that the chance it gives is calibrated; its cut is about
the best by F1 on texts that a rule fitted without them judged (five folds).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from evals.local_coder import Labelled, otel, rollwell
from qualcode.codebook import load_codebook
from qualcode.coders.base import Task
from qualcode.coders.local import difficulty, emotion, need
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import Heads
from qualcode.coders.local.matcher import Matcher
from qualcode.coders.local.odds import Rule, load_rules
from qualcode.coders.local.passages import Passages, read_passages
from qualcode.coders.local.readings import answers
from qualcode.coders.local.weights import Weights
from qualcode.records import Document, DocumentKind, Role, Segment, Speaker, Turn, stable_id
from qualcode.resources import default_codebook_path
from training.logistic import calibration_error, fit_near
from training.manifest import enter
from training.matching import DEFAULT_BOOK, written
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
CODE_PRIOR = {"likeness": (1.0, 5.0)}
NEED_PRIOR = {"likeness": (0.9, 10.0), "wish": (1.5, 20.0), "typed": (0.0, 10.0)}


Labels = Mapping[str, frozenset[str]]


def stretches(
    name: str, rows: Sequence[tuple[str, Labels]], kind: DocumentKind
) -> tuple[list[Task], list[Labelled]]:
    """Return texts as segments that stand alone, with the families that are known of each."""
    tasks, labelled = [], []
    for at, (text, labels) in enumerate(rows):
        document = Document(
            id=stable_id("doc", name, str(at)),
            source_id="dev",
            path=f"{name} {at}",
            kind=kind,
            text=text,
            turns=(Turn(0, 0, len(text)),),
            speakers=(Speaker(None, Role.PARTICIPANT, "P1"),),
        )
        segment = Segment(
            id=stable_id("seg", name, str(at)),
            document_id=document.id,
            index=0,
            turn_index=0,
            start_char=0,
            end_char=len(text),
            role=Role.PARTICIPANT,
        )
        tasks.append(Task(document, (segment,)))
        labelled.append(Labelled(segment, labels))
    return tasks, labelled


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


class Reader:
    """Read tasks as the coder does."""

    def __init__(self, weights: Weights) -> None:
        self.encoder, self.heads = Encoder(weights=weights), Heads(weights=weights)

    def read(self, texts: Sequence[str]) -> tuple[Floats, NDArray[np.float32]]:
        """Return unit rows and answers."""
        encoded = self.encoder.read(list(texts))
        return encoded.vectors.astype(np.float64), answers(self.heads, encoded)

    def passages(self, tasks: Sequence[Task]) -> Passages:
        """Return the passages of tasks."""
        return read_passages(tasks, self.read, self.read)


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
    rules = dict(load_rules(weights))
    reader = Reader(weights)
    book = load_codebook(default_codebook_path())
    sets = {
        "rollwell": rollwell(),
        "otel": otel(args.data),
        "talks": talks(args.data),
        "written": written_aside(),
    }
    passages = {name: reader.passages(tasks) for name, (tasks, _) in sets.items()}
    stored = json.loads((args.out / "odds.json").read_text(encoding="utf-8"))
    report: dict[str, Any] = {}

    def rows(name: str, family: str) -> Mapping[int, frozenset[str]]:
        return rows_of(passages[name], sets[name][1], family)

    for family, tone in (("pain_point", difficulty.PAIN), ("strength", difficulty.PRAISE)):
        matcher = Matcher(book.family(family), reader.read, rules)
        judge = difficulty.DifficultyJudge(matcher, tone, *(blank(difficulty.FEATURES),) * 2)
        gate, codes = Sample(), Sample()
        for name in sets:
            match = matcher.match(passages[name])
            features = judge.features(passages[name], match)
            own = rows(name, family)
            for at, labels in own.items():
                gate.add(features[[at]], [bool(labels)], 125 / len(own))
                if labels - {"?"}:
                    codes.add(
                        match.evidence[at][:, None],
                        [code.id in labels for code in matcher.codes],
                        1.0,
                    )
        stored["rules"][family], report[family] = fitted(DIFFICULTY_PRIOR, gate)
        stored["rules"][f"{family}:code"], report[f"{family}:code"] = fitted(CODE_PRIOR, codes)

    matcher = Matcher(book.family("emotion"), reader.read, rules)
    thresholds = reader.heads.emotion_thresholds.astype(np.float64)
    judge_of_emotion = emotion.EmotionJudge(matcher, thresholds, blank(emotion.FEATURES))
    sample = Sample()
    for name in ("rollwell", "otel", "written"):
        features = judge_of_emotion.features(passages[name], matcher.match(passages[name]))
        for at, labels in rows(name, "emotion").items():
            sample.add(features[at], [code.id in labels for code in matcher.codes], 1.0)
    stored["rules"]["emotion"], report["emotion"] = fitted(EMOTION_PRIOR, sample)

    matcher = Matcher(book.family("need"), reader.read, rules)
    judge_of_need = need.NeedJudge(matcher, blank(need.FEATURES))
    sample = Sample()
    for name in ("rollwell", "otel", "written"):
        features = judge_of_need.features(passages[name], matcher.match(passages[name]))
        for at, labels in rows(name, "need").items():
            if "?" not in labels:
                sample.add(features[at], [code.id in labels for code in matcher.codes], 1.0)
    stored["rules"]["need"], report["need"] = fitted(NEED_PRIOR, sample)

    path = args.out / "odds.json"
    path.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8", newline="\n")
    enter(path)
    print(json.dumps({"rules": stored["rules"], "figures": report}, indent=1))


def rows_of(
    passages: Passages, labelled: Sequence[Labelled], family: str
) -> Mapping[int, frozenset[str]]:
    """Return the labels of the passages heard that have any, by their place."""
    labels = {row.segment.id: row.labels.get(family) for row in labelled}
    found = {}
    for at, passage in enumerate(passages.heard):
        own = labels.get(passage.segment.id)
        if own is not None:
            found[at] = own
    return found


if __name__ == "__main__":
    main()
