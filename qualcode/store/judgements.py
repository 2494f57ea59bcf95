"""Runs, judgements and codings in the store."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qualcode.records import TAUGHT, Judgement, Verdict
from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["Judgements", "Run"]

_FEW_SEGMENTS = 500  # SQLite allows 999 parameters in older builds


@dataclass(frozen=True, slots=True)
class Run:
    """Hold one execution of a step, as `qualcode log` tells it."""

    id: int
    step: str
    coder: str
    parameters: Mapping[str, object]
    codebook_fingerprint: str
    code_version: str
    status: str
    counts: Mapping[str, int]
    started_at: str
    ended_at: str | None


class Judgements:
    """Append what coders judged and read what stands now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_run(
        self,
        step: str,
        *,
        coder: str = "",
        parameters: Mapping[str, object] | None = None,
        codebook_fingerprint: str = "",
        code_version: str,
    ) -> int:
        """Record that a step begins and return the run's number."""
        values = {
            "step": step,
            "coder": coder,
            "parameters_json": rows.as_json(dict(parameters or {})),
            "codebook_fingerprint": codebook_fingerprint,
            "code_version": code_version,
            "status": "running",
            "counts_json": "{}",
            "started_at": rows.now(),
            "ended_at": None,
        }
        with self._database.write() as connection:
            inserted = connection.execute(schema.run.insert(), values).inserted_primary_key
            assert inserted is not None
            return int(inserted[0])

    def end_run(self, run_id: int, status: str, counts: Mapping[str, int]) -> None:
        """Record how a run ended: "done" or "interrupted"."""
        with self._database.write() as connection:
            connection.execute(
                schema.run.update()
                .where(schema.run.c.id == run_id)
                .values(status=status, counts_json=rows.as_json(dict(counts)), ended_at=rows.now())
            )

    def runs(self) -> tuple[Run, ...]:
        """Return all runs, oldest first; one that was killed still says "running"."""
        found = self._database.read().execute(sa.select(schema.run).order_by(schema.run.c.id))
        return tuple(
            Run(
                id=row["id"],
                step=row["step"],
                coder=row["coder"],
                parameters=json.loads(row["parameters_json"]),
                codebook_fingerprint=row["codebook_fingerprint"],
                code_version=row["code_version"],
                status=row["status"],
                counts=json.loads(row["counts_json"]),
                started_at=row["started_at"],
                ended_at=row["ended_at"],
            )
            for row in found.mappings()
        )

    def bases(
        self,
        family: str,
        coder: str,
        among: Sequence[str] | None = None,
        *,
        untaught_only: bool = False,
    ) -> Mapping[str, tuple[str, str]]:
        """Return what the newest judgement of each segment rests on, where that was usable.

        Args:
            among: Only of these segments; of all when None.
            untaught_only: Only judgements by a coder that had not learnt from people.

        Returns:
            Segment id to its basis, and the fingerprint of the codebook that its run met.
        """
        table, run = schema.judgement, schema.run
        parts: list[Sequence[str] | None] = [None]
        if among is not None:
            parts = [among[at : at + _FEW_SEGMENTS] for at in range(0, len(among), _FEW_SEGMENTS)]
        found: dict[str, tuple[str, str]] = {}
        for some in parts:
            newest = _newest(family, coder)
            if untaught_only:
                newest = newest.where(table.c.basis.not_like(f"%{TAUGHT}%"))
            if some is not None:
                newest = newest.where(table.c.segment_id.in_(some))
            wanted = (
                sa.select(table.c.segment_id, table.c.basis, run.c.codebook_fingerprint)
                .join(run)
                .where(table.c.id.in_(newest), table.c.verdict != Verdict.UNPROCESSED.value)
            )
            for segment_id, basis, fingerprint in self._database.read().execute(wanted):
                found[segment_id] = (basis, fingerprint)
        return found

    def codes(self, family: str, coder: str, *, ever: bool = False) -> Mapping[str, frozenset[str]]:
        """Return segment id to the codes that it has, or ever had, as they were given."""
        table, coding = schema.judgement, schema.coding
        found = (
            sa.select(table.c.segment_id, coding.c.code)
            .join(coding)
            .where(table.c.family == family, table.c.coder == coder)
            .distinct()
        )
        if not ever:
            found = found.where(table.c.id.in_(_newest(family, coder)))
        codes: dict[str, set[str]] = defaultdict(set)
        for segment_id, code in self._database.read().execute(found):
            codes[segment_id].add(code)
        return {segment_id: frozenset(some) for segment_id, some in codes.items()}

    def add(self, run_id: int, judgements: Sequence[tuple[Judgement, str]]) -> None:
        """Save judgements with their codings in one transaction.

        Args:
            run_id: The run that made them.
            judgements: In any order, each with the fingerprint of all that it rests on.
        """
        with self._database.write() as connection:
            last = connection.scalar(sa.select(sa.func.max(schema.judgement.c.id))) or 0
            numbered = list(enumerate(judgements, start=last + 1))
            values = [
                {
                    "id": number,
                    "segment_id": judgement.segment_id,
                    "family": judgement.family,
                    "coder": judgement.coder,
                    "basis": basis,
                    "verdict": judgement.verdict.value,
                    "reason": judgement.reason,
                    "run_id": run_id,
                }
                for number, (judgement, basis) in numbered
            ]
            if values:
                connection.execute(schema.judgement.insert(), values)
            codings = [rows.coding_row(c, number) for number, (j, _) in numbered for c in j.codings]
            if codings:
                connection.execute(schema.coding.insert(), codings)

    def current(
        self, segment_ids: Sequence[str], *, untaught_only: bool = False
    ) -> tuple[Judgement, ...]:
        """Return the newest judgement of each coder, segment and family.

        With `untaught_only`, of those by coders that had not learnt from people. In the order of
        the segments, then by family and coder; codings by place, then code.
        """
        connection = self._database.read()
        table, coding = schema.judgement, schema.coding
        newest = sa.select(sa.func.max(table.c.id)).group_by(
            table.c.segment_id, table.c.family, table.c.coder
        )
        if untaught_only:
            newest = newest.where(table.c.basis.not_like(f"%{TAUGHT}%"))
        if len(segment_ids) <= _FEW_SEGMENTS:
            newest = newest.where(table.c.segment_id.in_(segment_ids))
        codings: dict[int, list[sa.RowMapping]] = defaultdict(list)
        joined = sa.select(coding, table.c.segment_id, table.c.family, table.c.coder).join(table)
        for row in connection.execute(joined.where(table.c.id.in_(newest))).mappings():
            codings[row["judgement_id"]].append(row)
        place = {segment_id: at for at, segment_id in enumerate(segment_ids)}
        found = [
            Judgement(
                segment_id=row["segment_id"],
                family=row["family"],
                coder=row["coder"],
                verdict=Verdict(row["verdict"]),
                reason=row["reason"],
                codings=tuple(
                    sorted(
                        map(rows.coding_from_row, codings[row["id"]]),
                        key=lambda c: (c.start_char, c.end_char, c.code),
                    )
                ),
            )
            for row in connection.execute(sa.select(table).where(table.c.id.in_(newest))).mappings()
            if row["segment_id"] in place
        ]
        return tuple(sorted(found, key=lambda j: (place[j.segment_id], j.family, j.coder)))

    def coders(self) -> tuple[str, ...]:
        """Return the names of all that ever judged; who judged last comes first."""
        table = schema.judgement
        wanted = sa.select(table.c.coder).group_by(table.c.coder)
        last = wanted.order_by(sa.func.max(table.c.id).desc())
        return tuple(self._database.read().scalars(last))

    def scores_of_one_basis(
        self, family: str, coder: str
    ) -> tuple[frozenset[str], Mapping[str, Mapping[str, float]]]:
        """Return which segments one and the same coder judged, and its codes with their scores.

        What people teach changes a coder while they judge. Counts that are to be set right by
        people need a coder that never learnt from any of them: of the bases without the mark of
        learning (`TAUGHT`), the one that judged the most segments, the newest of equal ones; of
        each segment its newest judgement, under whatever version of the codebook that was.

        Returns:
            The segments that it judged; segment id to code to score where it gave one.
        """
        table, coding = schema.judgement, schema.coding
        part = sa.func.substr(table.c.basis, 1, sa.func.instr(table.c.basis + "/", "/") - 1)
        newest = (
            sa.select(part.label("held"), table.c.segment_id, sa.func.max(table.c.id).label("id"))
            .where(
                table.c.family == family,
                table.c.coder == coder,
                table.c.verdict != Verdict.UNPROCESSED.value,
                table.c.basis.not_like(f"%{TAUGHT}%"),
            )
            .group_by(part, table.c.segment_id)
            .subquery()
        )
        counted = sa.select(newest.c.held, sa.func.count(), sa.func.max(newest.c.id))
        sizes = self._database.read().execute(counted.group_by(newest.c.held)).all()
        if not sizes:
            return frozenset(), {}
        chosen = max(sizes, key=lambda row: (row[1], row[2]))[0]
        judged = sa.select(newest.c.segment_id).where(newest.c.held == chosen)
        segments = frozenset(self._database.read().scalars(judged))
        given = (
            sa.select(newest.c.segment_id, coding.c.code, sa.func.max(coding.c.score))
            .join(coding, coding.c.judgement_id == newest.c.id)
            .where(newest.c.held == chosen)
            .group_by(newest.c.segment_id, coding.c.code)
        )
        scores: dict[str, dict[str, float]] = defaultdict(dict)
        for segment_id, code, score in self._database.read().execute(given):
            scores[segment_id][code] = score
        return segments, scores

    def coded_with(self, codes: Sequence[str]) -> frozenset[str]:
        """Return the segments with one of these codes as it was given by any newest judgement."""
        table, coding = schema.judgement, schema.coding
        newest = sa.select(sa.func.max(table.c.id)).group_by(
            table.c.segment_id, table.c.family, table.c.coder
        )
        found: set[str] = set()
        for first in range(0, len(codes), _FEW_SEGMENTS):
            some = codes[first : first + _FEW_SEGMENTS]
            wanted = sa.select(table.c.segment_id).join(coding).distinct()
            wanted = wanted.where(coding.c.code.in_(some), table.c.id.in_(newest))
            found.update(self._database.read().scalars(wanted))
        return frozenset(found)

    def ever_proposed(self, segment_ids: Sequence[str]) -> Mapping[str, tuple[str, float]]:
        """Return coder and newest score of every coding that these segments ever had, by its id."""
        table, coding = schema.judgement, schema.coding
        found: dict[str, tuple[str, float]] = {}
        for first in range(0, len(segment_ids), _FEW_SEGMENTS):
            some = segment_ids[first : first + _FEW_SEGMENTS]
            wanted = sa.select(coding.c.id, table.c.coder, coding.c.score).join(table)
            wanted = wanted.where(table.c.segment_id.in_(some)).order_by(table.c.id)
            for coding_id, coder, score in self._database.read().execute(wanted):
                found[coding_id] = (coder, score)
        return found

    def segment_of(self, coding_id: str) -> str | None:
        """Return the id of the segment that a coding is on, None for no coding of the study."""
        table, coding = schema.judgement, schema.coding
        wanted = sa.select(table.c.segment_id).join(coding).where(coding.c.id == coding_id)
        return self._database.read().scalar(wanted.limit(1))


def _newest(family: str, coder: str) -> sa.Select[tuple[int]]:
    """Select the number of each segment's newest judgement."""
    table = schema.judgement
    return (
        sa.select(sa.func.max(table.c.id))
        .where(table.c.family == family, table.c.coder == coder)
        .group_by(table.c.segment_id)
    )
