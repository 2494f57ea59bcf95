"""Turn a draft into what the template of the journey map shows, and collect its quotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.codebook import FAMILIES, Codebook, family_name
from qualcode.draft import DesignCriterion, Draft, Feeling, Finding, Quote, Share, StageColumn
from qualcode.report.feeling_curve import feeling_curve, feeling_scale, feeling_word, signed
from qualcode.report.journey_evidence import Evidence, Sources, excerpt

__all__ = ["JourneyView", "counted", "people"]

_SHOWN = 4  # findings of a cell before the others are folded away
_PAGE_STAGES = 7  # columns that fit on A3 landscape
_FEW = 3  # people below which a finding is drawn dashed

_BARS = {
    "pain_point": ("Pain points", "pain"),
    "strength": ("What works", "good"),
    "need": ("Needs", "need"),
}
_CHIPS = {"touchpoint": "Touchpoints", "duration": "Durations", "emotion": "Emotions named"}
_USUAL = ("pain_point", "strength", "need", "touchpoint", "duration")


@dataclass(frozen=True, slots=True)
class _FindingView:
    key: str
    name: str
    count: int
    total: int
    thin: bool
    percent: float
    low: float | None
    high: float | None
    spoken: str


@dataclass(frozen=True, slots=True)
class _LaneView:
    """Hold one lane; `kind` is "bar" or "chip", `cells` stand in the order of the stages."""

    name: str
    kind: str
    tone: str
    cells: tuple[tuple[_FindingView, ...], ...]


@dataclass(frozen=True, slots=True)
class _QuoteView:
    key: str
    coding_id: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class _FeelingView:
    key: str
    mark: str
    word: str
    figure: str
    people: int
    reason: str


@dataclass(frozen=True, slots=True)
class _StageView:
    code: str
    name: str
    goal: str
    key: str
    people: int
    segments: int
    unassigned: int
    checked: int
    quotes: tuple[_QuoteView, ...]
    feeling: _FeelingView | None
    criteria: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class _CriterionView:
    key: str
    id: str
    statement: str
    basis: str
    people: tuple[str, ...]
    segments: int
    stages: tuple[tuple[str, int], ...]
    codes: tuple[tuple[str, int], ...]
    terms: tuple[str, ...]
    quotes: tuple[_QuoteView, ...]


class JourneyView:
    """Build what the template shows of a draft; `context` fills `evidence` on the way.

    Args:
        limit: Quotes that a cell embeds at most.
    """

    def __init__(self, draft: Draft, codebook: Codebook, sources: Sources, limit: int) -> None:
        self.evidence = Evidence(sources, limit)
        self._map = draft.map
        self._criteria = draft.criteria
        self._sources = sources
        self._families = codebook.families
        self._in_use = {family for family in codebook.families if codebook.family(family)}
        self._found = {f for (f, _), cell in draft.map.cells.items() if cell.findings}
        self._codes = {code.id: code for code in codebook.codes}
        self._stage_names = {stage.code: stage.name for stage in draft.map.stages}
        self._shares: list[Share] = []

    def context(self) -> dict[str, Any]:
        """Return the variables of the template that come from the draft."""
        criteria = [self._criterion(criterion) for criterion in self._criteria.criteria]
        feelings = {feeling.stage: feeling for feeling in self._map.feelings}
        nothing = {s.code: Feeling(s.code, None, None, None, 0) for s in self._map.stages}
        ordered = [feelings.get(code, none) for code, none in nothing.items()]
        stages = [self._stage(s, f) for s, f in zip(self._map.stages, ordered, strict=True)]
        lanes = [self._lane(family) for family in self._lanes()]
        felt = any(f.mean is not None for f in ordered)
        return {
            "map": self._map,
            "stages": stages,
            "lanes": lanes,
            "criteria": criteria,
            "criteria_reason": self._criteria.reason,
            "criteria_figures": self._criteria.figures,
            "curve": feeling_curve(ordered, [stage.name for stage in stages]) if felt else "",
            "feeling_lane": felt or "emotion" in self._in_use,
            "feeling_scale": feeling_scale(),
            "left_out": self._left_out(felt),
            "has_band": any(f.low is not None for f in ordered),
            "methods": _unique(s.method for s in self._shares if s.low is not None),
            "interval_reasons": _unique(s.reason for s in self._shares if s.low is None),
            "feeling_reasons": _unique(f.reason for f in ordered),
            "without_evidence": self._without_evidence(),
            "checked": sum(stage.checked for stage in stages),
            "shown": _SHOWN,
            "few": _FEW,
            "too_wide": len(stages) > _PAGE_STAGES,
        }

    def _lanes(self) -> list[str]:
        """Return the families shown: emotions, the usual ones, the book's own, others found.

        A usual or own family stands where the codebook has codes of it, found or not; "no
        evidence" would be untrue of one that nobody could have been coded with.
        """
        first = ["emotion"] if "emotion" in self._found else []
        usual = [f for f in _USUAL if f in self._in_use | self._found]
        own = {f for f in self._in_use if f not in FAMILIES}
        others = dict.fromkeys([*self._families, *(f for f, _ in self._map.cells)])
        known = {"stage", "emotion", *_USUAL}
        wanted = (own | self._found) - known
        return [*first, *usual, *(family for family in others if family in wanted)]

    def _left_out(self, felt: bool) -> list[str]:
        """Name the usual lanes for which the codebook has no codes."""
        gone = [] if felt or "emotion" in self._in_use else ["Feeling"]
        missing = [f for f in _USUAL if f not in self._in_use | self._found]
        return gone + [_lane_name(family) for family in missing]

    def _lane(self, family: str) -> _LaneView:
        cells = []
        for stage in self._map.stages:
            cell = self._map.cells.get((family, stage.code))
            findings = cell.findings if cell else ()
            cells.append(tuple(self._finding(family, stage, f) for f in findings))
        if family in _BARS:
            return _LaneView(_lane_name(family), "bar", _BARS[family][1], tuple(cells))
        return _LaneView(_lane_name(family), "chip", family, tuple(cells))

    def _finding(self, family: str, stage: StageColumn, finding: Finding) -> _FindingView:
        share = finding.share
        self._shares.append(share)
        code = self._codes.get(finding.code)
        lines = [f"At “{stage.name}”: {_share_sentence(share)}"]
        if code is not None and code.definition:
            lines.append(f"{family_name(family)}: {code.definition}")
        key = self.evidence.add(
            f"{family}/{stage.code}/{finding.code}",
            finding.name,
            lines=lines,
            quotes=finding.quotes,
            rest=f"qualcode quotes --code {finding.code}",
        )
        return _FindingView(
            key=key,
            name=finding.name,
            count=share.count,
            total=share.total,
            thin=share.count < _FEW,
            percent=_percent(share.count / share.total if share.total else 0.0),
            low=None if share.low is None or share.high is None else _percent(share.low),
            high=None if share.low is None or share.high is None else _percent(share.high),
            spoken=f" at {stage.name}. Read the quotes",
        )

    def _stage(self, stage: StageColumn, feeling: Feeling) -> _StageView:
        lines = [f"{people(stage.n_people)} and {counted(stage.n_segments, 'segment')}."]
        if stage.n_unassigned:
            lines.append(f"{stage.n_unassigned} of them by voices not assigned.")
        if stage.goal:
            lines.insert(0, f"The customer's question: {stage.goal}")
        key = self.evidence.add(
            f"stage/{stage.code}",
            f"What people do and say: {stage.name}",
            lines=lines,
            quotes=stage.quotes,
            total=stage.n_segments,
            rest=f"qualcode quotes --code {stage.code}",
        )
        held = []
        for criterion in self._criteria.criteria:
            if here := criterion.stages.get(stage.code, 0):
                held.append((f"criterion/{criterion.id}", criterion.statement, here))
        return _StageView(
            code=stage.code,
            name=stage.name,
            goal=stage.goal,
            key=key,
            people=stage.n_people,
            segments=stage.n_segments,
            unassigned=stage.n_unassigned,
            checked=sum(self._sources.is_checked(quote) for quote in stage.quotes),
            quotes=tuple(self._quotes(key, _of_different_people(stage.quotes, 2))),
            feeling=self._feeling(stage, feeling),
            criteria=tuple(held),
        )

    def _feeling(self, stage: StageColumn, feeling: Feeling) -> _FeelingView | None:
        if feeling.mean is None:
            return None
        mark, word, _ = feeling_word(feeling.mean, feeling.by_person)
        sentence = f"{word.capitalize()}: mean {signed(feeling.mean)} of {people(feeling.n_people)}"
        if feeling.low is not None and feeling.high is not None:
            sentence += f", interval {signed(feeling.low)} to {signed(feeling.high)}"
        lines = [f"At “{stage.name}”, from −2 to +2. {sentence}."]
        if feeling.by_person:
            means = sorted(feeling.by_person.items(), key=lambda item: (item[1], item[0]))
            told = ", ".join(f"{who} {signed(value)}" for who, value in means[:20])
            rest = f" and {len(means) - 20} more" if len(means) > 20 else ""
            lines.append(f"Each person's mean: {told}{rest}.")
        cell = self._map.cells.get(("emotion", stage.code))
        quotes = [q for f in (cell.findings if cell else ()) for q in f.quotes]
        quotes.sort(key=lambda quote: -quote.score)
        key = self.evidence.add(
            f"feeling/{stage.code}",
            f"Feeling: {stage.name}",
            lines=lines,
            quotes=quotes,
            rest="qualcode quotes --code and the emotion's id",
        )
        figure, reason = signed(feeling.mean), feeling.reason
        return _FeelingView(key, mark, word, figure, feeling.n_people, reason)

    def _criterion(self, criterion: DesignCriterion) -> _CriterionView:
        stages = [(self._stage_names.get(s, s), n) for s, n in criterion.stages.items() if n]
        told = "; ".join(f"{name}, {people(n)}" for name, n in stages)
        key = self.evidence.add(
            f"criterion/{criterion.id}",
            criterion.statement,
            lines=[
                f"Draft design criterion from {people(len(criterion.participants))} "
                f"and {counted(criterion.n_segments, 'segment')}.",
                *([f"Stages: {told}."] if told else []),
                *([criterion.basis] if criterion.basis else []),
            ],
            quotes=criterion.quotes,
            total=criterion.n_segments,
            rest="qualcode quotes",
        )
        codes = [
            (self._codes[c].name if c in self._codes else c, n) for c, n in criterion.codes.items()
        ]
        return _CriterionView(
            key=key,
            id=criterion.id,
            statement=criterion.statement,
            basis=criterion.basis,
            people=criterion.participants,
            segments=criterion.n_segments,
            stages=tuple(stages),
            codes=tuple(codes[:6]),
            terms=criterion.terms[:8],
            quotes=tuple(self._quotes(key, _of_different_people(criterion.quotes, 3))),
        )

    def _quotes(self, key: str, quotes: Iterable[Quote]) -> Iterable[_QuoteView]:
        for quote in quotes:
            who = quote.participant_id or "unassigned voice"
            yield _QuoteView(key, quote.coding_id, excerpt(self._sources.words(quote)), who)

    def _without_evidence(self) -> list[tuple[str, list[str]]]:
        """List the codes in use that nobody raised at any stage, by family."""
        raised = {f.code for cell in self._map.cells.values() for f in cell.findings}
        raised |= {stage.code for stage in self._map.stages if stage.n_segments}
        shown = {family for family, _ in self._map.cells} | {"stage"}
        silent: dict[str, list[str]] = {}
        for code in self._codes.values():
            if code.family in shown and code.status != "retired" and code.id not in raised:
                silent.setdefault(code.family, []).append(code.name)
        return [(family_name(family), names) for family, names in silent.items()]


def people(count: int) -> str:
    """Return "1 person" or "2 people"."""
    return "1 person" if count == 1 else f"{count:,} people"


def counted(count: int, one: str) -> str:
    """Return a number with its noun, such as "1 segment" or "2 segments"."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def _lane_name(family: str) -> str:
    if family in _BARS:
        return _BARS[family][0]
    return _CHIPS.get(family, family_name(family))


def _percent(share: float) -> float:
    return round(100 * min(max(share, 0.0), 1.0), 1)


def _share_sentence(share: Share) -> str:
    if not share.count:
        return "Raised only by voices that are not assigned, so nobody is counted."
    sentence = f"{share.count:,} of {people(share.total)} raised it"
    if share.low is not None and share.high is not None:
        low, high = round(100 * share.low), round(100 * share.high)
        sentence += f", interval {low} to {high} % ({share.method})"
    elif share.reason:
        sentence += f", no interval: {share.reason}"
    return sentence + "."


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _of_different_people(quotes: Sequence[Quote], count: int) -> list[Quote]:
    """Return the strongest quotes, no person twice; voices not assigned only for want of others."""
    chosen: dict[str, Quote] = {}
    assigned = [quote for quote in quotes if quote.participant_id]
    for quote in assigned or quotes:
        chosen.setdefault(quote.participant_id or quote.document_id, quote)
        if len(chosen) == count:
            break
    return list(chosen.values())
