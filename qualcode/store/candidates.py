"""Codes that a model proposed, in the store: offered to people, in the codebook only by them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from qualcode.errors import StoreError
from qualcode.spans import Rebase, Span
from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = [
    "Candidate",
    "CandidateQuote",
    "CandidateStatus",
    "Candidates",
    "Proposal",
    "move_candidate_spans",
]


class CandidateStatus(StrEnum):
    """Say what people made of a proposed code."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CandidateQuote:
    """Point at words that a proposed code rests on; offsets are of the segment's document."""

    segment_id: str
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Hold a code as it is proposed."""

    family: str
    name: str
    definition: str
    quotes: tuple[CandidateQuote, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold a proposed code with what became of it.

    Attributes:
        author: Who accepted or refused it; empty while it is open.
        at: When that was, before that when it was proposed.
    """

    id: int
    run_id: int
    family: str
    name: str
    definition: str
    quotes: tuple[CandidateQuote, ...]
    status: CandidateStatus
    author: str
    at: str


class Candidates:
    """Append proposed codes, and say what people decided on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run_id: int, proposals: Sequence[Proposal]) -> tuple[int, ...]:
        """Save proposed codes as open ones, in one transaction; return their numbers."""
        numbers = []
        with self._database.write() as connection:
            for proposal in proposals:
                values = {
                    "run_id": run_id,
                    "family": proposal.family,
                    "name": proposal.name,
                    "definition": proposal.definition,
                    "quotes_json": _quotes_json(proposal.quotes),
                    "status": CandidateStatus.OPEN.value,
                    "author": "",
                    "at": rows.now(),
                }
                inserted = connection.execute(
                    schema.candidate.insert(), values
                ).inserted_primary_key
                assert inserted is not None
                numbers.append(int(inserted[0]))
        return tuple(numbers)

    def all(self, statuses: Iterable[CandidateStatus] = ()) -> tuple[Candidate, ...]:
        """Return proposed codes, oldest first; only of these statuses where some are named."""
        table = schema.candidate
        wanted = sa.select(table).order_by(table.c.id)
        if names := [status.value for status in statuses]:
            wanted = wanted.where(table.c.status.in_(names))
        return tuple(map(_candidate, self._database.read().execute(wanted).mappings()))

    def get(self, candidate_id: int) -> Candidate | None:
        """Return one proposed code, None where there is no such number."""
        table = schema.candidate
        found = self._database.read().execute(sa.select(table).where(table.c.id == candidate_id))
        row = found.mappings().one_or_none()
        return None if row is None else _candidate(row)

    def settle(self, candidate_id: int, status: CandidateStatus, *, author: str) -> Candidate:
        """Save what a person decided on a proposed code, with the time of now, and return it.

        With `OPEN` a decision is taken back.

        Raises:
            StoreError: There is no such proposed code.
        """
        table = schema.candidate
        name = "" if status is CandidateStatus.OPEN else author
        with self._database.write() as connection:
            connection.execute(
                table.update()
                .where(table.c.id == candidate_id)
                .values(status=status.value, author=name, at=rows.now())
            )
            found = connection.execute(sa.select(table).where(table.c.id == candidate_id))
            row = found.mappings().one_or_none()
        if row is None:
            raise StoreError(f"there is no proposed code {candidate_id}")
        return _candidate(row)

    def set_quotes(self, quotes: Mapping[int, Sequence[CandidateQuote]]) -> None:
        """Save other quotes of proposed codes, by their numbers, in one transaction."""
        table = schema.candidate
        with self._database.write() as connection:
            for number, theirs in quotes.items():
                connection.execute(
                    table.update()
                    .where(table.c.id == number)
                    .values(quotes_json=_quotes_json(theirs))
                )

    def rewrite_texts(self, changes: Sequence[Candidate]) -> None:
        """Save other names and definitions of proposed codes.

        Only masking a name and forgetting a person do this.
        """
        table = schema.candidate
        with self._database.write() as connection:
            for change in changes:
                connection.execute(
                    table.update()
                    .where(table.c.id == change.id)
                    .values(name=change.name, definition=change.definition)
                )

    def remove(self, ids: Sequence[int]) -> None:
        """Delete proposed codes; only forgetting a person does this."""
        table = schema.candidate
        with self._database.write() as connection:
            for number in ids:
                connection.execute(table.delete().where(table.c.id == number))


def move_candidate_spans(connection: sa.Connection, rebases: Mapping[str, Rebase]) -> None:
    """Re-base the quotes of proposed codes that point into rewritten documents.

    Args:
        rebases: Document id to the move of its text.
    """
    table, segment = schema.candidate, schema.segment
    held = connection.execute(sa.select(table.c.id, table.c.quotes_json)).all()
    if not held:
        return
    of = dict[str, str]()
    for document_id in rebases:
        its = sa.select(segment.c.id).where(segment.c.document_id == document_id)
        of |= dict.fromkeys(connection.scalars(its), document_id)
    for number, quotes_json in held:
        quotes = _quotes(quotes_json)
        moved = tuple(
            _moved(quote, rebases[of[quote.segment_id]]) if quote.segment_id in of else quote
            for quote in quotes
        )
        if moved != quotes:
            connection.execute(
                table.update().where(table.c.id == number).values(quotes_json=_quotes_json(moved))
            )


def _moved(quote: CandidateQuote, rebase: Rebase) -> CandidateQuote:
    span = rebase.span(Span(quote.start_char, quote.end_char))
    return CandidateQuote(quote.segment_id, span.start_char, span.end_char)


def _quotes_json(quotes: Sequence[CandidateQuote]) -> str:
    return rows.as_json([[q.segment_id, q.start_char, q.end_char] for q in quotes])


def _quotes(text: str) -> tuple[CandidateQuote, ...]:
    return tuple(CandidateQuote(*quote) for quote in json.loads(text))


def _candidate(row: sa.RowMapping) -> Candidate:
    values = dict(row)
    values["quotes"] = _quotes(values.pop("quotes_json"))
    values["status"] = CandidateStatus(values["status"])
    return Candidate(**values)
