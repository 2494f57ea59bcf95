"""Find the sentence in which a customer says what a criterion is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.analysis.grouping import Group, Placed
from qualcode.analysis.items import PRAISE, SHAPING, telling
from qualcode.analysis.wording import Wording
from qualcode.codebook import Codebook
from qualcode.draft import Quote
from qualcode.spans import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], Mapping[str, NDArray[np.float32]]]

__all__ = ["in_their_words", "sentences"]

FEWEST_WORDS, MOST_WORDS = 4, 25
"""A sentence in the customer's words has so many."""
_READ = 30
"""So many segments, most telling first, are searched for a sentence."""
_NEAREST = 3
"""A sentence is compared with so many examples, the nearest ones."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PARAGRAPH = re.compile(r"[^\n]+")


def in_their_words(
    group: Group,
    wording: Wording,
    placed: Placed,
    codebook: Codebook,
    texts: Mapping[str, str],
    embed: Embed | None,
) -> Quote | None:
    """Return a sentence that one of the group's people said and that says it well.

    It is a whole sentence of 4 to 25 words inside a coding, from a segment near the group's middle
    that does not praise as well, and does not sound more like the book's examples of what works
    than like those of what is missing. Of these it is the one nearest to the middle of what the
    group said, to the need that words it and to what is missing, weighed as `Item.weight` is;
    without `embed` the first one, most telling segment first.

    Args:
        texts: Document id to canonical text.
        embed: Gives the unit vector of each text.
    """
    import numpy as np

    order = sorted(range(len(group.members)), key=lambda i: (-round(group.told(i, placed), 6), i))
    near = [placed.items[group.members[i]] for i in order]
    found: list[Quote] = []
    weights: list[float] = []
    for item in [item for item in near if not item.is_mixed][:_READ]:
        evidence = item.shaping[0]
        start = evidence.coding.start_char
        said = evidence.coding.span.of(texts[evidence.coding.document_id])
        for sentence in sentences(said):
            if FEWEST_WORDS <= _n_words(sentence.of(said)) <= MOST_WORDS:
                found.append(evidence.quote(start + sentence.start_char, start + sentence.end_char))
                weights.append(max(evidence.coding.score, 0.0) * telling(len(sentence)))
    if not found or embed is None:
        return found[0] if found else None
    words = [texts[q.document_id][q.start_char : q.end_char] for q in found]
    missing = [e for f in SHAPING for code in codebook.family(f) for e in code.examples]
    works = [example for code in codebook.family(PRAISE) for example in code.examples]
    if not (missing and works):
        missing = works = words  # without examples no sentence sounds more like one than the other
    vectors = embed(sorted({*words, *missing, *works}))
    middle = placed.words[list(group.members)].mean(axis=0)
    middle = middle / max(float(np.linalg.norm(middle)), 1e-9)
    wanted = middle + (wording.points if len(wording.points) == len(middle) else 0.0)

    def fit(at: int) -> tuple[bool, float, int]:
        vector = vectors[words[at]]
        lack, praise = (
            float(np.sort([float(vectors[e] @ vector) for e in examples])[-_NEAREST:].mean())
            for examples in (missing, works)
        )
        # Rounded: of sentences that are alike the first one is taken on every machine.
        nearness = round((float(vector @ wanted) + lack - praise) * weights[at], 6)
        return lack > praise, nearness, -at

    return found[max(range(len(found)), key=fit)]


def sentences(text: str) -> list[Span]:
    """Return the sentences of a text, without the white space around them."""
    from syntok import segmenter
    from syntok.tokenizer import Tokenizer

    found = []
    for paragraph in _PARAGRAPH.finditer(text):
        tokens = Tokenizer(replace_not_contraction=False).tokenize(paragraph[0])
        starts = [0]
        for sentence in segmenter.segment(tokens):
            token = next((t for t in sentence if t.value), None)
            # syntok also splits "good.Bad", which would cut a word in two.
            if (
                token is not None
                and paragraph[0].startswith(token.value, token.offset)
                and token.offset > starts[-1]
                and paragraph[0][token.offset - 1].isspace()
            ):
                starts.append(token.offset)
        for start, end in pairwise([*starts, len(paragraph[0])]):
            stretch = paragraph[0][start:end]
            if stretch.strip():
                begin = paragraph.start() + start + len(stretch) - len(stretch.lstrip())
                found.append(Span(begin, paragraph.start() + start + len(stretch.rstrip())))
    return found


def _n_words(text: str) -> int:
    return len(_WORD.findall(text))
