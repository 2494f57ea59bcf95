"""Make room for a file that takes the place of a source, without losing what people decided."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping

from qualcode.records import Speaker
from qualcode.store.removals import Copy
from qualcode.workflow.arrivals import Arrival
from qualcode.workflow.carrying import Carried, is_decided_on, plan
from qualcode.workflow.ingest_report import Outcome
from qualcode.workflow.source_life import begin_replacing
from qualcode.workflow.study import Study

__all__ = ["Room", "told"]


class Room:
    """Take sources out that files replace.

    Args:
        study: The study.
        may_lose: Whether a source goes whose decisions cannot all follow their words; its copy
            keeps them.
        by: Who decides.
        reason: In the author's words.
    """

    def __init__(
        self, study: Study, *, may_lose: bool = False, by: str | None = None, reason: str = ""
    ) -> None:
        self._study = study
        self._may_lose, self._by, self._reason = may_lose, by, reason

    def make(self, arrival: Arrival, read: Callable[[], Copy]) -> Outcome | None:
        """Take out what a file replaces; return an outcome where that would lose decisions.

        Args:
            arrival: The file, with the source that it replaces.
            read: Returns the file's texts as they would be saved.
        """
        study, before = self._study, arrival.replaces
        assert before is not None
        if not self._may_lose:
            old = study.repository.removals.live(before.id)
            if not is_decided_on(study, old, before.id):
                study.repository.sources.remove(before.id)
                return None
            lost = plan(study, old, read(), before.id, arrival.source_id).carried.lost
            if lost:
                return self._refused(arrival, len(lost))
        begin_replacing(study, before, arrival.source_id, by=self._by, reason=self._reason)
        return None

    def _refused(self, arrival: Arrival, n_lost: int) -> Outcome:
        assert arrival.replaces is not None
        paths = (self._study.path, arrival.replaces.path, arrival.file.path)
        study, source, file = (shlex.quote(str(path)) for path in paths)
        return Outcome(
            arrival.file.name,
            "failed",
            f"people have decided on {n_lost} {'places' if n_lost > 1 else 'place'} of it that the "
            "new file does not have word for word",
            f"qualcode sources replace --study {study} {source} {file}  "
            "(carries the others, lists these, and can be taken back)",
        )

    def voices_waiting_for(self, arrival: Arrival, path: str) -> Mapping[str | None, Speaker]:
        """Return the voices of the source that a killed run took out for this file, if one did.

        The file then counts as what replaces it.

        Args:
            arrival: The file.
            path: What the study calls it.
        """
        removals = self._study.repository.removals
        live = {record.id for record in self._study.repository.sources.all()}
        for out in removals.all():
            is_its = out.replaced_by == arrival.source_id or out.replaced_by not in live
            if not out.is_carried and out.path == path and is_its:
                removals.replaced_by(out.id, arrival.source_id)
                documents = removals.copy(out.id).documents
                return {voice.label: voice for d in documents for voice in d.speakers}
        return {}


def told(carried: Carried) -> tuple[str, ...]:
    """Return in a line what came over; nothing where nothing did."""
    counts = (
        (carried.n_events, "events of the review"),
        (carried.n_decisions, "decisions on the map"),
        (carried.n_notes, "notes"),
    )
    said = ", ".join(f"{n} {what}" for n, what in counts if n)
    return (f"carried over word for word: {said}",) if said else ()
