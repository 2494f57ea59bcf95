"""Write the trained heads beside the encoder that was built, and choose the thresholds.

    python -m training.fit_heads --data ../shared/data

The heads are those of `train_encoder`, seen through the int8 encoder. Pain and praise are
calibrated (Platt 1999) on labelled text that nothing was trained on: the development sets in
`evals/dev` and the talks of `speech_check.csv`, each set with the same say. The thresholds of
emotions are chosen on GoEmotions dev. No test split is opened.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.weights import Weights
from training.manifest import enter
from training.sources import Example, goemotions, speech_check
from training.thresholds import best_thresholds, emotion_matrix

TRAINING_DIR = Path(__file__).resolve().parent
WEIGHTS_DIR = TRAINING_DIR.parent / "qualcode/coders/local/weights"
TRAINED = TRAINING_DIR / "checkpoints/encoder/trained.safetensors"
# The order of the rows of "tone" in the trained weights.
TONES = ("pain", "praise", "valence")

Floats = NDArray[np.float64]


def calibration_sets(data_dir: Path) -> dict[str, list[Example]]:
    """Return labelled text of several kinds that no head was trained on."""
    from evals.local_coder import otel, rollwell

    sets = {
        f"speech {part}": examples
        for part, examples in speech_check(TRAINING_DIR / "speech_check.csv", data_dir).items()
    }
    for name, (tasks, labelled) in {"rollwell": rollwell(), "otel": otel(data_dir)}.items():
        text_of = {s.id: s.span.of(task.document.text) for task in tasks for s in task.segments}
        sets[name] = [
            Example(
                text_of[row.segment.id],
                name,
                pain=bool(row.labels["pain_point"]),
                praise=bool(row.labels["strength"]),
            )
            for row in labelled
        ]
    return sets


def platt(odds: Floats, labels: NDArray[np.bool_], weights: Floats) -> tuple[float, float]:
    """Return the factor and the shift that turn log odds into calibrated ones."""
    fitted = LogisticRegression(C=1e3).fit(odds[:, None], labels, sample_weight=weights)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def main() -> None:
    """Fit, write heads.npz and enter it into the manifest."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--trained", type=Path, default=TRAINED, help="from train_encoder")
    parser.add_argument("--out", type=Path, default=WEIGHTS_DIR, help="where the encoder lies")
    args = parser.parse_args()

    encoder = Encoder(weights=Weights(args.out))
    trained = load_file(args.trained)
    arrays: dict[str, Any] = {
        "emotion_weight": trained["emotion.weight"].T,
        "emotion_bias": trained["emotion.bias"],
    }
    # The mean over the sources' biases: a text of no source that was trained on.
    bias = trained["tone.bias"] + trained["source_bias.weight"].mean(axis=0)
    for row, name in enumerate(TONES):
        arrays[f"{name}_weight"] = trained["tone.weight"][row][:, None]
        arrays[f"{name}_bias"] = bias[row : row + 1]
    report: dict[str, Any] = {}

    sets = calibration_sets(args.data)
    features = {name: encoder.read([e.text for e in rows]).features for name, rows in sets.items()}
    for name in ("pain", "praise"):
        odds, labels, weights = [], [], []
        for source, examples in sets.items():
            own = features[source] @ arrays[f"{name}_weight"][:, 0] + arrays[f"{name}_bias"][0]
            known = [i for i, e in enumerate(examples) if getattr(e, name) is not None]
            odds += own[known].tolist()
            labels += [bool(getattr(examples[i], name)) for i in known]
            weights += [1 / len(known)] * len(known)
        factor, shift = platt(
            np.array(odds), np.array(labels), np.array(weights) * len(odds) / len(sets)
        )
        arrays[f"{name}_weight"] = arrays[f"{name}_weight"] * factor
        arrays[f"{name}_bias"] = arrays[f"{name}_bias"] * factor + shift
        report[name] = {"n": len(odds), "factor": round(factor, 3), "shift": round(shift, 3)}

    dev = goemotions(args.data, "dev")
    seen = encoder.read([e.text for e in dev], batch_size=1024).features
    chances = 1 / (1 + np.exp(-(seen @ arrays["emotion_weight"] + arrays["emotion_bias"])))
    truth = emotion_matrix(dev)
    arrays["emotion_thresholds"] = best_thresholds(chances, truth)
    report["goemotions_dev_macro_f1"] = {
        "0.3": round(float(f1_score(truth, chances >= 0.3, average="macro")), 3),
        "chosen here": round(
            float(f1_score(truth, chances >= arrays["emotion_thresholds"], average="macro")), 3
        ),
    }
    manifest_path = args.out / "manifest.json"
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    stored = {name: array.astype(np.float32) for name, array in arrays.items()}
    path = args.out / "heads.npz"
    np.savez(path, **stored, encoder_sha256=np.array(manifest["files"]["encoder.onnx"]["sha256"]))
    enter(path)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
