"""Score the embedded coder on held-back talks and comments, written here, of the default codebook.

    python -m evals.talks [--out FILE.json]

Series b of `training/interviews`: four interviews and two sets of comments in their own branches,
on which nothing was fitted or chosen. Its writer also labelled it, a language model. For each
family: the coder's own decision, and how far the chances it gives can be taken at their word
(expected calibration error, ten bins of equal mass), over everything and among what is proposed.
Beside it the same coder without what it learnt of these codes (`known`), from definitions alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evals.measures import SEED, calibration_error, scores
from evals.output import emit
from qualcode.codebook import Codebook, load_codebook
from qualcode.coders.local.coder import LocalCoder
from qualcode.resources import default_codebook_path
from training.labelled_talks import FAMILIES, talk_names, talks_of

SERIES = "b"


def unknown(book: Codebook) -> Codebook:
    """Return the book with definitions that the coder has not seen, of the same words."""
    changed = [replace(code, definition=f"{code.definition} ") for code in book.codes]
    return Codebook(book.name, tuple(changed))


def figures(coder: LocalCoder, book: Codebook, family: str) -> dict[str, Any]:
    """Return the figures of one family."""
    codes = [code.id for code in book.family(family)]
    chances: list[Sequence[float]] = []
    wanted: list[list[bool]] = []
    proposed: list[list[bool]] = []
    right = []
    for name in talk_names(SERIES):
        tasks, labelled = talks_of(name)
        labels = {one.segment.id: one.labels[family] for one in labelled}
        for passage, opinion in coder.opinions(tasks, family):
            own = labels[passage.segment.id]
            found = {finding.code.id for finding in opinion.findings}
            assert opinion.chances is not None
            chances.append(opinion.chances.tolist())
            wanted.append([code in own for code in codes])
            proposed.append([code in found for code in codes])
            right.append(found == own)
    chance, truth = np.array(chances).ravel(), np.array(wanted).ravel()
    said = np.array(proposed).ravel()
    told = scores(int((said & truth).sum()), int(said.sum()), int(truth.sum()))
    result: dict[str, Any] = {
        "n_segments": len(wanted),
        **told,
        "calibration_error": round(calibration_error(truth.astype(float), chance), 3),
        "calibration_error_proposed": round(
            calibration_error(truth[said].astype(float), chance[said]), 3
        ),
    }
    if family == "stage":
        result["accuracy"] = round(float(np.mean(right)), 3)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args()
    book = load_codebook(default_codebook_path())
    result: dict[str, Any] = {"seed": SEED}
    for name, own in (("coder", book), ("from definitions alone", unknown(book))):
        coder = LocalCoder(own)
        result[name] = {family: figures(coder, own, family) for family in FAMILIES}
    emit(result, args.out)


if __name__ == "__main__":
    main()
