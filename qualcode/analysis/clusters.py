"""Groups of segments that mean about the same, and the words that set a group apart.

Ward on unit vectors: on the unit sphere the squared Euclidean distance is 2 - 2 cosine, so groups
are tight in meaning. The same items in the same order with the same seed give the same groups.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CLEAR_DIFFERENCE", "Grouping", "centroids", "choose", "class_terms", "group"]

CLEAR_DIFFERENCE = 0.02
"""By how much four groups must beat three in mean silhouette to be taken."""

MAX_ITEMS = 4000
"""Ward's time and memory grow with the square: 4,000 items take about 1.5 s and 130 MB."""

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


@dataclass(frozen=True, slots=True)
class Grouping:
    """Hold one way to group the items.

    Attributes:
        k: Number of groups.
        labels: intp, (n_items,), 0 … k-1, numbered by first appearance.
        silhouette: Mean silhouette on cosine distance (Rousseeuw 1987), -1 … 1, rounded to four
            digits; of the sample where one was drawn; None where it is undefined.
        smallest: People in the group that has fewest.
        reason: Why there is no silhouette, else empty.
    """

    k: int
    labels: NDArray[np.intp]
    silhouette: float | None
    smallest: int
    reason: str = ""


def group(
    vectors: NDArray[np.float32],
    people: Sequence[str],
    *,
    k: int,
    seed: int,
    max_items: int = MAX_ITEMS,
) -> Grouping:
    """Group items by meaning.

    Beyond `max_items` a sample is grouped, drawn so that each person gives one item before
    anybody gives a second, and every other item goes to the group with the nearest middle.

    Args:
        vectors: float32, (n_items, dim), unit rows; the order decides ties.
        people: Whose item each row is, in the order of rows.
        k: Number of groups, at least 2 and at most the number of different rows.
        seed: Of the sample; without effect up to `max_items`.

    Raises:
        ValueError: Lengths differ or k is out of range.
    """
    import numpy as np
    from sklearn.cluster import AgglomerativeClustering

    if len(vectors) != len(people):
        raise ValueError(f"{len(vectors)} vectors of {len(people)} people")
    if not 2 <= k <= distinct(vectors):
        raise ValueError(f"{distinct(vectors)} different vectors do not make {k} groups")
    chosen = _sample(people, max_items, seed)
    if distinct(vectors[chosen]) < k:  # nearly all comments are the same word: group them all
        chosen = np.unique(vectors, axis=0, return_index=True)[1][:max_items]
    sample = vectors[chosen]
    ward: Any = AgglomerativeClustering(n_clusters=k, linkage="ward")
    found = np.asarray(ward.fit_predict(sample), dtype=np.intp)
    labels = np.empty(len(vectors), dtype=np.intp)
    if len(chosen) < len(vectors):
        labels[:] = np.argmax(vectors @ centroids(sample, found, k).T, axis=1)
    labels[chosen] = found
    silhouette, reason = _silhouette(sample, found)
    labels = _by_appearance(labels)
    members: list[set[str]] = [set() for _ in range(k)]
    for label, person in zip(labels.tolist(), people, strict=True):
        members[label].add(person)
    return Grouping(k, labels, silhouette, min(map(len, members)), reason)


def choose(three: Grouping, four: Grouping) -> Grouping:
    """Return four groups only where they are clearly tighter than three, else three."""
    if three.silhouette is None or four.silhouette is None:
        return three
    # Rounded, so that the figures that people see explain the choice.
    better = round(four.silhouette - three.silhouette, 4)
    return four if better >= CLEAR_DIFFERENCE else three


def distinct(vectors: NDArray[np.float32]) -> int:
    """Return how many different rows there are."""
    return len({row.tobytes() for row in vectors})


def centroids(
    vectors: NDArray[np.float32], labels: NDArray[np.intp], k: int
) -> NDArray[np.float32]:
    """Return the groups' middles: float32, (k, dim), unit rows; 0 where members cancel out."""
    import numpy as np

    middles = np.stack(
        [vectors[labels == label].mean(axis=0, dtype=np.float64) for label in range(k)]
    )
    norms = np.linalg.norm(middles, axis=1, keepdims=True)
    return np.asarray(middles / np.where(norms > 0, norms, 1.0), dtype=np.float32)


def _sample(people: Sequence[str], max_items: int, seed: int) -> NDArray[np.intp]:
    import numpy as np

    if len(people) <= max_items:
        return np.arange(len(people), dtype=np.intp)
    given: Counter[str] = Counter()
    rounds = []
    for place, item in enumerate(np.random.default_rng(seed).permutation(len(people)).tolist()):
        rounds.append((given[people[item]], place, item))
        given[people[item]] += 1
    return np.sort(np.array([item for _, _, item in sorted(rounds)[:max_items]], dtype=np.intp))


def _by_appearance(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    import numpy as np

    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], dtype=np.intp)


def _silhouette(vectors: NDArray[np.float32], labels: NDArray[np.intp]) -> tuple[float | None, str]:
    from sklearn.metrics import silhouette_score

    if len(set(labels.tolist())) >= len(vectors):
        return None, "as many groups as items"
    return round(float(silhouette_score(vectors, labels, metric="cosine")), 4), ""


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
