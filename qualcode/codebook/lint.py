"""Named checks of a codebook, each with the reason why it matters.

What a check finds is a question to the people who own the book, never an error: `load_codebook`
refuses what cannot work. Likeness and counts come from outside, so that this stays pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qualcode.codebook import checks
from qualcode.codebook.book import Codebook
from qualcode.codebook.checks import Evidence, missing
from qualcode.codebook.stage_names import department_words, funnel_words

__all__ = ["CHECKS", "Check", "Finding", "lint"]


@dataclass(frozen=True, slots=True)
class Check:
    """Name a check, with what it looks for and why; `practices` are rows of PRACTICES.md.

    `is_english` checks go by English words.
    """

    name: str
    title: str
    why: str
    practices: tuple[int, ...]
    run: checks.Run
    is_english: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold what a check found, in which codes, and what to do about it."""

    check: Check
    codes: tuple[str, ...]
    text: str
    advice: str


def lint(book: Codebook, evidence: Evidence) -> tuple[tuple[Finding, ...], Mapping[str, str]]:
    """Run every check; return what they found, and names of those left out with the reason."""
    left_out = {}
    if not book.language.casefold().startswith("en"):
        reason = f"it goes by English words, and the book's language is {book.language!r}"
        left_out = {check.name: reason for check in CHECKS if check.is_english}
    if not evidence.judged:
        left_out |= dict.fromkeys(("unused", "dominant"), "the study is not coded yet")
    found = [
        Finding(check, *one)
        for check in CHECKS
        if check.name not in left_out
        for one in check.run(book, evidence)
    ]
    return tuple(found), left_out


CHECKS = (
    Check(
        "funnel-words",
        "Stages named after the sales funnel",
        "A stage is the customer's and no step towards a sale.",
        (2, 62, 63),
        checks.holding_words(
            funnel_words,
            "the seller's view of the journey",
            "name it after what the customer wants to get done there",
        ),
        is_english=True,
    ),
    Check(
        "department-words",
        "Stages named after a part of the organisation",
        "Names of departments and measures keep up the silos that the map is to cross.",
        (2, 4, 62),
        checks.holding_words(
            department_words,
            "the organisation's word",
            "ask how a customer would put it, and name it so",
        ),
        is_english=True,
    ),
    Check(
        "no-verb",
        "Stages without a verb",
        "Outside-in names say what the customer needs to accomplish.",
        (2, 3),
        checks.without_verb,
        is_english=True,
    ),
    Check(
        "no-goal",
        "Stages without a goal",
        "The question that a customer has in a stage says what it is about.",
        (2, 62),
        checks.without_goal,
    ),
    Check(
        "stage-count",
        "Too many stages or too few",
        "A simple map with meaningful names is the most useful one.",
        (61,),
        checks.stage_count,
    ),
    Check(
        "no-definition",
        "Codes without a definition",
        "People have to agree on what a code means, and coders go by it.",
        (5,),
        missing("definition", "has no definition", "say in a sentence what the customer tells of"),
    ),
    Check(
        "no-exclusion",
        "Codes without an exclusion",
        "What a code is not sets it apart from its neighbours.",
        (5,),
        missing(
            "exclude",
            "excludes nothing",
            "write what belongs to a neighbour, with that code's id in brackets",
        ),
    ),
    Check(
        "no-examples",
        "Codes without examples",
        "Sentences in customers' words show coders, people or not, what to look for.",
        (3, 5),
        missing("examples", "has no examples", "give three or more, as customers say it"),
    ),
    Check(
        "unknown-reference",
        "Exclusions that refer to no code in use",
        "A reader who is sent to another code has to find it there.",
        (5, 6),
        checks.lost_references,
    ),
    Check(
        "overlap",
        "Codes that mean nearly the same",
        "Where two codes overlap, coders disagree and counts of either mean little.",
        (5, 6),
        checks.overlapping,
    ),
    Check(
        "same-words",
        "Codes described in the same words",
        "A word that speaks for two codes decides for neither.",
        (5, 6),
        checks.same_words,
    ),
    Check(
        "shared-example",
        "Examples that two codes of a family share",
        "The same words cannot show what sets two codes apart.",
        (5, 6),
        checks.shared_examples,
    ),
    Check(
        "unused",
        "Codes that nobody used",
        "Customers do not talk about it, or nobody asked: a gap to know about.",
        (61, 82),
        checks.unused,
    ),
    Check(
        "dominant",
        "Codes that hold most of their family",
        "A code that nearly everything gets tells no stages and no people apart.",
        (61, 82),
        checks.dominant,
    ),
)
"""Every check, in the order in which they are told."""
