"""In which stage of the journey a segment plays: what it says, and what was said around it.

A conversation moves through the stages mostly forward and stays a while in each, and often the
question names the stage. So the segments of an interview are decided together (a hidden Markov
model over the stages, in the order of the book); a comment stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qualcode.coders.local.findings import Finding, Opinion
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages, content_words
from qualcode.coders.local.readings import Floats

__all__ = ["StageJudge"]

TEMPERATURE = 0.8
"""Log odds by which one stage is e times as likely as another."""
QUESTION_SHARE = 0.2
"""What the interviewer's words right before count beside the segment's own."""
STAY = 0.7
FORWARD = 0.18
"""Chance of going on to a later stage, the next more likely than those after it."""
BACK = 0.12
FLOOR_INTERVIEW = 0.45
FLOOR_COMMENT = 0.26
MIN_ODDS = -3.5
"""Below, in every stage, nothing is said about the journey."""
MIN_CONTENT_WORDS = 3


class StageJudge:
    """Judge the family of stages."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._moves = _moves(len(matcher.codes))

    def judge(self, passages: Passages) -> list[Opinion]:
        match = self._matcher.match(passages)
        row = 0
        opinions: list[Opinion] = []
        for document in passages.documents:
            n_heard = sum(p.heard for p in document)
            rows = range(row, row + n_heard)
            row += n_heard
            opinions += self._document(passages, document, match, rows)
        return opinions

    def _document(
        self, passages: Passages, document: Sequence[Passage], match: Match, rows: range
    ) -> list[Opinion]:
        heard = [p for p in document if p.heard]
        own = np.array([match.evidence[row] for row in rows]).reshape(len(heard), -1)
        says = [len(content_words(p.text)) >= MIN_CONTENT_WORDS for p in heard]
        likely = own / TEMPERATURE * np.array(says, float)[:, None]
        for index, question in enumerate(_questions(document)):
            if question is not None:
                # Offsets of the question's own row are those of all units.
                likely[index] += QUESTION_SHARE * match.by_unit[question.units.start] / TEMPERATURE
        chances = _posterior(likely, self._moves) if not _alone(document) else _softmax(likely)
        chances = np.round(chances, 6)
        return [
            self._opinion(passages, passage, match, row, chance, speaks)
            for passage, row, chance, speaks in zip(heard, rows, chances, says, strict=True)
        ]

    def _opinion(
        self,
        passages: Passages,
        passage: Passage,
        match: Match,
        row: int,
        chances: Floats,
        speaks: bool,
    ) -> Opinion:
        if not speaks or match.evidence[row].max() < MIN_ODDS:
            return Opinion.none("nothing said about the journey").with_chances(chances)
        best = int(chances.argmax())
        floor = FLOOR_COMMENT if passage.alone else FLOOR_INTERVIEW
        if chances[best] < floor:
            return Opinion.abstained("no stage stands out").with_chances(chances)
        code = self._matcher.codes[best]
        found = self._matcher.resemblance(passages, passage, best)
        by_itself = int(match.evidence[row].argmax()) == best
        place = "" if by_itself or passage.alone else "; what was said around it speaks for it"
        finding = Finding(
            code=code,
            score=float(chances[best]),
            span=self._matcher.span(match, passage, best),
            basis=found.basis,
            reference=found.reference,
            similarity=found.similarity,
            direction=found.direction,
            note=f"{found.sentence(code)}{place} ({chances[best]:.2f}).",
        )
        return Opinion.coded([finding]).with_chances(chances)


def _alone(document: Sequence[Passage]) -> bool:
    return all(passage.alone for passage in document)


def _questions(document: Sequence[Passage]) -> list[Passage | None]:
    """Return, for each passage heard, the interviewer's that stands right before its turn."""
    questions: list[Passage | None] = []
    question: Passage | None = None
    answering: int | None = None
    for passage in document:
        if not passage.heard:
            question, answering = passage, None
            continue
        if answering not in (None, passage.segment.turn_index):
            question = None
        answering = passage.segment.turn_index
        questions.append(question)
    return questions


def _moves(n_stages: int) -> Floats:
    """Return (n, n) log chances of going from the row's stage to the column's."""
    chances = np.zeros((n_stages, n_stages))
    for here in range(n_stages):
        later, earlier = np.arange(here + 1, n_stages), np.arange(here)
        chances[here, here] = STAY
        if len(later):
            weights = 0.5 ** np.arange(len(later)) + 0.2
            chances[here, later] = FORWARD * weights / weights.sum()
        if len(earlier):
            chances[here, earlier] = BACK / len(earlier)
    result: Floats = np.log(chances / chances.sum(axis=1, keepdims=True))
    return result


def _softmax(values: Floats) -> Floats:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _logsumexp(values: Floats, axis: int) -> Floats:
    top = values.max(axis=axis, keepdims=True)
    result: Floats = np.log(np.exp(values - top).sum(axis=axis)) + top.squeeze(axis)
    return result


def _posterior(likely: Floats, moves: Floats) -> Floats:
    """Return each segment's chances given the whole conversation (forward-backward; Rabiner 1989).

    Args:
        likely: (n_segments, n_stages), log likelihoods up to a constant a row.
        moves: (n_stages, n_stages), log chances.
    """
    forward, backward = likely.copy(), np.zeros_like(likely)
    for at in range(1, len(likely)):
        forward[at] += _logsumexp(forward[at - 1][:, None] + moves, 0)
    for at in range(len(likely) - 2, -1, -1):
        backward[at] = _logsumexp(moves + likely[at + 1] + backward[at + 1], 1)
    return _softmax(forward + backward) if len(likely) else likely
