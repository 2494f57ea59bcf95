"""Turn a draft into what the template of the journey map shows, and collect its quotes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from qualcode.codebook import Codebook, family_name
from qualcode.draft import (
    DesignCriterion,
    Draft,
    Feeling,
    Finding,
    Moment,
    Quote,
    Share,
    StageColumn,
)
from qualcode.report.feeling_curve import feeling_curve, feeling_scale, feeling_word, signed
from qualcode.report.journey_evidence import Evidence
from qualcode.report.journey_facts import criterion_said
from qualcode.report.journey_items import FEW, CellView, Item, RowView
from qualcode.report.journey_lanes import BARS, lane_name, lanes_of
from qualcode.report.own_words import shown_words
from qualcode.report.quote_sources import Sources, excerpt
from qualcode.report.wording import counted, people

__all__ = ["JourneyView"]

_SHOWN = 4  # findings of a cell before the others are folded away
_PAGE_STAGES = 7  # columns that fit on A3 landscape

_TOLD = {
    "doing": (
        "Doing",
        "In their own words: sentences that tell what somebody did, found by their verbs.",
    ),
    "thinking": (
        "Thinking",
        "In their own words: sentences that tell what went through somebody's mind, found by "
        "words such as “I thought” or “I wasn't sure”.",
    ),
}


class JourneyView:
    """Build what the template shows of a draft; `context` fills `evidence` on the way."""

    def __init__(
        self, draft: Draft, codebook: Codebook, sources: Sources, evidence: Evidence
    ) -> None:
        self.evidence = evidence
        self._draft = draft
        self._map = draft.map
        self._criteria = draft.criteria.criteria
        self._sources = sources
        self._codebook = codebook
        self._codes = {code.id: code for code in codebook.codes}
        self._summaries = {(s.lane, s.stage): s for s in draft.edits.summaries}
        self._held = {c.id: criterion_said(draft.map.tally, c.segments) for c in self._criteria}
        self._shares: list[Share] = []
        self._checked = [n for _, _, n in draft.map.tally.places.values()].count(True)

    def context(self) -> dict[str, Any]:
        """Return the variables of the template that come from the draft."""
        feelings = {feeling.stage: feeling for feeling in self._map.feelings}
        ordered = [
            feelings.get(s.code, Feeling(s.code, None, None, None, 0)) for s in self._map.stages
        ]
        felt = any(f.mean is not None for f in ordered)
        in_use = {f for f in self._codebook.families if self._codebook.family(f)}
        criteria = [self._criterion(criterion) for criterion in self._criteria]
        rows = [self._told("doing"), self._told("thinking")]
        if felt or "emotion" in in_use:
            rows.append(self._feeling_row(ordered))
        lanes, left_out = lanes_of(self._draft, self._codebook)
        for family in lanes:
            rows.append(self._lane(family))
            if family == "touchpoint":
                rows.append(self._moments())
        rows += [self._criteria_row(), self._opportunities(), self._evidence_row()]
        return {
            "map": self._map,
            "group": self._group(),
            "stages": self._map.stages,
            "stage_owners": self._draft.edits.owners,
            "rows": rows,
            "criteria": criteria,
            "set_aside": self._draft.criteria.set_aside,
            "criteria_reason": self._draft.criteria.reason,
            "criteria_choice": self._draft.criteria.choice,
            "curve": feeling_curve(ordered, [s.name for s in self._map.stages]) if felt else "",
            "feeling_lane": felt or "emotion" in in_use,
            "feeling_scale": feeling_scale(),
            "left_out": left_out if felt or "emotion" in in_use else ["Feeling", *left_out],
            "has_band": any(f.low is not None for f in ordered),
            "methods": _unique(s.method for s in self._shares if s.low is not None),
            "interval_reasons": _unique(s.reason for s in self._shares if s.low is None),
            "feeling_reasons": _unique(f.reason for f in ordered),
            "without_evidence": self._without_evidence(),
            "sign_offs": self._draft.edits.sign_offs,
            "portraits": [s for s in self._draft.edits.summaries if s.lane == "persona"],
            "has_model_words": self._has_model_words(),
            "checked": self._checked,
            "n_contested": self._sources.n_contested,
            "shown": _SHOWN,
            "few": FEW,
            "too_wide": len(self._map.stages) > _PAGE_STAGES,
        }

    def _group(self) -> str:
        """Name the part of the study that the page is of, empty for all of it."""
        told = [f"{key}: {value}" for key, value in self._map.group.attributes.items()]
        if self._map.group.checked_only:
            told.append("checked by a person")
        return ", ".join(told)

    def _told(self, lane: str) -> RowView:
        name, about = _TOLD[lane]
        cells = []
        for stage in self._map.stages:
            quotes: Sequence[Quote] = stage.doing if lane == "doing" else stage.thinking
            key = f"{lane}/{stage.code}"
            if quotes:
                self.evidence.add(key, f"{name}: {stage.name}", about=[about], quotes=quotes)
            pinned, arranged = self.evidence.arranged(key, quotes)
            chosen = pinned or _of_different_people(arranged, 2)
            cells.append(self._cell(lane, stage, self._said(key, chosen)))
        return RowView(lane, name, "say", "told", tuple(cells))

    def _cell(self, lane: str, stage: StageColumn, items: Iterable[Item]) -> CellView:
        return CellView(
            f"{lane}/{stage.code}",
            stage.code,
            tuple(items),
            self._summaries.get((lane, stage.code)),
        )

    def _said(self, key: str, quotes: Iterable[Quote]) -> Iterable[Item]:
        for quote in quotes:
            who = quote.participant_id or "unassigned voice"
            words = excerpt(self._sources.words(quote))
            yield Item(key, words, quote=quote.coding_id, note=who)

    def _lane(self, family: str) -> RowView:
        cells = []
        for stage in self._map.stages:
            cell = self._map.cells.get((family, stage.code))
            findings = cell.findings if cell else ()
            cells.append(
                self._cell(family, stage, [self._finding(family, stage, f) for f in findings])
            )
        kind = "bar" if family in BARS else "chip"
        tone = BARS[family][1] if family in BARS else family
        return RowView(family, lane_name(family), kind, tone, tuple(cells))

    def _finding(self, family: str, stage: StageColumn, finding: Finding) -> Item:
        code = self._codes.get(finding.code)
        about = []
        if code is not None and code.definition:
            about.append(f"{family_name(family)}: {code.definition}")
        owner = self._draft.edits.owners.get(finding.code, "")
        if owner:
            about.append(f"Owner: {owner}")
        key = self.evidence.add(
            f"{family}/{stage.code}/{finding.code}",
            finding.name,
            about=about,
            quotes=finding.quotes,
        )
        return self._counted(key, finding.name, finding.share)

    def _counted(self, key: str, name: str, share: Share) -> Item:
        self._shares.append(share)
        banded = share.low is not None and share.high is not None
        return Item(
            key,
            name,
            count=share.count,
            total=share.total,
            percent=_percent(share.count / share.total if share.total else 0.0),
            low=_percent(share.low) if banded and share.low is not None else None,
            high=_percent(share.high) if banded and share.high is not None else None,
        )

    def _moments(self) -> RowView:
        cells = []
        for stage in self._map.stages:
            here = [self._moment(m) for m in self._map.moments if m.stage == stage.code]
            cells.append(self._cell("moment", stage, here))
        return RowView("moment", "Moments of truth", "moment", "moments", tuple(cells))

    def _moment(self, moment: Moment) -> Item:
        key = self.evidence.add(
            f"moment/{moment.stage}/{moment.code}",
            f"{moment.name}: a candidate moment of truth",
            about=[
                "A contact that many people have at this stage and feel strongly about. Whether it "
                "makes or breaks the relationship is yours to judge."
            ],
            quotes=moment.quotes,
        )
        item = self._counted(key, moment.name, moment.share)
        return replace(item, figure=signed(moment.valence))

    def _feeling_row(self, feelings: Sequence[Feeling]) -> RowView:
        cells = []
        for stage, feeling in zip(self._map.stages, feelings, strict=True):
            items = [self._feeling(stage, feeling)] if feeling.mean is not None else []
            cells.append(self._cell("feeling", stage, items))
        return RowView("feeling", "Feeling", "feeling", "feeling", tuple(cells))

    def _feeling(self, stage: StageColumn, feeling: Feeling) -> Item:
        assert feeling.mean is not None
        cell = self._map.cells.get(("emotion", stage.code))
        quotes = [q for f in (cell.findings if cell else ()) for q in f.quotes]
        quotes.sort(key=lambda quote: -quote.score)
        key = self.evidence.add(
            f"feeling/{stage.code}", f"Feeling: {stage.name}", about=[], quotes=quotes
        )
        _, word, _ = feeling_word(feeling.mean, feeling.by_person)
        return Item(key, word, count=feeling.n_people, figure=signed(feeling.mean))

    def _criteria_row(self) -> RowView:
        cells = []
        for stage in self._map.stages:
            held = [
                Item(
                    f"criterion/{c.id}",
                    c.statement,
                    count=here,
                    status=_status(c),
                )
                for c in self._criteria
                if (here := len(self._held[c.id].get(stage.code, ())))
            ]
            cells.append(self._cell("criterion", stage, held))
        return RowView("criterion", "Design criteria", "crit", "holds", tuple(cells))

    def _opportunities(self) -> RowView:
        cells = []
        for stage in self._map.stages:
            written = [
                Item("", o.text, note=o.owner, status=o.author)
                for o in self._draft.edits.opportunities
                if o.stage == stage.code
            ]
            cells.append(self._cell("opportunity", stage, written))
        return RowView("opportunity", "Opportunity", "opportunity", "opportunities", tuple(cells))

    def _evidence_row(self) -> RowView:
        cells = []
        for stage in self._map.stages:
            about = [f"The customer's question: {stage.goal}"] if stage.goal else []
            key = self.evidence.add(
                f"stage/{stage.code}",
                f"All that was said: {stage.name}",
                about=about,
                quotes=stage.quotes,
            )
            checked = sum(e.n_checked for e in self._map.tally.stages.get(stage.code, ()))
            item = Item(
                key,
                f"{people(stage.n_people)} · {counted(stage.n_segments, 'quote')} · "
                f"{checked:,} checked",
                count=stage.n_people,
                note=f"{stage.n_unassigned:,} of them by voices not assigned"
                if stage.n_unassigned
                else "",
            )
            cells.append(self._cell("evidence", stage, [item] if stage.n_segments else []))
        return RowView("evidence", "Evidence", "evidence", "evidence", tuple(cells))

    def _criterion(self, criterion: DesignCriterion) -> dict[str, Any]:
        held = self._held[criterion.id]
        stages = [(s.code, s.name, len(held[s.code])) for s in self._map.stages if s.code in held]
        owner = self._draft.edits.owners.get(criterion.id, "")
        own = shown_words(criterion, self._draft.edits.hidden)
        others = [q for q in criterion.quotes if own is None or q.segment_id != own.segment_id]
        quotes = [*([own] if own else []), *others]
        key = self.evidence.add(
            f"criterion/{criterion.id}",
            criterion.statement,
            about=[text for text in (criterion.basis, criterion.note) if text],
            quotes=quotes,
        )
        codes = [
            (self._codes[c].name if c in self._codes else c, n) for c, n in criterion.codes.items()
        ]
        _, arranged = self.evidence.arranged(key, quotes)
        return {
            "key": key,
            "id": criterion.id,
            "statement": criterion.statement,
            "basis": criterion.basis,
            "note": criterion.note,
            "status": _status(criterion),
            "is_draft": criterion.status == "draft",
            "owner": owner,
            "people": [self._map.tally.people[e.person] for e in held.get("", ())],
            "segments": sum(e.n for e in held.get("", ())),
            "stages": stages,
            "codes": codes[:6],
            "terms": criterion.terms[:8],
            "quotes": tuple(self._said(key, _of_different_people(arranged, 3))),
        }

    def _has_model_words(self) -> bool:
        drafts = [s for s in self._draft.edits.summaries if s.status == "draft"]
        return bool(drafts) or any(c.status == "draft" and c.author for c in self._criteria)

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


def _status(criterion: DesignCriterion) -> str:
    return f"{criterion.status} by {criterion.author}" if criterion.author else criterion.status


def _percent(share: float) -> float:
    return round(100 * min(max(share, 0.0), 1.0), 1)


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
