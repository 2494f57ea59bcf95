"""Write on the map: stages' names, order and sign-off, summaries, opportunities, owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qualcode.analysis.edited_quotes import TOLD_LANES
from qualcode.analysis.edits import stages_fingerprint
from qualcode.analysis.model_words import PERSONA
from qualcode.draft import Opportunity, Summary
from qualcode.errors import UsageError
from qualcode.records import Decision
from qualcode.workflow.desk import Desk, written_line
from qualcode.workflow.naming import find_id, find_lane, find_persona, live_code, numbered
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.workflow.codebook import Changed

__all__ = [
    "accept_summary",
    "edit_opportunity",
    "order_stage",
    "reject_summary",
    "remove_opportunity",
    "rename_stage",
    "set_owner",
    "sign_stages",
    "write_opportunity",
    "write_summary",
]


def rename_stage(
    study: Study, stage: str, name: str, *, by: str | None = None, reason: str = ""
) -> Changed:
    """Give a stage another name, in the codebook; nothing is coded again by that.

    Raises:
        UsageError: There is no such stage, or the name is empty or the one that it has.
        CodebookError: The name is taken.
    """
    from qualcode.workflow import codebook

    desk = Desk(study, by=by, reason=reason)
    code, worded = desk.stage(stage), written_line(name, "name")
    changed = codebook.rename(study, code.id, worded, by=desk.author, reason=desk.reason)
    return _refuse_nothing(changed)


def order_stage(
    study: Study,
    stage: str,
    *,
    before: str | None = None,
    after: str | None = None,
    by: str | None = None,
    reason: str = "",
) -> Changed:
    """Move a stage before or after another one, in the codebook.

    Raises:
        UsageError: There is no such stage, it stands there already, or not exactly one of `before`
            and `after` is given.
    """
    from qualcode.workflow import codebook

    desk = Desk(study, by=by, reason=reason)
    if (before is None) == (after is None):
        raise UsageError("say where it goes", hint="with --before STAGE or with --after STAGE")
    changed = codebook.move(
        study,
        desk.stage(stage).id,
        before=None if before is None else desk.stage(before).id,
        after=None if after is None else desk.stage(after).id,
        by=desk.author,
        reason=desk.reason,
    )
    return _refuse_nothing(changed)


def _refuse_nothing(changed: Changed) -> Changed:
    if changed.decision is None:
        raise UsageError(f"the stage {changed.target} is so already; nothing changed")
    return changed


def sign_stages(
    study: Study,
    *,
    role: str = "",
    dissent: str = "",
    by: str | None = None,
    reason: str = "",
) -> Decision:
    """Put one's name under the stages as they are named and ordered now, or one's dissent.

    Args:
        role: What the person is to the study, such as "leader".
        dissent: Why the person does not agree; empty for one who does.

    Raises:
        UsageError: There are no stages.
    """
    desk = Desk(study, by=by, reason=reason)
    stages = desk.codebook.family("stage")
    if not stages:
        raise UsageError("the codebook has no stages", hint="qualcode codebook add makes one")
    note = " ".join(dissent.split())
    return desk.record(
        "stages",
        "stages",
        "sign",
        {
            "role": " ".join(role.split()),
            "agrees": not note,
            "note": note,
            "fingerprint": stages_fingerprint(desk.codebook),
            "stages": [stage.name for stage in stages],
        },
    )


def write_summary(
    study: Study, lane: str, stage: str, text: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Write the sentence that stands over a cell, in the place of the one that is there.

    Args:
        lane: A family, "doing" or "thinking"; "persona" for what describes a persona.
        stage: Id or name; of the persona where it is about one.

    Raises:
        UsageError: There is no such lane, stage or persona, or the text is empty.
    """
    desk = Desk(study, by=by, reason=reason)
    worded = written_line(text, "summary")
    cell, before = _summary(desk, lane, stage)
    status = "written" if before is None else "edited"
    return desk.record("summary", cell, "write", {"text": worded, "status": status}, _told(before))


def accept_summary(
    study: Study, lane: str, stage: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Take a model's summary as it is: no later run changes it.

    Raises:
        UsageError: No draft of a summary stands there.
    """
    desk = Desk(study, by=by, reason=reason)
    cell, before = _summary(desk, lane, stage)
    if before is None or before.status != "draft":
        raise UsageError(
            f"no draft of a summary stands over {cell}"
            + ("" if before is None else f": this one is {before.author}'s"),
            hint="qualcode draft has a language model draft them; write one with qualcode edit "
            "summary write",
        )
    value: dict[str, Any] = {"text": before.text}
    if before.codings:
        value["codings"] = list(before.codings)
    return desk.record("summary", cell, "accept", value, _told(before))


def reject_summary(
    study: Study, lane: str, stage: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Take away the summary that stands over a cell.

    Raises:
        UsageError: There is none.
    """
    desk = Desk(study, by=by, reason=reason)
    cell, before = _summary(desk, lane, stage)
    if before is None:
        raise UsageError(f"no summary stands over {cell}", hint="qualcode edit show lists them")
    return desk.record("summary", cell, "reject", {"text": before.text}, _told(before))


def _summary(desk: Desk, lane: str, stage: str) -> tuple[str, Summary | None]:
    """Return the key of a cell, or of a persona, and what stands over it now."""
    found = find_lane(desk.codebook, lane, (*TOLD_LANES, PERSONA))
    if found == PERSONA:
        cell = found, find_persona(desk.drafted.participants, stage)
    else:
        cell = found, desk.stage(stage).id
    standing = {(s.lane, s.stage): s for s in desk.drafted.draft.edits.summaries}
    return "/".join(cell), standing.get(cell)


def _told(summary: Summary | None) -> dict[str, Any]:
    if summary is None:
        return {}
    return {"text": summary.text, "status": summary.status, "author": summary.author}


def write_opportunity(
    study: Study,
    stage: str,
    text: str,
    *,
    owner: str = "",
    by: str | None = None,
    reason: str = "",
) -> Decision:
    """Write down what could be done about a stage; `opportunity_id` of the result names it.

    Raises:
        UsageError: There is no such stage, or the text is empty.
    """
    desk = Desk(study, by=by, reason=reason)
    code = desk.stage(stage)
    value = {
        "stage": code.id,
        "text": written_line(text, "opportunity"),
        "owner": " ".join(owner.split()),
    }
    return desk.record("opportunity", code.id, "write", value)


def edit_opportunity(
    study: Study,
    opportunity: str,
    *,
    text: str | None = None,
    stage: str | None = None,
    owner: str | None = None,
    by: str | None = None,
    reason: str = "",
) -> Decision:
    """Change what is given and keep the rest.

    Args:
        owner: Empty for nobody.

    Raises:
        UsageError: There is no such opportunity or stage, or nothing changes.
    """
    desk = Desk(study, by=by, reason=reason)
    chosen = _opportunity(desk, opportunity)
    value: dict[str, str] = {}
    if text is not None:
        value["text"] = written_line(text, "opportunity")
    if stage is not None:
        value["stage"] = desk.stage(stage).id
    if owner is not None:
        value["owner"] = " ".join(owner.split())
    replaced = {key: getattr(chosen, key) for key in value}
    if replaced == value:
        raise UsageError(f"{chosen.id} says just that already")
    return desk.record("opportunity", chosen.id, "edit", value, replaced)


def remove_opportunity(
    study: Study, opportunity: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Take an opportunity off the map.

    Raises:
        UsageError: There is no such opportunity.
    """
    desk = Desk(study, by=by, reason=reason)
    chosen = _opportunity(desk, opportunity)
    replaced = {"stage": chosen.stage, "text": chosen.text, "owner": chosen.owner}
    return desk.record("opportunity", chosen.id, "remove", {}, replaced)


def _opportunity(desk: Desk, named: str) -> Opportunity:
    known = [(o.id, o) for o in desk.written.opportunities]
    listed = ", ".join(key for key, _ in known)
    return find_id(
        named.upper(),
        known,
        what="opportunity",
        hint=f"there are: {listed}" if known else "nobody has written one yet",
    )


def set_owner(
    study: Study, thing: str, owner: str, *, by: str | None = None, reason: str = ""
) -> Decision:
    """Say who answers for a stage, a criterion, another code or an opportunity.

    Args:
        thing: Number, id or name, as `qualcode edit show` lists them.
        owner: Empty for nobody.

    Raises:
        UsageError: Nothing is called so, or it is that person's already.
    """
    desk = Desk(study, by=by, reason=reason)
    name = " ".join(owner.split())
    known = [o.id for o in desk.written.opportunities]
    if thing.strip().upper() in known:
        return edit_opportunity(study, thing, owner=name, by=desk.author, reason=reason)
    value: dict[str, Any] = {"owner": name}
    try:
        code = live_code(desk.codebook, thing)
        target, value["kind"] = code.id, "stage" if code.family == "stage" else "code"
    except UsageError as unknown:
        try:
            criterion = desk.criterion(thing)
        except UsageError:
            names = [*numbered(desk.drafted.draft.criteria), *known]
            raise UsageError(
                f"neither a code nor a criterion nor an opportunity is called {thing!r}",
                hint=f"there are {', '.join(names)} and the codes: {unknown.hint}",
            ) from unknown
        target, value["kind"] = criterion.id, "criterion"
        value["criterion"] = desk.snapshot(criterion)
    before = desk.written.owners.get(target, "")
    if before == name:
        raise UsageError(f"the owner of {target} is {name or 'nobody'} already")
    return desk.record("owner", target, "set", value, {"owner": before})
