"""Score the heads of the embedded model on data they were not trained on.

    python -m evals.heads --data ../shared/data [--out evals/results/heads.json]

Prints one JSON object:

* `emotion`: macro-F1 over the 28 labels of GoEmotions dev, at 0.3 and at the shipped thresholds.
  The thresholds were chosen on this split, so the second figure flatters.
* `pain_nhs`: the NHS service that training never saw, text alone; neutral or mixed comments left
  out, and again with them as "no pain". TF-IDF with logistic regression stands beside it, trained
  on the same services.
* `pain_goemotions_dev`, `praise_…`: where pain and praise are derived from the emotion labels.
* `speech`: stretches of real talks, labelled by one reader from the project; a development figure.
* intervals: 95 %, percentile bootstrap over texts, seeded.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    roc_auc_score,
)
from sklearn.pipeline import make_pipeline

from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import EMOTION_LABELS, Heads
from training.sources import Example, goemotions, nhs_sentiment, speech_check

SEED = 20240501
N_BOOTSTRAP = 1000
SPEECH_LABELS = Path(__file__).resolve().parents[1] / "training/speech_check.csv"

Floats = NDArray[np.floating[Any]]


def calibration_error(labels: Floats, scores: Floats, n_bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal mass (Naeini et al. 2015)."""
    order = np.argsort(scores, kind="stable")
    bins = [b for b in np.array_split(order, n_bins) if len(b)]
    gaps = [len(b) * abs(float(labels[b].mean() - scores[b].mean())) for b in bins]
    return sum(gaps) / len(labels)


def interval(
    metric: Callable[[Floats, Floats], float], labels: Floats, values: Floats
) -> list[float]:
    """Return the 2.5th and 97.5th percentile of a metric over resampled texts."""
    rng = np.random.default_rng(SEED)
    drawn = []
    for _ in range(N_BOOTSTRAP):
        rows = rng.integers(0, len(labels), len(labels))
        if 0 < labels[rows].sum() < len(labels):
            drawn.append(metric(labels[rows], values[rows]))
    return [round(float(np.quantile(drawn, q)), 3) for q in (0.025, 0.975)]


def yes_no(labels: Sequence[bool], scores: Floats) -> dict[str, Any]:
    """Return the figures of a yes-or-no head, decided at one half."""
    y = np.array(labels, float)
    predicted = (scores >= 0.5).astype(float)
    return {
        "n": len(y),
        "share_yes": round(float(y.mean()), 3),
        "accuracy": round(float(accuracy_score(y, predicted)), 3),
        "accuracy_interval": interval(accuracy_score, y, predicted),
        "balanced_accuracy": round(float(balanced_accuracy_score(y, predicted)), 3),
        "f1": round(float(f1_score(y, predicted)), 3),
        "auc": round(float(roc_auc_score(y, scores)), 3),
        "auc_interval": interval(roc_auc_score, y, scores),
        "calibration_error": round(calibration_error(y, scores), 3),
    }


def known(examples: Sequence[Example], scores: Floats, head: str) -> tuple[list[bool], Floats]:
    """Return labels and scores of the examples whose label is known."""
    rows = [i for i, example in enumerate(examples) if getattr(example, head) is not None]
    return [getattr(examples[i], head) for i in rows], scores[rows]


def emotion_figures(examples: Sequence[Example], heads: Heads, vectors: Floats) -> dict[str, Any]:
    """Return macro-F1 on a GoEmotions split and the F1 of each label."""
    labels = np.zeros((len(examples), len(EMOTION_LABELS)))
    for row, example in enumerate(examples):
        labels[row, list(example.emotions or ())] = 1
    probabilities = heads.emotion(vectors)
    proposed = probabilities >= heads.emotion_thresholds

    def macro(predicted: NDArray[np.bool_]) -> float:
        return round(float(f1_score(labels, predicted, average="macro", zero_division=0)), 3)

    by_label = f1_score(labels, proposed, average=None, zero_division=0)
    return {
        "n": len(examples),
        "macro_f1_at_0.3": macro(probabilities >= 0.3),
        "macro_f1_at_shipped_thresholds": macro(proposed),
        "f1_at_shipped_thresholds": {
            name: round(float(value), 3)
            for name, value in zip(EMOTION_LABELS, by_label, strict=True)
        },
    }


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args()

    encoder, heads = Encoder(), Heads()
    result: dict[str, Any] = {"model_id": encoder.model_id, "seed": SEED}

    dev = goemotions(args.data, "dev")
    vectors = encoder.encode([e.text for e in dev])
    result["emotion"] = emotion_figures(dev, heads, vectors)
    result["pain_goemotions_dev"] = yes_no(*known(dev, heads.pain(vectors), "pain"))
    result["praise_goemotions_dev"] = yes_no(*known(dev, heads.praise(vectors), "praise"))

    comments = nhs_sentiment(args.data, held_back=True)
    vectors = encoder.encode([e.text for e in comments])
    pain = heads.pain(vectors)
    result["pain_nhs"] = yes_no(*known(comments, pain, "pain"))
    result["pain_nhs_mixed_as_no"] = yes_no([bool(e.pain) for e in comments], pain)
    result["praise_nhs"] = yes_no(*known(comments, heads.praise(vectors), "praise"))
    sentiment = np.array([e.valence for e in comments], float)
    result["valence_nhs"] = {
        "n": len(comments),
        "pearson": round(float(np.corrcoef(sentiment, heads.valence(vectors))[0, 1]), 3),
        "mean_absolute_error": round(float(np.abs(sentiment - heads.valence(vectors)).mean()), 3),
    }
    reference = [e for e in nhs_sentiment(args.data, held_back=False) if e.pain is not None]
    tfidf = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(C=10, max_iter=1000, class_weight="balanced"),
    ).fit([e.text for e in reference], [bool(e.pain) for e in reference])
    scores = tfidf.predict_proba([e.text for e in comments])[:, 1]
    result["pain_nhs_tfidf"] = yes_no(*known(comments, scores, "pain"))
    result["pain_nhs_tfidf_mixed_as_no"] = yes_no([bool(e.pain) for e in comments], scores)

    speech: dict[str, Any] = {}
    parts = speech_check(SPEECH_LABELS, args.data)
    parts["all"] = [example for part in parts.values() for example in part]
    for part, examples in parts.items():
        vectors = encoder.encode([e.text for e in examples])
        speech[part] = {
            "pain": yes_no(*known(examples, heads.pain(vectors), "pain")),
            "praise": yes_no(*known(examples, heads.praise(vectors), "praise")),
        }
    result["speech"] = speech

    text = json.dumps(result, indent=2)
    print(text)
    if args.out:
        args.out.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
