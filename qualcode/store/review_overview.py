"""What the review's queues need of a whole study, read at once and then only what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from qualcode.records import Verdict
from qualcode.store import schema
from qualcode.store.database import Database

__all__ = ["ReviewOverview", "Suggested"]

_DECIDED = (Verdict.CODED.value, Verdict.NONE.value)


class Suggested(NamedTuple):
    """Hold one machine's code on one segment, as its newest judgement has it."""

    segment_id: str
    family: str
    coder: str
    code: str
    score: float


class ReviewOverview:
    """Read the little of every segment's judgements that queues are made of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def version(self) -> int:
        """Return a number that changes whenever anybody saves anything; costs microseconds."""
        return int(self._database.read().exec_driver_sql("PRAGMA data_version").scalar() or 0)

    def structure(self) -> tuple[object, ...]:
        """Return what changes when segments, texts, voices or attributes of people change."""
        connection = self._database.read()
        speaker, participant = schema.speaker, schema.participant
        counted = [
            connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (schema.segment, schema.document_edit, schema.source)
        ]
        roles = connection.execute(
            sa.select(speaker.c.role, sa.func.count(), sa.func.count(speaker.c.participant_id))
            .group_by(speaker.c.role)
            .order_by(speaker.c.role)
        ).all()
        people = connection.execute(
            sa.select(sa.func.count(), sa.func.sum(sa.func.length(participant.c.attributes_json)))
        ).one()
        last = connection.scalar(sa.select(sa.func.max(schema.source.c.position)))
        return (*counted, last, *map(tuple, roles), tuple(people))

    def last_judgement(self) -> int:
        """Return the number of the newest judgement, 0 where there is none."""
        return self._database.read().scalar(sa.select(sa.func.max(schema.judgement.c.id))) or 0

    def suggested(self, *, since: int = 0) -> Sequence[Suggested]:
        """Return the codes of the newest judgements.

        Args:
            since: Only of judgements numbered higher.
        """
        table, coding = schema.judgement, schema.coding
        wanted = (
            sa.select(
                table.c.segment_id, table.c.family, table.c.coder, coding.c.code, coding.c.score
            )
            .join(coding, coding.c.judgement_id == table.c.id)
            .where(table.c.id.in_(_newest(since)))
        )
        return [Suggested(*row) for row in self._database.read().execute(wanted)]

    def judged(self, *, since: int = 0) -> Sequence[tuple[str, str, str]]:
        """Return segment, family and coder of the newest judgements numbered higher."""
        table = schema.judgement
        wanted = sa.select(table.c.segment_id, table.c.family, table.c.coder).where(
            table.c.id.in_(_newest(since))
        )
        return [(row[0], row[1], row[2]) for row in self._database.read().execute(wanted)]

    def coders(self) -> Mapping[str, frozenset[str]]:
        """Return family to the machines that have judged any segment for it."""
        table = schema.judgement
        found: dict[str, set[str]] = {}
        wanted = sa.select(table.c.family, table.c.coder).distinct()
        for family, coder in self._database.read().execute(wanted):
            found.setdefault(family, set()).add(coder)
        return {family: frozenset(coders) for family, coders in found.items()}

    def judged_for(self, family: str) -> Sequence[tuple[str, str]]:
        """Return segment and coder of a family's judgements that say yes or no."""
        table = schema.judgement
        wanted = sa.select(table.c.segment_id, table.c.coder).where(
            table.c.id.in_(_newest(0)),
            table.c.family == family,
            table.c.verdict.in_(_DECIDED),
        )
        return [(row[0], row[1]) for row in self._database.read().execute(wanted)]

    def document_sources(self) -> Mapping[str, str]:
        """Return document id to source id."""
        document = schema.document
        found = self._database.read().execute(sa.select(document.c.id, document.c.source_id))
        return {document_id: source_id for document_id, source_id in found}


def _newest(since: int) -> sa.Select[tuple[int]]:
    """Select the number of the newest judgement of each segment, family and coder."""
    table = schema.judgement
    newest = sa.select(sa.func.max(table.c.id)).group_by(
        table.c.segment_id, table.c.family, table.c.coder
    )
    return newest.where(table.c.id > since) if since else newest
