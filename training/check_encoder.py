"""Print development figures of a checkpoint, in float32, before it is built into the package.

    python -m training.check_encoder --model-dir DIR --data ../shared/data [--codes clinc150]

No test split is opened. `--codes` names a codebook that training left out (`--skip`): each of its
texts goes to the code whose definition is nearest.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from sklearn.metrics import f1_score, roc_auc_score
from tokenizers import Tokenizer

from training.matching import groups
from training.network import Network
from training.sources import Example, goemotions, nhs_sentiment, speech_check
from training.train_encoder import TRAINING_DIR, Pieces

LIMIT = 256


class Reader:
    """Read texts with a network in evaluation mode."""

    def __init__(self, network: Network, pieces: Pieces) -> None:
        self._network = network.eval()
        self._pieces = pieces

    @torch.no_grad()
    def __call__(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return unit vectors (n, 384), log odds of emotions (n, 28) and tones (n, 3)."""
        cut = [self._pieces(text, LIMIT) for text in texts]
        order = sorted(range(len(cut)), key=lambda row: len(cut[row]))
        results: list[tuple[np.ndarray, ...]] = [()] * len(cut)
        for first in range(0, len(order), 32):
            rows = order[first : first + 32]
            vectors, features = self._network.encode([cut[row] for row in rows])
            emotion, tone = self._network.answers(features)
            for at, row in enumerate(rows):
                results[row] = (vectors[at].numpy(), emotion[at].numpy(), tone[at].numpy())
        vectors, emotion, tone = (np.array(part) for part in zip(*results, strict=True))
        return vectors, emotion, tone


def pain_figures(examples: Sequence[Example], tone: np.ndarray) -> dict[str, float]:
    """Return AUC of the pain head and of pain less praise, and the best F1 of either cut."""
    rows = [i for i, e in enumerate(examples) if e.pain is not None]
    labels = np.array([bool(examples[i].pain) for i in rows])
    pain, lead = tone[rows, 0], tone[rows, 0] - tone[rows, 1]
    return {
        "n": len(rows),
        "auc": round(float(roc_auc_score(labels, pain)), 3),
        "auc_lead": round(float(roc_auc_score(labels, lead)), 3),
        "accuracy": round(float(((pain > 0) == labels).mean()), 3),
        "f1": round(float(f1_score(labels, pain > 0)), 3),
    }


def main() -> None:
    """Read the options and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model-dir", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--weights", type=Path, default=TRAINING_DIR / "checkpoints/encoder/trained.safetensors"
    )
    parser.add_argument("--original", action="store_true", help="the encoder before training")
    parser.add_argument("--codes", nargs="*", default=[])
    args = parser.parse_args()
    network = Network(args.model_dir)
    if not args.original:
        state = load_file(args.weights)
        own = network.state_dict()
        network.load_state_dict(
            {key: state[key.removeprefix("encoder.")] for key in own}, strict=True
        )
    read = Reader(network, Pieces(Tokenizer.from_file(str(args.model_dir / "tokenizer.json"))))
    figures: dict[str, object] = {}
    if not args.original:
        dev = goemotions(args.data, "dev")
        _, emotion, _ = read([e.text for e in dev])
        truth = np.zeros_like(emotion)
        for row, example in enumerate(dev):
            truth[row, list(example.emotions or ())] = 1
        chances = 1 / (1 + np.exp(-emotion))
        figures["goemotions_dev_macro_f1"] = {
            str(cut): round(float(f1_score(truth, chances > cut, average="macro")), 3)
            for cut in (0.2, 0.25, 0.3, 0.35, 0.4)
        }
        comments = nhs_sentiment(args.data, held_back=True)
        figures["nhs_see_and_convey"] = pain_figures(comments, read([e.text for e in comments])[2])
        for part, examples in speech_check(TRAINING_DIR / "speech_check.csv", args.data).items():
            figures[f"speech_{part}"] = pain_figures(examples, read([e.text for e in examples])[2])
    for group in groups(args.data):
        if group.name.split(":")[0] not in args.codes and group.name not in args.codes:
            continue
        codes = list(group.wordings)
        texts = [row for row in group.said if len(row[1]) == 1][:1500]
        vectors, _, _ = read([text for text, _ in texts])
        own = np.array([codes.index(row[1][0]) for row in texts])
        for style in ("name", "definition", "both"):
            shown = []
            for code in codes:
                w = group.wordings[code][0]
                shown.append(
                    {"name": w.name, "definition": w.definition}.get(
                        style, f"{w.name}. {w.definition}"
                    )
                )
            nearest = (vectors @ read(shown)[0].T).argmax(axis=1)
            figures[f"{group.name} by {style}"] = round(float((nearest == own).mean()), 3)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
