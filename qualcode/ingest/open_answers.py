"""Tell open answers from options: what people wrote from what they ticked.

Values are read before wording, as headers come in every language; wording only moves the
thresholds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from qualcode.answers import is_non_answer

__all__ = ["are_ticked_options", "header_words", "n_words", "names_a_label", "open_answers"]

# Scripts that put no spaces between words; two characters are counted as one word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")

_COMMENT_HEADER = re.compile(
    r"\b(?:comments?|why|feedback|verbatim|text|remarks?|describe|explain|tell us|please specify"
    r"|kommentare?|bemerkungen?|warum|commentaires?|pourquoi|comentarios?)\b",
    re.IGNORECASE,
)
_OPEN_HEADER = re.compile(
    r"\b(?:suggest\w*|improve\w*|details|thoughts|reasons?|notes?|reviews?|own words|write in"
    r"|(?:any|some)thing|challenges?|would you (?:like|change)|could|added?|what kind)\b",
    re.IGNORECASE,
)
_CLOSED_HEADER = re.compile(
    r"\b(?:(?:select|choose|check|tick) (?:all|one|any|up|the|your|every)|all that apply"
    r"|which of|how (?:many|often|much|long|large|likely|easy|well)|rate|on a scale)\b|\]$",
    re.IGNORECASE,
)
_LABEL_WORD = re.compile(
    r"address|agent|browser|city|code|codes|company|country|department|device|email|"
    r"employer|industry|ip|job|label|labels|link|location|mail|mobile|name|organisation|"
    r"organization|latitude|longitude|phone|postcode|region|role|street|tag|tags|theme|themes|"
    r"title|topic|topics|town|url|zip"
)


# A column of little else than yes and no is a closed question with a write-in.
_TELLS_NOTHING = frozenset({"yes", "ja", "nein", "oui", "non", "null", "unknown"})


def open_answers(name: str, values: Sequence[str]) -> str | None:
    """Tell why a column holds open answers, or return None.

    The measure is the share of rows with a part (between commas and semicolons) that no other row
    has: high for what people write, low for options that were ticked in any combination.
    """
    answers = [
        value
        for value in values
        if not is_non_answer(value) and value.casefold().strip(" .!") not in _TELLS_NOTHING
    ]
    tokens = header_words(name)
    if not answers or len(answers) < 0.05 * len(values):
        return None
    if len(tokens) <= 4 and any(map(_LABEL_WORD.fullmatch, tokens)):
        return None
    parts = [_parts(answer) for answer in answers]
    seen = Counter(part for found in parts for part in found)
    own = sum(any(seen[part] == 1 for part in found) for found in parts) / len(answers)
    words = median(map(n_words, answers))
    if _CLOSED_HEADER.search(name):
        least_own, least_words = 0.8, 6.0
    elif _COMMENT_HEADER.search(name):
        least_own, least_words = 0.3, 1.0
    elif _OPEN_HEADER.search(name):
        least_own, least_words = 0.5, 1.5
    else:
        least_own, least_words = 0.6, 3.0
    if own < least_own or words < least_words:
        return None
    return f"open answers: {words:g} words in the median, {own:.0%} in words of their own"


def are_ticked_options(values: Sequence[str]) -> bool:
    """Tell whether values are combinations of fewer options."""
    parts = {part for value in set(values) for part in _parts(value)}
    joined = [p for value in values if len(p := _parts(value)) > 1]
    if len(joined) < 0.1 * len(values):
        return False
    # A value such as "Email, phone" that always comes whole is one option with a comma in it.
    alone = {next(iter(p)) for value in set(values) if len(p := _parts(value)) == 1}
    recombined = sum(bool(p & alone) for p in joined) >= 0.5 * len(joined)
    return len(parts) < 0.8 * len(set(values)) or recombined


def _parts(value: str) -> set[str]:
    return {part.strip() for part in re.split(r"[;,]", value.casefold())} - {""}


def n_words(value: str) -> int:
    """Count words, two characters as one where nothing stands between words."""
    return len(value.split()) + len(_UNSPACED.findall(value)) // 2


def header_words(header: str) -> list[str]:
    """Split `RespondentID`, `respondent_id` and `Respondent ID` alike."""
    return [t.lower() for t in re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])", header)]


def names_a_label(header: str) -> bool:
    """Tell whether a header asks for a name of something, such as a city or a phone number."""
    return any(map(_LABEL_WORD.fullmatch, header_words(header)))
