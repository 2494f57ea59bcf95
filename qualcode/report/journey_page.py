"""Render a draft as one self-contained page: the journey map, its criteria and their quotes.

The page loads nothing: style, script and quotes stand in it, and its content security policy
allows only these by hash. What participants said reaches it as text, never as markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qualcode.codebook import Codebook
from qualcode.draft import Draft
from qualcode.records import Corpus, Role
from qualcode.report.journey_evidence import Sources, persona_of
from qualcode.report.journey_view import JourneyView, counted, people
from qualcode.settings import Charter

__all__ = ["render_map"]

_TEMPLATES = Path(__file__).parent / "templates"
_QUOTES_A_CELL = (12, 8, 5, 3, 1)  # tried in this order until the page is small enough
_EVIDENCE_BYTES = 2_300_000  # leaves room under 3 MB for the table itself


def render_map(
    draft: Draft,
    corpus: Corpus,
    codebook: Codebook,
    *,
    title: str,
    charter: Charter,
    participants: Mapping[str, Mapping[str, str]],
    stamps: Sequence[str],
) -> str:
    """Return the page as HTML.

    Args:
        draft: What the map shows.
        corpus: The study that the draft was made from; quotes are cut from its documents.
        codebook: Names, definitions and the order of codes.
        title: Of the study.
        charter: Purpose and decision, shown in the head.
        participants: Participant id to attributes; `persona` is shown with each quote.
        stamps: Warnings in the head, such as "names were not masked".

    Raises:
        QualcodeError: A quote of the draft is not the span of a coding of the study.
    """
    sources = Sources(corpus, participants)
    for limit in _QUOTES_A_CELL:
        view = JourneyView(draft, codebook, sources, limit)
        context = view.context()
        evidence = view.evidence.as_json()
        if len(evidence.encode("utf-8")) <= _EVIDENCE_BYTES:
            break
    return _fill(
        **context,
        evidence=evidence,
        title=title,
        charter=charter,
        stamps=tuple(stamps),
        personas=_personas(corpus, participants),
        next_steps=_next_steps(draft, corpus, codebook),
        unassigned_voices=_unassigned_voices(corpus),
    )


def _personas(
    corpus: Corpus, participants: Mapping[str, Mapping[str, str]]
) -> list[tuple[str, int]]:
    """Count the people of each persona who said anything, most first.

    Spellings that differ only in capitals are one persona, shown as it stands first.
    """
    spoke = {segment.participant_id for segment in corpus.segments}
    count: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for who, attributes in participants.items():
        if who in spoke and (name := persona_of(attributes)):
            count[spelling.setdefault(name.casefold(), name)] += 1
    return sorted(count.items(), key=lambda item: (-item[1], item[0]))


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


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _fill(*, evidence: str, curve: str, **context: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["people"] = people
    environment.filters["counted"] = counted
    environment.filters["number"] = "{:,}".format
    style = (_TEMPLATES / "journey.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "journey.js").read_text(encoding="utf-8")
    page = environment.get_template("journey.html.j2").render(
        **context,
        # Markup: our own files, our own drawing, and JSON that is safe inside <script>.
        style=Markup(style),
        script=Markup(script),
        curve=Markup(curve),
        evidence=Markup(evidence),
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    return page.encode("utf-8", "replace").decode("utf-8")
