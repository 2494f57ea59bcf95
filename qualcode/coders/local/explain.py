"""Which words of a passage carried a code, exactly and without a second model.

A sentence vector is the mean of its word pieces' vectors, scaled to length one. Its product with
any direction is therefore a sum over word pieces, so every word has its exact share of a cosine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qualcode.coders.local.encoder import Pieces
from qualcode.coders.local.passages import all_words, content_words
from qualcode.spans import Span

__all__ = ["carrying_words"]

MAX_WORDS = 5
MIN_SHARE = 0.35
"""A word is named if it carries at least so much of what the strongest word carries."""


def carrying_words(
    pieces: Pieces, text: str, direction: NDArray[np.float64], within: Span
) -> tuple[Span, ...]:
    """Return the one to five words that carried a text towards a direction, strongest first.

    Args:
        pieces: What the text's vector is made of.
        text: The passage that they are of.
        direction: (384,), any length.
        within: Where words may be taken from.

    Returns:
        Spans from the start of the text: words that mean something by themselves, any words
        where none does, the least unlikely one where none speaks for the direction; none where
        there are no words.
    """
    inside = [word for word in all_words(text) if within.contains(word)]
    words = [word for word in content_words(text) if within.contains(word)] or inside
    if not words:
        return ()
    carried = np.round(pieces.shares() @ direction, 6)
    weights = [
        sum(
            float(amount)
            for span, amount in zip(pieces.spans, carried, strict=True)
            if len(span) and word.contains(span)
        )
        for word in words
    ]
    strongest = max(weights)
    ranked = sorted(zip(weights, words, strict=True), key=lambda pair: (-pair[0], pair[1]))
    if strongest <= 0:
        return (ranked[0][1],)
    return tuple(w for weight, w in ranked[:MAX_WORDS] if weight >= MIN_SHARE * strongest)
