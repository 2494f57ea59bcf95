"""Whether this processor's quick int8 products overflow, asked of the kernel itself."""

from __future__ import annotations

from functools import cache

import numpy as np

from qualcode.coders.local.runtime import silent_runtime

__all__ = ["int8_products_saturate"]

_ROWS, _IN, _OUT = 2, 64, 16
_FLOAT, _INT8 = 1, 3  # TensorProto.DataType


@cache
def int8_products_saturate() -> bool:
    """Return whether onnxruntime adds up int8 products in 16 bits, where they do not fit.

    x86 processors without VNNI do unless told to be careful (`session.x64quantprecision`), and
    being careful takes a quarter more time, in some versions where there is no need too. Which
    processor has what is known in a different way on each system, so a product that would overflow
    is computed and looked at; takes a few milliseconds, once.
    """
    onnxruntime = silent_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(_probe(), options, providers=["CPUExecutionProvider"])
    # Ones become 255, the greatest unsigned byte, and meet 127, the greatest signed one.
    (product,) = session.run(None, {"x": np.ones((_ROWS, _IN), np.float32)})
    return bool(product.min() < 0.99 * _IN * 127)


def _probe() -> bytes:
    """Return an ONNX model of one DynamicQuantizeMatMul, whose kernel is the encoder's.

    Written byte by byte, so that no onnx package is needed; the numbers are those of onnx.proto.
    """
    node = (
        b"".join(_field(1, name) for name in (b"x", b"w", b"s"))
        + _field(2, b"y")
        + _field(4, b"DynamicQuantizeMatMul")
        + _field(7, b"com.microsoft")
    )
    weight = (_field(1, _IN) + _field(1, _OUT) + _field(2, _INT8) + _field(8, b"w")) + _field(
        9, b"\x7f" * (_IN * _OUT)
    )
    scale = _field(1, _OUT) + _field(2, _FLOAT) + _field(8, b"s")
    scale += _field(9, np.ones(_OUT, "<f4").tobytes())
    graph = (
        _field(1, node)
        + _field(2, b"probe")
        + _field(5, weight)
        + _field(5, scale)
        + _field(11, _value(b"x", _IN))
        + _field(12, _value(b"y", _OUT))
    )
    opsets = _field(8, _field(2, 21)) + _field(8, _field(1, b"com.microsoft") + _field(2, 1))
    return _field(1, 10) + _field(7, graph) + opsets


def _value(name: bytes, width: int) -> bytes:
    """Return the declaration of a float tensor of `_ROWS` rows."""
    shape = _field(1, _field(1, _ROWS)) + _field(1, _field(1, width))
    return _field(1, name) + _field(2, _field(1, _field(1, _FLOAT) + _field(2, shape)))


def _field(number: int, content: int | bytes) -> bytes:
    """Return a field of a protocol buffer: a number, or bytes with their length before them."""
    if isinstance(content, int):
        return _varint(number << 3) + _varint(content)
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    low = bytearray()
    while value > 127:
        low.append(value & 127 | 128)
        value >>= 7
    return bytes([*low, value])
