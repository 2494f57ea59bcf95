"""The journey map as JSON, as a table and as text for reading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from qualcode.codebook import Codebook
from qualcode.draft import (
    DesignCriterion,
    Draft,
    Feeling,
    Finding,
    Quote,
    Share,
    StageColumn,
    Summary,
)
from qualcode.records import Corpus, Document
from qualcode.report.export_draft import criteria_record, map_record
from qualcode.report.export_sheets import Value, write_csv
from qualcode.report.feeling_curve import feeling_word, signed
from qualcode.report.journey_lanes import lane_name, lanes_of
from qualcode.report.quotes import cut_quote
from qualcode.report.wording import counted, people
from qualcode.settings import Charter

__all__ = ["map_csv", "map_json", "map_markdown"]

_HEADER = (
    *("stage_id", "stage", "lane", "code", "name", "people", "people_at_stage", "share"),
    *("low", "high", "interval", "mean_feeling", "quotes", "strongest_quote", "participant"),
    *("document", "row", "start_char", "end_char", "names_masked"),
)
_QUOTES_IN_TEXT = 2
# "&amp;" would be shown as "&".
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")


def map_json(draft: Draft, corpus: Corpus, *, masked: bool) -> str:
    """Return criteria and map as they stand in the JSON export, with whether names are masked."""
    documents = {document.id: document for document in corpus.documents}
    value = {
        "masked": masked,
        "criteria": criteria_record(draft.criteria, documents),
        "map": map_record(draft.map, documents, draft.edits),
    }
    return json.dumps(value, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def map_csv(draft: Draft, corpus: Corpus, codebook: Codebook, *, masked: bool) -> bytes:
    """Return a row for every stage, feeling and finding, in the order of the map.

    Cells that a spreadsheet would take for formulas get a `'` in front.
    """
    documents = {document.id: document for document in corpus.documents}
    rows: list[tuple[Value, ...]] = []
    lanes, _ = lanes_of(draft, codebook)
    feelings = {feeling.stage: feeling for feeling in draft.map.feelings}
    for stage in draft.map.stages:
        start = (stage.code, stage.name)
        end = "yes" if masked else "no"
        rows.append(
            (*start, "stage", stage.code, stage.name, stage.n_people, "", "", "", "", "", "")
            + (stage.n_segments, *_strongest(stage.quotes, documents), end)
        )
        if (feeling := feelings.get(stage.code)) is not None and feeling.mean is not None:
            bounds = (_number(feeling.low), _number(feeling.high))
            why = "95 % bootstrap over people" if feeling.low is not None else feeling.reason
            rows.append(
                (*start, "feeling", "", "", feeling.n_people, stage.n_people, "", *bounds, why)
                + (_number(feeling.mean), "", "", "", "", "", "", "", end)
            )
        for lane in lanes:
            cell = draft.map.cells.get((lane, stage.code))
            for finding in cell.findings if cell else ():
                share = finding.share
                rows.append(
                    (*start, lane, finding.code, finding.name, share.count, share.total)
                    + (_number(share.count / share.total if share.total else None),)
                    + (_number(share.low), _number(share.high), share.method or share.reason, "")
                    + (len(finding.quotes), *_strongest(finding.quotes, documents), end)
                )
    return write_csv(_HEADER, rows)


def _number(value: float | None) -> str | float:
    return "" if value is None else round(value, 4)


def _strongest(
    quotes: tuple[Quote, ...], documents: dict[str, Document]
) -> tuple[str, str, str, str | int, str | int, str | int]:
    if not quotes:
        return ("", "", "", "", "", "")
    quote = quotes[0]
    document = documents[quote.document_id]
    row = "" if document.row is None else document.row
    words = _cut(quote, documents)
    who = quote.participant_id or ""
    return (words, who, document.path, row, quote.start_char, quote.end_char)


def _cut(quote: Quote, documents: dict[str, Document]) -> str:
    document = documents[quote.document_id]
    name = f"a quote of coding {quote.coding_id}"
    return cut_quote(document, quote.start_char, quote.end_char, of=name)


def map_markdown(
    draft: Draft,
    corpus: Corpus,
    codebook: Codebook,
    *,
    title: str,
    charter: Charter,
    masked: bool,
) -> str:
    """Return the map as Markdown: stage after stage, each lane with counts of people and quotes."""
    documents = {document.id: document for document in corpus.documents}
    return "\n".join(_lines(draft, documents, codebook, title, charter, masked)).rstrip() + "\n"


def _lines(
    draft: Draft,
    documents: dict[str, Document],
    codebook: Codebook,
    title: str,
    charter: Charter,
    masked: bool,
) -> Iterator[str]:
    drawn = draft.map
    yield f"# {_plain(title)}: draft journey map"
    yield ""
    yield (
        f"{people(drawn.n_people)}, {counted(drawn.n_segments, 'segment')}, "
        f"{drawn.n_coded_segments:,} coded. Counts are people; quotes are verbatim."
    )
    told = [f"Only {_plain(f'{key}: {held}')}." for key, held in drawn.group.attributes.items()]
    told += ["Only codings that a person decided on."] * drawn.group.checked_only
    told += ["Names were not masked."] * (not masked)
    for name, value in (("Purpose", charter.purpose), ("Decision to inform", charter.decision)):
        told += [f"{name}: {_plain(value)}"] if value else []
    for line in told:
        yield ""
        yield line
    lanes, _ = lanes_of(draft, codebook)
    feelings = {feeling.stage: feeling for feeling in drawn.feelings}
    for number, stage in enumerate(drawn.stages, start=1):
        yield ""
        yield f"## {number}. {_plain(stage.name)}"
        yield ""
        if stage.goal:
            yield f"*{_plain(stage.goal)}*"
            yield ""
        yield f"{people(stage.n_people)}, {counted(stage.n_segments, 'segment')}."
        summaries = {s.lane: _said(s) for s in draft.edits.summaries if s.stage == stage.code}
        told_by = {"doing": stage.doing, "thinking": stage.thinking}
        for lane, quotes in told_by.items():
            yield from _told(lane.capitalize(), quotes, summaries.get(lane, ""), documents)
        if stage.code in feelings:
            yield from _feeling(feelings[stage.code])
        for lane in lanes:
            cell = drawn.cells.get((lane, stage.code))
            findings = cell.findings if cell else ()
            yield from _lane(lane, findings, summaries.get(lane, ""), documents)
        yield from _moments(draft, stage)
        yield from _written(draft, stage)
    portraits = [summary for summary in draft.edits.summaries if summary.lane == "persona"]
    if portraits:
        yield ""
        yield "## Personas"
        yield ""
        yield from (f"- **{_plain(one.name)}**: {_said(one)}" for one in portraits)
    yield ""
    yield "## Design criteria"
    yield ""
    if not draft.criteria.criteria:
        yield f"None yet: {draft.criteria.reason or 'nothing was found to draw them from'}."
    for number, criterion in enumerate(draft.criteria.criteria, start=1):
        yield (
            f"{number}. {_plain(criterion.statement)} ({_plain(_status(criterion))}; "
            f"{people(len(criterion.participants))}, {counted(criterion.n_segments, 'segment')})"
        )
        yield from (f"   {line}" for line in _quotes(criterion.quotes, documents))


def _told(
    name: str, quotes: tuple[Quote, ...], summary: str, documents: dict[str, Document]
) -> Iterator[str]:
    if quotes or summary:
        yield from _head(name, summary)
        yield from _quotes(quotes, documents)


def _head(name: str, summary: str) -> Iterator[str]:
    yield ""
    yield f"**{name}**" + (f": {summary}" if summary else "")
    yield ""


def _status(criterion: DesignCriterion) -> str:
    if criterion.status != "draft" or not criterion.author:
        return criterion.status
    return f"draft by {criterion.author}"


def _said(summary: Summary) -> str:
    """Return a summary, with whose it is where nobody has accepted it yet."""
    if summary.status != "draft":
        return _plain(summary.text)
    return f"{_plain(summary.text)} ({_plain(f'draft by {summary.author}; {summary.note}')})"


def _feeling(feeling: Feeling) -> Iterator[str]:
    if feeling.mean is None:
        return
    _, word, _ = feeling_word(feeling.mean, feeling.by_person)
    band = ""
    if feeling.low is not None and feeling.high is not None:
        band = f", interval {signed(feeling.low)} to {signed(feeling.high)}"
    yield ""
    yield (
        f"**Feeling**: {word}, {signed(feeling.mean)} on −2 … +2{band} ({people(feeling.n_people)})"
    )


def _lane(
    lane: str, findings: tuple[Finding, ...], summary: str, documents: dict[str, Document]
) -> Iterator[str]:
    if not findings and not summary:
        return
    yield from _head(lane_name(lane), summary)
    for finding in findings:
        yield f"- {_plain(finding.name)}: {_share(finding.share)}"
        yield from (f"  {line}" for line in _quotes(finding.quotes[:1], documents))


def _moments(draft: Draft, stage: StageColumn) -> Iterator[str]:
    here = [moment for moment in draft.map.moments if moment.stage == stage.code]
    if here:
        yield from _head("Candidate moments of truth", "")
    for moment in here:
        yield f"- {_plain(moment.name)}: mood {signed(moment.valence)}, {_share(moment.share)}"


def _share(share: Share) -> str:
    if not share.count:
        return "only voices that are not assigned"
    told = f"{share.count:,} of {people(share.total)}"
    if share.low is not None and share.high is not None:
        told += f" ({100 * share.low:.0f} to {100 * share.high:.0f} %; {share.method})"
    return told


def _written(draft: Draft, stage: StageColumn) -> Iterator[str]:
    here = [o for o in draft.edits.opportunities if o.stage == stage.code]
    yield ""
    yield "**Opportunities**" + ("" if here else ": yours to write")
    for opportunity in here:
        owner = f" (owner: {_plain(opportunity.owner)})" if opportunity.owner else ""
        yield f"- {_plain(opportunity.text)}{owner}"


def _quotes(quotes: tuple[Quote, ...], documents: dict[str, Document]) -> Iterator[str]:
    for quote in quotes[:_QUOTES_IN_TEXT]:
        document = documents[quote.document_id]
        place = document.path if document.row is None else f"{document.path}, row {document.row}"
        words = " ".join(_cut(quote, documents).split())
        who = quote.participant_id or "unassigned voice"
        yield f"- “{_plain(words)}” ({_plain(who)}, {_plain(place)})"


def _plain(text: str) -> str:
    """Escape what Markdown, or HTML within it, would take for more than text."""
    flat = " ".join(text.split())
    for mark in "\\`*_{}[]<>#|~":
        flat = flat.replace(mark, "\\" + mark)
    return _ENTITY.sub(r"\\&", flat)
