"""What the pages ask for and send, as JSON; each answer is a dict or a record of the workflow.

All of it needs the session's cookie, and a POST the header `X-CSRF-Token` and a JSON object.

    GET  /api/session          → {reviewer, part, csrf, until}
    GET  /api/book             → {fingerprint, families, reasons}
    POST /api/batch            {queue, size} → Batch
    GET  /api/items?ids=a,b,c  → {items: [Item | {segment_id, refused}]}
    POST /api/reveal           {segment_id} → Item
    POST /api/events           {events, reviewer} → {receipts, progress}
    GET  /api/history          → {decisions: [{uid, segment_id, label, key}]}, the newest last
    GET  /api/progress         → Progress
    GET  /api/search?q=…       → {hits: [{segment_id, document_id, excerpt, source}]}
    POST /api/bulk/preview     {filter} → BulkPreview
    POST /api/bulk/accept      {filter} → BulkResult
    POST /api/bulk/undo        {batch} → BulkResult
    GET  /api/cases            → {segment_ids, n_left}           for adjudicators
    GET  /api/cases/SEGMENT    → Case                            for adjudicators

An answer other than 200 is {error}: 400 and 415 for what is malformed, 401 once the session has
ended, 403 for a foreign page or the token of another session (`/api/session` tells the token of
today's), 409 where the study says no, 413 above 1 MB, 503 where another process writes or the
codebook is being edited: send the same again later.
"""

from __future__ import annotations

from typing import Any

from qualcode.codebook import family_name
from qualcode.review.calls import Call
from qualcode.review.replies import Refused
from qualcode.review_events import REASONS, Part

__all__ = [
    "LARGEST_BATCH",
    "MOST_EVENTS",
    "MOST_ITEMS",
    "batch",
    "book",
    "bulk_accept",
    "bulk_preview",
    "bulk_undo",
    "case",
    "cases",
    "events",
    "history",
    "items",
    "progress",
    "reveal",
    "search",
    "session",
]

MOST_EVENTS = 200
MOST_ITEMS = 10
LARGEST_BATCH = 200
_HITS = 30
_LONGEST_QUERY = 500
_EXCERPT = 240


def session(call: Call) -> Any:
    """Tell who is signed in, and the token that a page of an earlier session lacks."""
    return {
        "reviewer": call.reviewer,
        "part": call.part,
        "csrf": call.csrf,
        "until": call.until,
    }


def book(call: Call) -> Any:
    """Return the codebook as it is shown beside suggestions."""
    codebook = call.study.codebook
    return {
        "fingerprint": codebook.fingerprint(),
        "families": [
            {
                "id": family,
                "name": family_name(family),
                "codes": [
                    {
                        "id": code.id,
                        "name": code.name,
                        "definition": code.definition or code.goal,
                        "include": code.include,
                        "exclude": code.exclude,
                        "examples": code.examples,
                        "counter_examples": code.counter_examples,
                    }
                    for code in codebook.family(family)
                ],
            }
            for family in codebook.families
            if codebook.family(family)
        ],
        "reasons": [{"id": id_, "name": name} for id_, name in REASONS.items()],
    }


def batch(call: Call) -> Any:
    """Lease the next segments of a queue."""
    from qualcode.workflow.review_queue import make_batch

    options = call.service.options
    return make_batch(
        call.index,
        call.reviewer,
        call.text("queue"),
        call.number("size", options.batch_size, least=1, most=LARGEST_BATCH),
        part=call.part,
        overlap=options.overlap,
    )


def items(call: Call) -> Any:
    """Return segments as the person may see them, in the order asked for."""
    from qualcode.errors import UsageError
    from qualcode.workflow.review_item import item

    ids = [id_ for id_ in call.text("ids").split(",") if id_]
    if not 1 <= len(ids) <= MOST_ITEMS:
        raise Refused(400, f"Ask for 1 to {MOST_ITEMS} ids at once")
    found: list[Any] = []
    for segment_id in ids:
        try:
            found.append(item(call.index, call.reviewer, call.part, segment_id))
        except UsageError as error:
            found.append({"segment_id": segment_id, "refused": error.message})
    return {"items": found}


def reveal(call: Call) -> Any:
    """Show the suggestions on a blind item that the person is done with."""
    from qualcode.workflow.review_item import reveal as show

    return show(call.index, call.reviewer, call.text("segment_id"))


def events(call: Call) -> Any:
    """Store what a person did, each thing once however often it is sent.

    `reviewer` may name whose decisions they are: a page that kept them while somebody else signed
    in must not give them to that person.
    """
    from qualcode.workflow.review_progress import mine
    from qualcode.workflow.review_record import record

    sent = call.body.get("events")
    if not isinstance(sent, list) or len(sent) > MOST_EVENTS:
        raise Refused(400, f"'events' is missing or no list of at most {MOST_EVENTS}")
    if not all(isinstance(event, dict) for event in sent):
        raise Refused(400, "An event is a JSON object")
    if call.body.get("reviewer", call.reviewer) != call.reviewer:
        raise Refused(409, "These decisions are another person's than the one signed in")
    receipts = record(call.index, call.reviewer, call.part, sent)
    call.service.lessons.noticed(sum(receipt.is_new for receipt in receipts))
    return {"receipts": receipts, "progress": mine(call.index, call.reviewer)}


def history(call: Call) -> Any:
    """Tell what of the person's own decisions stands, for a browser that has not made them."""
    from qualcode.workflow.review_log import own_decisions

    return {"decisions": own_decisions(call.study, call.reviewer, call.part)}


def progress(call: Call) -> Any:
    """Tell how far the work is."""
    from qualcode.workflow.review_progress import progress as far

    return far(call.index, call.reviewer)


def search(call: Call) -> Any:
    """Find segments by words and by meaning; nothing of their codings is told."""
    from qualcode.report.quote_sources import excerpt
    from qualcode.workflow.search import search as find

    query = call.text("q").strip()
    if not query or len(query) > _LONGEST_QUERY:
        raise Refused(400, f"Ask for something, in at most {_LONGEST_QUERY} characters")
    found = find(call.study, query, limit=_HITS)
    return {
        "hits": [
            {
                "segment_id": hit.segment.id,
                "document_id": hit.document.id,
                "excerpt": excerpt(hit.quote, _EXCERPT),
                "source": hit.document.path,
            }
            for hit in found.hits
        ]
    }


def bulk_preview(call: Call) -> Any:
    """Say what a bulk acceptance would do."""
    from qualcode.workflow.review_bulk import BulkFilter
    from qualcode.workflow.review_bulk import bulk_preview as preview

    _reviews(call)
    return preview(call.index, call.reviewer, BulkFilter.of(_filter(call)))


def bulk_accept(call: Call) -> Any:
    """Accept all of a filter."""
    from qualcode.workflow.review_bulk import BulkFilter
    from qualcode.workflow.review_bulk import bulk_accept as accept

    _reviews(call)
    return accept(call.index, call.reviewer, BulkFilter.of(_filter(call)))


def bulk_undo(call: Call) -> Any:
    """Take a bulk acceptance back."""
    from qualcode.workflow.review_bulk import bulk_undo as undo

    _reviews(call)
    return undo(call.index, call.reviewer, call.text("batch"))


def cases(call: Call) -> Any:
    """List what an adjudicator has to decide on."""
    from qualcode.workflow.review_adjudication import open_cases

    _adjudicates(call)
    return open_cases(call.index)


def case(call: Call) -> Any:
    """Put what people said of one segment side by side."""
    from qualcode.workflow.review_adjudication import case as side_by_side

    _adjudicates(call)
    return side_by_side(call.index, call.reviewer, str(call.path["segment_id"]))


def _adjudicates(call: Call) -> None:
    if call.part is not Part.ADJUDICATOR:
        raise Refused(403, "Only an adjudicator sees what others judged")


def _reviews(call: Call) -> None:
    if call.part is not Part.REVIEWER:
        raise Refused(403, "Many suggestions at once are accepted by a reviewer")


def _filter(call: Call) -> Any:
    """Return the filter, which may also be sent without a field of its own around it."""
    given = call.body.get("filter", call.body)
    if not isinstance(given, (dict, str)):
        raise Refused(400, "'filter' is neither an object nor a text")
    return given
