"""Words that a model drafted, in the store: each sentence with the codings that it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from qualcode.store import rows, schema
from qualcode.store.database import Database

__all__ = ["DraftedSentence", "Narrative", "Narratives", "Wording"]


@dataclass(frozen=True, slots=True)
class DraftedSentence:
    """Hold one sentence and the ids of the codings that it rests on."""

    text: str
    coding_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """Hold what was drafted for one thing.

    Attributes:
        kind: Such as "cell", "criterion", "persona" or "stage".
        target: What it is about: ids only, never participants' words.
        n_removed: Sentences that were taken out because nothing supports them.
    """

    kind: str
    target: str
    sentences: tuple[DraftedSentence, ...]
    n_removed: int = 0


@dataclass(frozen=True, slots=True)
class Narrative:
    """Hold a wording as it stands in the store; attributes are as in `Wording`."""

    id: int
    run_id: int
    kind: str
    target: str
    sentences: tuple[DraftedSentence, ...]
    n_removed: int
    at: str

    @property
    def text(self) -> str:
        """Return the sentences as one text."""
        return " ".join(sentence.text for sentence in self.sentences)


class Narratives:
    """Append drafted words and read what was drafted last."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run_id: int, wordings: Sequence[Wording]) -> None:
        """Save drafted words in one transaction; the newest of a kind and target counts."""
        values = [
            {
                "run_id": run_id,
                "kind": wording.kind,
                "target": wording.target,
                "sentences_json": _sentences_json(wording.sentences),
                "n_removed": wording.n_removed,
                "at": rows.now(),
            }
            for wording in wordings
        ]
        if values:
            with self._database.write() as connection:
                connection.execute(schema.narrative.insert(), values)

    def newest(self, kind: str) -> Mapping[str, Narrative]:
        """Return target to what was drafted for it last."""
        table = schema.narrative
        newest = sa.select(sa.func.max(table.c.id)).where(table.c.kind == kind)
        wanted = sa.select(table).where(table.c.id.in_(newest.group_by(table.c.target)))
        found = self._database.read().execute(wanted.order_by(table.c.target)).mappings()
        return {row["target"]: _narrative(row) for row in found}

    def all(self) -> tuple[Narrative, ...]:
        """Return all that was ever drafted, oldest first."""
        table = schema.narrative
        found = self._database.read().execute(sa.select(table).order_by(table.c.id)).mappings()
        return tuple(map(_narrative, found))

    def rewrite_texts(self, changes: Sequence[Narrative]) -> None:
        """Save other sentences of what was drafted; only masking a name does this."""
        table = schema.narrative
        with self._database.write() as connection:
            for change in changes:
                connection.execute(
                    table.update()
                    .where(table.c.id == change.id)
                    .values(sentences_json=_sentences_json(change.sentences))
                )

    def remove(self, ids: Sequence[int]) -> None:
        """Delete what was drafted; only forgetting a person does this."""
        table = schema.narrative
        with self._database.write() as connection:
            for number in ids:
                connection.execute(table.delete().where(table.c.id == number))


def _sentences_json(sentences: Sequence[DraftedSentence]) -> str:
    return rows.as_json([{"coding_ids": list(s.coding_ids), "text": s.text} for s in sentences])


def _narrative(row: sa.RowMapping) -> Narrative:
    values = dict(row)
    values["sentences"] = tuple(
        DraftedSentence(sentence["text"], tuple(sentence["coding_ids"]))
        for sentence in json.loads(values.pop("sentences_json"))
    )
    return Narrative(**values)
