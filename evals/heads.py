"""Score the heads of the embedded model on data they were not trained on.

    python -m evals.heads --data ../shared/data [--out evals/results/heads.json]
    python -m evals.heads --data ../shared/data --split test --original DIR [--out FILE.json]

The first prints development figures, one JSON object:

* `emotion`: macro-F1 over the 28 labels of GoEmotions dev, at 0.3 and at the shipped thresholds.
  The thresholds were chosen on this split, so the second figure flatters.
* `pain_nhs`: the NHS service that training never saw, text alone; neutral or mixed comments left
  out, and again with them as "no pain". TF-IDF with logistic regression stands beside it, trained
  on the same services.
* `pain_goemotions_dev`, `praise_…`: where pain and praise are derived from the emotion labels.
* `speech`: stretches of real talks, labelled by one reader from the project; a development figure.

The second scores GoEmotions test, which nothing was chosen on: the shipped emotion head, and beside
it a logistic regression a label on the frozen original's vectors of the train split, its thresholds
chosen on dev as the head's were (`training/build_encoder.py --original --out DIR` makes it).
Nothing may be changed because of what it says.

Intervals are 95 %, percentile bootstrap over texts, seeded.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    roc_auc_score,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from evals.measures import (
    SEED,
    Bools,
    Floats,
    calibration_error,
    f1_of,
    interval,
    macro_f1,
    resampled,
    spread,
    tally,
)
from evals.output import emit
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import EMOTION_LABELS, Heads
from qualcode.coders.local.weights import Weights
from training.sources import Example, goemotions, nhs_sentiment, speech_check, without
from training.thresholds import best_thresholds, emotion_matrix

SPEECH_LABELS = Path(__file__).resolve().parents[1] / "training/speech_check.csv"


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


def macro_figures(
    labels: Bools, probabilities: Floats, limits: Mapping[str, Floats | float]
) -> dict[str, Any]:
    """Return macro-F1 with its interval for each named limit from which on a label is proposed."""
    figures: dict[str, Any] = {}
    for name, limit in limits.items():
        tallies = tally(labels, probabilities >= limit)
        figures[f"macro_f1_at_{name}"] = round(float(macro_f1(tallies.sum(axis=0))), 3)
        figures[f"macro_f1_at_{name}_interval"] = spread(macro_f1(resampled(tallies)))
    return figures


def emotion_figures(examples: Sequence[Example], heads: Heads, features: Floats) -> dict[str, Any]:
    """Return macro-F1 on a GoEmotions split and the F1 of each label."""
    labels = emotion_matrix(examples).astype(bool)
    probabilities = heads.emotion(features)
    limits: dict[str, Floats | float] = {
        "0.3": 0.3,
        "shipped_thresholds": heads.emotion_thresholds,
    }
    proposed = tally(labels, probabilities >= heads.emotion_thresholds).sum(axis=0)
    return {
        "n": len(examples),
        **macro_figures(labels, probabilities, limits),
        "f1_at_shipped_thresholds": {
            name: round(float(value), 3)
            for name, value in zip(EMOTION_LABELS, f1_of(proposed), strict=True)
        },
    }


def test_figures(data: Path, original: Path) -> dict[str, Any]:
    """Return the emotion head's figures on the test split, a logistic regression beside it."""
    encoder, heads = Encoder(), Heads()
    scored, dev = goemotions(data, "test"), goemotions(data, "dev")
    # As the head was trained: without texts that are held back.
    train = without(goemotions(data, "train"), [*dev, *goemotions(data, "test")])
    frozen = Encoder(weights=Weights(original))
    learnt = frozen.encode([e.text for e in [*train, *dev]], batch_size=1024)
    logistic = OneVsRestClassifier(LogisticRegression(max_iter=1000)).fit(
        learnt[: len(train)], emotion_matrix(train)
    )
    thresholds = best_thresholds(logistic.predict_proba(learnt[len(train) :]), emotion_matrix(dev))
    features = encoder.read([e.text for e in scored]).features
    labels = emotion_matrix(scored).astype(bool)
    beside = logistic.predict_proba(frozen.encode([e.text for e in scored]))
    ours = tally(labels, heads.emotion(features) >= heads.emotion_thresholds)
    theirs = tally(labels, beside >= thresholds)
    lead = macro_f1(ours.sum(axis=0)) - macro_f1(theirs.sum(axis=0))
    return {
        "model_id": encoder.model_id,
        "seed": SEED,
        "split": "test",
        "emotion": emotion_figures(scored, heads, features),
        "logistic_regression": {
            "n_train": len(train),
            **macro_figures(labels, beside, {"0.5": 0.5, "0.3": 0.3, "dev_thresholds": thresholds}),
        },
        "head_minus_logistic_regression": {
            "macro_f1": round(float(lead), 3),
            # The same draws on both sides, so the difference of a draw is that of one set of texts.
            "interval": spread(macro_f1(resampled(ours)) - macro_f1(resampled(theirs))),
        },
        "pain": yes_no(*known(scored, heads.pain(features), "pain")),
        "praise": yes_no(*known(scored, heads.praise(features), "praise")),
    }


def tfidf_pain(data: Path) -> Pipeline:
    """Return TF-IDF with logistic regression, trained on the services that the heads know."""
    reference = [e for e in nhs_sentiment(data, held_back=False) if e.pain is not None]
    return make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(C=10, max_iter=1000, class_weight="balanced"),
    ).fit([e.text for e in reference], [bool(e.pain) for e in reference])


def development_figures(data: Path) -> dict[str, Any]:
    """Return the figures that were seen while choosing."""
    encoder, heads = Encoder(), Heads()
    result: dict[str, Any] = {"model_id": encoder.model_id, "seed": SEED}

    dev = goemotions(data, "dev")
    features = encoder.read([e.text for e in dev]).features
    result["emotion"] = emotion_figures(dev, heads, features)
    result["pain_goemotions_dev"] = yes_no(*known(dev, heads.pain(features), "pain"))
    result["praise_goemotions_dev"] = yes_no(*known(dev, heads.praise(features), "praise"))

    comments = nhs_sentiment(data, held_back=True)
    features = encoder.read([e.text for e in comments]).features
    pain = heads.pain(features)
    result["pain_nhs"] = yes_no(*known(comments, pain, "pain"))
    result["pain_nhs_mixed_as_no"] = yes_no([bool(e.pain) for e in comments], pain)
    result["praise_nhs"] = yes_no(*known(comments, heads.praise(features), "praise"))
    sentiment = np.array([e.valence for e in comments], float)
    result["valence_nhs"] = {
        "n": len(comments),
        "pearson": round(float(np.corrcoef(sentiment, heads.valence(features))[0, 1]), 3),
        "mean_absolute_error": round(float(np.abs(sentiment - heads.valence(features)).mean()), 3),
    }
    scores = tfidf_pain(data).predict_proba([e.text for e in comments])[:, 1]
    result["pain_nhs_tfidf"] = yes_no(*known(comments, scores, "pain"))
    result["pain_nhs_tfidf_mixed_as_no"] = yes_no([bool(e.pain) for e in comments], scores)

    speech: dict[str, Any] = {}
    parts = speech_check(SPEECH_LABELS, data)
    parts["all"] = [example for part in parts.values() for example in part]
    for part, examples in parts.items():
        features = encoder.read([e.text for e in examples]).features
        speech[part] = {
            "pain": yes_no(*known(examples, heads.pain(features), "pain")),
            "praise": yes_no(*known(examples, heads.praise(features), "praise")),
        }
    result["speech"] = speech
    return result


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--split", choices=("dev", "test"), default="dev", help="of GoEmotions")
    parser.add_argument(
        "--original", type=Path, help="folder of the frozen encoder, for the test split"
    )
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args()
    if args.split == "test":
        if args.original is None:
            parser.error("--split test needs --original")
        emit(test_figures(args.data, args.original), args.out)
        return
    emit(development_figures(args.data), args.out)


if __name__ == "__main__":
    main()
