"""In which stage of the journey a segment plays: what it says, and what was said around it.

A conversation moves through the stages mostly forward and stays a while in each, and often the
question names the stage. So the segments of an interview are decided together (a hidden Markov
model over the stages, in the order of the book); a comment stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qualcode.coders.local.findings import Finding, Opinion
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages, content_words
from qualcode.coders.local.readings import Floats

__all__ = ["KNOWN", "PLAIN", "Habits", "StageJudge"]


@dataclass(frozen=True, slots=True)
class Habits:
    """Hold how talk moves through stages, as far as a matcher's evidence can tell.

    Attributes:
        temperature: Log odds by which one stage is e times as likely as another.
        question_share: What the interviewer's words right before count beside the segment's own.
        stay: Chance of staying in a stage.
        forward: Chance of going on to a later stage, the next more likely than those after it.
        caution_interview: Root that is taken of chances, so that they can be taken at their word:
            segments of one talk tell less than as many strangers would.
        caution_comment: The same for what stands alone.
        floor_interview: Chance that the likeliest stage must have to be named.
        floor_comment: The same for what stands alone.
    """

    temperature: float
    question_share: float
    stay: float
    forward: float
    caution_interview: float
    caution_comment: float
    floor_interview: float
    floor_comment: float

    @property
    def back(self) -> float:
        """Return the chance of going back to an earlier stage."""
        return 1 - self.stay - self.forward


PLAIN = Habits(1.0, 0.3, 0.7, 0.18, 2.2, 1.7, 0.25, 0.2)
"""For stages that only the codebook describes."""
KNOWN = Habits(1.4, 0.3, 0.6, 0.24, 1.25, 0.95, 0.25, 0.2)
"""For the stages of the default codebook (`known`)."""
MIN_ODDS = -3.5
"""Below, in every stage, nothing is said about the journey."""
MIN_CONTENT_WORDS = 3


class StageJudge:
    """Judge the family of stages."""

    def __init__(self, matcher: Matcher, habits: Habits | None = None) -> None:
        """Keep what is fixed; without habits `KNOWN` or `PLAIN` ones, as the matcher is."""
        self._matcher = matcher
        self._habits = habits or (PLAIN if matcher.known is None else KNOWN)
        self._moves = _moves(len(matcher.codes), self._habits)

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
        likely = own / self._habits.temperature * np.array(says, float)[:, None]
        for index, question in enumerate(_questions(document)):
            if question is not None:
                # Offsets of the question's own row are those of all units.
                asked = slice(question.units.start, question.units.start + 1)
                evidence = self._matcher.corrected(match.by_unit[asked], passages.units[asked])[0]
                likely[index] += self._habits.question_share * evidence / self._habits.temperature
        if _alone(document):
            chances, caution = _softmax(likely), self._habits.caution_comment
        else:
            chances, caution = _posterior(likely, self._moves), self._habits.caution_interview
        chances **= 1 / caution
        chances = np.round(chances / chances.sum(axis=1, keepdims=True), 6)
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
        if not speaks or match.plain[row].max() < MIN_ODDS:
            return Opinion.none("nothing said about the journey").with_chances(chances)
        best = int(chances.argmax())
        habits = self._habits
        floor = habits.floor_comment if passage.alone else habits.floor_interview
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


def _moves(n_stages: int, habits: Habits) -> Floats:
    """Return (n, n) log chances of going from the row's stage to the column's."""
    chances = np.zeros((n_stages, n_stages))
    for here in range(n_stages):
        later, earlier = np.arange(here + 1, n_stages), np.arange(here)
        chances[here, here] = habits.stay
        if len(later):
            weights = 0.5 ** np.arange(len(later)) + 0.2
            chances[here, later] = habits.forward * weights / weights.sum()
        if len(earlier):
            chances[here, earlier] = habits.back / len(earlier)
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
