"""Make typed text more like talk: fillers, no punctuation, neighbours, a question before it."""

from __future__ import annotations

import random
import re

__all__ = ["QUESTIONS", "with_question", "spoken_like"]

_FILLERS = (
    "um,",
    "uh,",
    "you know,",
    "like,",
    "I mean,",
    "so,",
    "erm,",
    "well,",
    "sort of",
    "yeah,",
)
_OPENERS = ("Yeah, so", "Um,", "I mean,", "Well,", "So,", "Right, so", "Oh,", "Okay, um,")
_PUNCTUATION = re.compile(r"[.,;:!?\"()…-]+(?=\s|$)")

QUESTIONS = (
    "How did that go?",
    "Can you tell me a bit more about that?",
    "And what happened then?",
    "What was that like for you?",
    "Okay. And after that?",
    "How did you feel about it?",
    "Could you walk me through it?",
    "What would you change, if anything?",
    "Mhm. Anything else?",
    "So how long did it take in the end?",
    "Who did you talk to about it?",
    "What made you choose them?",
)


def spoken_like(text: str, rng: random.Random) -> str:
    """Return the text with hesitations and repeats; half of the time without punctuation."""
    words = text.split()
    out: list[str] = []
    if rng.random() < 0.5:
        out.append(rng.choice(_OPENERS))
    for word in words:
        draw = rng.random()
        if draw < 0.06:
            out.append(rng.choice(_FILLERS))
        elif draw < 0.09 and len(word) < 6 and word.isalpha():
            out.append(word)
        out.append(word)
    said = " ".join(out)
    if rng.random() < 0.5:
        said = re.sub(r"\s+", " ", _PUNCTUATION.sub("", said))
    return said


def with_question(text: str, rng: random.Random) -> str:
    """Return the text behind an interviewer's question, which says nothing of the answer."""
    return f"{rng.choice(QUESTIONS)} {text}"
