"""Bodies that begin alike are compressed with less work, and come back to the byte."""

from __future__ import annotations

import random
import zlib

from hypothesis import given
from hypothesis import strategies as st

from qualcode.store.squeeze import Squeezer

SYSTEM = random.Random(1).randbytes(30_000).hex().encode()
OTHER = random.Random(2).randbytes(30_000).hex().encode()

bodies = st.lists(
    st.builds(
        lambda start, size, end: start[:size] + end,
        st.sampled_from([SYSTEM, b'{"messages":' + SYSTEM, OTHER, b""]),
        st.integers(0, 70_000),
        st.binary(max_size=200),
    ),
    max_size=12,
)


@given(bodies)
def test_every_body_comes_back(some: list[bytes]) -> None:
    squeezed = Squeezer()
    assert [zlib.decompress(squeezed(body)) for body in some] == some


def test_a_common_beginning_makes_no_body_larger() -> None:
    squeezed = Squeezer()
    sizes = [len(squeezed(SYSTEM + f"unit {n}".encode())) for n in range(5)]
    assert max(sizes) <= len(zlib.compress(SYSTEM + b"unit 0", 1)) + 100
