from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.weights import Weights
from qualcode.errors import ModelError

PARTS = (
    "I waited forty minutes on the phone",
    "nobody called me back",
    "the driver was kind and helped me in",
    "um, it just works, you know",
    "there were two accounts with two addresses",
    "I pay by card",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=2)


@pytest.fixture
def copied_weights(tmp_path: Path) -> Weights:
    shipped = Weights()
    for name in ("manifest.json", "tokenizer.json", "encoder.onnx"):
        (tmp_path / name).write_bytes(shipped.folder.joinpath(name).read_bytes())
    return Weights(tmp_path)


def texts_of_many_lengths(n: int) -> list[str]:
    rng = random.Random(3)
    return ["; ".join(rng.choices(PARTS, k=1 + i % 9)) + f" ({i})." for i in range(n)]


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    return float(left @ right)


def test_a_text_gets_the_same_vector_whatever_stands_beside_it_in_the_batch(
    encoder: Encoder,
) -> None:
    texts = texts_of_many_lengths(120)
    expected = encoder.encode(texts)
    for seed, batch_size in ((0, 1), (1, 7), (2, 32)):
        order = list(range(len(texts)))
        random.Random(seed).shuffle(order)
        shuffled = encoder.encode([texts[i] for i in order], batch_size=batch_size)
        assert shuffled.tobytes() == expected[order].tobytes()


def test_the_number_of_threads_changes_no_bit(encoder: Encoder) -> None:
    texts = texts_of_many_lengths(20)
    assert Encoder(threads=1).encode(texts).tobytes() == encoder.encode(texts).tobytes()


def test_the_careful_int8_products_change_no_bit(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What processors without VNNI are told to use, so that vectors are the same on both kinds.
    monkeypatch.setattr("qualcode.coders.local.encoder.int8_products_saturate", lambda: True)
    texts = texts_of_many_lengths(20)
    assert Encoder(threads=2).encode(texts).tobytes() == encoder.encode(texts).tobytes()


def test_rows_are_unit_vectors_in_the_order_of_the_texts(encoder: Encoder) -> None:
    vectors = encoder.encode(["short", "", "x" * 3000, "a longer sentence about a late bus"])
    assert vectors.shape == (4, encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0].tobytes() == encoder.encode(["short"])[0].tobytes()


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_a_change_in_the_last_sentence_of_a_long_text_changes_its_vector(
    encoder: Encoder,
) -> None:
    long = "We walked along the river and talked about the weather. " * 60
    first, second = encoder.encode([long + "I was happy.", long + "The invoice was wrong."])
    assert cosine(first, second) < 0.9999


def test_a_long_text_of_equal_windows_has_the_vector_of_one_of_them(encoder: Encoder) -> None:
    # "bus" is one word piece and 254 of them fill a window: any remainder would show.
    one, three = encoder.encode(["bus " * 254, "bus " * 762])
    np.testing.assert_allclose(one, three, atol=1e-6)


def test_close_meanings_are_closer_than_the_same_words_with_another_meaning(
    encoder: Encoder,
) -> None:
    waiting, synonym, other = encoder.encode(
        [
            "They kept me waiting on the phone.",
            "I was stuck in the telephone queue.",
            "They kept the phone in the drawer.",
        ]
    )
    assert cosine(waiting, synonym) > cosine(waiting, other)


def test_altered_weights_are_refused(copied_weights: Weights) -> None:
    path = Path(str(copied_weights.folder)) / "encoder.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"encoder\.onnx is not the file that was built"):
        Encoder(weights=copied_weights)


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "manifest.json"])
def test_a_missing_file_is_named_with_the_way_to_get_it_back(
    copied_weights: Weights, name: str
) -> None:
    (Path(str(copied_weights.folder)) / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing") as caught:
        Encoder(weights=copied_weights)
    assert "Reinstall" in str(caught.value.hint)


def test_the_model_id_holds_the_hash_of_the_weights(encoder: Encoder) -> None:
    manifest = json.loads(Weights().folder.joinpath("manifest.json").read_text(encoding="utf-8"))
    assert encoder.model_id.endswith(manifest["files"]["encoder.onnx"]["sha256"][:12])


def test_the_shipped_files_stay_below_26_megabytes() -> None:
    sizes = [entry["size"] for entry in Weights().manifest["files"].values()]
    assert sum(sizes) <= 26_000_000


def test_the_tokenizer_neither_cuts_nor_pads() -> None:
    settings = json.loads(Weights().load("tokenizer.json"))
    assert settings["truncation"] is None
    assert settings["padding"] is None


def test_importing_the_encoder_does_not_import_its_runtime() -> None:
    code = (
        "import sys, qualcode.coders.local.encoder, qualcode.coders.local.heads;"
        "sys.exit(any(name in sys.modules for name in ('onnxruntime', 'tokenizers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
