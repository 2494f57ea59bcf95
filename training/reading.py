"""Labelled texts as the coder reads them, for what is fitted on the finished encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evals.local_coder import Labelled
from qualcode.coders.base import Task
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import Heads
from qualcode.coders.local.passages import Passages, read_passages
from qualcode.coders.local.readings import answers
from qualcode.coders.local.weights import Weights
from qualcode.records import Document, DocumentKind, Role, Segment, Speaker, Turn, stable_id

__all__ = ["Labels", "Reader", "rows_of", "stretches"]

Floats = NDArray[np.float64]
Labels = Mapping[str, frozenset[str]]


def stretches(
    name: str, rows: Sequence[tuple[str, Labels]], kind: DocumentKind
) -> tuple[list[Task], list[Labelled]]:
    """Return texts as segments that stand alone, with the families that are known of each."""
    tasks, labelled = [], []
    for at, (text, labels) in enumerate(rows):
        document = Document(
            id=stable_id("doc", name, str(at)),
            source_id="dev",
            path=f"{name} {at}",
            kind=kind,
            text=text,
            turns=(Turn(0, 0, len(text)),),
            speakers=(Speaker(None, Role.PARTICIPANT, "P1"),),
        )
        segment = Segment(
            id=stable_id("seg", name, str(at)),
            document_id=document.id,
            index=0,
            turn_index=0,
            start_char=0,
            end_char=len(text),
            role=Role.PARTICIPANT,
        )
        tasks.append(Task(document, (segment,)))
        labelled.append(Labelled(segment, labels))
    return tasks, labelled


class Reader:
    """Read tasks as the coder does."""

    def __init__(self, weights: Weights) -> None:
        self.encoder, self.heads = Encoder(weights=weights), Heads(weights=weights)

    def read(self, texts: Sequence[str]) -> tuple[Floats, NDArray[np.float32]]:
        """Return unit rows and answers."""
        encoded = self.encoder.read(list(texts))
        return encoded.vectors.astype(np.float64), answers(self.heads, encoded)

    def passages(self, tasks: Sequence[Task]) -> Passages:
        """Return the passages of tasks."""
        return read_passages(tasks, self.read, self.read)


def rows_of(
    passages: Passages, labelled: Sequence[Labelled], family: str
) -> Mapping[int, frozenset[str]]:
    """Return the labels of the passages heard that have any, by their place."""
    labels = {row.segment.id: row.labels.get(family) for row in labelled}
    found = {}
    for at, passage in enumerate(passages.heard):
        own = labels.get(passage.segment.id)
        if own is not None:
            found[at] = own
    return found
