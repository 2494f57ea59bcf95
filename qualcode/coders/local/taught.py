"""Judge a family as people's judgements taught: chances are moved after its judge has spoken.

Judges differ in what they hear. Learning begins where they end, with the chance that each gives
each code, so nothing is counted twice, and a code without judgements keeps what its judge says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qualcode.codebook import Code
from qualcode.coders.local.findings import Finding, Judge, Opinion
from qualcode.coders.local.learning import VECTOR_SCALE, Floats, Learnt, chances_of, log_odds, seen
from qualcode.coders.local.matcher import Match, Matcher
from qualcode.coders.local.passages import Passage, Passages
from qualcode.coders.local.readings import Readings
from qualcode.records import Verdict

__all__ = ["Finish", "Grounds", "TaughtJudge", "grounds"]

Finish = Callable[[Passages, Passage, Finding], Finding]
"""Adds to a finding what only its family has."""

MAX_CODES = 3
ONE_OF_ALL = frozenset({"stage"})
"""Families of which a passage has at most one code."""
NEVER_ADDED = frozenset({"duration"})
"""Families of which a code needs words that only their judge finds."""
NOT_PROPOSED = 0.02
"""Chance of a code that a judge does not propose, where it tells nothing else."""
NOTHING_SAID = 0.1
"""The most that any code is given where a judge of one stage among all hears nothing."""
FALLEN = 0.75
"""From which share of its chance on a proposed code stays, where no cut was learnt."""
TOLD = 0.05
"""From so large a change of a chance on a note says so."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Hold what learning starts from, of passages that one family's judge heard.

    Attributes:
        segment_ids: Of the passages, n.
        codes: Ids of the family's codes, k.
        odds: (n, k), log odds of each code by a judge that has learnt nothing.
        seen: (n, N_SEEN), what weights are learnt for.
    """

    segment_ids: tuple[str, ...]
    codes: tuple[str, ...]
    odds: Floats
    seen: Floats


def grounds(judge: Judge, passages: Passages, codes: Sequence[Code]) -> Grounds:
    """Return what learning starts from; what a judge has learnt already is left out.

    Args:
        judge: Of the family.
        passages: Any.
        codes: The family's, in its order.
    """
    if isinstance(judge, TaughtJudge):
        judge = judge.untaught
    return Grounds(
        tuple(passage.segment.id for passage in passages.heard),
        tuple(code.id for code in codes),
        _own_odds(judge.judge(passages), codes),
        _looked_at(passages),
    )


class TaughtJudge:
    """Let another judge speak, and correct the codes that something was learnt of.

    Attributes:
        untaught: The other judge.
    """

    def __init__(
        self,
        untaught: Judge,
        matcher: Matcher,
        learnt: Mapping[str, Learnt],
        finish: Finish | None = None,
    ) -> None:
        """Keep what is fixed.

        Args:
            untaught: The family's own judge.
            matcher: The family's.
            learnt: By code id; others than the family's are left alone.
            finish: For what people's judgements add.
        """
        self.untaught = untaught
        self._matcher = matcher
        self._family = matcher.codes[0].family
        self._finish = finish
        self._learnt = {
            j: learnt[code.id] for j, code in enumerate(matcher.codes) if code.id in learnt
        }

    def judge(self, passages: Passages) -> list[Opinion]:
        opinions = self.untaught.judge(passages)
        own = _own_odds(opinions, self._matcher.codes)
        looked_at = _looked_at(passages)
        before, after = chances_of(own), chances_of(own)
        for j, known in self._learnt.items():
            after[:, j] = chances_of(known.odds(own[:, j], looked_at))
        places = _Places(self._matcher, passages, self._learnt)
        return [
            self._opinion(opinion, passages, passage, row, before[row], after[row], places)
            for row, (opinion, passage) in enumerate(zip(opinions, passages.heard, strict=True))
        ]

    def _opinion(
        self,
        opinion: Opinion,
        passages: Passages,
        passage: Passage,
        row: int,
        before: Floats,
        after: Floats,
        places: _Places,
    ) -> Opinion:
        codes = self._matcher.codes
        held = {finding.code.id: finding for finding in opinion.findings}
        findings = []
        for j, code in enumerate(codes):
            finding = held.get(code.id)
            if j in self._learnt:
                finding = self._taught(finding, j, float(before[j]), float(after[j]), row, places)
                if finding is not None and code.id not in held and self._finish is not None:
                    finding = self._finish(passages, passage, finding)
            if finding is not None:
                findings.append(finding)
        if self._family in ONE_OF_ALL:
            best = codes[int(after.argmax())].id
            findings = [finding for finding in findings if finding.code.id == best]
        elif len(findings) > max(MAX_CODES, len(held)):
            findings = sorted(findings, key=lambda f: -f.score)[: max(MAX_CODES, len(held))]
        known = _moved(opinion, before, after)
        if findings:
            return replace(Opinion.coded(findings), chances=known.chances, chance=known.chance)
        if held:
            reason = "people's judgements speak against what was near"
            return replace(known, verdict=Verdict.ABSTAINED, reason=reason, findings=())
        return known

    def _taught(
        self,
        finding: Finding | None,
        j: int,
        before: float,
        after: float,
        row: int,
        places: _Places,
    ) -> Finding | None:
        """Return a code's finding with its new score, a new one, or none below the cut."""
        cut = self._learnt[j].cut
        if cut is None:
            # Its judge may have a lower cut, and may leave out what is likelier: only what people
            # moved is moved.
            cut = self._matcher.odds.rule.cut
            cut = max(cut, before + TOLD) if finding is None else min(cut, FALLEN * before)
        if after < cut:
            return None
        if finding is None:
            return None if self._family in NEVER_ADDED else places.finding(row, j, after)
        if abs(after - before) < TOLD:
            return replace(finding, score=after)
        verb = "raised" if after > before else "lowered"
        note = f"{finding.note.removesuffix('.')}; people's judgements {verb} it from {before:.2f}."
        return replace(finding, score=after, note=note)


class _Places:
    """Find where a code stands that only people's judgements speak for; matches at first need."""

    def __init__(self, matcher: Matcher, passages: Passages, learnt: Mapping[int, Learnt]) -> None:
        self._matcher = matcher
        self._passages = passages
        self._learnt = learnt
        self._match: Match | None = None
        self._by_code: dict[int, Match] = {}

    def finding(self, row: int, j: int, chance: float) -> Finding:
        passage = self._passages.heard[row]
        code = self._matcher.codes[j]
        near = self._matcher.resemblance(self._passages, passage, j)
        carrying = self._learnt[j].weights[: self._passages.units.shape[1]]
        speaks = self._passages.units[passage.units.start] @ carrying > 0
        return Finding(
            code=code,
            score=chance,
            span=self._matcher.span(self._moved(j), passage, j),
            basis=near.basis,
            reference=near.reference,
            similarity=near.similarity,
            direction=carrying * VECTOR_SCALE if speaks else near.direction,
            note=f"{near.sentence(code)}; people's judgements on other texts speak for it.",
        )

    def _moved(self, j: int) -> Match:
        """Return the match with the sentences' evidence of one code moved as the code was."""
        if self._match is None:
            self._match = self._matcher.match(self._passages)
        if j not in self._by_code:
            by_unit = self._match.by_unit.copy()
            units = seen(self._passages.units, self._passages.readings)
            by_unit[:, j] = self._learnt[j].odds(by_unit[:, j], units)
            self._by_code[j] = replace(self._match, by_unit=by_unit)
        return self._by_code[j]


def _own_odds(opinions: Sequence[Opinion], codes: Sequence[Code]) -> Floats:
    """Return (n, n_codes) log odds that a judge gives each code."""
    chances = np.full((len(opinions), len(codes)), NOT_PROPOSED)
    column = {code.id: j for j, code in enumerate(codes)}
    for row, opinion in enumerate(opinions):
        if opinion.chances is not None:
            chances[row] = opinion.chances
            # Chances of stages are those of one among all, whatever is said about the journey.
            if opinion.verdict is Verdict.NONE and codes[0].family in ONE_OF_ALL:
                chances[row] = np.minimum(chances[row], NOTHING_SAID)
        else:
            for finding in opinion.findings:
                chances[row, column[finding.code.id]] = finding.score
    return log_odds(chances)


def _looked_at(passages: Passages) -> Floats:
    """Return (n_heard, N_SEEN), of whole passages."""
    rows = np.array([passage.units.start for passage in passages.heard], int)
    of = passages.readings
    readings = Readings(of.emotion[rows], of.pain[rows], of.praise[rows], of.valence[rows])
    return seen(passages.units[rows], readings)


def _moved(opinion: Opinion, before: Floats, after: Floats) -> Opinion:
    """Return an opinion with the chances of its codes moved; those unmoved stay to the last bit."""
    if opinion.chances is None:
        return opinion
    chances = np.where(after == before, opinion.chances, after)
    # A difficulty may be heard that no code fits: what a family is given stays at least that.
    apart = opinion.chance is not None and opinion.chance > opinion.chances.max(initial=0.0)
    least = opinion.chance if apart and opinion.chance is not None else 0.0
    return opinion.with_chances(chances, max(least, float(chances.max(initial=0.0))))
