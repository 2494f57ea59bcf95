"""What people decided, in the store: added to, rewritten for privacy alone or with its source.

That is for masking a name, for forgetting a person, and where a source takes another's place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from qualcode.errors import StoreError
from qualcode.records import Decision
from qualcode.spans import Rebase, Span
from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["Decisions", "move_spans", "taken_back"]


class Decisions:
    """Append decisions and read them back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        author: str,
        subject: str,
        target: str,
        action: str,
        value: Mapping[str, Any] | None = None,
        replaced: Mapping[str, Any] | None = None,
        reason: str = "",
        undoes: int | None = None,
    ) -> Decision:
        """Save one decision, with the time of now, and return it with its number.

        Raises:
            StoreError: `undoes` names no decision, or one that is taken back already.
        """
        table = schema.decision
        with self._database.write() as connection:
            if undoes is not None:
                known = connection.scalar(sa.select(table.c.id).where(table.c.id == undoes))
                taken = connection.scalar(sa.select(table.c.id).where(table.c.undoes == undoes))
                if known is None or taken is not None:
                    what = "does not exist" if known is None else "is taken back already"
                    raise StoreError(
                        f"decision {undoes} {what}", hint="qualcode edit log lists decisions"
                    )
            values = {
                "at": rows.now(),
                "author": author,
                "subject": subject,
                "target": target,
                "action": action,
                "value_json": rows.as_json(dict(value or {})),
                "replaced_json": rows.as_json(dict(replaced or {})),
                "reason": reason,
                "undoes": undoes,
            }
            inserted = connection.execute(table.insert(), values).inserted_primary_key
            assert inserted is not None
        return _decision({**values, "id": int(inserted[0])})

    def all(self) -> tuple[Decision, ...]:
        """Return every decision, oldest first, those taken back included."""
        found = self._database.read().execute(
            sa.select(schema.decision).order_by(schema.decision.c.id)
        )
        return tuple(_decision(dict(row)) for row in found.mappings())

    def last_id(self) -> int:
        """Return the number of the newest decision, 0 where there is none."""
        return self._database.read().scalar(sa.select(sa.func.max(schema.decision.c.id))) or 0

    def standing(self, subjects: Iterable[str] = ()) -> tuple[Decision, ...]:
        """Return the decisions that nobody took back, oldest first; undoings are left out.

        Args:
            subjects: Only decisions on these kinds of things; empty for all.
        """
        every = self.all()
        undone = taken_back(every)
        wanted = set(subjects)
        return tuple(
            d
            for d in every
            if d.undoes is None and d.id not in undone and (not wanted or d.subject in wanted)
        )

    def rewrite_texts(self, changes: Sequence[Decision]) -> None:
        """Save other texts or pointers of decisions that are there.

        Only masking a name, forgetting a person and a source that takes another's place do this.
        """
        table = schema.decision
        with self._database.write() as connection:
            for change in changes:
                connection.execute(
                    table.update()
                    .where(table.c.id == change.id)
                    .values(
                        value_json=rows.as_json(dict(change.value)),
                        replaced_json=rows.as_json(dict(change.replaced)),
                        reason=change.reason,
                    )
                )


def taken_back(decisions: Iterable[Decision]) -> frozenset[int]:
    """Return the ids of the decisions, undoings included, that do not stand.

    An undoing that is itself taken back has no effect: undoing an undoing is a redo.
    """
    undone: set[int] = set()
    for decision in sorted(decisions, key=lambda d: d.id, reverse=True):
        if decision.undoes is not None and decision.id not in undone:
            undone.add(decision.undoes)
    return frozenset(undone)


def move_spans(connection: sa.Connection, rebases: Mapping[str, Rebase]) -> None:
    """Re-base the spans in decisions that point into rewritten documents.

    A span is any object of a decision's JSON with `document_id`, `start_char` and `end_char`.

    Args:
        rebases: Document id to the move of its text.
    """
    table = schema.decision
    for row in connection.execute(sa.select(table)).mappings().all():
        values = {}
        for column in ("value_json", "replaced_json"):
            if '"document_id"' not in row[column]:
                continue
            moved = rows.as_json(_moved(json.loads(row[column]), rebases))
            if moved != row[column]:
                values[column] = moved
        if values:
            connection.execute(table.update().where(table.c.id == row["id"]).values(values))


def _moved(value: Any, rebases: Mapping[str, Rebase]) -> Any:
    if isinstance(value, list):
        return [_moved(entry, rebases) for entry in value]
    if not isinstance(value, dict):
        return value
    value = {key: _moved(entry, rebases) for key, entry in value.items()}
    rebase = rebases.get(str(value.get("document_id")))
    if rebase is not None and {"start_char", "end_char"} <= value.keys():
        span = rebase.span(Span(value["start_char"], value["end_char"]))
        value |= {"start_char": span.start_char, "end_char": span.end_char}
    return value


def _decision(row: Mapping[str, Any]) -> Decision:
    return Decision(
        id=row["id"],
        at=row["at"],
        author=row["author"],
        subject=row["subject"],
        target=row["target"],
        action=row["action"],
        value=json.loads(row["value_json"]),
        replaced=json.loads(row["replaced_json"]),
        reason=row["reason"],
        undoes=row["undoes"],
    )
