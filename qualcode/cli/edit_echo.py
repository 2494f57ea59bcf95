"""Say what a decision did, so that a slip is seen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.cli.common import one_line, say

if TYPE_CHECKING:
    from qualcode.records import Decision
    from qualcode.workflow.codebook import Changed
    from qualcode.workflow.study import Study

__all__ = ["echo", "echo_change"]


def echo(study: Study, decision: Decision) -> None:
    """Print a decision's number and what it did, and how it is taken back."""
    from qualcode.workflow.edit_words import sentence

    print(f"{decision.id}  {sentence(decision, study.codebook)}")
    if (place := decision.value.get("quote")) is not None:
        documents = {d.id: d for d in study.repository.sources.documents()}
        held = documents[place["document_id"]]
        print(f"    “{one_line(held.text[place['start_char'] : place['end_char']])}”")
    if decision.undoes is not None:
        undone = next(d for d in study.repository.decisions.all() if d.id == decision.undoes)
        say(f"That was: {sentence(undone, study.codebook)}")
    say(f"Take it back: qualcode edit undo {decision.id}")


def echo_change(study: Study, changed: Changed) -> None:
    """Print what was done to the codebook, and what has to be judged again for it."""
    if changed.decision is not None:
        echo(study, changed.decision)
    if changed.judged_again:
        most = max(changed.judged_again.values())
        say(f"Next: qualcode code   (judges up to {most} segments again for this)")
