"""What counts as no answer at all, for readers of surveys and for coders alike."""

from __future__ import annotations

import re

__all__ = ["is_non_answer"]

_NON_ANSWER = re.compile(
    r"(?:(?:did not|didn['’]?t) answer|no (?:answer|comments?|response|opinion|reply)|none|nil|no"
    r"|nope|nothing|nothing comes to mind|nothing to add|n\s*/?\s*a|not applicable|no idea|unsure"
    r"|(?:i )?don['’]?t know|not sure|skip|keine?(?: angaben?)?|nichts|nada|ning[uú]n[ao]?"
    r"|aucune?|rien"
    r")?",
    re.IGNORECASE,
)


def is_non_answer(text: str) -> bool:
    """Tell whether a survey's answer is none, such as "n/a", "-", "nothing" or "no comment".

    It says nothing about the journey. That "nothing" praises where the question was what is
    disliked cannot be told from the answer.
    """
    return _NON_ANSWER.fullmatch(text.strip(" \t\n.,;:!?-–—_*\"'()/")) is not None
