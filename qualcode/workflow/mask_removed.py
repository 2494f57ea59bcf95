"""Find names in the copies of sources that were taken out, which are not changed but deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from qualcode.ingest.names import known_names
from qualcode.ingest.pseudonyms import Key, mask_path
from qualcode.workflow.study import Study

__all__ = ["erase_copies"]


def erase_copies(study: Study, key: Key, names: Sequence[str]) -> tuple[str, ...]:
    """Delete the copies of removed sources in which a name stands; return their paths."""
    removals = study.repository.removals
    # Names alone: an address in a copy that was kept unmasked says nothing of these persons.
    named = known_names(tuple(names), frozenset(key.certain))
    gone = {}
    for out in removals.all():
        kept = (json.loads(text) for _, text in removals.texts(out.id))
        texts = chain(
            _strings(json.loads(removals.source_text(out.id))),
            (text for held in kept for text in _texts_in(held)),
        )
        if mask_path(out.path, key, names) != out.path or any(
            next(named.find(text, whole=False), None) for text in texts
        ):
            gone[out.id] = out.path
    removals.erase(list(gone))
    return tuple(gone.values())


def _strings(value: Any) -> Iterator[str]:
    """Yield every text of a JSON value, keys and JSON within texts too."""
    if isinstance(value, Mapping):
        yield from value
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str) and value[:1] in ("{", "["):
        try:
            yield from _strings(json.loads(value))
        except ValueError:
            yield value
    elif isinstance(value, str):
        yield value


def _texts_in(held: Mapping[str, Any]) -> Iterator[str]:
    """Yield what may hold names of the rows that are kept of a removed document."""
    for row in held["document"]:
        yield row["text"]
        yield from json.loads(row["cells_json"] or "[]")
        yield from json.loads(row["attributes_json"]).values()
    for row in held["speaker"]:
        yield row["label"] or ""
    for row in held["review_event"]:
        yield row["reason"]
        yield from (v for v in json.loads(row["value_json"]).values() if isinstance(v, str))
    for row in held["judgement"]:
        yield row["reason"]
    for row in held["coding"]:
        yield json.loads(row["rationale_json"])["note"]
