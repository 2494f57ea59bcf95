"""What the lint of a codebook looks at, one function a check; `codebook/lint.py` says why.

Each yields the ids of codes, what is so with them and what to do about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from qualcode.codebook.book import Codebook, family_name
from qualcode.codebook.codes import Code
from qualcode.codebook.stage_names import has_customers_words

__all__ = [
    "Evidence",
    "Found",
    "Likeness",
    "Run",
    "dominant",
    "holding_words",
    "lost_references",
    "missing",
    "overlapping",
    "same_words",
    "shared_examples",
    "stage_count",
    "unused",
    "without_goal",
    "without_verb",
]

OVERLAP = 0.68
"""Cosine from which two codes of a family say nearly the same. No pair of the default book reaches
it: its nearest are Anger and Let down (0.67), Decide and sign up and Get started (0.66)."""
CLOSE = 0.60
"""Cosine from which two codes are looked at more closely: 40 of the default book's 565 pairs."""
CONFUSED_SHARE = 0.4
"""Of both codes' examples, how many may lie nearest to the other code. Four close pairs of the
default book have as many, such as Made it and Broke it (6 of 8)."""
MIN_CONFUSED = 3
SAME_WORDS = 0.6
"""Of the words of two definitions, the share that both have."""
FEWEST_STAGES, MOST_STAGES = 3, 7
"""Fewer show no journey, more do not fit on an A3 page."""
DOMINANT_SHARE, DOMINANT_MIN = 0.5, 20
"""From how many codings of a family a code with more than this share of them is told."""

_REFERENCE = re.compile(r"\(([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\)")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Say how near two codes of a family are: the cosine of the middles of their texts.

    `n_confused` of their `n_examples` lie nearest to the other code, not to the rest of their own.
    """

    cosine: float
    n_confused: int
    n_examples: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold what the checks use besides the book.

    Attributes:
        likeness: Two code ids of one family, in the order of the book, to how near they are.
        n_codings: Code id to codings that stand.
        judged: Families that somebody has judged.
    """

    likeness: Mapping[tuple[str, str], Likeness] = field(default_factory=dict)
    n_codings: Mapping[str, int] = field(default_factory=dict)
    judged: Collection[str] = ()


Found = tuple[tuple[str, ...], str, str]
Run = Callable[[Codebook, Evidence], Iterator[Found]]


def holding_words(words_of: Callable[[str], Collection[str]], what: str, advice: str) -> Run:
    def run(book: Codebook, _: Evidence) -> Iterator[Found]:
        for code in book.family("stage"):
            if words := words_of(code.name):
                yield (code.id,), f"“{code.name}” holds {_quoted(words)}, {what}", advice

    return run


def without_verb(book: Codebook, _: Evidence) -> Iterator[Found]:
    for code in book.family("stage"):
        if not has_customers_words(code.name):
            text = (
                f"“{code.name}” says nothing that a customer does, as far as a word list can tell"
            )
            yield (code.id,), text, "use a verb and what they are after: “Find out what fits me”"


def without_goal(book: Codebook, _: Evidence) -> Iterator[Found]:
    for code in book.family("stage"):
        if not code.goal:
            advice = "write under goal the question that the customer has there"
            yield (code.id,), "says no goal of the customer", advice


def stage_count(book: Codebook, _: Evidence) -> Iterator[Found]:
    stages = book.family("stage")
    if stages and not FEWEST_STAGES <= len(stages) <= MOST_STAGES:
        few = len(stages) < FEWEST_STAGES
        why = "fewer than three show no journey" if few else "an A3 page holds up to seven"
        advice = "split one that holds too much" if few else "merge two that customers tell as one"
        ids = tuple(code.id for code in stages)
        yield ids, f"the book has {_counted(len(stages), 'stage')}; {why}", advice


def missing(key: str, text: str, advice: str) -> Run:
    def run(book: Codebook, _: Evidence) -> Iterator[Found]:
        for code in _in_use(book):
            if not getattr(code, key):
                yield (code.id,), text, advice

    return run


def lost_references(book: Codebook, _: Evidence) -> Iterator[Found]:
    known = {code.id: code for code in book.codes}
    for code in _in_use(book):
        for name in dict.fromkeys(_REFERENCE.findall("\n".join(code.exclude))):
            if name in known and known[name].status != "retired":
                continue
            state = "is retired" if name in known else "is not in the book"
            text = f"excludes in favour of {name}, which {state}"
            yield (code.id,), text, "name a code that is in use, or none"


def overlapping(_: Codebook, evidence: Evidence) -> Iterator[Found]:
    for codes, near in evidence.likeness.items():
        confused = near.n_confused >= max(MIN_CONFUSED, CONFUSED_SHARE * near.n_examples)
        if near.cosine >= OVERLAP or (near.cosine >= CLOSE and confused):
            text = (
                f"are near each other for the embedded model: cosine {near.cosine:.2f}, "
                f"{near.n_confused} of their {near.n_examples} examples nearest to the other code"
            )
            yield codes, text, "set them apart by definition and examples, or merge them"


def same_words(book: Codebook, _: Evidence) -> Iterator[Found]:
    for family in book.families:
        for one, two in combinations(book.family(family), 2):
            both = (one.id, two.id)
            cues = sorted({c.casefold() for c in one.cues} & {c.casefold() for c in two.cues})
            if cues:
                yield both, f"share the cue {_quoted(cues)}", "leave it to one of them"
            mine, theirs = _words(one.definition), _words(two.definition)
            if mine and len(mine & theirs) >= SAME_WORDS * len(mine | theirs):
                text = "have definitions of nearly the same words"
                yield both, text, "say in each what the other is not"


def shared_examples(book: Codebook, _: Evidence) -> Iterator[Found]:
    holders: dict[tuple[str, str], dict[str, None]] = {}
    for code in _in_use(book):
        for text in code.examples:
            plain = " ".join(re.findall(r"\w+", text.casefold()))
            holders.setdefault((code.family, plain), {})[code.id] = None
    for codes in holders.values():
        if len(codes) > 1:
            advice = "give it to one of them; it may be a counter-example of the other"
            yield tuple(codes), "have the same example", advice


def unused(book: Codebook, evidence: Evidence) -> Iterator[Found]:
    for code in _in_use(book):
        if code.family in evidence.judged and not evidence.n_codings.get(code.id):
            advice = "retire it if nobody means it, or ask about it in the next interviews"
            yield (code.id,), "nothing is coded with it", advice


def dominant(book: Codebook, evidence: Evidence) -> Iterator[Found]:
    for family in book.families:
        codes = book.family(family)
        total = sum(evidence.n_codings.get(code.id, 0) for code in codes)
        for code in codes if len(codes) > 2 and total >= DOMINANT_MIN else ():
            count = evidence.n_codings.get(code.id, 0)
            if count > DOMINANT_SHARE * total:
                text = f"has {count:,} of the {total:,} codings of {family_name(family)}"
                advice = f"read them (qualcode quotes --code {code.id}); split it if they differ"
                yield (code.id,), text, advice


def _in_use(book: Codebook) -> list[Code]:
    return [code for code in book.codes if code.status != "retired"]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _quoted(words: Collection[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _counted(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else one + 's'}"
