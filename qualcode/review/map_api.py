"""What the map's page asks for and sends, as JSON.

    GET  /api/map              → {is_ready: false} until there is a draft, then the whole map
    GET  /api/map?known=…      → {is_same: true} where a page has this version
    GET  /api/map/quotes?cell= → {cell, quotes, n_quotes, n_kept_back}
    POST /api/map/decide       {subject, target, action, value, reason, seen, uid, after}
                               → {decision, …} with the items that changed and the keys of those
                               that are gone; all items where the page had missed decisions

The map is {is_ready, is_whole, is_fresh, version, last, sections, items, gone, people, owners, log,
n_log, undo, redo}: `last` is the number of the last decision, to be sent back as `seen` with the
next deed; `is_fresh` is false while a newer draft is being made; `undo` and `redo` are what these
two deeds of the subject "log" would do next, {id, said} or null. The other deeds stand in
`workflow/review_map_deeds.py`. `uid` is the page's own for a deed, which is done once however often
it is sent; `after` stands with a deed that is sent again: the last decision that an answer named.

409 says that somebody else has decided on the same thing since `seen`, and what; nothing is done
then. It also says what the workflow refuses. 503: nothing was done, send it again later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qualcode.errors import CodebookError, StudyError
from qualcode.review.calls import Call
from qualcode.review.replies import Refused

if TYPE_CHECKING:
    from qualcode.workflow.review_map_deeds import Deed
    from qualcode.workflow.review_sight import Sight

__all__ = ["decide", "quotes", "whole"]

_DRAFTING = "The map is still being drafted"
_LOGGED = 80
_LONGEST = 2000
_MOST_QUOTES = 400


def whole(call: Call) -> Any:
    """Return the map as this person may see it."""
    desk = call.service.map
    laid = desk.laid(call.study)
    if laid is None:
        return {"is_ready": False}
    sight = _sight(call)
    if call.query.get("known") == desk.version(sight):
        return {"is_same": True}
    sheet = desk.sheet(laid, sight)
    return {**_around(call, sight), "is_whole": True, "gone": [], **sheet}


def quotes(call: Call) -> Any:
    """Return the quotes of one cell."""
    laid = call.service.map.laid(call.study)
    if laid is None:
        raise Refused(503, _DRAFTING)
    asked = call.text("most", "50")
    most = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 5 else 50
    return laid.cell_quotes(call.text("cell"), _sight(call), most=min(most, _MOST_QUOTES))


def decide(call: Call) -> Any:
    """Put one deed into the log and return what it changed."""
    from qualcode.workflow.review_map_deeds import decide as do

    desk, study, deed, uid = call.service.map, call.study, _deed(call), call.text("uid", "")
    sight = _sight(call)
    before = desk.laid(study)
    if before is None:
        raise Refused(503, _DRAFTING)
    was, last = desk.sheet(before, sight), study.repository.decisions.last_id()
    if uid not in desk.receipts:
        try:
            desk.remember(uid, do(study, deed, by=call.reviewer).id)
        except StudyError as error:  # another process is at the codebook
            raise Refused(503, error.message) from error
        except CodebookError as error:  # such as a name that is taken
            raise Refused(409, error.message) from error
    after = desk.laid(study)
    assert after is not None  # a draft that is there stays until the next one
    now = desk.sheet(after, sight)
    reply = {**_around(call, sight), "decision": desk.receipts[uid], **now}
    if deed.seen != last:
        return {**reply, "is_whole": True, "gone": []}
    items: Mapping[str, Any] = now["items"]
    changed = {key: item for key, item in items.items() if was["items"].get(key) != item}
    gone = [key for key in was["items"] if key not in items]
    return {**reply, "is_whole": False, "items": changed, "gone": gone}


def _around(call: Call, sight: Sight) -> dict[str, Any]:
    """Return what stands around sections and items: version, log, and what can be taken back."""
    from qualcode.workflow.review_map_log import map_log, next_redo, next_undo, told

    desk, study = call.service.map, call.study
    log = map_log(study)
    by_id = {made.decision.id: made for made in log}

    def named(decision: Any) -> dict[str, Any] | None:
        if decision is None:
            return None
        return {"id": decision.id, "said": told(study, by_id[decision.id])["said"]}

    return {
        "is_ready": True,
        "is_fresh": desk.is_fresh,
        "version": desk.version(sight),
        "last": study.repository.decisions.last_id(),
        "log": [told(study, made) for made in reversed(log[-_LOGGED:])],
        "n_log": len(log),
        "undo": named(next_undo(log, call.reviewer)),
        "redo": named(next_redo(log, call.reviewer)),
    }


def _sight(call: Call) -> Sight:
    return call.service.map.sight(call.service.quick, call.reviewer, call.part)


def _deed(call: Call) -> Deed:
    from qualcode.workflow.review_map_deeds import Deed

    value = call.body.get("value")
    fields = value.items() if isinstance(value, Mapping) else [("value", value)]
    for name, given in fields:
        if not (given is None or isinstance(given, (str, bool))):
            raise Refused(400, f"{name!r} is neither a text nor left out")
        if isinstance(given, str) and len(given) > _LONGEST:
            raise Refused(400, f"At most {_LONGEST:,} characters, please: this is {len(given):,}")
    reason = call.text("reason", "")
    if len(reason) > _LONGEST:
        raise Refused(400, f"At most {_LONGEST:,} characters, please: this is {len(reason):,}")
    is_again = call.body.get("after") is not None
    return Deed(
        subject=call.text("subject"),
        action=call.text("action"),
        target=call.text("target", ""),
        value=value,
        reason=reason,
        seen=call.number("seen", 0, least=0, most=2**53),
        after=call.number("after", 0, least=0, most=2**53) if is_again else None,
    )
