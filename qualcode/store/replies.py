"""What models answered, in the store: each unit's checked answer, and what failed with its words.

Rows are added to, never changed; masking a name and forgetting a person take away those that they
touch, so that what is left to ask is asked again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["FailedReply", "KeptReply", "Replies", "StoredReply"]

_KEYS_A_QUERY = 500  # SQLite allows 999 parameters in older builds


@dataclass(frozen=True, slots=True)
class KeptReply:
    """Hold a checked answer on one unit.

    Attributes:
        key: Digest of all that the answer rests on: step, setup, model, parameters, content.
        content: Digest of what was said about the unit.
        setup: Digest of what answers rest on besides.
        answer: Any JSON value but null.
        document_id: The text that the unit comes from, empty where from several.
    """

    key: str
    content: str
    setup: str
    step: str
    coder: str
    answer: Any
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class FailedReply:
    """Hold why there is no answer on one unit.

    Attributes:
        reason: One line for people, without participants' words.
        raw_text: The whole reply as it came, may be empty; the other attributes are as in
            `KeptReply`.
    """

    key: str
    content: str
    setup: str
    step: str
    coder: str
    reason: str
    raw_text: str = ""
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredReply:
    """Hold a reply as it stands in the store; `answer` is None for a failed one."""

    id: int
    key: str
    content: str
    setup: str
    step: str
    coder: str
    is_valid: bool
    answer: Any
    reason: str
    raw_text: str
    document_id: str
    run_id: int
    at: str


_ADD = schema.reply.insert()  # made once: see ledger.py


class Replies:
    """Append replies and read the answers that count."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, run_id: int, replies: Sequence[KeptReply]) -> None:
        """Save checked answers in one transaction."""
        self._add(
            {
                **_common(run_id, reply),
                "is_valid": 1,
                "answer_json": _json(reply.answer),
                "reason": "",
                "raw_text": "",
            }
            for reply in replies
        )

    def fail(self, run_id: int, failures: Sequence[FailedReply]) -> None:
        """Save in one transaction why there are no answers, with the replies as they came."""
        self._add(
            {
                **_common(run_id, failure),
                "is_valid": 0,
                "answer_json": None,
                "reason": _storable(failure.reason),
                "raw_text": _storable(failure.raw_text),
            }
            for failure in failures
        )

    def valid(self, keys: Collection[str]) -> Mapping[str, Any]:
        """Return the newest checked answer of each key that has one."""
        table, found = schema.reply, dict[str, Any]()
        wanted = sorted(set(keys))
        for first in range(0, len(wanted), _KEYS_A_QUERY):
            some = wanted[first : first + _KEYS_A_QUERY]
            newest = (
                sa.select(sa.func.max(table.c.id))
                .where(table.c.key.in_(some), table.c.is_valid == 1)
                .group_by(table.c.key)
            )
            held = sa.select(table.c.key, table.c.answer_json).where(table.c.id.in_(newest))
            for key, answer in self._database.read().execute(held):
                found[key] = json.loads(answer)
        return found

    def failures(self) -> tuple[StoredReply, ...]:
        """Return what could not be used, in the order in which it came."""
        table = schema.reply
        wanted = sa.select(table).where(table.c.is_valid == 0)
        found = self._database.read().execute(wanted.order_by(table.c.id)).mappings()
        return tuple(map(_reply, found))

    def all(self) -> Iterator[StoredReply]:
        """Yield every reply, oldest first; for masking and forgetting later."""
        table = schema.reply
        last = 0
        while True:
            some = sa.select(table).where(table.c.id > last).order_by(table.c.id)
            found = self._database.read().execute(some.limit(_KEYS_A_QUERY)).mappings().all()
            if not found:
                return
            yield from map(_reply, found)
            last = found[-1]["id"]

    def forget(self, document_ids: Collection[str]) -> int:
        """Delete the replies on these documents and on what is made of several; return how many.

        Only masking a name and forgetting a person do this: the digests are of texts in which
        what has to go stood, so by them it could be looked for. What is left is asked again.
        """
        table, wanted, gone = schema.reply, ["", *sorted(set(document_ids))], 0
        with self._database.write() as connection:
            for first in range(0, len(wanted), _KEYS_A_QUERY):
                some = wanted[first : first + _KEYS_A_QUERY]
                gone += connection.execute(
                    table.delete().where(table.c.document_id.in_(some))
                ).rowcount
        return gone

    def remove(self, ids: Collection[int]) -> None:
        """Delete replies; only masking a name and forgetting a person do this."""
        table, gone = schema.reply, sorted(set(ids))
        with self._database.write() as connection:
            for first in range(0, len(gone), _KEYS_A_QUERY):
                some = gone[first : first + _KEYS_A_QUERY]
                connection.execute(table.delete().where(table.c.id.in_(some)))

    def _add(self, values: Iterator[dict[str, Any]]) -> None:
        listed = list(values)
        if listed:
            with self._database.write() as connection:
                connection.execute(_ADD, listed)


def _common(run_id: int, reply: KeptReply | FailedReply) -> dict[str, Any]:
    return {
        "key": reply.key,
        "content": reply.content,
        "setup": reply.setup,
        "step": reply.step,
        "coder": reply.coder,
        "document_id": reply.document_id,
        "run_id": run_id,
        "at": rows.now(),
    }


def _json(value: Any) -> str:
    """Write JSON in ASCII: a model may write half of a surrogate pair, which is no UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _reply(row: sa.RowMapping) -> StoredReply:
    values = dict(row)
    answer = values.pop("answer_json")
    values["is_valid"] = bool(values["is_valid"])
    return StoredReply(answer=None if answer is None else json.loads(answer), **values)
