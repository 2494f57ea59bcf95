"""What a reviewer is told of the work: queues, batches, receipts, and how far it is.

Each record turns into JSON by `as_json`; its keys are the names of the fields.
"""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.workflow.review_views import View

__all__ = [
    "Batch",
    "BulkPreview",
    "BulkResult",
    "CodeProgress",
    "Counts",
    "Progress",
    "QueueView",
    "Recorded",
    "SampleProgress",
]


@dataclass(frozen=True, slots=True)
class Batch(View):
    """Hold a few segments to judge, leased to one person.

    Attributes:
        id: Of this batch; not stored.
        queue: As it was asked for.
        title: The queue in words.
        segment_ids: In the order of judging; empty where nothing is left.
        n_in_queue: Segments of the queue that are left for the person, these included, those of
            the random sample not.
        n_drawn: How many of these are of the random sample.
    """

    id: str
    queue: str
    title: str
    segment_ids: tuple[str, ...]
    n_in_queue: int
    n_drawn: int


@dataclass(frozen=True, slots=True)
class QueueView(View):
    """Offer a queue: what it holds in a sentence, and how much is left for the person."""

    queue: str
    name: str
    sentence: str
    n_left: int


@dataclass(frozen=True, slots=True)
class Recorded(View):
    """Say what became of one event: `id` is 0 and `refused` says why where it was not stored."""

    uid: str
    id: int
    is_new: bool
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Counts(View):
    """Count segments.

    Attributes:
        done: Judged completely.
        left: Not judged completely.
        flagged: Flagged now.
        contested: On which people who judged the same code disagree.
        skipped: Passed over and not judged since.
        n_decisions: Yes and no to single codes, bulk ones left out.
        n_bulk: Accepted among many, unseen.
    """

    done: int
    left: int
    flagged: int
    contested: int
    skipped: int
    n_decisions: int
    n_bulk: int


@dataclass(frozen=True, slots=True)
class CodeProgress(View):
    """Count what machines propose under one code, by what people made of it.

    Attributes:
        proposed: Segments with the code by a machine.
        accepted: Of these, those that people (or the adjudicator) let stand.
        rejected: Of these, those that people took away.
        contested: Of these, those on which people disagree.
        bulk: Of these, those accepted among many, unseen.
        left: Of these, those that nobody has judged.
        added: Segments that people gave the code where no machine had.
    """

    family: str
    code: str
    name: str
    proposed: int
    accepted: int
    rejected: int
    contested: int
    bulk: int
    left: int
    added: int


@dataclass(frozen=True, slots=True)
class SampleProgress(View):
    """Say how far the random sample is.

    Attributes:
        n_segments: Segments that it was drawn from.
        n_reserved: Places that are kept for it now.
        n_blind: Of these, those to be judged without suggestions.
        n_judged: Blind places that somebody has judged completely, up to the first gap of each
            stratum: the sample that statistics may use.
        n_beyond_gaps: Blind places judged behind such a gap, which count once it is closed.
        n_assisted: Assisted places that somebody has judged completely.
    """

    n_segments: int
    n_reserved: int
    n_blind: int
    n_judged: int
    n_beyond_gaps: int
    n_assisted: int


@dataclass(frozen=True, slots=True)
class Progress(View):
    """Say how far the work is: for the person, for everybody, for each code, for the sample."""

    mine: Counts
    team: Counts
    people: tuple[tuple[str, int], ...]
    codes: tuple[CodeProgress, ...]
    sample: SampleProgress


@dataclass(frozen=True, slots=True)
class BulkPreview(View):
    """Say what a bulk acceptance would do, and how often it would be wrong.

    Attributes:
        filter: The filter as the queue `bulk:FILTER` writes it.
        title: The filter in words.
        n_codings: Codings that would be accepted.
        n_judged: Of the random ones, how many the person judged.
        n_wrong: How many of those he or she rejected.
        n_needed: How many more must be judged before it is allowed.
        highest_error: Upper bound of a one-sided 95 % Clopper–Pearson interval of the share of
            wrong ones, None before anything was judged.
        refused: Why it cannot be done now; empty where it can.
    """

    filter: str
    title: str
    n_codings: int
    n_judged: int
    n_wrong: int
    n_needed: int
    highest_error: float | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class BulkResult(View):
    """Say what a bulk acceptance, or taking one back, did; `batch` names it for the undo."""

    batch: str
    n_codings: int
