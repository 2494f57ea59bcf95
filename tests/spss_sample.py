"""Write small SPSS files byte by byte: pyreadstat itself writes none without pandas or polars."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Variable", "spss_bytes"]

_DATE_FORMAT = 20 << 16 | 11 << 8  # DATE11
_NUMBER_FORMAT = 5 << 16 | 8 << 8
_SYSTEM_MISSING = -1.7976931348623157e308


@dataclass(frozen=True, slots=True)
class Variable:
    """Describe one variable; `width` is the bytes of a text, 0 for a number.

    Attributes:
        labels: Of values.
        missing: Values that the survey declared missing, at most three.
    """

    name: str
    width: int = 0
    label: str = ""
    labels: Mapping[float, str] = field(default_factory=dict)
    missing: tuple[float, ...] = ()
    is_date: bool = False


def spss_bytes(variables: Sequence[Variable], rows: Sequence[Sequence[object]]) -> bytes:
    """Return an uncompressed system file in UTF-8; None is a missing number."""
    n_slots = sum(max(1, -(-v.width // 8)) for v in variables)
    out = bytearray(b"$FL2" + b"@(#) SPSS DATA FILE written by a test".ljust(60))
    out += struct.pack("<iiiiid", 2, n_slots, 0, 0, len(rows), 100.0)
    out += b"03 Feb 26" + b"12:00:00" + b" " * 64 + b"\0" * 3
    slot_of = {}
    slot = 1
    for v in variables:
        slot_of[v.name] = slot
        shown = _DATE_FORMAT if v.is_date else 1 << 16 | v.width << 8 if v.width else _NUMBER_FORMAT
        out += struct.pack("<iiiiii", 2, v.width, int(bool(v.label)), len(v.missing), shown, shown)
        out += v.name.upper().encode()[:8].ljust(8)
        if v.label:
            label = v.label.encode()
            out += struct.pack("<i", len(label)) + label.ljust(-(-len(label) // 4) * 4)
        out += b"".join(struct.pack("<d", value) for value in v.missing)
        more = max(1, -(-v.width // 8)) - 1
        out += struct.pack("<iiiiii8s", 2, -1, 0, 0, 0, 0, b" " * 8) * more
        slot += 1 + more
    for v in variables:
        if v.labels:
            out += struct.pack("<ii", 3, len(v.labels))
            for value, label in v.labels.items():
                text = label.encode()
                padded = -(-(len(text) + 1) // 8) * 8 - 1
                out += struct.pack("<dB", value, len(text)) + text.ljust(padded)
            out += struct.pack("<iii", 4, 1, slot_of[v.name])
    out += struct.pack("<iiii", 7, 20, 1, 5) + b"UTF-8"
    names = "\t".join(f"{v.name.upper()[:8]}={v.name}" for v in variables).encode()
    out += struct.pack("<iiii", 7, 13, 1, len(names)) + names
    out += struct.pack("<ii", 999, 0)
    for row in rows:
        for v, value in zip(variables, row, strict=True):
            if v.width:
                out += str(value).encode().ljust(-(-v.width // 8) * 8)[: -(-v.width // 8) * 8]
            else:
                out += struct.pack("<d", _SYSTEM_MISSING if value is None else value)
    return bytes(out)
