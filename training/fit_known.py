"""Fit what the coder knows of the default codebook's codes beside their definitions.

    python -m training.fit_known

On what was written for these codes: the utterances of `written/` (`default_*`) and the interviews
and comments of `interviews/` but for series b, which is kept to measure on. A code's log odds are a
share of those from its definition, and a weight for each dimension of the sentence vector. Stages,
of which a segment has one, are told apart together, the other codes each by itself.

`fit_judges` comes after: its rules take these odds as they are on texts that were left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from qualcode.codebook import Code, load_codebook
from qualcode.coders.local.known import KNOWN_FAMILIES, TOLD_APART, Known, definition_key
from qualcode.coders.local.matcher import Matcher
from qualcode.coders.local.odds import load_rules
from qualcode.coders.local.passages import Passages
from qualcode.coders.local.weights import Weights
from qualcode.records import DocumentKind
from qualcode.resources import default_codebook_path
from training.labelled_talks import talk_names, talks_of
from training.logistic import fit_classes, fit_newton
from training.manifest import enter
from training.matching import DEFAULT_BOOK, written
from training.reading import Reader, rows_of, stretches

WEIGHTS_DIR = Path(__file__).resolve().parent.parent / "qualcode/coders/local/weights"
LEARNT_FROM = "acde"
"""Series of `interviews/`; b measures."""
FIRMNESS = {"stage": 0.3, "emotion": 0.3, "pain_point": 0.5, "need": 1.0}
SHARE, SHARE_FIRMNESS = 0.7, 20.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """Hold texts of one origin for one family.

    Attributes:
        evidence: (n, n_codes), log odds from definitions.
        vectors: (n, 384).
        labels: (n, n_codes).
    """

    evidence: Floats
    vectors: Floats
    labels: NDArray[np.bool_]


def part_of(matcher: Matcher, passages: Passages, labels: Mapping[int, Collection[str]]) -> Part:
    """Return the passages that have labels."""
    heard = passages.heard
    rows = sorted(labels)
    match = matcher.match(passages)
    return Part(
        match.evidence[rows],
        np.array([passages.units[heard[row].units.start] for row in rows]),
        np.array([[code.id in labels[row] for code in matcher.codes] for row in rows]),
    )


def fit(family: str, codes: Sequence[Code], parts: Sequence[Part]) -> Known:
    """Fit one family."""
    evidence = np.concatenate([part.evidence for part in parts])
    vectors = np.concatenate([part.vectors for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    n_codes = len(codes)
    if family == TOLD_APART:
        rows = labels.sum(axis=1) == 1
        weights, bias, share = fit_classes(
            vectors[rows],
            evidence[rows],
            labels[rows].argmax(axis=1),
            firmness=FIRMNESS[family],
            share=SHARE,
        )
        return Known(weights, bias, np.full(n_codes, share))
    weights, bias, share = (
        np.zeros((vectors.shape[1], n_codes)),
        np.zeros(n_codes),
        np.ones(n_codes),
    )
    prior = np.append(np.zeros(vectors.shape[1]), SHARE)
    firmness = np.append(np.full(vectors.shape[1], FIRMNESS[family]), SHARE_FIRMNESS)
    for j in range(n_codes):
        x = np.column_stack([vectors, evidence[:, j]])
        found, bias[j] = fit_newton(prior, firmness, x, labels[:, j])
        weights[:, j], share[j] = found[:-1], found[-1]
    return Known(weights, bias, share)


def written_parts(reader: Reader, matchers: Mapping[str, Matcher]) -> dict[str, Part]:
    """Return the written utterances of each family's own book, those kept aside too."""
    found = {}
    groups = [*written(), *written(aside=True)]
    for family, matcher in matchers.items():
        own = [group for group in groups if group.name == f"written:{DEFAULT_BOOK}{family}"]
        rows = [(text, frozenset(codes)) for group in own for text, codes in group.said]
        rows += [(text, frozenset[str]()) for group in own for text in group.nothing]
        tasks, labelled = stretches(
            "written", [(text, {family: codes}) for text, codes in rows], DocumentKind.INTERVIEW
        )
        passages = reader.passages(tasks)
        found[family] = part_of(matcher, passages, rows_of(passages, labelled, family))
    return found


def talk_parts(
    reader: Reader, matchers: Mapping[str, Matcher], series: str
) -> dict[str, dict[str, list[Part]]]:
    """Return family to series to its files."""
    found: dict[str, dict[str, list[Part]]] = {f: {s: [] for s in series} for f in matchers}
    for name in talk_names(series):
        tasks, labelled = talks_of(name)
        passages = reader.passages(tasks)
        for family, matcher in matchers.items():
            rows = rows_of(passages, labelled, family)
            found[family][name[0]].append(part_of(matcher, passages, rows))
    return found


def known_families(reader: Reader, weights: Weights) -> dict[str, Matcher]:
    """Return the matcher of each known family of the default codebook, from definitions alone."""
    book = load_codebook(default_codebook_path())
    rules = load_rules(weights)
    return {f: Matcher(book.family(f), reader.read, rules) for f in KNOWN_FAMILIES}


def figures(known: Known, parts: Sequence[Part]) -> dict[str, Any]:
    """Return mean average precision and how often the likeliest code is right, before and after."""
    labels = np.concatenate([part.labels for part in parts])
    before = np.concatenate([part.evidence for part in parts])
    after = np.concatenate([known(part.evidence, part.vectors) for part in parts])
    often = labels.sum(axis=0) >= 3
    some = labels.any(axis=1)
    told: dict[str, Any] = {"n": len(labels)}
    for name, odds in (("definitions", before), ("known", after)):
        scores = [average_precision_score(labels[:, j], odds[:, j]) for j in np.flatnonzero(often)]
        right = labels[np.arange(len(odds)), odds.argmax(axis=1)][some]
        told[name] = {
            "mean_average_precision": round(float(np.mean(scores)), 3),
            "likeliest_right": round(float(right.mean()), 3),
        }
    return told


def main() -> None:
    """Fit all families and write known.npz."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=WEIGHTS_DIR)
    args = parser.parse_args()
    weights = Weights(args.out)
    reader = Reader(weights)
    matchers = known_families(reader, weights)
    utterances = written_parts(reader, matchers)
    talks = talk_parts(reader, matchers, LEARNT_FROM + "b")
    stored: dict[str, Any] = {}
    report: dict[str, Any] = {}
    for family, matcher in matchers.items():
        learnt_from = [part for s in LEARNT_FROM for part in talks[family][s]]
        known = fit(family, matcher.codes, [utterances[family], *learnt_from])
        stored[f"{family}.keys"] = np.array([definition_key(code) for code in matcher.codes])
        stored[f"{family}.weights"] = known.weights.astype(np.float32)
        stored[f"{family}.bias"] = known.bias.astype(np.float32)
        stored[f"{family}.share"] = known.share.astype(np.float32)
        report[family] = figures(known, talks[family]["b"])
    path = args.out / "known.npz"
    np.savez(path, **stored)
    enter(path)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
