"""The words that set groups of texts apart from each other."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

__all__ = ["STOP_WORDS", "class_terms"]

_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*(?:_\d+)?\]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_STOP_TEXT = """
a about after again all also always am an and any anything are around as ask asked at away
back be because been before being bit but by came can can't come could couldn't did didn't do
does doesn't doing don't done each else er erm even ever every everything few for from get
gets getting give go goes going gone gonna good got had hadn't happened has hasn't have
haven't having he her here him his hmm how i i'd i'll i'm i've if in into is isn't it it's
its just kind know like little lot made make many maybe me mean mm more most much my need
needed never no not nothing now obviously of off oh ok okay on once one only or other our out
over own people perhaps probably put quite rather really right said same saw say says see she
should so some somebody someone something sometimes sort still stuff such sure take than
that that's the their them then there there's these they they'd they're they've thing things
think this those though thought through to told too took try trying two uh um until up us use
used very wanna want wanted was wasn't way we we'd we're we've well went were weren't what
what's when where which while who why will with won't would wouldn't yeah yes yet you you'd
you'll you're you've your
"""

STOP_WORDS = frozenset(_STOP_TEXT.split())
"""English words that say nothing about a group; other languages rely on the weighting alone."""


def class_terms(
    classes: Sequence[Sequence[tuple[str, str]]], *, n_terms: int = 6
) -> tuple[tuple[str, ...], ...]:
    """Return the words that set each class apart from the others, strongest first.

    Class-based TF-IDF, tf · log(1 + A / f) with A the mean number of words in a class and f the
    word's frequency in all classes (M. Grootendorst, BERTopic, arXiv:2203.05794, equation 2).
    Here a word counts once per person, so that a talkative one does not name the class; a word of
    one person stands only where there are too few of more. Placeholders of pseudonyms and stop
    words are left out. Ties go by the alphabet.

    Args:
        classes: For each class, (participant id, text) of its segments.
    """
    counts = [_words_by_person(members) for members in classes]
    everywhere: Counter[str] = Counter()
    for count in counts:
        everywhere.update(count)
    mean_size = sum(everywhere.values()) / max(1, len(counts))

    def terms(count: Mapping[str, int]) -> tuple[str, ...]:
        weight = {w: n * math.log(1 + mean_size / everywhere[w]) for w, n in count.items()}
        ranked = sorted(count, key=lambda w: (count[w] < 2, -weight[w], w))
        return tuple(ranked[:n_terms])

    return tuple(terms(count) for count in counts)


def _words_by_person(members: Sequence[tuple[str, str]]) -> Counter[str]:
    said: dict[str, set[str]] = {}
    for person, text in members:
        words = _WORD.findall(_PLACEHOLDER.sub(" ", text).casefold().replace("’", "'"))
        said.setdefault(person, set()).update(
            word for word in words if len(word) > 2 and word not in STOP_WORDS
        )
    return Counter(word for words in said.values() for word in words)
