"""Which code of a family a text resembles: its definition, examples and counter-examples.

Spoken segments mix things, so each is compared whole and sentence by sentence. A raw cosine says
little, because definitions and examples lie closer to any text in one code than in another; so
every code is measured against the examples of its sister codes. A linear contrast between the
codes, fitted on the book's own examples, finds what sets them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qualcode.codebook import Code
from qualcode.coders.local.cues import Cue, CueFinder
from qualcode.coders.local.passages import Passage, Passages
from qualcode.spans import Span

__all__ = ["Floats", "Match", "Matcher", "Resemblance"]

Floats = NDArray[np.float64]

DEFINITION_SHARE = 0.35
"""Of a similarity, the part that the definition has; the rest is the two nearest examples'."""
CONTRAST_PENALTY = 2.0
"""Ridge penalty of the contrast between codes."""
CONTRAST_SHARE = 0.5
"""What one standard deviation of the contrast counts beside one of the similarity, unless told."""
CUE_BONUS = 2.5
"""What a word of the codebook counts, in standard deviations."""
DENIED_PENALTY = 10.0
"""What a denied word of the codebook takes away."""
COUNTER_WEIGHT = 2.0
"""What a nearer counter-example takes away, in standard deviations a cosine of one."""
NARROW_MARGIN = 0.6
"""A sentence carries a code too if its evidence is at most so far below the best sentence's."""
PLAIN_SIMILARITY = 0.55
"""A text so near explains a code better than a single word does."""
PRIOR_TEXTS = 10
PRIOR_LEVEL = 0.12
PRIOR_SPREAD = 0.09
"""What a book of few texts is measured against: as if it had so many with these cosines."""
MIN_CONTRAST_SPREAD = 0.05

# Matrix products round differently with the number of rows, by about 1e-16. Rounding far above
# gives a segment the same evidence in whatever batch it comes.
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Say what a text resembled most in one code.

    Attributes:
        basis: "definition", "example" or "cue".
        direction: (384,), the reference's vector less what all of the family share.
    """

    basis: str
    reference: str
    similarity: float | None
    direction: Floats | None
    words: tuple[Span, ...] = ()

    def sentence(self, code: Code) -> str:
        """Return it in words, without the closing full stop."""
        if self.basis == "cue":
            return f"Holds a word of the codebook for “{code.name}”"
        what = "an example of" if self.basis == "example" else "the definition of"
        return f"Closest to {what} “{code.name}”"


@dataclass(frozen=True, slots=True)
class Match:
    """Hold how well each code of a family fits each passage; rows are the passages heard.

    Attributes:
        evidence: (n_passages, n_codes), standard deviations above what other codes' texts reach;
            the mean of the whole passage and its best sentence, with cues.
        similarity: (n_passages, n_codes), plain similarity, the best of whole and sentences.
        by_unit: (n_units, n_codes), evidence of every unit.
        cues: Of each passage, those that are not denied.
    """

    evidence: Floats
    similarity: Floats
    by_unit: Floats
    cues: tuple[tuple[Cue, ...], ...]


class Matcher:
    """Compare passages with the codes of one family."""

    def __init__(
        self,
        codes: Sequence[Code],
        embed: Callable[[Sequence[str]], NDArray[np.float64]],
        *,
        contrast_share: float = CONTRAST_SHARE,
    ) -> None:
        """Embed the family's texts.

        Args:
            codes: At least one.
            embed: Returns unit rows.
            contrast_share: What the contrast counts beside the similarity.
        """
        self.codes = tuple(codes)
        self._contrast_share = contrast_share
        self.cue_finder = CueFinder(codes)
        positive: list[tuple[int, str, str, str]] = []
        negative: list[tuple[int, str]] = []
        for index, code in enumerate(codes):
            # The first name, so that a code that is called otherwise now still fits the same words.
            described = f"{code.first_name}. {code.definition}".strip()
            positive.append((index, "definition", code.definition or code.name, described))
            positive += [(index, "example", text, text) for text in code.examples]
            negative += [(index, text) for text in code.counter_examples]
        self._references = [(basis, shown) for _, basis, shown, _ in positive]
        vectors = embed([text for *_, text in positive] + [text for _, text in negative])
        self._positive = vectors[: len(positive)]
        self._negative = vectors[len(positive) :]
        owners = np.array([index for index, *_ in positive])
        is_example = np.array([basis == "example" for _, basis, *_ in positive])
        self._definitions = [int(i) for i in np.flatnonzero(~is_example)]
        self._examples = [np.flatnonzero(is_example & (owners == j)) for j in range(len(codes))]
        counters = np.array([index for index, _ in negative], dtype=int)
        self._counters = [np.flatnonzero(counters == j) for j in range(len(codes))]
        self._centre = self._positive.mean(axis=0)
        self._contrast = self._fit(owners)
        self._set_levels(owners)

    def _fit(self, owners: NDArray[np.int_]) -> Floats:
        """Fit the linear contrast by ridge regression; zero for a lone code."""
        n_codes = len(self.codes)
        if n_codes < 2:
            return np.zeros((self._positive.shape[1], n_codes))
        centred = self._positive - self._centre
        targets = np.full((len(owners), n_codes), -1 / (n_codes - 1))
        targets[np.arange(len(owners)), owners] = 1
        # The dual form: there are fewer texts than dimensions.
        gram = centred @ centred.T + CONTRAST_PENALTY * np.eye(len(owners))
        weights: Floats = centred.T @ np.linalg.solve(gram, targets)
        return weights

    def _set_levels(self, owners: NDArray[np.int_]) -> None:
        """Measure each code against the other codes' texts."""
        similarity = self._similarity(self._positive @ self._positive.T)
        contrast = self._contrasted(self._positive)
        others = owners[:, None] != np.arange(len(self.codes))
        n_others = others.sum(axis=0)
        total = np.where(others, similarity, 0).sum(axis=0)
        self._level = (total + PRIOR_TEXTS * PRIOR_LEVEL) / (n_others + PRIOR_TEXTS)
        squares = ((similarity - self._level)[others] ** 2).sum()
        self._spread = float(
            np.sqrt((squares + PRIOR_TEXTS * PRIOR_SPREAD**2) / (n_others.sum() + PRIOR_TEXTS))
        )
        apart = contrast[others].std() if others.any() else 0.0
        self._contrast_spread = max(float(apart), MIN_CONTRAST_SPREAD)

    def _similarity(self, cosines: Floats) -> Floats:
        """Return (n_units, n_codes): the definition mixed with the two nearest examples."""
        mixed = np.empty((len(cosines), len(self.codes)))
        for j, examples in enumerate(self._examples):
            definition = cosines[:, self._definitions[j]]
            if not len(examples):
                mixed[:, j] = definition
                continue
            nearest = np.sort(cosines[:, examples], axis=1)[:, -2:].mean(axis=1)
            mixed[:, j] = DEFINITION_SHARE * definition + (1 - DEFINITION_SHARE) * nearest
        return mixed

    def _contrasted(self, units: Floats) -> Floats:
        result: Floats = (units - self._centre) @ self._contrast
        return result

    def _countered(self, units: Floats, cosines: Floats) -> Floats:
        """Return (n_units, n_codes): by how much a counter-example is nearer than any example."""
        nearer = np.zeros((len(units), len(self.codes)))
        if not len(self._negative):
            return nearer
        opposed = units @ self._negative.T
        for j, (examples, counters) in enumerate(zip(self._examples, self._counters, strict=True)):
            if len(examples) and len(counters):
                best = cosines[:, examples].max(axis=1)
                nearer[:, j] = np.maximum(opposed[:, counters].max(axis=1) - best, 0)
        return nearer

    def unit_evidence(self, units: Floats) -> tuple[Floats, Floats]:
        """Return evidence and similarity of unit rows, without cues; (n_units, n_codes) each."""
        cosines = units @ self._positive.T
        similarity = self._similarity(cosines)
        evidence = (
            (similarity - self._level) / self._spread
            + self._contrast_share * self._contrasted(units) / self._contrast_spread
            - COUNTER_WEIGHT * self._countered(units, cosines)
        )
        return np.round(evidence, _DECIMALS), np.round(similarity, _DECIMALS)

    def match(self, passages: Passages) -> Match:
        """Compare all passages that are heard with all codes."""
        by_unit, similar = self.unit_evidence(passages.units)
        heard = passages.heard
        evidence = np.zeros((len(heard), len(self.codes)))
        similarity = np.zeros((len(heard), len(self.codes)))
        cues: list[tuple[Cue, ...]] = []
        for row, passage in enumerate(heard):
            found = self.cue_finder.find(passage.text)
            said = tuple(cue for cue in found if not cue.denied)
            cues.append(said)
            _add_cues(by_unit[passage.units], passage, said, CUE_BONUS)
            # "Not angry": to the encoder nearly the same as "angry".
            denied = [cue for cue in found if cue.denied]
            _add_cues(by_unit[passage.units], passage, denied, -DENIED_PENALTY)
            unit = by_unit[passage.units]
            evidence[row] = unit[0] if len(unit) == 1 else (unit[0] + unit[1:].max(axis=0)) / 2
            similarity[row] = similar[passage.units].max(axis=0)
        return Match(evidence, similarity, by_unit, tuple(cues))

    def span(self, match: Match, passage: Passage, code: int) -> Span:
        """Return the sentences that carry a code, from the first to the last of them."""
        if len(passage.sentences) == 1:
            return Span(0, len(passage.text))
        evidence = match.by_unit[passage.units][1:, code]
        carrying = np.flatnonzero(evidence >= evidence.max() - NARROW_MARGIN)
        first, last = passage.sentences[int(carrying[0])], passage.sentences[int(carrying[-1])]
        return Span(first.start_char, last.end_char)

    def explain(
        self, passages: Passages, passage: Passage, match: Match, row: int, code: int
    ) -> Resemblance:
        """Return what speaks most plainly for a code: a near text of it, else its own word."""
        near = self.resemblance(passages, passage, code)
        cues = [cue for cue in match.cues[row] if cue.code == code]
        if not cues or (near.similarity or 0) >= PLAIN_SIMILARITY:
            return near
        spans = tuple(dict.fromkeys(cue.span for cue in cues))
        return Resemblance("cue", cues[0].text, near.similarity, None, spans)

    def resemblance(self, passages: Passages, passage: Passage, code: int) -> Resemblance:
        """Return the definition or example of a code that the passage came nearest to."""
        units = passages.units[passage.units]
        references = [self._definitions[code], *self._examples[code]]
        cosines = np.round(units @ self._positive[references].T, _DECIMALS).max(axis=0)
        best = references[int(cosines.argmax())]
        basis, shown = self._references[best]
        direction: Floats = self._positive[best] - self._centre
        return Resemblance(basis, shown, float(cosines.max()), direction)


def _add_cues(unit: Floats, passage: Passage, cues: Sequence[Cue], bonus: float) -> None:
    """Add a bonus to the whole passage and to the sentences that cues stand in."""
    for code in {cue.code for cue in cues}:
        unit[0, code] += bonus
        if len(unit) == 1:
            continue
        for at, sentence in enumerate(passage.sentences, start=1):
            if any(c.code == code and sentence.contains(c.span) for c in cues):
                unit[at, code] += bonus
