"""Small batches from queues, leased to one person, with items of the random sample in between."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING

from qualcode.review_events import Part
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_open import QUEUES, Opened, code_counts, open_queue
from qualcode.workflow.review_orders import personas
from qualcode.workflow.review_sample import next_drawn
from qualcode.workflow.review_work import Batch, QueueView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LEASE_MINUTES", "QUEUES", "make_batch", "queues"]

LEASE_MINUTES = 30.0
"""How long a segment stays with a person who does nothing."""

_ANYBODY = 1_000_000  # as many people as like may have a segment of a queue that is not shared


def make_batch(
    index: ReviewIndex,
    reviewer: str,
    queue: str,
    size: int = 20,
    *,
    part: Part = Part.REVIEWER,
    overlap: int = 1,
    interleave: float = 0.2,
) -> Batch:
    """Lease the next segments of a queue to a person for half an hour.

    A queue that has nothing left gives an empty batch, whatever is left of the random sample. What
    the person passed over comes last.

    Args:
        index: The study's.
        reviewer: Who will judge them.
        queue: As `QUEUES` has it: "uncertain", "code:ID" and so on.
        size: How many at most.
        part: In which the person judges.
        overlap: How many people judge one segment.
        interleave: Share of the batch that is of the random sample, until that is judged.

    Raises:
        UsageError: There is no such queue.
    """
    index.renew()
    opened = open_queue(index, reviewer, queue, part=part, overlap=overlap)
    n_drawn = 0
    if opened.kind.is_interleaved and part is Part.REVIEWER and len(opened.segments):
        # As many as keep the share where little is left of the queue itself.
        n_own = min(len(opened.segments), size - round(size * interleave))
        n_drawn = min(size - n_own, math.ceil(n_own * interleave / max(1e-9, 1 - interleave)))
    drawn = _leased(index, reviewer, next_drawn(index, reviewer, n_drawn, overlap=overlap), overlap)
    own = _own(index, reviewer, opened, size - len(drawn), set(drawn), overlap)
    together = _interleaved(own, drawn)
    is_drawn = index.order.is_blind | index.order.is_assisted
    return Batch(
        id=uuid.uuid4().hex,
        queue=queue,
        title=opened.title,
        segment_ids=tuple(index.texts[at].segment.id for at in together),
        n_in_queue=len(opened.segments),
        n_drawn=sum(bool(is_drawn[at]) for at in together),
    )


def queues(
    index: ReviewIndex, reviewer: str, *, part: Part = Part.REVIEWER, overlap: int = 1
) -> tuple[QueueView, ...]:
    """Return the queues that a person can open, with what is left in each.

    First those of the whole study, then those of codes with most left first, then sources and
    personas. Whether something on the map is left is known only once that queue was opened: it
    counts −1 until then.
    """
    import numpy as np

    index.renew()
    names = ["contested", "flagged"] if part is Part.ADJUDICATOR else list(_PLAIN)
    found = []
    for name in names:
        if name == "on_map" and name not in index.orders:
            n_left = -1
        else:
            opened = open_queue(index, reviewer, name, part=part, overlap=overlap)
            n_left = len(opened.segments)
        found.append(QueueView(name, QUEUES[name].name, QUEUES[name].sentence, n_left))
    if part is Part.ADJUDICATOR:
        return tuple(found)
    counts = code_counts(index, reviewer, overlap=overlap)
    for code_id, n_left in sorted(counts.items(), key=lambda item: -item[1]):
        code = index.book.code(code_id)
        found.append(QueueView(f"code:{code_id}", code.name, code.definition, n_left))
    open_to = index.open_to(reviewer, overlap=overlap)
    of = _source_numbers(index)
    sources = index.study.repository.sources.all()
    counted = np.bincount(of[open_to], minlength=len(sources)).tolist()
    for source, n_left in zip(sources, counted, strict=True):
        sentence = QUEUES["source"].sentence
        found.append(QueueView(f"source:{source.id}", source.path, sentence, n_left))
    for name, segments in personas(index).values():
        n_left = int(open_to[segments].sum())
        found.append(QueueView(f"persona:{name}", name, QUEUES["persona"].sentence, n_left))
    return tuple(found)


_PLAIN = ("new", "uncertain", "disagreed", "on_map", "random", "flagged")


def _source_numbers(index: ReviewIndex) -> NDArray[np.int64]:
    """Return each segment's place in the order of sources."""
    import numpy as np

    def made() -> NDArray[np.int64]:
        order = {s.id: n for n, s in enumerate(index.study.repository.sources.all())}
        of = index.sources
        return np.array([order[of[t.segment.document_id]] for t in index.texts], np.int64)

    return index.kept("source_numbers", made)


def _own(
    index: ReviewIndex, reviewer: str, opened: Opened, n: int, without: set[int], overlap: int
) -> list[int]:
    """Lease the first of a queue's segments, those that the person passed over last."""
    skipped = index.people.skipped.get(reviewer, set())
    allowed = overlap if opened.kind.is_shared else _ANYBODY
    got: list[int] = []
    waiting = (at for at in opened.segments.tolist() if at not in without)
    later = []
    chunk: list[int] = []
    for at in waiting:
        if at in skipped:
            later.append(at)
            continue
        chunk.append(at)
        if len(chunk) == n - len(got):
            got += _leased(index, reviewer, chunk, allowed)
            chunk = []
            if len(got) == n:
                return got
    got += _leased(index, reviewer, (chunk + later)[: n - len(got)], allowed)
    return got


def _leased(index: ReviewIndex, reviewer: str, segments: list[int], overlap: int) -> list[int]:
    if not segments:
        return []
    ids = [index.texts[at].segment.id for at in segments]
    leases = index.study.repository.leases
    got = leases.take(reviewer, ids, minutes=LEASE_MINUTES, overlap=overlap)
    return [index.place[segment_id] for segment_id in got]


def _interleaved(own: list[int], drawn: list[int]) -> list[int]:
    """Spread the drawn ones evenly among the others."""
    if not drawn:
        return own
    total = len(own) + len(drawn)
    places = {round((n + 0.5) * total / len(drawn) - 0.5) for n in range(len(drawn))}
    first, second = iter(own), iter(drawn)
    return [next(second) if at in places else next(first) for at in range(total)]
