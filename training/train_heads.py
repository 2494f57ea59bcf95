"""Train the heads on the frozen encoder and write them beside it.

    python -m training.train_heads --data ../shared/data

A head is an ensemble of small networks with one hidden layer each, stored as one wider network.
Choices were made on GoEmotions dev, on a tenth of the training texts and on the labelled talks of
`speech_check.csv`. Figures of the held-back NHS service were seen while choosing, so they are for
development; GoEmotions test was scored only after all was chosen (`evals/heads.py --split test`).
Vectors are kept in `training/checkpoints/`, so that a second run takes a minute.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.neural_network import MLPClassifier, MLPRegressor

from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import EMOTION_LABELS
from training.sources import (
    Example,
    goemotions,
    jupyter,
    nhs_sentiment,
    spoken,
    text_key,
    without,
    xed,
)

TRAINING_DIR = Path(__file__).resolve().parent
WEIGHTS_DIR = TRAINING_DIR.parent / "qualcode/coders/local/weights"

N_MEMBERS = 4
HIDDEN = 64
EMOTION_HIDDEN = 128
EMOTION_EPOCHS = 15
EPOCHS = 10
BATCH = 256

# The say of each source in the loss, whatever its number of texts: comments and forum talk alike,
# sources with noisier or fewer labels half as much.
SOURCE_SHARE = {
    "goemotions": 1.0,
    "nhs_comments": 1.0,
    "xed_en": 0.5,
    "jupyter_surveys": 0.5,
    "spoken": 0.5,
}

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
Layers = list[tuple[Floats, Floats]]


def embed(texts: Sequence[str], checkpoints: Path) -> Vectors:
    """Return the vectors of `texts`, from the checkpoint of an earlier run where there is one."""
    encoder = Encoder()
    digest = hashlib.sha256("\0".join([encoder.model_id, *texts]).encode()).hexdigest()
    path = checkpoints / f"vectors-{digest[:16]}.npy"
    if path.exists():
        vectors: Vectors = np.load(path)
        return vectors
    checkpoints.mkdir(parents=True, exist_ok=True)
    vectors = encoder.encode(texts, batch_size=1024)
    np.save(path, vectors)
    return vectors


def source_weights(examples: Sequence[Example], labels: Floats | None) -> Floats:
    """Weigh texts so that each source has its share, half of it for yes and half for no.

    Args:
        examples: The texts.
        labels: (n,), 0 or 1; None weighs by source alone.

    Returns:
        (n,), mean one.
    """
    groups = [
        (example.source, None if labels is None else int(labels[i]))
        for i, example in enumerate(examples)
    ]
    sizes = Counter(groups)
    weights = np.array([SOURCE_SHARE[source] / sizes[source, y] for source, y in groups])
    scaled: Floats = weights / weights.mean()
    return scaled


def stack(members: Sequence[MLPClassifier | MLPRegressor]) -> Layers:
    """Return one network whose output is the mean of the members' outputs before any link."""
    hidden = np.concatenate([m.coefs_[0] for m in members], axis=1)
    hidden_bias = np.concatenate([m.intercepts_[0] for m in members])
    out = np.concatenate([m.coefs_[1] for m in members]) / len(members)
    out_bias = np.mean([m.intercepts_[1] for m in members], axis=0)
    return [(hidden, hidden_bias), (out, out_bias)]


def as_stored(layers: Layers) -> Layers:
    """Round to float16, as the file keeps them: three decimals are plenty for these weights."""
    return [
        (w.astype(np.float16).astype(float), b.astype(np.float16).astype(float)) for w, b in layers
    ]


def forward(vectors: Vectors, layers: Layers) -> Floats:
    """Apply the layers with ReLU between them."""
    (hidden, hidden_bias), (out, out_bias) = layers
    result: Floats = np.maximum(vectors @ hidden + hidden_bias, 0) @ out + out_bias
    return result


def train_emotion(vectors: Vectors, labels: Floats, *, seed: int) -> Layers:
    """Train the 28 labels together, each its own yes or no."""
    return stack(
        [
            MLPClassifier(
                hidden_layer_sizes=(EMOTION_HIDDEN,),
                alpha=1e-4,
                batch_size=BATCH,
                learning_rate_init=2e-3,
                max_iter=EMOTION_EPOCHS,
                random_state=seed + member,
            ).fit(vectors, labels)
            for member in range(N_MEMBERS)
        ]
    )


def train_yes_no(
    vectors: Vectors, labels: Floats, examples: Sequence[Example], *, seed: int
) -> tuple[Layers, dict[str, float]]:
    """Train one label on all sources and calibrate it on the tenth that was set aside.

    Calibration (Platt 1999) uses the same weights as training: a probability of one half means
    undecided when yes and no are equally common, not in any one corpus.

    Returns:
        The layers, calibration folded in, and the accuracy by source on the tenth set aside.
    """
    # By hash and not by chance: adding a source leaves the other sources' split as it was.
    aside = np.array([hashlib.sha256(text_key(e.text).encode()).digest()[0] < 26 for e in examples])
    kept = [e for e, out in zip(examples, aside, strict=True) if not out]
    tested = [e for e, out in zip(examples, aside, strict=True) if out]
    layers = stack(
        [
            MLPClassifier(
                hidden_layer_sizes=(HIDDEN,),
                alpha=1e-3,
                batch_size=BATCH,
                learning_rate_init=1e-3,
                max_iter=EPOCHS,
                random_state=seed + member,
            ).fit(
                vectors[~aside], labels[~aside], sample_weight=source_weights(kept, labels[~aside])
            )
            for member in range(N_MEMBERS)
        ]
    )
    logits = forward(vectors[aside], layers)
    platt = LogisticRegression(C=1e6).fit(
        logits, labels[aside], sample_weight=source_weights(tested, labels[aside])
    )
    scale, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    out, out_bias = layers[1]
    layers[1] = (out * scale, out_bias * scale + shift)
    right = (forward(vectors[aside], layers)[:, 0] > 0) == labels[aside]
    sources = np.array([e.source for e in tested])
    return layers, {s: round(float(right[sources == s].mean()), 3) for s in sorted({*sources})}


def train_valence(
    vectors: Vectors, values: Floats, examples: Sequence[Example], *, seed: int
) -> Layers:
    """Train the regression of valence on all sources."""
    return stack(
        [
            MLPRegressor(
                hidden_layer_sizes=(HIDDEN,),
                alpha=1e-3,
                batch_size=BATCH,
                learning_rate_init=1e-3,
                max_iter=EPOCHS,
                random_state=seed + member,
            ).fit(vectors, values, sample_weight=source_weights(examples, None))
            for member in range(N_MEMBERS)
        ]
    )


def best_thresholds(probabilities: Floats, labels: Floats) -> NDArray[np.float32]:
    """Return the threshold with the best F1 of each label, the lowest among equals."""
    candidates = np.round(np.arange(0.02, 0.91, 0.01), 2)
    chosen = []
    for column in range(labels.shape[1]):
        scores = [
            f1_score(labels[:, column], probabilities[:, column] >= c, zero_division=0)
            for c in candidates
        ]
        chosen.append(candidates[int(np.argmax(scores))])
    return np.array(chosen, np.float32)


def emotion_matrix(examples: Sequence[Example]) -> Floats:
    """Return (n, 28) zeros and ones."""
    matrix = np.zeros((len(examples), len(EMOTION_LABELS)))
    for row, example in enumerate(examples):
        matrix[row, list(example.emotions or ())] = 1
    return matrix


def main() -> None:
    """Train all heads, write heads.npz and enter it into the manifest."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, default=WEIGHTS_DIR)
    parser.add_argument("--checkpoints", type=Path, default=TRAINING_DIR / "checkpoints")
    parser.add_argument("--seed", type=int, default=20240501)
    args = parser.parse_args()

    dev = goemotions(args.data, "dev")
    held_back = [
        *dev,
        *goemotions(args.data, "test"),
        *nhs_sentiment(args.data, held_back=True),
    ]
    train = without(
        [
            *goemotions(args.data, "train"),
            *nhs_sentiment(args.data, held_back=False),
            *jupyter(args.data),
            *xed(args.data),
            *spoken(TRAINING_DIR / "spoken_examples.tsv"),
        ],
        held_back,
    )
    texts = list(dict.fromkeys(e.text for e in [*train, *dev]))
    row_of = {text: row for row, text in enumerate(texts)}
    vectors = embed(texts, args.checkpoints)

    def rows(examples: Sequence[Example]) -> Vectors:
        return vectors[[row_of[e.text] for e in examples]]

    report: dict[str, object] = {"n_train": Counter(e.source for e in train)}
    arrays: dict[str, Any] = {}

    with_emotion = [e for e in train if e.emotions is not None]
    emotion = as_stored(
        train_emotion(rows(with_emotion), emotion_matrix(with_emotion), seed=args.seed)
    )
    probabilities = 1 / (1 + np.exp(-forward(rows(dev), emotion)))
    thresholds = best_thresholds(probabilities, emotion_matrix(dev))
    arrays["emotion_thresholds"] = thresholds
    heads = {"emotion": emotion}

    for name in ("pain", "praise"):
        known = [e for e in train if getattr(e, name) is not None]
        labels = np.array([float(getattr(e, name)) for e in known])
        heads[name], report[f"{name}_accuracy_aside"] = train_yes_no(
            rows(known), labels, known, seed=args.seed
        )
    known = [e for e in train if e.valence is not None]
    heads["valence"] = train_valence(
        rows(known), np.array([e.valence for e in known]), known, seed=args.seed
    )

    for name, layers in heads.items():
        for index, (weight, bias) in enumerate(layers):
            arrays[f"{name}_weight{index}"] = weight.astype(np.float16)
            arrays[f"{name}_bias{index}"] = bias.astype(np.float16)
    manifest_path = args.out / "manifest.json"
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    arrays["encoder_sha256"] = np.array(manifest["files"]["encoder.onnx"]["sha256"])
    heads_path = args.out / "heads.npz"
    np.savez(heads_path, **arrays)
    content = heads_path.read_bytes()
    manifest["files"]["heads.npz"] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    manifest_path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8", newline="\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
