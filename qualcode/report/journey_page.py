"""Render a draft as one self-contained page: the journey map, its criteria and their quotes.

The page loads nothing: style, script and quotes stand in it, and its content security policy
allows only these by hash. What participants said reaches it as text, never as markup. Quotes beyond
the strongest of a cell stand in a second file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.codebook import Codebook
from qualcode.draft import Draft, Quote
from qualcode.records import Corpus, Role
from qualcode.report.journey_evidence import Evidence, Room, embeddable_json
from qualcode.report.journey_facts import attributes_of, facts_of
from qualcode.report.journey_items import BLANK
from qualcode.report.journey_view import JourneyView
from qualcode.report.page import fill_page
from qualcode.report.quote_sources import Sources
from qualcode.settings import Charter

__all__ = ["MapFiles", "MapPages", "draw_map", "render_map"]

_ROOMS = (Room(12, 4), Room(8, 3), Room(5, 2), Room(3, 1), Room(2, 1), Room(1, 1), Room(1, 0))
"""Tried in this order until the page is small enough."""

_PAGE_BYTES = 2_600_000  # leaves room under 3 MB for the table itself
_SCRIPTS = ("journey_count.js", "journey_draw.js", "journey.js")


@dataclass(frozen=True, slots=True)
class MapFiles:
    """Name the files beside the map that it links to; empty for one that is not written."""

    quotes: str = ""
    criteria: str = ""


@dataclass(frozen=True, slots=True)
class MapPages:
    """Hold the map's page, and that of all quotes where the map could not hold them."""

    map: str
    quotes: str | None


def draw_map(
    draft: Draft,
    corpus: Corpus,
    codebook: Codebook,
    *,
    title: str,
    charter: Charter,
    participants: Mapping[str, Mapping[str, str]],
    stamps: Sequence[str],
    files: MapFiles | None = None,
) -> MapPages:
    """Return the pages as HTML.

    Args:
        draft: What the map shows.
        corpus: The study that the draft was made from; quotes are cut from its documents.
        codebook: Names, definitions and the order of codes.
        title: Of the study.
        charter: Purpose and decision, shown in the head.
        participants: Participant id to attributes; `persona` is shown with each quote.
        stamps: Warnings in the head, such as "names were not masked".
        files: Names of the files beside it.

    Raises:
        QualcodeError: A quote of the draft is not within a coding of the study.
    """
    files = files or MapFiles()
    sources = Sources(
        corpus,
        participants,
        draft.map.tally.people,
        kept=draft.edits.kept,
    )
    attributes = attributes_of(draft.map.tally, participants)
    groups = {
        person: [f"{a.key}={a.values[a.of[number]]}" for a in attributes if a.of[number] >= 0]
        for number, person in enumerate(draft.map.tally.people)
    }
    facts = facts_of(draft, codebook, attributes)
    facts["files"] = {"quotes": files.quotes}
    fixed = len(embeddable_json(facts).encode("utf-8"))
    for room in _ROOMS:
        evidence = Evidence(sources, room, groups, draft.edits)
        view = JourneyView(draft, codebook, sources, evidence)
        context = view.context()
        facts |= {"shown": context["shown"], "few": context["few"]}
        facts["beyond"] = dict.fromkeys(evidence.beyond, 1)
        embedded = evidence.as_json(facts)
        if len(embedded.encode("utf-8")) <= max(_PAGE_BYTES, fixed):
            break
    page = _fill(
        **context,
        evidence=embedded,
        title=title,
        charter=charter,
        stamps=tuple(stamps),
        attributes=attributes,
        files=files,
        next_steps=_next_steps(draft, corpus, codebook),
        unassigned_voices=_unassigned_voices(corpus),
    )
    beyond = evidence.beyond if files.quotes else {}
    quotes = _quotes_page(beyond, sources, codebook, title, stamps) if beyond else None
    return MapPages(page, quotes)


def render_map(*arguments: Any, **options: Any) -> str:
    """Return the map's page alone; see `draw_map`."""
    return draw_map(*arguments, **options).map


def _quotes_page(
    beyond: Mapping[str, tuple[str, tuple[Quote, ...]]],
    sources: Sources,
    codebook: Codebook,
    title: str,
    stamps: Sequence[str],
) -> str:
    names = {code.id: code.name for code in codebook.codes}
    cells = [
        {
            "key": key,
            "title": cell_title,
            "stage": names.get(key.split("/")[1], ""),
            "quotes": [sources.brief(quote) for quote in quotes],
        }
        for key, (cell_title, quotes) in beyond.items()
    ]
    return fill_page(
        "quotes.html.j2",
        styles=("base.css", "quotes.css"),
        title=title,
        stamps=tuple(stamps),
        cells=cells,
    )


def _fill(*, evidence: str, curve: str, **context: Any) -> str:
    from markupsafe import Markup

    # Markup: our own drawing, and JSON that is safe inside <script>.
    return fill_page(
        "journey.html.j2",
        styles=("base.css", "journey.css"),
        scripts=_SCRIPTS,
        curve=Markup(curve),
        evidence=Markup(evidence),
        blank=BLANK,
        **context,
    )


def _unassigned_voices(corpus: Corpus) -> list[tuple[str, str, int]]:
    """List document path, label and number of segments of the voices nobody assigned."""
    documents = {document.id: document for document in corpus.documents}
    count: Counter[tuple[str, str]] = Counter()
    for segment in corpus.segments:
        document = documents.get(segment.document_id)
        if segment.role is not Role.UNKNOWN or document is None:
            continue
        turn = next((t for t in document.turns if t.index == segment.turn_index), None)
        label = (turn.speaker if turn else None) or "a voice without a label"
        count[document.path, label] += 1
    return [(path, label, number) for (path, label), number in count.most_common()]


def _next_steps(draft: Draft, corpus: Corpus, codebook: Codebook) -> list[tuple[str, str]]:
    """Say what is missing for a map, as (what, command), in the order to do it."""
    steps = []
    if not corpus.documents:
        steps.append(("No interviews or comments have been read yet", "qualcode ingest PATH…"))
    if not codebook.family("stage"):
        steps.append(("The codebook has no stages", "add codes of family stage to codebook.yaml"))
    if not draft.map.n_coded_segments:
        steps.append(("No segment is coded yet", "qualcode code"))
    if steps:
        steps.append(("Then draw the map again", "qualcode map"))
    return steps
