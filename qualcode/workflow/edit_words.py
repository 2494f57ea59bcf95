"""Say in a sentence what a decision did, for people who read the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qualcode.analysis.edits import opportunity_id
from qualcode.codebook import Codebook, family_name
from qualcode.records import Decision

__all__ = ["sentence"]

_CRITERION = {
    "accept": "accepted the criterion {statement}",
    "reject": "rejected the criterion {statement}",
    "restore": "brought the criterion {statement} back",
}
_QUOTE = {
    "pin": "pinned coding {coding_id} in {cell}",
    "unpin": "unpinned coding {coding_id} in {cell}",
    "swap": "put coding {coding_id} in the place of {for} in {cell}",
    "hide": "hid coding {coding_id}: {reason}",
    "show": "showed coding {coding_id} again",
}


def sentence(decision: Decision, codebook: Codebook) -> str:
    """Return what was done, beginning with who did it; quotes are named by their codings' ids."""
    say = _SAYERS.get(decision.subject, _in_codebook)
    if decision.undoes is not None:
        told = f"took back decision {decision.undoes}"
    else:
        told = say(decision, lambda code_id: _name(codebook, code_id))
    return f"{decision.author} {told}"


Naming = Callable[[str], str]


def _name(codebook: Codebook, code_id: str) -> str:
    return next((f"“{c.name}”" for c in codebook.codes if c.id == code_id), code_id)


def _criterion(decision: Decision, _name: Naming) -> str:
    statement = f"“{decision.value['statement']}”"
    if decision.action == "edit":
        return f"worded a criterion anew: {statement}, before: “{decision.replaced['statement']}”"
    return _CRITERION[decision.action].format(statement=statement)


def _need(decision: Decision, name: Naming) -> str:
    to = decision.value["criterion"]["statement"]
    return f"moved the need {name(decision.target)} to the criterion “{to}”"


def _quote(decision: Decision, _name: Naming) -> str:
    return _QUOTE[decision.action].format(**decision.value)


def _summary(decision: Decision, name: Naming) -> str:
    lane, _, stage = decision.target.partition("/")
    if lane == "persona":
        of = f"description of the persona {stage}"
    else:
        of = f"summary of “{family_name(lane)}” at {name(stage)}"
    what = {"write": "wrote", "accept": "accepted", "reject": "took away"}[decision.action]
    text = decision.value["text"]
    return f"{what} the {of}: “{text}”"


def _opportunity(decision: Decision, name: Naming) -> str:
    value = decision.value
    if decision.action == "write":
        owner = f", owner: {value['owner']}" if value["owner"] else ""
        stage = name(value["stage"])
        return f"wrote opportunity {opportunity_id(decision)} at {stage}: “{value['text']}”{owner}"
    if decision.action == "remove":
        return f"took away opportunity {decision.target}: “{decision.replaced['text']}”"
    return f"changed opportunity {decision.target}: {_changes(decision.replaced, value)}"


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    told = []
    for key, value in after.items():
        was = f", before: “{before[key]}”" if before.get(key) else ""
        told.append(f"{key} “{value}”{was}")
    return "; ".join(told)


def _owner(decision: Decision, name: Naming) -> str:
    value = decision.value
    kept = value.get("criterion")
    thing = f"the criterion “{kept['statement']}”" if kept else name(decision.target)
    was = f", before: {decision.replaced['owner']}" if decision.replaced.get("owner") else ""
    return f"named {value['owner'] or 'nobody'} as owner of {thing}{was}"


def _stages(decision: Decision, _name: Naming) -> str:
    value = decision.value
    role = f"as {value['role']} " if value["role"] else ""
    stages = " > ".join(value["stages"])
    if value["agrees"]:
        return f"{role}signed the stages: {stages}"
    return f"{role}does not agree with the stages ({value['note']}): {stages}"


def _source(decision: Decision, _name: Naming) -> str:
    path = decision.value.get("path", decision.target)
    if decision.action == "replace":
        return f"read another file in the place of the source {path}"
    return f"took the source {path} out of the study"


def _in_codebook(decision: Decision, _name: Naming) -> str:
    before, after = (side.get("codes", {}) for side in (decision.replaced, decision.value))
    named = [
        f"“{before[i]['name']}” to “{after[i]['name']}”"
        for i in after
        if before.get(i) and after[i] and before[i].get("name") != after[i].get("name")
    ]
    if decision.action == "rename" and named:
        return f"renamed {', '.join(named)} in the codebook"
    return f"changed the codebook: {decision.action} {decision.target}"


_SAYERS: Mapping[str, Callable[[Decision, Naming], str]] = {
    "criterion": _criterion,
    "need": _need,
    "quote": _quote,
    "summary": _summary,
    "opportunity": _opportunity,
    "owner": _owner,
    "stages": _stages,
    "source": _source,
}
