"""Fit the rule that turns likeness into the probability that a code applies.

    python -m training.fit_odds

The written codebooks that the encoder never saw (`HELD_BACK_BOOKS`) stand for codebooks of users:
once with definitions alone, once with two to six texts of each code as its examples and the rest to
be judged, once with six to eight. Figures are those of each codebook under a rule fitted on the
others.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score

from qualcode.codebook import Code
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import Heads
from qualcode.coders.local.odds import FEATURES, CodeOdds, Rule
from qualcode.coders.local.readings import answers, read_answers
from qualcode.coders.local.weights import Weights
from training.logistic import calibration_error, fit_near
from training.manifest import enter
from training.matching import HELD_BACK_BOOKS, Group, written

WEIGHTS_DIR = Path(__file__).resolve().parent.parent / "qualcode/coders/local/weights"
Floats = NDArray[np.float64]
# What a family has to do with how many codes it has is for the features to say.
PENALTY = 1.0
STRANGERS = 0.5
"""How many texts of other codebooks join those of one."""
CUT = 0.2
"""From this chance on a code is proposed: about the best macro-F1 on the codebooks left out."""


@dataclass(frozen=True)
class Sheet:
    """Hold the features and labels of one codebook, and what was shown of its codes."""

    book: str
    shown: str
    features: Floats
    labels: NDArray[np.bool_]


def sheet(
    group: Group,
    others: Sequence[Group],
    encoder: Encoder,
    heads: Heads,
    *,
    shots: int,
    defined: bool,
    seed: int,
    rule: str = "examples",
) -> Sheet:
    """Return the texts of a codebook as features, `shots` texts a code taken as its examples.

    Texts of other codebooks join them, to which no code applies: in interviews most say nothing of
    what a family is about. `rule` names the one that is to be fitted.
    """
    rng = random.Random(f"{seed}:{group.name}:{shots}")
    codes = list(group.wordings)
    taken: dict[str, list[int]] = {code: [] for code in codes}
    used: set[int] = set()
    for code in codes:
        own = [row for row in group.by_code[code] if len(group.said[row][1]) == 1]
        rng.shuffle(own)
        # At least two texts of every code are left to be judged.
        taken[code] = own[: min(shots, max(len(own) - 2, 0))]
        used.update(taken[code])
    rows = [row for row in range(len(group.said)) if row not in used]
    no_rules = {
        name: Rule(FEATURES, np.zeros(len(FEATURES)), 0.0)
        for name in ("definitions", "examples", rule)
    }

    def read(texts: Sequence[str]) -> tuple[Floats, NDArray[np.float32]]:
        encoded = encoder.read(list(texts))
        return encoded.vectors.astype(np.float64), answers(heads, encoded)

    book = [
        Code(
            id=f"c_{at}",
            family="codes",
            name=group.wordings[code][0].name,
            definition=group.wordings[code][0].definition if defined else "",
            examples=tuple(group.said[row][0] for row in taken[code]),
        )
        for at, code in enumerate(codes)
    ]
    elsewhere = [text for other in others for text, _ in other.said]
    strangers = rng.sample(elsewhere, int(STRANGERS * len(rows)))
    units, given = read([*(group.said[row][0] for row in rows), *strangers])
    features, _ = CodeOdds(book, read, no_rules).features(units, read_answers(given))
    labels = np.zeros((len(features), len(codes)), bool)
    labels[: len(rows)] = [[code in group.said[row][1] for code in codes] for row in rows]
    shown = f"{'definitions' if defined else 'names'}, {shots} examples"
    return Sheet(group.name, shown, features, labels)


def fit(sheets: Sequence[Sheet], used: NDArray[np.bool_]) -> Rule:
    """Fit log odds over all codebooks, each with the same say."""
    x = np.concatenate([s.features.reshape(-1, len(FEATURES)) for s in sheets])
    y = np.concatenate([s.labels.ravel() for s in sheets])
    weight = np.concatenate([np.full(s.labels.size, 1000 / s.labels.size) for s in sheets])
    spread = x.std(axis=0) + 1e-9
    firmness = np.where(used, PENALTY, 1e9)
    # Being nearer, or hearing the same in text and code, never speaks against the code.
    least = np.zeros(len(FEATURES))
    weights, bias = fit_near(np.zeros(len(FEATURES)), firmness, x / spread, y, weight, least)
    return Rule(FEATURES, np.where(used, weights / spread, 0.0), bias)


def odds_of(rule: Rule, part: Sheet) -> Floats:
    """Return (n_texts, n_codes)."""
    result: Floats = part.features @ rule.weights + rule.bias
    return result


def figures(sheets: Sequence[Sheet], used: NDArray[np.bool_], cut: float) -> dict[str, Any]:
    """Return the figures of every codebook under a rule that was fitted on the others."""
    result: dict[str, Any] = {}
    chances, hits = [], []
    for left_out in sheets:
        rule = fit([s for s in sheets if s.book != left_out.book], used)
        odds = odds_of(rule, left_out)
        chance = 1 / (1 + np.exp(-odds))
        known = left_out.labels.any(axis=1)
        chances.append(chance.ravel())
        hits.append(left_out.labels.ravel())
        result[f"{left_out.book}: {left_out.shown}"] = {
            "top": round(
                float(left_out.labels[np.arange(len(odds)), odds.argmax(axis=1)][known].mean()), 3
            ),
            "ap": round(
                float(
                    np.mean(
                        [
                            average_precision_score(left_out.labels[:, j], odds[:, j])
                            for j in range(odds.shape[1])
                        ]
                    )
                ),
                3,
            ),
            "macro_f1": {
                str(c): round(
                    float(f1_score(left_out.labels, chance >= c, average="macro", zero_division=0)),
                    3,
                )
                for c in sorted({0.2, 0.3, 0.4, 0.5, cut})
            },
        }
    everything, right = np.concatenate(chances), np.concatenate(hits)
    proposed = everything >= cut
    result["calibration_error"] = round(calibration_error(everything, right), 3)
    result["calibration_error_proposed"] = round(
        calibration_error(everything[proposed], right[proposed]), 3
    )
    return result


def main() -> None:
    """Fit the rules and write odds.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=WEIGHTS_DIR)
    parser.add_argument("--seed", type=int, default=20240501)
    args = parser.parse_args()
    weights = Weights(args.out)
    encoder, heads = Encoder(weights=weights), Heads(weights=weights)
    books = [g.finished() for g in written() if g.name in HELD_BACK_BOOKS]
    rules: dict[str, Any] = {}
    report: dict[str, Any] = {}
    # Where there are examples, definitions are often poor: half of the time there is only a name.
    shots = [(n, defined) for n in (2, 4, 6) for defined in (True, False)]
    many = [(n, defined) for n in (6, 8) for defined in (True, False)]
    for name, kinds in (("definitions", [(0, True)]), ("examples", shots), ("many", many)):
        sheets = [
            sheet(
                group,
                [other for other in books if other is not group],
                encoder,
                heads,
                shots=n,
                defined=defined,
                seed=args.seed,
                rule=name,
            )
            for group in books
            for n, defined in kinds
        ]
        used = np.array([name != "definitions" or "example" not in f for f in FEATURES])
        used &= np.array(
            [
                f != "counter" and (name != "definitions" or not f.startswith("contrast"))
                for f in FEATURES
            ]
        )
        rule = fit(sheets, used)
        # No codebook here has counter-examples: one that is nearer by a tenth takes one away.
        rule.weights[FEATURES.index("counter")] = -10.0
        rules[name] = {
            "weights": {f: round(float(w), 5) for f, w in zip(FEATURES, rule.weights, strict=True)},
            "bias": round(rule.bias, 5),
            "cut": CUT,
        }
        report[name] = figures(sheets, used, CUT)
    path = args.out / "odds.json"
    text = json.dumps({"rules": rules}, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    enter(path)
    print(json.dumps({"rules": rules, "figures": report}, indent=1))


if __name__ == "__main__":
    main()
