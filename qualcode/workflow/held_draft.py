"""Keep a machine's draft at hand between the decisions of a server's people.

Drafting takes seconds, laying decisions over a draft does not. What a person saw is what the
decision is about, so it is right that a draft stays for a moment after the codings went on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.codebook import Codebook
from qualcode.draft import ModelWords
from qualcode.workflow.draft import Drafted, with_edits
from qualcode.workflow.model_words import model_words
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
        self._edited: tuple[int, Codebook, tuple[ModelWords, ...], Drafted] | None = None

    def found(self, study: Study) -> Lookup:
        """Return the draft's corpus to look things up in, with the codebook of today."""
        from qualcode.analysis.lookup import Lookup

        if self._found is None or self._found.codebook is not study.codebook:
            machines = self.machines
            self._found = Lookup(machines.corpus, study.codebook, machines.participants)
        return self._found

    def drafted(self, study: Study) -> Drafted:
        """Return the draft with the decisions and the model's words that stand now."""
        decisions = study.repository.decisions
        last, book, words = decisions.last_id(), study.codebook, model_words(study)
        if self._edited is not None:
            of_decision, of_book, of_words, edited = self._edited
            if of_decision == last and of_book is book and of_words == words:
                return edited
        edited = with_edits(
            self.machines, book, decisions.standing(), words=words, found=self.found(study)
        )
        self._edited = (last, book, words, edited)
        return edited
