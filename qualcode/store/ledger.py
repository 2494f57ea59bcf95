"""Every attempt to ask a model, in the store: written before it is sent, closed when it ended.

The bytes that left are kept once for equal ones, so that people can look up what a provider got.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from qualcode.errors import StoreError
from qualcode.store import rows, schema
from qualcode.store.database import Database
from qualcode.store.squeeze import Squeezer

__all__ = ["BodyState", "Ending", "Ledger", "Outgoing", "SentRequest"]


class BodyState(StrEnum):
    """Say what is there of the bytes that were sent."""

    NONE = "none"
    """Nothing left, or the program was stopped before it knew what."""
    PREPARED = "prepared"
    """What was to be sent; whether it left is not known."""
    EXACT = "exact"
    """Byte for byte what left."""
    MASKED = "masked"
    """What left, but for names that were masked in it since."""
    ERASED = "erased"
    """Taken away: a name could not be masked in it, or a person was forgotten."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Hold what is known of a request before it is sent.

    Attributes:
        step: What asks, such as "code".
        purpose: Why it is sent, such as the first time, a retry or a repair.
        coder: Names provider and model.
        mode: How the reply is to be made JSON; empty where that is known only at the end.
        body: What is to be sent, as far as it is known: all that will be there of it where the
            program is stopped while the request is under way.
    """

    step: str
    purpose: str
    coder: str
    host: str
    n_units: int
    mode: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Ending:
    """Hold how an attempt ended.

    Attributes:
        outcome: "ok", or in one line why not; never empty, without participants' words.
        mode: How the reply was to be made JSON.
        status: Of HTTP, 0 where there was none.
        input_tokens: None where nobody knows, like the other two.
        is_estimated: The tokens are our guess.
        cost_usd: None where the price is not known.
        sent: The body byte for byte as it left; empty where nothing left.
        version: The server's own word for what answered, on one line and without keys; empty where
            nothing answered, or did not say.
    """

    outcome: str
    mode: str = ""
    status: int = 0
    seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    is_estimated: bool = False
    cost_usd: float | None = None
    sent: bytes = b""
    version: str = ""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """Hold one attempt as it stands in the ledger.

    Attributes:
        at: When it was sent, in UTC.
        outcome: Empty while it is under way, and for ever where the program was stopped then.
        sent_sha256: Of the bytes that are there now, None where there are none.
        n_bytes: Of what left, or was to leave, also where it was masked or erased since.
        version: As of `Ending`; empty also in a study from before it was kept.
    """

    id: int
    run_id: int
    at: str
    step: str
    purpose: str
    coder: str
    host: str
    mode: str
    n_units: int
    outcome: str
    status: int
    seconds: float | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    is_estimated: bool
    cost_usd: float | None
    sent_sha256: str | None
    n_bytes: int
    body_state: BodyState
    version: str


# Made once: a run writes each of them for every request, and making them takes longer than they do.
_OPEN = schema.request.insert()
_LAST = sa.select(sa.func.max(schema.request.c.id))
_CLOSE = (
    schema.request.update()
    .where(schema.request.c.id == sa.bindparam("request_id"))
    .values(
        mode=sa.func.coalesce(sa.func.nullif(sa.bindparam("mode_now"), ""), schema.request.c.mode)
    )
)
_KEEP_BODY = sqlite.insert(schema.request_body).on_conflict_do_nothing()
_DROP_UNUSED = schema.request_body.delete().where(
    ~sa.select(schema.request.c.id)
    .where(schema.request.c.sent_sha256 == schema.request_body.c.sha256)
    .exists()
)


class Ledger:
    """Append requests, say how they ended, and read both back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._squeezed = Squeezer()

    def opened(self, run_id: int, request: Outgoing) -> int:
        """Save that a request is about to be sent and return its number."""
        return self.opened_many(run_id, [request])[0]

    def opened_many(self, run_id: int, requests: Sequence[Outgoing]) -> tuple[int, ...]:
        """Save that requests are about to be sent, in one transaction; return their numbers."""
        with self._database.write() as connection:
            bodies = [request.body for request in requests]
            told = self._keep(connection, bodies, BodyState.PREPARED)
            opening = [
                _opening(run_id, request) | of_body
                for request, of_body in zip(requests, told, strict=True)
            ]
            return _insert(connection, opening)

    def closed(self, request_id: int, ending: Ending) -> None:
        """Save how a request ended.

        Raises:
            StoreError: There is no such request.
        """
        with self._database.write():
            self.closed_many([(request_id, ending)])
            self.drop_unused()

    def closed_many(self, endings: Sequence[tuple[int, Ending]]) -> None:
        """Save how requests ended, in one transaction.

        What was prepared for them stays until `drop_unused`.

        Raises:
            StoreError: One of the requests does not exist; nothing is saved then.
        """
        if not endings:
            return
        with self._database.write() as connection:
            bodies = [ending.sent for _, ending in endings]
            told = self._keep(connection, bodies, BodyState.EXACT)
            values = [
                {
                    **_ending_values(ending),
                    **of_body,
                    "mode_now": ending.mode,
                    "request_id": request_id,
                }
                for (request_id, ending), of_body in zip(endings, told, strict=True)
            ]
            if connection.execute(_CLOSE, values).rowcount != len(values):
                ids = ", ".join(str(request_id) for request_id, _ in endings)
                raise StoreError(f"not all of these requests are there: {ids}")

    def drop_unused(self) -> None:
        """Take away bodies that no request has any more, such as prepared ones that have left."""
        with self._database.write() as connection:
            connection.execute(_DROP_UNUSED)

    def add(self, run_id: int, request: Outgoing, ending: Ending) -> int:
        """Save an attempt that has ended already, such as a retry, and return its number."""
        with self._database.write() as connection:
            (of_body,) = self._keep(connection, [ending.sent], BodyState.EXACT)
            values = _opening(run_id, request) | _ending_values(ending) | of_body
            (request_id,) = _insert(connection, [values | {"mode": ending.mode or request.mode}])
            return request_id

    def all(self, run_id: int | None = None) -> tuple[SentRequest, ...]:
        """Return every attempt, oldest first; with `run_id` those of one run."""
        table = schema.request
        wanted = sa.select(table).order_by(table.c.id)
        if run_id is not None:
            wanted = wanted.where(table.c.run_id == run_id)
        return tuple(map(_request, self._database.read().execute(wanted).mappings()))

    def get(self, request_id: int) -> SentRequest | None:
        """Return one attempt, None where there is no such number."""
        table = schema.request
        found = self._database.read().execute(sa.select(table).where(table.c.id == request_id))
        row = found.mappings().one_or_none()
        return None if row is None else _request(row)

    def body(self, request_id: int) -> bytes | None:
        """Return what is there of a request's bytes; `SentRequest.body_state` says what that is."""
        table, body = schema.request, schema.request_body
        found = self._database.read().scalar(
            sa.select(body.c.body)
            .join(table, table.c.sent_sha256 == body.c.sha256)
            .where(table.c.id == request_id)
        )
        return None if found is None else zlib.decompress(found)

    def bodies(self) -> Iterator[tuple[str, bytes]]:
        """Yield all different bodies by their SHA-256; for masking and forgetting later."""
        table = schema.request_body
        connection = self._database.read()
        for sha256 in connection.scalars(sa.select(table.c.sha256).order_by(table.c.sha256)).all():
            held = connection.scalar(sa.select(table.c.body).where(table.c.sha256 == sha256))
            if held is not None:
                yield sha256, zlib.decompress(held)

    def rewrite_bodies(self, changes: Mapping[str, bytes | None]) -> None:
        """Put other bytes in the place of bodies, or nothing.

        Only masking a name and forgetting a person do this.

        Args:
            changes: SHA-256 of what is there to what shall be there, None for nothing. The old
                SHA-256 goes too: by it, what stood there could be looked for.
        """
        table = schema.request
        with self._database.write() as connection:
            for old, newer in changes.items():
                state = BodyState.ERASED if newer is None else BodyState.MASKED
                (of_body,) = self._keep(connection, [newer or b""], state)
                values = {"sent_sha256": of_body["sent_sha256"], "body_state": state.value}
                connection.execute(table.update().where(table.c.sent_sha256 == old).values(values))
            self.drop_unused()

    def _keep(
        self, connection: sa.Connection, bodies: Sequence[bytes], state: BodyState
    ) -> list[dict[str, Any]]:
        """Save bodies, unless they are there, and return what the rows of requests say of them."""
        told = [_body_values(body, state) for body in bodies]
        values = [
            {"sha256": of_body["sent_sha256"], "body": self._squeezed(body)}
            for of_body, body in zip(told, bodies, strict=True)
            if body
        ]
        if values:
            connection.execute(_KEEP_BODY, values)
        return told


def _insert(connection: sa.Connection, rows_: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Append rows in their order and return their numbers."""
    first = int(connection.scalar(_LAST) or 0) + 1
    numbers = range(first, first + len(rows_))
    values = [{"id": number, **row} for number, row in zip(numbers, rows_, strict=True)]
    if values:
        connection.execute(_OPEN, values)
    return tuple(numbers)


def _opening(run_id: int, request: Outgoing) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "at": rows.now(),
        "step": request.step,
        "purpose": request.purpose,
        "coder": request.coder,
        "host": request.host,
        "mode": request.mode,
        "n_units": request.n_units,
        "outcome": "",
        "status": 0,
        "seconds": None,
        "input_tokens": None,
        "output_tokens": None,
        "cached_tokens": None,
        "is_estimated": 0,
        "cost_usd": None,
        "version": "",
    }


def _ending_values(ending: Ending) -> dict[str, Any]:
    return {
        "outcome": ending.outcome,
        "status": ending.status,
        "seconds": ending.seconds,
        "input_tokens": ending.input_tokens,
        "output_tokens": ending.output_tokens,
        "cached_tokens": ending.cached_tokens,
        "is_estimated": int(ending.is_estimated),
        "cost_usd": ending.cost_usd,
        "version": ending.version,
    }


def _body_values(body: bytes, state: BodyState) -> dict[str, Any]:
    if not body:
        return {"sent_sha256": None, "n_bytes": 0, "body_state": BodyState.NONE.value}
    sha256 = hashlib.sha256(body).hexdigest()
    return {"sent_sha256": sha256, "n_bytes": len(body), "body_state": state.value}


def _request(row: sa.RowMapping) -> SentRequest:
    values = dict(row)
    values["is_estimated"] = bool(values["is_estimated"])
    values["body_state"] = BodyState(values["body_state"])
    return SentRequest(**values)
