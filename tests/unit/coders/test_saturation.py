"""Whether int8 products overflow here, as the kernel itself tells."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnxruntime
import pytest

from qualcode.coders.local import saturation


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    saturation.int8_products_saturate.cache_clear()
    yield
    saturation.int8_products_saturate.cache_clear()


class Answers:
    """Stand in for a session whose every product is the given one."""

    def __init__(self, product: float) -> None:
        self._product = product

    def run(self, outputs: object, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        return [np.full((len(inputs["x"]), 16), self._product, np.float32)]


# 64 products of one and 127 are 8128. Where two byte products share 16 bits, 255 · 127 · 2 = 64770
# stops at 32767, which 32 times, brought back to ones, is 32 · 32767 / 255 = 4112.
@pytest.mark.parametrize(("product", "answer"), [(8128.0005, False), (4112.0, True)])
def test_a_product_that_was_cut_is_noticed(
    monkeypatch: pytest.MonkeyPatch, product: float, answer: bool
) -> None:
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *_, **__: Answers(product))
    assert saturation.int8_products_saturate() is answer


def test_the_probe_is_a_model_whose_product_is_right_where_nothing_is_cut() -> None:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(
        saturation._probe(), options, providers=["CPUExecutionProvider"]
    )
    (product,) = session.run(None, {"x": np.ones((2, 64), np.float32)})
    np.testing.assert_allclose(product, np.full((2, 16), 8128.0), rtol=1e-4)


def test_it_is_asked_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        onnxruntime, "InferenceSession", lambda *_, **__: asked.append(1) or Answers(8128.0)
    )
    saturation.int8_products_saturate()
    saturation.int8_products_saturate()
    assert asked == [1]
