"""Accept many suggestions at once, after random ones of them were judged (`review_filter`)."""

from __future__ import annotations

import uuid

from qualcode.analysis.estimates.exact import clopper_pearson_upper
from qualcode.codebook.changes import standing_judgements
from qualcode.errors import UsageError
from qualcode.records import Coding
from qualcode.review_events import Action, Part, ReviewEvent
from qualcode.workflow.review_filter import BulkFilter, RandomOnes, title_of, undecided
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_work import BulkPreview, BulkResult

__all__ = ["FEWEST_JUDGED", "BulkFilter", "bulk_accept", "bulk_preview", "bulk_undo"]

FEWEST_JUDGED = 10
"""Random ones that a person must have judged before the rest may be accepted at once."""

_A_TRANSACTION = 1000
_A_QUERY = 500


def bulk_preview(index: ReviewIndex, reviewer: str, asked: BulkFilter) -> BulkPreview:
    """Say what a bulk acceptance would do, and what is known of its errors.

    Raises:
        UsageError: The filter names what is not there.
    """
    index.renew()
    title = title_of(index, asked)
    judged = RandomOnes(index, reviewer, asked).judged
    wrong = sum(not one.applies(asked.family, asked.code) for one in judged)
    n_codings = len(undecided(index, asked))
    needed = max(0, FEWEST_JUDGED - len(judged))
    refused = ""
    if not n_codings:
        refused = "nothing is left that nobody has judged"
    elif needed:
        refused = f"judge {needed} more random ones first"
    return BulkPreview(
        filter=asked.text,
        title=title,
        n_codings=n_codings,
        n_judged=len(judged),
        n_wrong=wrong,
        n_needed=needed,
        highest_error=clopper_pearson_upper(wrong, len(judged)) if judged else None,
        refused=refused,
    )


def bulk_accept(index: ReviewIndex, reviewer: str, asked: BulkFilter) -> BulkResult:
    """Accept all suggestions of a filter that nobody decided; recorded as bulk.

    They never count as checked by a person. Segments of the random sample are left out.

    Raises:
        UsageError: Fewer than ten random ones of the filter were judged, or nothing is left.
    """
    preview = bulk_preview(index, reviewer, asked)
    if preview.refused:
        raise UsageError(
            f"{preview.title}: cannot be accepted at once: {preview.refused}",
            hint="the queue of random ones has them",
        )
    batch = uuid.uuid4().hex
    codings = _strongest(index, asked, undecided(index, asked))
    events = [
        ReviewEvent(
            uid=f"bulk/{batch}/{number}",
            author=reviewer,
            segment_id=coding.segment_id,
            action=Action.ACCEPT,
            family=coding.family,
            code=coding.code,
            start_char=coding.start_char,
            end_char=coding.end_char,
            value={"coding_id": coding.id, "filter": asked.text},
            batch=batch,
        )
        for number, coding in enumerate(codings)
    ]
    return BulkResult(batch, _stored(index, events))


def bulk_undo(index: ReviewIndex, reviewer: str, batch: str) -> BulkResult:
    """Take a whole bulk acceptance of the same person back.

    What the person has decided by hand since, or was done with, stays: by that it was looked at.

    Raises:
        UsageError: The person has no such batch, or nothing of it stands as it was accepted.
    """
    index.renew()
    standing = []
    for event in index.people.batches.get(batch, ()):
        own = index.people.of(reviewer, Part.REVIEWER, index.place[event.segment_id])
        mark = None if own is None else own.marks.get((event.family, event.code))
        if event.author == reviewer and mark is not None and mark.is_bulk:
            standing.append(event)
    if not standing:
        raise UsageError("there is no such bulk acceptance of yours that stands")
    undoings = [
        ReviewEvent(
            uid=f"bulk-undo/{event.uid}",
            author=reviewer,
            segment_id=event.segment_id,
            action=Action.UNDO,
            batch=batch,
            undoes=event.uid,
        )
        for event in standing
    ]
    return BulkResult(batch, _stored(index, undoings))


def _strongest(index: ReviewIndex, asked: BulkFilter, segments: list[int]) -> list[Coding]:
    """Return the strongest coding of the code on each segment."""
    judgements = index.study.repository.judgements
    found: dict[str, Coding] = {}
    for first in range(0, len(segments), _A_QUERY):
        ids = [index.texts[at].segment.id for at in segments[first : first + _A_QUERY]]
        for judgement in standing_judgements(judgements.current(ids), index.book):
            for coding in judgement.codings:
                before = found.get(coding.segment_id)
                if (coding.family, coding.code) == (asked.family, asked.code) and (
                    before is None or coding.score > before.score
                ):
                    found[coding.segment_id] = coding
    return list(found.values())


def _stored(index: ReviewIndex, events: list[ReviewEvent]) -> int:
    stored = 0
    for first in range(0, len(events), _A_TRANSACTION):
        some = events[first : first + _A_TRANSACTION]
        receipts = index.study.repository.review_events.add(some)
        stored += sum(receipt.is_new for receipt in receipts)
    index.renew()
    return stored
