"""Which codes of a family apply to passages: how likely, on what grounds, in which sentences.

Spoken segments mix things, so each is compared whole and sentence by sentence. How likely a code is
`odds` says; here words of the codebook are added, and what carried a code is found again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qualcode.codebook import Code
from qualcode.coders.local.cues import Cue, CueFinder
from qualcode.coders.local.known import Known
from qualcode.coders.local.odds import CodeOdds, Read, Rule
from qualcode.coders.local.passages import Passage, Passages
from qualcode.spans import Span

__all__ = ["Floats", "Match", "Matcher", "Resemblance"]

Floats = NDArray[np.float64]

CUE_BONUS = 2.0
"""What a word of the codebook counts, in log odds."""
DENIED_PENALTY = 8.0
"""What a denied word of the codebook takes away."""
NARROW_MARGIN = 0.8
"""A sentence carries a code too if its odds are at most so far below the best sentence's."""
PLAIN_SIMILARITY = 0.55
"""A text so near explains a code better than a single word does."""

_DECIMALS = 6  # as in `odds`


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
        evidence: (n_passages, n_codes), log odds that the code applies, corrected by what is known
            of it beside its definition.
        plain: (n_passages, n_codes), the same from definitions, examples and cues alone; the mean
            of the whole passage and its best sentence.
        similarity: (n_passages, n_codes), plain similarity, the best of whole and sentences.
        by_unit: (n_units, n_codes), plain evidence of every unit.
        cues: Of each passage, those that are not denied.
    """

    evidence: Floats
    plain: Floats
    similarity: Floats
    by_unit: Floats
    cues: tuple[tuple[Cue, ...], ...]


class Matcher:
    """Compare passages with the codes of one family."""

    def __init__(
        self,
        codes: Sequence[Code],
        read: Read,
        rules: Mapping[str, Rule],
        known: Known | None = None,
    ) -> None:
        """Read the family's texts.

        Args:
            codes: At least one.
            read: Returns unit rows and the heads' answers.
            rules: How features become odds, from `load_rules`.
            known: What is known of the codes beside what the book says.
        """
        self.codes = tuple(codes)
        self.known = known
        self.cue_finder = CueFinder(codes)
        self.odds = CodeOdds(codes, read, rules)
        self._references = [
            *(("definition", code.definition or code.name) for code in codes),
            *(("example", text) for code in codes for text in code.examples),
        ]
        self._vectors = self.odds.references
        self._of_code = [np.flatnonzero(self.odds.owners == j) for j in range(len(codes))]
        self._centre = self._vectors.mean(axis=0)

    def match(self, passages: Passages) -> Match:
        """Compare all passages that are heard with all codes."""
        by_unit, similar = self.odds(passages.units, passages.readings)
        heard = passages.heard
        plain = np.zeros((len(heard), len(self.codes)))
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
            plain[row] = unit[0] if len(unit) == 1 else (unit[0] + unit[1:].max(axis=0)) / 2
            similarity[row] = similar[passage.units].max(axis=0)
        whole = passages.units[[passage.units.start for passage in heard]]
        return Match(self.corrected(plain, whole), plain, similarity, by_unit, tuple(cues))

    def corrected(self, evidence: Floats, vectors: Floats) -> Floats:
        """Return evidence of texts, (n, n_codes), with what is known of the codes.

        Args:
            evidence: Plain, (n, n_codes).
            vectors: (n, 384), of the same texts.
        """
        return evidence if self.known is None else self.known(evidence, vectors)

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
        references = self._of_code[code]
        cosines = np.round(units @ self._vectors[references].T, _DECIMALS).max(axis=0)
        best = int(references[cosines.argmax()])
        basis, shown = self._references[best]
        direction: Floats = self._vectors[best] - self._centre
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
