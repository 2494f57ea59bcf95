"""The codings as tables for spreadsheets: long, and a survey as it came with code columns.

docs/export.md describes every column. In both tables an empty cell says that nothing is known
(abstained, unprocessed, not judged); 0 says that a coder looked and found none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import qualcode
from qualcode.codebook import Codebook
from qualcode.records import Coding, Corpus, Document, Judgement, Role, Segment, Verdict
from qualcode.report.export_draft import plain_number
from qualcode.report.export_sheets import (
    Header,
    Rows,
    Sheet,
    Value,
    count_neutralised,
    write_csv,
    write_xlsx,
)
from qualcode.report.quotes import code_names, cut_quote, path_of, persona_of, place_of, voice_of

__all__ = [
    "CODINGS_COLUMNS",
    "Header",
    "Rows",
    "Sheet",
    "SurveyTable",
    "codings_table",
    "count_neutralised",
    "notes_table",
    "read_me_sheet",
    "survey_table",
    "write_csv",
    "write_xlsx",
]

CODINGS_COLUMNS: Header = (
    *("document_id", "path", "kind", "row", "external_id", "participant", "persona", "role"),
    *("place", "start_seconds", "segment_id", "coding_id", "start_char", "end_char", "quote"),
    *("family", "code", "code_name", "coder", "score", "intensity", "valence", "status"),
    *("basis", "reference", "similarity", "note", "verdicts"),
)
"""The columns of the long table; one column per attribute follows."""

_NOTES_COLUMNS: Header = ("id", "at", "author", "kind", "target", "segment_id", "text")

_LOOKED = (Verdict.CODED, Verdict.NONE)


@dataclass(frozen=True, slots=True)
class SurveyTable:
    """Hold the original cells of one survey file.

    Attributes:
        document_ids: The document of each row.
        rows: Cells as in the file, but for names that were masked; in the file's order.
    """

    path: str
    header: tuple[str, ...]
    document_ids: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if len(self.document_ids) != len(self.rows):
            raise ValueError(f"{len(self.rows)} rows for {len(self.document_ids)} documents")


def codings_table(
    corpus: Corpus, codebook: Codebook, participants: Mapping[str, Mapping[str, str]]
) -> tuple[Header, Rows]:
    """Return a row for each coding, and one for each segment without any.

    Segments of participants and of voices not assigned are here, in the order of their texts;
    interviewers' are not.

    Args:
        participants: Participant id to attributes; these become the last columns.

    Raises:
        StoreError: A coding points outside its document.
    """
    names = code_names(codebook)
    documents = {document.id: document for document in corpus.documents}
    judgements = _by_segment(corpus.judgements)
    attributes = [_attributes(d, participants, d.participant_id) for d in corpus.documents]
    attributes += [participants.get(voice_of(s) or "", {}) for s in corpus.segments]
    extra = tuple(dict.fromkeys(key for found in attributes for key in found))
    rows: list[tuple[Value, ...]] = []
    for segment in corpus.segments:
        document = documents[segment.document_id]
        if segment.role is Role.INTERVIEWER:
            continue
        known = _attributes(document, participants, voice_of(segment))
        verdicts = _verdicts(judgements[segment.id])
        held: list[Coding | None] = [c for j in judgements[segment.id] for c in j.codings]
        for coding in held or [None]:
            cells = (
                *_place_cells(document, segment, coding, participants),
                *_code_cells(coding, names),
                verdicts,
                *(known.get(key, "") for key in extra),
            )
            rows.append(cells)
    return CODINGS_COLUMNS + _unused(extra, CODINGS_COLUMNS), tuple(rows)


def _place_cells(
    document: Document,
    segment: Segment,
    coding: Coding | None,
    participants: Mapping[str, Mapping[str, str]],
) -> tuple[Value, ...]:
    span = segment if coding is None else coding
    turn = next((t for t in document.turns if t.index == segment.turn_index), None)
    begun = [m for m in turn.marks if m.start_char <= span.start_char] if turn else []
    return (
        document.id,
        path_of(document),
        document.kind.value,
        "" if document.row is None else document.row,
        document.external_id or "",
        voice_of(segment) or "",
        persona_of(segment, document, participants) or "",
        segment.role.value,
        place_of(document, span.start_char, segment.turn_index),
        _figure(begun[-1].start_seconds if begun else turn.start_seconds if turn else None),
        segment.id,
        "" if coding is None else coding.id,
        span.start_char,
        span.end_char,
        cut_quote(document, span.start_char, span.end_char, of=f"segment {segment.id}"),
    )


def _code_cells(coding: Coding | None, names: Mapping[str, str]) -> tuple[Value, ...]:
    if coding is None:
        return ("",) * 12
    why = coding.rationale
    return (
        coding.family,
        coding.code,
        names.get(coding.code, coding.code),
        coding.coder,
        _figure(coding.score),
        "" if coding.intensity is None else coding.intensity,
        _figure(coding.valence),
        coding.status,
        why.basis,
        why.reference,
        _figure(why.similarity),
        why.note,
    )


def _verdicts(judgements: Sequence[Judgement]) -> str:
    """Say what became of a segment in each family, such as `need: abstained (too short)`."""
    several = len({judgement.coder for judgement in judgements}) > 1
    said = []
    for judgement in judgements:
        by = f" by {judgement.coder}" if several else ""
        why = f" ({judgement.reason})" if judgement.reason else ""
        said.append(f"{judgement.family}: {judgement.verdict.value}{by}{why}")
    return "; ".join(said) or "not judged"


def survey_table(table: SurveyTable, corpus: Corpus, codebook: Codebook) -> tuple[Header, Rows]:
    """Return a survey's own columns and rows in order, then what was coded.

    First a column `family: code name` for each code of the families that were judged in this
    survey: 1 where a segment of the row has the code, 0 where all were judged and none has it,
    empty otherwise. Then a column for each family with the names of the row's codes.
    """
    wanted = set(table.document_ids)
    segments: dict[str, list[str]] = defaultdict(list)
    for segment in corpus.segments:
        if segment.document_id in wanted and segment.role is not Role.INTERVIEWER:
            segments[segment.document_id].append(segment.id)
    ours = {segment_id for held in segments.values() for segment_id in held}
    judgements = _by_segment(j for j in corpus.judgements if j.segment_id in ours)
    judged = [j for held in judgements.values() for j in held]
    used = {judgement.family for judgement in judged}
    families = [f for f in codebook.families if f in used]
    families += sorted(used - set(families))
    columns: list[tuple[str, str]] = []
    for family in families:
        active = [code.id for code in codebook.family(family)]
        others = {c.code for j in judged if j.family == family for c in j.codings} - set(active)
        columns += [(family, code) for code in (*active, *sorted(others))]

    names = code_names(codebook)
    width = max([len(table.header), *map(len, table.rows)])
    unnamed = [f"column {n + 1}" for n in range(len(table.header), width)]
    header = table.header + _unused(unnamed, table.header)
    wanted_names = [*(f"{family}: {names.get(c, c)}" for family, c in columns), *families]
    rows: list[tuple[Value, ...]] = []
    for document_id, cells in zip(table.document_ids, table.rows, strict=True):
        held = [judgements[segment_id] for segment_id in segments[document_id]]
        applied = {c.code for found in held for j in found for c in j.codings}
        complete = {family for family in families if _is_complete(held, family)}
        marks = (1 if c in applied else 0 if f in complete else "" for f, c in columns)
        joined = (
            "; ".join(names.get(c, c) for f, c in columns if f == family and c in applied)
            for family in families
        )
        rows.append((*cells, *("",) * (width - len(cells)), *marks, *joined))
    return header + _unused(wanted_names, header), tuple(rows)


def _is_complete(held: Sequence[Sequence[Judgement]], family: str) -> bool:
    """Tell whether every segment, of at least one, was judged by somebody in this family."""
    return bool(held) and all(
        any(j.family == family and j.verdict in _LOOKED for j in found) for found in held
    )


def _unused(names: Iterable[str], taken: Iterable[str]) -> Header:
    """Return names that differ from those taken and from each other, also without case."""
    used = {name.strip().casefold() for name in taken}
    free = []
    for name in names:
        new, n = name, 1
        while new.strip().casefold() in used:
            new, n = f"{name} (qualcode{'' if n == 1 else f' {n}'})", n + 1
        used.add(new.strip().casefold())
        free.append(new)
    return tuple(free)


def notes_table(notes: Sequence[Mapping[str, object]]) -> tuple[Header, Rows]:
    """Return a row for each note, oldest first, with the columns of the JSON."""
    rows = [tuple(_note_cell(note[column]) for column in _NOTES_COLUMNS) for note in notes]
    return _NOTES_COLUMNS, tuple(rows)


def _note_cell(value: object) -> Value:
    return value if isinstance(value, int) else str(value or "")


def read_me_sheet(corpus: Corpus, *, study: str, masked: bool) -> Sheet:
    """Return the first sheet of a workbook: what the file is and what its figures rest on."""
    shown = [segment for segment in corpus.segments if segment.role is not Role.INTERVIEWER]
    people = {voice for segment in shown if (voice := voice_of(segment)) is not None}
    codings = list(corpus.codings())
    ids = {segment.id for segment in shown}
    verdicts = [j.verdict for j in corpus.judgements if j.segment_id in ids]
    drafts = sum(coding.status == "draft" for coding in codings)
    rows: list[tuple[Value, ...]] = [
        ("Study", study),
        ("Written by", f"qualcode {qualcode.__version__}"),
        (
            "Draft",
            f"{drafts:,} of {len(codings):,} codings are drafts: a machine proposed them and "
            "nobody has checked them. Count people before quotes.",
        ),
        (
            "Names",
            "Names, e-mail addresses and numbers were replaced when the files were read; what "
            "no list knew may still be there."
            if masked
            else "NOT replaced: this file holds personal data as it was in the sources.",
        ),
        ("Documents", len(corpus.documents)),
        ("Participants", len(people)),
        ("Segments", len(shown)),
        ("of voices not assigned", sum(segment.role is Role.UNKNOWN for segment in shown)),
        ("Codings", len(codings)),
        ("Coders", ", ".join(sorted({c.coder for c in codings})) or "none"),
    ]
    rows += [(f"Judgements: {verdict.value}", verdicts.count(verdict)) for verdict in Verdict]
    rows += [
        ("Empty code cells", "The family was abstained from, unprocessed or not judged; never 0."),
        ("Cells that begin with =", "Text, never formulas."),
        ("Columns", "Described in docs/export.md; exact texts are in the JSON export."),
    ]
    return "Read me", ("What", "Value"), tuple(rows)


def _by_segment(judgements: Iterable[Judgement]) -> defaultdict[str, list[Judgement]]:
    grouped: defaultdict[str, list[Judgement]] = defaultdict(list)
    for judgement in judgements:
        grouped[judgement.segment_id].append(judgement)
    return grouped


def _attributes(
    document: Document, participants: Mapping[str, Mapping[str, str]], voice: str | None
) -> Mapping[str, str]:
    """Return a row's own attributes over those of its writer, an interview's under them."""
    known = participants.get(voice or "", {})
    if document.row is not None:
        return {**known, **document.attributes}
    return {**document.attributes, **known}


def _figure(value: float | None) -> Value:
    rounded = plain_number(value)
    return "" if rounded is None else rounded
