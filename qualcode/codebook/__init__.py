"""The codebook and its life: a book of codes, and one module for each thing done to it."""

from qualcode.codebook.book import (
    FAMILIES,
    Code,
    Codebook,
    checked,
    codes_of,
    dump_codebook,
    family_name,
    load_codebook,
    parse_codebook,
)

__all__ = [
    "FAMILIES",
    "Code",
    "Codebook",
    "checked",
    "codes_of",
    "dump_codebook",
    "family_name",
    "load_codebook",
    "parse_codebook",
]
