"""Score emotion and pain on text of other kinds than the model was trained on.

    python -m evals.elsewhere --data ../shared/data --original DIR [--out FILE.json]

* `emotion`: comments of the held-back NHS service and tidied talks, nine emotions, one reader
  (`evals/gold/emotion.csv`); none is allowed. The coder gets the codebook as any foreign one. The
  two things it combines stand apart beside it: the head (the loudest GoEmotions label mapped to an
  emotion) and the cosine to name and definition, of our encoder and of the frozen original. As
  scores of different kinds have no common cut, each is ranked (mean average precision) and made to
  choose one emotion for every row that has one (accuracy), and is given its best single cut.
* `pain_in_talks`: stretches of interviews that nobody here wrote (`evals/gold/otel_pain.csv`);
  beside the coder a logistic regression on frozen vectors of NHS comments.
* `pain_in_comments`: the NHS service that training held back, where sentiment is clear; beside the
  coder that regression, and one on TF-IDF.

The readers are language models, see `evals/gold/README.md`. Intervals are 95 %, percentile
bootstrap over texts, seeded.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from evals.foreign import CODEBOOKS, Frozen, book_of, scored
from evals.heads import tfidf_pain
from evals.measures import SEED, Bools, calibration_error, interval
from evals.output import emit
from evals.transfer import decided, ranked
from qualcode.codebook import load_codebook
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import EMOTION_LABELS, Heads
from qualcode.resources import default_codebook_path
from training.sources import nhs_sentiment, speech_check

GOLD = Path(__file__).resolve().parent / "gold"
Floats = NDArray[np.float64]


def emotion_rows(data: Path) -> tuple[list[str], list[set[str]], list[str]]:
    """Return texts, their emotions, and where they are from."""
    comments: dict[str, str] = {}
    with (data / "nhs_comments/comments_coded.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            comments[row["comment_id"]] = row["text"]
    texts, labels, sources = [], [], []
    with (GOLD / "emotion.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["source"] == "nhs_comments":
                text = comments[row["key"]]
            else:
                path = data / "otel_interviews" / row["key"]
                whole = path.read_text(encoding="utf-8")
                text = whole[int(row["start_char"]) : int(row["end_char"])]
            texts.append(" ".join(text.split()))
            labels.append(set(row["emotion"].split(";")) - {"none", ""})
            sources.append(row["source"])
    return texts, labels, sources


def emotion(data: Path, frozen: Frozen) -> dict[str, Any]:
    """Return the figures of emotion."""
    texts, labels, sources = emotion_rows(data)
    book, names = book_of("emotion.csv")
    truth = np.array([[name in own for name in names] for own in labels])
    ours = scored(book, texts)
    encoder, heads = Encoder(), Heads()
    encoded = encoder.read(texts)
    heard = heads.emotion(encoded.features)
    with (CODEBOOKS / "emotion.csv").open(encoding="utf-8", newline="") as file:
        mapped = {row["name"]: row["goemotions"].split(";") for row in csv.DictReader(file)}
    by_head = np.column_stack(
        [heard[:, [EMOTION_LABELS.index(g) for g in mapped[n]]].max(axis=1) for n in names]
    )
    shown = [f"{code.name}. {code.definition}" for code in book.codes]
    answers = {
        "coder": ours.scores,
        "head alone": by_head.astype(np.float64),
        "cosine alone": encoded.vectors.astype(np.float64) @ encoder.encode(shown).T,
        "frozen, cosine": frozen.cosines(texts, book.codes, names_only=False),
    }
    result: dict[str, Any] = {}
    parts = {name: np.array(sources) == name for name in dict.fromkeys(sources)}
    for part, rows in {"all": np.ones(len(texts), bool), **parts}.items():
        felt = rows & truth.any(axis=1)
        result[part] = {"n": int(rows.sum()), "with_emotion": int(felt.sum())}
        for who, said in answers.items():
            top = truth[felt][np.arange(int(felt.sum())), said[felt].argmax(axis=1)]
            result[part][who] = {
                "accuracy_of_one": round(float(top.mean()), 4),
                "interval": interval(lambda y, _: float(y.mean()), top, top),
                **ranked(truth[rows], said[rows]),
            }
        result[part]["coder"]["own_decision"] = decided(truth[rows], ours.predicted[rows])
    return result


def yes_no(truth: Bools, chances: Floats, said: Bools) -> dict[str, Any]:
    """Return the figures of a decision."""
    y = truth.astype(float)
    return {
        "accuracy": round(float((said == truth).mean()), 4),
        "accuracy_interval": interval(accuracy_score, truth, said),
        "f1": round(float(f1_score(truth, said)), 4),
        "f1_interval": interval(f1_score, truth, said),
        "auc": round(float(roc_auc_score(truth, chances)), 4),
        "calibration_error": round(calibration_error(y, chances), 4),
    }


def pain(data: Path, frozen: Frozen) -> dict[str, Any]:
    """Return the figures of pain in talks and comments."""
    stretches = [
        e
        for p in speech_check(GOLD / "otel_pain.csv", data).values()
        for e in p
        if e.pain is not None
    ]
    comments = [e for e in nhs_sentiment(data, held_back=True) if e.pain is not None]
    learnt = [e for e in nhs_sentiment(data, held_back=False) if e.pain is not None]
    regression = LogisticRegression(C=1, max_iter=2000, class_weight="balanced").fit(
        frozen.encode([e.text for e in learnt]), [bool(e.pain) for e in learnt]
    )
    tfidf = tfidf_pain(data)
    book = load_codebook(default_codebook_path())
    result: dict[str, Any] = {}
    for name, examples in (("pain_in_talks", stretches), ("pain_in_comments", comments)):
        texts = [e.text for e in examples]
        truth = np.array([bool(e.pain) for e in examples])
        ours = scored(book, texts, "pain_point")
        encoded = Encoder().read(texts)
        head = Heads().pain(encoded.features).astype(np.float64)
        beside = regression.predict_proba(frozen.encode(texts))[:, 1]
        counted = tfidf.predict_proba(texts)[:, 1]
        result[name] = {
            "n": len(texts),
            "share": round(float(truth.mean()), 3),
            "coder": yes_no(truth, ours.any, ours.any_predicted),
            "head alone": yes_no(truth, head, head >= 0.5),
            "frozen, logistic regression": yes_no(truth, beside, beside >= 0.5),
            "TF-IDF, logistic regression": yes_no(truth, counted, counted >= 0.5),
        }
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--original", type=Path, required=True, help="folder of the frozen encoder")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args(arguments)
    frozen = Frozen(args.original)
    emit({"seed": SEED, "emotion": emotion(args.data, frozen), **pain(args.data, frozen)}, args.out)


if __name__ == "__main__":
    main()
