"""What a person who edits has before them: the draft, what is decided, and the pen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qualcode.codebook import Code, Codebook
from qualcode.draft import (
    CriteriaDraft,
    DesignCriterion,
    Draft,
    JourneyMap,
    MapEdits,
)
from qualcode.errors import UsageError
from qualcode.records import Decision
from qualcode.workflow.author import author_of
from qualcode.workflow.naming import find_criterion, live_code
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.analysis.lookup import Lookup
    from qualcode.workflow.draft import Drafted

__all__ = ["Desk", "written_line"]


class Desk:
    """Hold one edit of a study: what it needs is loaded when it is first asked for.

    Args:
        by: Who decides; see `author_of`.
        reason: In the person's words, may be empty.
    """

    def __init__(self, study: Study, *, by: str | None = None, reason: str = "") -> None:
        self.study = study
        self.reason = reason.strip()
        self._by = by

    @cached_property
    def author(self) -> str:
        """Return who decides.

        Raises:
            UsageError: It is not known.
        """
        return author_of(self.study, self._by)

    @property
    def codebook(self) -> Codebook:
        return self.study.codebook

    @cached_property
    def decisions(self) -> Sequence[Decision]:
        """Return the decisions that stand, oldest first."""
        return self.study.repository.decisions.standing()

    @cached_property
    def drafted(self) -> Drafted:
        """Return the whole draft, with what people decided."""
        from qualcode.workflow.draft import draft

        return draft(self.study)

    @cached_property
    def found(self) -> Lookup:
        """Return the corpus to look things up in; the draft's where that is loaded."""
        from qualcode.analysis.lookup import Lookup

        if self.study.held_draft is not None:
            return self.study.held_draft.found(self.study)
        if "drafted" in self.__dict__:
            return Lookup(self.drafted.corpus, self.codebook, self.drafted.participants)
        people = self.study.repository.people.participants()
        return Lookup(self.study.corpus(), self.codebook, people)

    @cached_property
    def written(self) -> MapEdits:
        """Return what people wrote, without drafting anything: opportunities, owners, sign-offs."""
        from qualcode.analysis.edits import apply_edits

        nothing = Draft(CriteriaDraft(()), JourneyMap((), {}, (), 0, 0, 0, 0))
        own = [d for d in self.decisions if d.subject in ("opportunity", "owner", "stages")]
        return apply_edits(nothing, own, self.codebook, corpus=self.found.corpus).edits

    def stage(self, named: str) -> Code:
        return live_code(self.codebook, named, families=("stage",))

    def criterion(self, named: str) -> DesignCriterion:
        return find_criterion(self.drafted.draft.criteria, named)

    def snapshot(self, criterion: DesignCriterion) -> dict[str, Any]:
        """Return what a decision must keep of a criterion."""
        from qualcode.analysis.held_criteria import snapshot

        machine = self.drafted.draft.unedited or self.drafted.draft
        return snapshot(machine.criteria, criterion, self.decisions, self.found)

    def record(
        self,
        subject: str,
        target: str,
        action: str,
        value: Mapping[str, Any],
        replaced: Mapping[str, Any] | None = None,
    ) -> Decision:
        """Save what the person decided."""
        return self.study.repository.decisions.add(
            author=self.author,
            subject=subject,
            target=target,
            action=action,
            value=value,
            replaced=replaced,
            reason=self.reason,
        )


def written_line(text: str, what: str) -> str:
    """Return a text that a person wrote with single spaces.

    Raises:
        UsageError: It is empty.
    """
    line = " ".join(text.split())
    if not line:
        raise UsageError(f"the {what} is empty", hint="write it behind the command, in quotes")
    return line
