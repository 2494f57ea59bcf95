"""Vectors of segments and codes: from the store where they are, else computed and kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from qualcode.records import Corpus
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

__all__ = ["code_vectors", "segment_vectors", "vectors_of"]


def vectors_of(study: Study, texts: Collection[str]) -> Mapping[str, Vector]:
    """Return the unit vector of each text."""
    from qualcode.coders.local.encoder import Encoder
    from qualcode.coders.local.weights import model_id
    from qualcode.store.vectors import text_key

    model = model_id()
    keys = {text_key(text): text for text in texts}
    found = dict(study.repository.vectors.get(list(keys), model))
    missing = sorted(keys.keys() - found.keys())
    if missing:
        computed = Encoder().encode([keys[key] for key in missing])
        fresh = dict(zip(missing, computed, strict=True))
        study.repository.vectors.add(fresh, model)
        found |= fresh
    return {text: found[key] for key, text in keys.items()}


def segment_vectors(study: Study, corpus: Corpus, ids: Collection[str]) -> Mapping[str, Vector]:
    """Return the vectors of these segments by segment id."""
    texts = {document.id: document.text for document in corpus.documents}
    wanted = {s.id: s.span.of(texts[s.document_id]) for s in corpus.segments if s.id in ids}
    vectors = vectors_of(study, set(wanted.values()))
    return {segment_id: vectors[text] for segment_id, text in wanted.items()}


def code_vectors(study: Study, family: str) -> Mapping[str, Vector]:
    """Return a unit vector of each code: the middle of its definition and examples."""
    import numpy as np

    codes = study.codebook.family(family)
    texts = {c.id: (c.definition or c.first_name, *c.examples) for c in codes}
    vectors = vectors_of(study, {text for some in texts.values() for text in some})
    middles = {}
    for code_id, some in texts.items():
        middle = np.mean([vectors[text] for text in some], axis=0)
        middles[code_id] = (middle / np.linalg.norm(middle)).astype(np.float32)
    return middles
