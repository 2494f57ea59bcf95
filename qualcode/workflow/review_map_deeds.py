"""Decide on the map from a page: each deed goes through the functions that the commands use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qualcode.analysis.edits import opportunity_id
from qualcode.errors import UsageError
from qualcode.records import Decision
from qualcode.workflow import edit_criteria, edit_map, edit_quotes
from qualcode.workflow.codebook_apply import SUBJECT as CODEBOOK
from qualcode.workflow.edit_log import undo
from qualcode.workflow.review_map_log import map_log, next_redo, next_undo, told
from qualcode.workflow.study import Study

__all__ = ["ChangedMeanwhile", "Deed", "decide"]


class ChangedMeanwhile(UsageError):
    """Somebody else has decided on the same thing since the person last saw it."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Hold what a person wants done.

    Attributes:
        subject: "criterion", "need", "stage", "stages", "summary", "quote", "opportunity", "owner",
            or "log" for taking back.
        action: Such as "accept"; see `_DEEDS`.
        target: Id of the thing: of a coding, "lane/stage" of a summary, a stage for an opportunity
            to write.
        value: A text, or fields with texts, as the action needs.
        reason: Why; only hiding a quote needs one.
        seen: Number of the last decision that the person had before him or her.
        after: For a deed that is sent again because nobody knows whether it arrived: the number of
            the last decision of the page that did. None for one that is sent for the first time.
    """

    subject: str
    action: str
    target: str = ""
    value: Any = None
    reason: str = ""
    seen: int = 0
    after: int | None = None


def decide(study: Study, deed: Deed, *, by: str) -> Decision:
    """Do it, once, and return the decision as it was recorded.

    Raises:
        ChangedMeanwhile: Somebody else has decided on the same thing since `deed.seen`.
        UsageError: It makes no sense, or there is no such thing.
    """
    do = _DEEDS.get((deed.subject, deed.action))
    if do is None:
        raise UsageError(f"nothing is known of {deed.action!r} for {deed.subject!r}")
    if deed.after is not None and (known := _arrived(study, deed, by)) is not None:
        return known
    _refuse_stale(study, deed, by)
    return do(study, deed, by)


# What each deed is


def _text(deed: Deed, name: str = "") -> str:
    value = deed.value.get(name) if name and isinstance(deed.value, Mapping) else deed.value
    if not isinstance(value, str):
        raise UsageError(f"{deed.action} {deed.subject}: {name or 'the text'} is missing")
    return value


def _maybe(deed: Deed, name: str) -> str | None:
    value = deed.value.get(name) if isinstance(deed.value, Mapping) else None
    if value is not None and not isinstance(value, str):
        raise UsageError(f"{deed.action} {deed.subject}: {name} is no text")
    return value


def _recorded(made: Any) -> Decision:
    decision = made if isinstance(made, Decision) else made.decision
    assert isinstance(decision, Decision)  # those that change nothing raise
    return decision


def _on_criterion(work: Callable[..., Decision]) -> Callable[[Study, Deed, str], Decision]:
    return lambda study, deed, by: work(study, deed.target, by=by, reason=deed.reason)


def _word_criterion(study: Study, deed: Deed, by: str) -> Decision:
    worded = _text(deed)
    return edit_criteria.edit_criterion(study, deed.target, worded, by=by, reason=deed.reason)


def _move_need(study: Study, deed: Deed, by: str) -> Decision:
    return edit_criteria.move_need(study, deed.target, _text(deed), by=by, reason=deed.reason)


def _rename_stage(study: Study, deed: Deed, by: str) -> Decision:
    return _recorded(
        edit_map.rename_stage(study, deed.target, _text(deed), by=by, reason=deed.reason)
    )


def _order_stage(study: Study, deed: Deed, by: str) -> Decision:
    before, after = _maybe(deed, "before"), _maybe(deed, "after")
    return _recorded(
        edit_map.order_stage(
            study, deed.target, before=before, after=after, by=by, reason=deed.reason
        )
    )


def _sign(study: Study, deed: Deed, by: str) -> Decision:
    agrees = isinstance(deed.value, Mapping) and deed.value.get("agrees") is True
    note = "" if agrees else _text(deed, "note").strip()
    if not agrees and not note:
        raise UsageError("it is not said why the stages do not stand", hint="write it down")
    role = _maybe(deed, "role") or ""
    return edit_map.sign_stages(study, role=role, dissent=note, by=by, reason=deed.reason)


def _summary_cell(deed: Deed) -> tuple[str, str]:
    lane, _, stage = deed.target.partition("/")
    return lane, stage


def _on_summary(work: Callable[..., Decision]) -> Callable[[Study, Deed, str], Decision]:
    return lambda study, deed, by: work(study, *_summary_cell(deed), by=by, reason=deed.reason)


def _write_summary(study: Study, deed: Deed, by: str) -> Decision:
    cell = _summary_cell(deed)
    return edit_map.write_summary(study, *cell, _text(deed), by=by, reason=deed.reason)


def _in_cell(work: Callable[..., Decision]) -> Callable[[Study, Deed, str], Decision]:
    return lambda study, deed, by: work(
        study, deed.target, cell=_maybe(deed, "cell"), by=by, reason=deed.reason
    )


def _swap(study: Study, deed: Deed, by: str) -> Decision:
    old, cell = _text(deed, "for"), _maybe(deed, "cell")
    return edit_quotes.swap_quote(study, old, deed.target, cell=cell, by=by, reason=deed.reason)


def _hide(study: Study, deed: Deed, by: str) -> Decision:
    return edit_quotes.hide_quote(study, deed.target, deed.reason, by=by)


def _show(study: Study, deed: Deed, by: str) -> Decision:
    return edit_quotes.show_quote(study, deed.target, by=by, reason=deed.reason)


def _write_opportunity(study: Study, deed: Deed, by: str) -> Decision:
    owner = _maybe(deed, "owner") or ""
    text = _text(deed, "text")
    return edit_map.write_opportunity(
        study, deed.target, text, owner=owner, by=by, reason=deed.reason
    )


def _edit_opportunity(study: Study, deed: Deed, by: str) -> Decision:
    fields = {name: _maybe(deed, name) for name in ("text", "stage", "owner")}
    return edit_map.edit_opportunity(study, deed.target, **fields, by=by, reason=deed.reason)


def _remove_opportunity(study: Study, deed: Deed, by: str) -> Decision:
    return edit_map.remove_opportunity(study, deed.target, by=by, reason=deed.reason)


def _set_owner(study: Study, deed: Deed, by: str) -> Decision:
    return edit_map.set_owner(study, deed.target, _text(deed), by=by, reason=deed.reason)


def _undo(study: Study, deed: Deed, by: str) -> Decision:
    last = next_undo(map_log(study), by)
    if last is None:
        raise UsageError("nothing of yours stands that could be taken back")
    return undo(study, last.id, by=by, reason=deed.reason)


def _redo(study: Study, deed: Deed, by: str) -> Decision:
    last = next_redo(map_log(study), by)
    if last is None:
        raise UsageError("you took nothing back that could be brought again")
    return undo(study, last.id, by=by, reason=deed.reason)


_DEEDS: Mapping[tuple[str, str], Callable[[Study, Deed, str], Decision]] = {
    ("criterion", "accept"): _on_criterion(edit_criteria.accept_criterion),
    ("criterion", "edit"): _word_criterion,
    ("criterion", "reject"): _on_criterion(edit_criteria.reject_criterion),
    ("criterion", "restore"): _on_criterion(edit_criteria.restore_criterion),
    ("need", "move"): _move_need,
    ("stage", "rename"): _rename_stage,
    ("stage", "move"): _order_stage,
    ("stages", "sign"): _sign,
    ("summary", "write"): _write_summary,
    ("summary", "accept"): _on_summary(edit_map.accept_summary),
    ("summary", "reject"): _on_summary(edit_map.reject_summary),
    ("quote", "pin"): _in_cell(edit_quotes.pin_quote),
    ("quote", "unpin"): _in_cell(edit_quotes.unpin_quote),
    ("quote", "swap"): _swap,
    ("quote", "hide"): _hide,
    ("quote", "show"): _show,
    ("opportunity", "write"): _write_opportunity,
    ("opportunity", "edit"): _edit_opportunity,
    ("opportunity", "remove"): _remove_opportunity,
    ("owner", "set"): _set_owner,
    ("log", "undo"): _undo,
    ("log", "redo"): _redo,
}


# What others did meanwhile


def _refuse_stale(study: Study, deed: Deed, by: str) -> None:
    log = map_log(study)
    wanted = _asked_of(deed)
    if deed.subject == "log":
        last = next_undo(log, by) if deed.action == "undo" else next_redo(log, by)
        roots = {made.decision.id: made.root for made in log}
        wanted = frozenset() if last is None else _things(roots[last.id])
    newer = [m for m in log if m.decision.id > deed.seen and m.decision.author != by]
    met = [made for made in newer if not wanted.isdisjoint(_things(made.root))]
    if met:
        said = "; ".join(told(study, made)["said"] for made in met)
        raise ChangedMeanwhile(f"meanwhile {said}", hint="look at it as it is, then decide again")


def _asked_of(deed: Deed) -> frozenset[str]:
    """Return the things whose change by others makes a deed stale."""
    here = f"{deed.subject}/{deed.target}"
    match (deed.subject, deed.action):
        case ("stage", "move"):
            return frozenset({"order"})
        case ("stages", _):
            return frozenset({"stages"})
        case ("quote", "swap"):
            return frozenset({here, f"quote/{_maybe(deed, 'for')}"})
        case ("opportunity", "write"):
            return frozenset()
        case ("owner", _):
            return frozenset({here, f"opportunity/{deed.target}"})
    return frozenset({here})


def _things(decision: Decision) -> frozenset[str]:
    """Return the things that a decision changed."""
    value, here = decision.value, f"{decision.subject}/{decision.target}"
    match (decision.subject, decision.action):
        case ("need", _):
            return frozenset({here, f"criterion/{value['from']}", f"criterion/{value['to']}"})
        case ("quote", "swap"):
            return frozenset({here, f"quote/{value['for']}"})
        case ("opportunity", "write"):
            return frozenset({f"opportunity/{opportunity_id(decision)}"})
        case ("stages", _):
            return frozenset()  # what others think of them keeps nobody from signing
        case (subject, action) if subject == CODEBOOK:
            codes = {decision.target, *value.get("codes", {})}
            order = set() if action == "rename" else {"order"}
            names = set() if action == "move" else {f"stage/{code_id}" for code_id in codes}
            return frozenset({"stages", *order, *names})
    return frozenset({here})


_STORED = {("stage", "rename"): CODEBOOK, ("stage", "move"): CODEBOOK}
"""Deeds that are stored under another subject."""


def _arrived(study: Study, deed: Deed, by: str) -> Decision | None:
    """Return the decision that a deed sent again has made already.

    A page sends one deed after the other, so whatever of its kind the person did last after the
    page's last answer is the deed itself.
    """
    action = "undo" if deed.subject == "log" else deed.action
    kinds = {(_STORED.get((deed.subject, deed.action), deed.subject), action)}
    if deed.subject == "owner":
        kinds.add(("opportunity", "edit"))
    for made in reversed(map_log(study)):
        decision = made.decision
        if deed.after is None or decision.id <= deed.after:
            return None
        is_undoing = decision.undoes is not None
        is_kind = action == "undo" if is_undoing else (decision.subject, decision.action) in kinds
        if decision.author == by and is_kind:
            return decision
    return None
