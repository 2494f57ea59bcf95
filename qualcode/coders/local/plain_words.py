"""Everyday words that say by themselves that something went badly or well.

A small lexicon beside the trained heads: speech is full of half sentences whose meaning hangs on
one such word. Studies' own words belong in the codebook, as cues.
"""

from __future__ import annotations

import re

__all__ = ["count_difficulty", "count_praise"]

_DIFFICULTY = re.compile(
    r"\b(?:challeng\w+|struggl\w+|problem\w*|troubles?|bugs?|difficult\w*|hard\s+to|overwhelming"
    r"|overwhelmed|confus(?:ed|ing|ion)|nightmare|bottleneck|(?:not|never|wasn['’]?t|weren['’]?t|only)"
    r"\s+(?:being\s+)?told|nobody|no\s+one|no\s+(?:reply|answer|explanation|way\s+to)"
    r"|never\s+(?:turned\s+up|came|called|arrived|heard|got)|still\s+(?:waiting|no|not|arguing)"
    r"|still\s+(?:isn|hasn|haven|don|doesn)['’]?t|forever|wrong|broke(?:n)?|breaks|crash\w*|stolen"
    r"|nicked|missing|lost|expensive|pricey|overpriced|rubbish|shite?|crap|terrible|awful|useless"
    r"|complain(?:ed|t|ts)|annoy\w+|frustrat\w+|too\s+(?:late|much|heavy|slow|expensive|small|big)"
    r"|on\s+hold|charged|overcharged|refus\w+|fail(?:s|ed|ure|ing)?|stuck|faulty|leak\w*"
    r"|regression|badly|heavy|squeal\w*|sticks|jammed|not\s+allowed|out\s+of\s+order|slow|no\s+longer"
    r"|don['’]?t\s+understand|keeps?\s+\w+ing|used\s+to\s+be\s+better|goes\s+up\s+again|going\s+up"
    r"|unhappy|disappoint\w+|ridiculous\w*|unfair|waste|worse|worst|mess|misconfigur\w+"
    r"|(?:doesn|didn|don|won|wouldn|isn|wasn)['’]?t\s+(?:even\s+)?(?:work|fit|start|charge|bright"
    r"|enough|listen|say|help)|(?:can|could)(?:n['’]?t|not)\s+(?:\w+\s+)?(?:lift|find|get|reach"
    r"|afford|ride|carry|use|log|see)|bloody|had\s+to\s+(?:ring|call|chase|go\s+back|come\s+again"
    r"|ask|wait|build))\b",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(?:great|lovely|brilliant|easy|easily|easier|good|nice|friendly|helpful|helped|quick(?:ly)?"
    r"|fast|love(?:s|d)?\s+(?:it|this|that|the|them|how|my|our|working|using)|patient|reliable|grand|class|happy|worth|saves?|saving|recommend|smooth(?:ly)?"
    r"|supportive|welcoming|impress\w+|excellent|fun|sorted|straightforward|approachable|perfect(?:ly)?"
    r"|fantastic|amazing|solid|super|pleasure|enjoy\w*|responsive|superior|successful(?:ly)?"
    r"|no\s+(?:bother|hassle|faff|complaints|issues|problems?|trouble)|never\s+had\s+any"
    r"|can(?:not|['’]?t)\s+fault|all\s+right|thankfully|complete|gives\s+us|benefit\w*)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:not|never|no|without|hardly|less)|n['’]t)\s+(?:(?:a|an|any|at|all|been|be|so|very|that"
    r"|too|really|much|exactly|had|have)\s+){0,2}$",
    re.IGNORECASE,
)


def count_difficulty(text: str) -> int:
    """Count words and phrases of difficulty that are not denied."""
    return _count(_DIFFICULTY, text)


def count_praise(text: str) -> int:
    """Count words and phrases of praise that are not denied."""
    return _count(_PRAISE, text)


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(not _DENIED.search(text, 0, m.start()) for m in pattern.finditer(text))
