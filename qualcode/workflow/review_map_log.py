"""What people decided on the map, told in words, and what each can take back next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.analysis.edits import SUBJECTS
from qualcode.records import Decision
from qualcode.workflow.codebook_apply import SUBJECT as CODEBOOK
from qualcode.workflow.edit_log import decision_log
from qualcode.workflow.edit_words import sentence
from qualcode.workflow.study import Study

__all__ = ["MapDecision", "map_log", "next_redo", "next_undo", "told"]


@dataclass(frozen=True, slots=True)
class MapDecision:
    """Hold a decision that shows on the map, with what became of it.

    Attributes:
        root: The decision itself; for an undoing, the one that it takes back or brings again.
        depth: 0 for a decision, 1 for its undoing, 2 for the undoing of that, …: odd ones take
            back, even ones bring again.
        stands: Whether it counts now.
    """

    decision: Decision
    root: Decision
    depth: int
    stands: bool


def map_log(study: Study) -> tuple[MapDecision, ...]:
    """Return what was decided on the map, oldest first.

    Of the codebook's decisions only those on stages are there.
    """
    stages = {code.id for code in study.codebook.codes if code.family == "stage"}
    roots: dict[int, tuple[Decision, int]] = {}
    found = []
    for logged in decision_log(study):
        made = logged.decision
        root, depth = made, 0
        if made.undoes is not None and made.undoes in roots:
            root, depth = roots[made.undoes]
            depth += 1
        roots[made.id] = (root, depth)
        if root.subject in SUBJECTS or _is_of_stages(root, stages):
            found.append(MapDecision(made, root, depth, logged.stands))
    return tuple(found)


def _is_of_stages(decision: Decision, stages: set[str]) -> bool:
    if decision.subject != CODEBOOK:
        return False
    sides = (decision.value, decision.replaced)
    return not stages.isdisjoint(
        {decision.target, *(code_id for side in sides for code_id in side.get("codes", {}))}
    )


def next_undo(log: Sequence[MapDecision], author: str) -> Decision | None:
    """Return the person's last decision that stands."""
    own = (m.root for m in reversed(log) if m.depth == 0 and m.stands and m.root.author == author)
    return next(own, None)


def next_redo(log: Sequence[MapDecision], author: str) -> Decision | None:
    """Return the person's last taking back that stands, unless he or she decided anew after it."""
    for made in reversed(log):
        if made.decision.author != author:
            continue
        if made.depth == 0:
            return None
        if made.depth % 2 and made.stands:
            return made.decision
    return None


def told(study: Study, made: MapDecision) -> dict[str, Any]:
    """Return a decision as a page tells it: who, when, what in a sentence, and whether it holds."""
    decision, root = made.decision, made.root
    said = _without_ids(sentence(root, study.codebook), root, study)
    if made.depth:
        what = "took back" if made.depth % 2 else "brought again"
        whose = said.removeprefix(f"{root.author} ") if root.author == decision.author else said
        said = f"{decision.author} {what}: {whose}"
    return {
        "id": decision.id,
        "at": decision.at,
        "author": decision.author,
        "said": said,
        "reason": decision.reason,
        "stands": made.stands,
        "is_undoing": made.depth > 0,
    }


def _without_ids(said: str, decision: Decision, study: Study) -> str:
    """Return a sentence with names in the place of ids, for people who see none."""
    names = {one.id: one.name for one in study.codebook.codes}
    if decision.subject == CODEBOOK and decision.action == "move":
        named = names.get(decision.target, decision.target)
        return f"{decision.author} moved the stage “{named}” to another place"
    if decision.subject != "quote":
        return said
    value = decision.value
    said = said.replace(f"coding {value['coding_id']}", "a quote")
    said = said.replace(str(value.get("for") or "\0"), "another one")
    cell = str(value.get("cell") or "")
    if not cell:
        return said
    lane, stage, *code = cell.split("/")
    what = names.get(code[0], code[0]) if code else _LANES.get(lane, lane)
    return said.replace(f"in {cell}", f"under “{what}” at “{names.get(stage, stage)}”")


_LANES = {"doing": "Doing", "thinking": "Thinking"}
