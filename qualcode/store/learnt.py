"""What the embedded coder has learnt of codes, in the store: a state a code, made anew at will."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["LearntState", "LearntStates"]


@dataclass(frozen=True, slots=True)
class LearntState:
    """Hold what was learnt of one code.

    Attributes:
        basis: Of the coder that it corrects; with another one it means nothing.
        value: What `coders.local.learning.Learnt` wrote.
    """

    code: str
    family: str
    basis: str
    value: Mapping[str, Any]


class LearntStates:
    """Replace and read what was learnt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, families: Iterable[str], states: Sequence[LearntState]) -> None:
        """Save states in place of all that these families had."""
        table = schema.learnt
        with self._database.write() as connection:
            for family in families:
                connection.execute(table.delete().where(table.c.family == family))
            values = [
                {
                    "code": state.code,
                    "family": state.family,
                    "basis": state.basis,
                    "learnt_json": rows.as_json(dict(state.value)),
                    "at": rows.now(),
                }
                for state in states
            ]
            if values:
                connection.execute(table.insert(), values)

    def all(self) -> tuple[LearntState, ...]:
        """Return every state, by family and code."""
        table = schema.learnt
        found = self._database.read().execute(
            sa.select(table).order_by(table.c.family, table.c.code)
        )
        return tuple(
            LearntState(row["code"], row["family"], row["basis"], json.loads(row["learnt_json"]))
            for row in found.mappings()
        )
