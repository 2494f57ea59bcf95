"""Keep a machine's draft at hand between the decisions of a server's people.

Drafting takes seconds, laying decisions over a draft does not. What a person saw is what the
decision is about, so it is right that a draft stays for a moment after the codings went on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.codebook import Codebook
from qualcode.workflow.draft import Drafted, with_edits
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.analysis.lookup import Lookup

__all__ = ["HeldDraft", "Stamp", "stamp_of"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Hold what changes whenever a new draft would: codings, texts, people, the codebook."""

    judgement: int
    event: int
    structure: tuple[object, ...]
    codebook: str


def stamp_of(study: Study) -> Stamp:
    """Return the stamp of what a study holds now; takes milliseconds."""
    repository = study.repository
    return Stamp(
        repository.review_overview.last_judgement(),
        repository.review_events.last_id(),
        repository.review_overview.structure(),
        study.codebook.fingerprint(),
    )


class HeldDraft:
    """Hold a machine's draft; as `Study.held_draft` it is what every edit is made on.

    Args:
        machines: The draft, without people's decisions; it may come from another thread.
        stamp: What `stamp_of` returned before it was made.
    """

    def __init__(self, machines: Drafted, stamp: Stamp) -> None:
        self.machines = machines
        self.stamp = stamp
        self._found: Lookup | None = None
        self._edited: tuple[int, Codebook, Drafted] | None = None

    def found(self, study: Study) -> Lookup:
        """Return the draft's corpus to look things up in, with the codebook of today."""
        from qualcode.analysis.lookup import Lookup

        if self._found is None or self._found.codebook is not study.codebook:
            machines = self.machines
            self._found = Lookup(machines.corpus, study.codebook, machines.participants)
        return self._found

    def drafted(self, study: Study) -> Drafted:
        """Return the draft with the decisions that stand now."""
        decisions = study.repository.decisions
        last, book = decisions.last_id(), study.codebook
        if self._edited is not None and self._edited[0] == last and self._edited[1] is book:
            return self._edited[2]
        edited = with_edits(self.machines, book, decisions.standing(), found=self.found(study))
        self._edited = (last, book, edited)
        return edited
