from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import EMOTION_LABELS, Heads
from qualcode.coders.local.weights import Weights
from qualcode.errors import ModelError

PAIN = "I waited two hours, nobody told me anything and in the end they lost my form."
PRAISE = "The nurse was wonderful, she explained everything and it was done in no time."
NEITHER = "We have two offices, one at the station and one in the high street."


@pytest.fixture(scope="module")
def heads() -> Heads:
    return Heads()


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    return Encoder(threads=2).read([PAIN, PRAISE, NEITHER]).features


def test_every_head_gives_one_answer_a_row_within_its_range(
    heads: Heads, features: np.ndarray
) -> None:
    answers = (
        (heads.emotion(features), (3, 28), 0, 1),
        (heads.pain(features), (3,), 0, 1),
        (heads.praise(features), (3,), 0, 1),
        (heads.valence(features), (3,), -2, 2),
    )
    for answer, shape, low, high in answers:
        assert answer.shape == shape
        assert answer.dtype == np.float32
        assert low <= answer.min() <= answer.max() <= high


def test_a_complaint_is_pain_and_a_compliment_is_praise(heads: Heads, features: np.ndarray) -> None:
    pain, praise, valence = heads.pain(features), heads.praise(features), heads.valence(features)
    assert pain[0] > 0.5 > max(pain[1], pain[2])
    assert praise[1] > 0.5 > max(praise[0], praise[2])
    assert valence[0] < valence[2] < valence[1]


def test_thanks_are_read_as_gratitude(heads: Heads) -> None:
    scores = heads.emotion(Encoder().read(["Thank you so much for your help!"]).features)[0]
    assert EMOTION_LABELS[int(scores.argmax())] == "gratitude"


def test_a_row_gets_the_same_scores_whatever_stands_beside_it(heads: Heads) -> None:
    rows = np.random.default_rng(0).standard_normal((500, 768)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for head in (heads.emotion, heads.pain, heads.praise, heads.valence):
        together = head(rows)
        alone = np.concatenate([head(row[None]) for row in rows])
        assert together.tobytes() == alone.tobytes()


def test_no_rows_give_no_answers(heads: Heads) -> None:
    none = np.empty((0, 768), np.float32)
    assert heads.emotion(none).shape == (0, 28)
    assert heads.pain(none).shape == heads.valence(none).shape == (0,)


def test_there_is_one_threshold_for_each_emotion(heads: Heads) -> None:
    assert heads.emotion_thresholds.shape == (len(EMOTION_LABELS),)


def test_altered_heads_are_refused(tmp_path: Path) -> None:
    shipped = Weights()
    (tmp_path / "manifest.json").write_bytes(shipped.folder.joinpath("manifest.json").read_bytes())
    (tmp_path / "heads.npz").write_bytes(shipped.load("heads.npz")[:-1])
    with pytest.raises(ModelError, match=r"heads\.npz is not the file that was built"):
        Heads(weights=Weights(tmp_path))


def test_heads_of_another_encoder_are_refused(tmp_path: Path) -> None:
    shipped = Weights()
    manifest = json.loads(json.dumps(shipped.manifest))
    manifest["files"]["encoder.onnx"]["sha256"] = "0" * 64
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "heads.npz").write_bytes(shipped.load("heads.npz"))
    with pytest.raises(ModelError, match="another encoder"):
        Heads(weights=Weights(tmp_path))
