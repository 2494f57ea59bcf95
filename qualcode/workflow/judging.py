"""Have a coder judge some segments and save what it says, a few documents at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from qualcode.coders.base import AskingCoder, Coder, Task
from qualcode.records import Judgement, Verdict
from qualcode.workflow.code_plan import talk_basis
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study

__all__ = ["Judged", "Pending", "judge_pending"]

_SECONDS_UNSAVED = 2.0


@dataclass(frozen=True, slots=True)
class Pending:
    """Hold what is to be judged for one family.

    Attributes:
        basis: What the judgements rest on, without the talk.
        segments: Ids of the segments.
    """

    basis: str
    segments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """Count what was judged and saved."""

    n_segments: int = 0
    n_unprocessed: int = 0


def judge_pending(
    study: Study,
    coder: Coder,
    pending: Mapping[str, Pending],
    tasks: Sequence[Task],
    *,
    a_transaction: int,
    step: str = "code",
    parameters: Mapping[str, object] | None = None,
    tell: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Judged:
    """Judge what is pending, as one run of the study's log; nothing pending is no run.

    An interruption keeps what was saved.

    Args:
        study: The study.
        coder: Who judges.
        pending: By family.
        tasks: The documents that pending segments stand in, in the order of the work.
        a_transaction: Segments after which, document by document, what is judged is saved.
        step: The run's name.
        parameters: Of the run; the families stand among them in any case.
        tell: Told how many segments are done.
        should_stop: Asked between transactions.
    """
    wanted = frozenset[str]().union(*(one.segments for one in pending.values()))
    open_tasks = [t for t in tasks if any(s.id in wanted for s in t.segments)]
    if not open_tasks:
        return Judged()
    n_segments = n_unprocessed = 0
    with recorded(
        study,
        step,
        coder=coder.name,
        parameters={"families": list(pending), **(parameters or {})},
        codebook_fingerprint=study.codebook.fingerprint(),
    ) as run:
        talk = {s.id: talk_basis(t.segments) for t in open_tasks for s in t.segments}
        made = _made(coder, open_tasks, pending, wanted, a_transaction, should_stop)
        with closing(made):
            for judgements in made:
                fresh = [
                    (judgement, f"{pending[judgement.family].basis}/{talk[judgement.segment_id]}")
                    for judgement in judgements
                    if judgement.segment_id in pending[judgement.family].segments
                ]
                study.repository.judgements.add(run.id, fresh)
                n_unprocessed += sum(j.verdict is Verdict.UNPROCESSED for j, _ in fresh)
                n_segments += len({j.segment_id for j, _ in fresh})
                run.counts.update(segments=n_segments, unprocessed=n_unprocessed)
                tell(n_segments)
    return Judged(n_segments, n_unprocessed)


def _made(
    coder: Coder,
    tasks: Sequence[Task],
    pending: Mapping[str, Pending],
    wanted: frozenset[str],
    a_transaction: int,
    should_stop: Callable[[], bool],
) -> Generator[Sequence[Judgement]]:
    """Yield what the coder says, so much at a time as is saved in one transaction."""
    if not isinstance(coder, AskingCoder):
        for batch in _batches(tasks, a_transaction):
            if should_stop():
                return
            held = {s.id for t in batch for s in t.segments}
            open_here = [f for f, one in pending.items() if not one.segments.isdisjoint(held)]
            yield coder.code(batch, open_here).items
        return
    families = [family for family, one in pending.items() if one.segments]
    waiting: list[Judgement] = []
    saved_at = time.monotonic()
    try:
        for some in coder.judge_each(tasks, families, wanted):
            waiting += some
            is_due = time.monotonic() - saved_at > _SECONDS_UNSAVED
            if is_due or len(waiting) >= a_transaction * len(families):
                yield waiting
                waiting, saved_at = [], time.monotonic()
            if should_stop():
                break
    except GeneratorExit:
        raise
    except BaseException:
        # What was paid for is saved, whatever ended the run.
        yield waiting
        raise
    yield waiting


def _batches(tasks: Sequence[Task], a_transaction: int) -> Iterator[list[Task]]:
    """Group whole documents, because a stage is judged from its place in one."""
    batch: list[Task] = []
    size = 0
    for task in tasks:
        batch.append(task)
        size += len(task.segments)
        if size >= a_transaction:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
