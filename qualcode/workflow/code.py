"""Have a coder judge what it has not judged yet, saving as it goes."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.coders.base import Coder, Task
from qualcode.errors import UsageError
from qualcode.records import Judgement, Role, Segment, Verdict
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.runs import recorded
from qualcode.workflow.study import Study

__all__ = ["CodeReport", "code", "local_coder"]

_SEGMENTS_A_TRANSACTION = 256


@dataclass(frozen=True, slots=True)
class CodeReport:
    """Say what a coding run did.

    Attributes:
        coder: Its name.
        n_segments: Segments of voices that are not interviewers.
        n_judged: Segments that were new, changed or unprocessed, and are judged now.
        verdicts: Family to verdict to number of segments, as they stand after the run.
        n_codings: Codings that stand after the run.
        median_codings: Codings a segment, the median over segments; None without segments.
        n_unprocessed: Judgements of this run without a usable result.
        seconds: Wall time of coding.
    """

    coder: str
    n_segments: int
    n_judged: int
    verdicts: Mapping[str, Mapping[str, int]]
    n_codings: int
    median_codings: float | None
    n_unprocessed: int
    seconds: float


def local_coder(study: Study) -> Coder:
    """Load the embedded coder for the study's codebook.

    Raises:
        ModelError: The weights are missing or altered.
    """
    from qualcode.coders.local.coder import LocalCoder

    return LocalCoder(study.codebook, store=study.repository.vectors)


def code(
    study: Study,
    coder: Coder,
    *,
    families: Sequence[str] = (),
    progress: Progress = silent,
) -> CodeReport:
    """Judge new, changed and unprocessed segments for each family, in small transactions.

    An interruption keeps what was saved; the next call goes on from there.

    Raises:
        UsageError: A family is not one that the coder proposes codes for.
    """
    wanted = _checked_families(study, coder, families or study.settings.coding.families)
    repository = study.repository
    documents = repository.sources.documents()
    segments = repository.sources.segments(documents)
    by_document: dict[str, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_document[segment.document_id].append(segment)
    coder_bases = {family: coder.basis(family) for family in wanted}
    talks = {d.id: _talk_basis(by_document[d.id]) for d in documents}
    judged = {f: repository.judgements.bases(f, coder.name) for f in wanted}

    def basis(segment: Segment, family: str) -> str:
        return coder_bases[family] + talks[segment.document_id]

    def pending(segment: Segment, family: str) -> bool:
        is_heard = segment.role is not Role.INTERVIEWER
        return is_heard and judged[family].get(segment.id) != basis(segment, family)

    tasks = [
        Task(document, tuple(by_document[document.id]))
        for document in documents
        if any(pending(s, f) for s in by_document[document.id] for f in wanted)
    ]
    to_judge = {s.id for task in tasks for s in task.segments if any(pending(s, f) for f in wanted)}
    started = time.monotonic()
    n_unprocessed = 0
    if tasks:
        with recorded(
            study,
            "code",
            coder=coder.name,
            parameters={"families": list(wanted)},
            codebook_fingerprint=study.codebook.fingerprint(),
        ) as run:
            done = 0
            for batch in _batches(tasks):
                result = coder.code(batch, wanted)
                segments_by_id = {s.id: s for task in batch for s in task.segments}
                fresh = [
                    (judgement, basis(segments_by_id[judgement.segment_id], judgement.family))
                    for judgement in result.items
                    if pending(segments_by_id[judgement.segment_id], judgement.family)
                ]
                repository.judgements.add(run.id, fresh)
                n_unprocessed += sum(j.verdict is Verdict.UNPROCESSED for j, _ in fresh)
                done += len({j.segment_id for j, _ in fresh})
                run.counts.update(segments=done, unprocessed=n_unprocessed)
                progress("Coding", done, len(to_judge))
    seconds = time.monotonic() - started
    return replace(
        _standing(study, coder, segments, wanted),
        n_judged=len(to_judge),
        n_unprocessed=n_unprocessed,
        seconds=seconds,
    )


def _talk_basis(segments: Sequence[Segment]) -> str:
    """Return what else than coder and codebook a judgement rests on: who says what around it.

    The stage of a segment is judged with its neighbours, so giving a voice another role judges
    that talk again. A survey row is one voice for ever.
    """
    roles = "".join(segment.role[0] for segment in segments)
    if set(roles) == {Role.PARTICIPANT[0]}:
        return ""
    return "." + hashlib.sha256(roles.encode("ascii")).hexdigest()[:8]


def _checked_families(study: Study, coder: Coder, families: Sequence[str]) -> tuple[str, ...]:
    """Return the families to code: those asked for, else all that coder and codebook share."""
    shared = tuple(family for family in coder.families if study.codebook.family(family))
    for family in families:
        if family not in shared:
            raise UsageError(
                f"{coder.name} proposes no codes of family {family!r}",
                hint=f"it knows: {', '.join(shared)}",
            )
    return tuple(families) or shared


def _batches(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Group whole documents, because a stage is judged from its place in one."""
    batch: list[Task] = []
    size = 0
    for task in tasks:
        batch.append(task)
        size += len(task.segments)
        if size >= _SEGMENTS_A_TRANSACTION:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _standing(
    study: Study, coder: Coder, segments: Sequence[Segment], families: Sequence[str]
) -> CodeReport:
    heard = [segment for segment in segments if segment.role is not Role.INTERVIEWER]
    density: Counter[str] = Counter({segment.id: 0 for segment in heard})
    standing: list[Judgement] = [
        judgement
        for judgement in study.corpus().judgements
        if judgement.coder == coder.name
        and judgement.family in families
        and judgement.segment_id in density
    ]
    verdicts: dict[str, Counter[str]] = {family: Counter() for family in families}
    for judgement in standing:
        verdicts[judgement.family][judgement.verdict.value] += 1
        density[judgement.segment_id] += len(judgement.codings)
    return CodeReport(
        coder=coder.name,
        n_segments=len(heard),
        n_judged=0,
        verdicts=verdicts,
        n_codings=sum(density.values()),
        median_codings=statistics.median(density.values()) if density else None,
        n_unprocessed=0,
        seconds=0.0,
    )
