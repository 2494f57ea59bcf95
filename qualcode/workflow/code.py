"""Have a coder judge what it has not judged yet, saving as it goes."""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qualcode.coders.base import Coder, LearningCoder, Task
from qualcode.errors import UsageError
from qualcode.records import Judgement, Role, Segment
from qualcode.workflow.code_plan import FamilyPlan, family_basis, plan_coding, talk_basis
from qualcode.workflow.codebook_versions import remember_edits
from qualcode.workflow.judging import Pending, judge_pending
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.study import Study

__all__ = ["CodeReport", "Pendings", "code", "local_coder", "pendings"]

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
        n_earlier: Family to judgements that stand on an earlier version of the codebook, where
            there are some.
        notes: What changes of the codebook meant for this run, a sentence a family.
    """

    coder: str
    n_segments: int
    n_judged: int
    verdicts: Mapping[str, Mapping[str, int]]
    n_codings: int
    median_codings: float | None
    n_unprocessed: int
    seconds: float
    n_earlier: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def local_coder(study: Study) -> Coder:
    """Load the embedded coder for the study's codebook, with what people taught it here.

    Raises:
        ModelError: The weights are missing or altered.
    """
    from qualcode.coders.local.coder import LocalCoder

    coder = LocalCoder(study.codebook, store=study.repository.vectors)
    if not study.repository.learnt.all():
        return coder
    from qualcode.workflow.learn import learnt_of

    learnt = learnt_of(study, coder)
    return LocalCoder(study.codebook, store=study.repository.vectors, learnt=learnt)


def _say_nothing(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Pendings:
    """Hold what a coder would have to judge.

    Attributes:
        families: Those asked about.
        tasks: All documents of the study with their segments.
        talks: Document id to `talk_basis`.
        plans: By family.
    """

    families: tuple[str, ...]
    tasks: tuple[Task, ...]
    talks: Mapping[str, str]
    plans: Mapping[str, FamilyPlan]

    @property
    def segments(self) -> frozenset[str]:
        """Return the ids of the segments that are pending for any family."""
        return frozenset[str]().union(*(plan.pending for plan in self.plans.values()))

    @property
    def open_families(self) -> tuple[str, ...]:
        """Return the families that anything is pending for."""
        return tuple(family for family, plan in self.plans.items() if plan.pending)


def pendings(
    study: Study,
    coder: Coder,
    *,
    families: Sequence[str] = (),
    again: bool = False,
    refresh: bool = False,
    only: Collection[str] | None = None,
) -> Pendings:
    """Find out what a coder would have to judge; see `code`.

    Raises:
        UsageError: A family is not one that the coder proposes codes for.
    """
    wanted = _checked_families(study, coder, families or study.settings.coding.families)
    sources = study.repository.sources
    documents = sources.documents()
    segments = sources.segments(documents)
    by_document: dict[str, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_document[segment.document_id].append(segment)
    talks = {d.id: talk_basis(by_document[d.id]) for d in documents}
    plans = plan_coding(study, coder, wanted, segments, talks, again=again)
    if refresh:
        heard = frozenset(s.id for s in segments if s.role is not Role.INTERVIEWER)
        plans = {family: replace(plan, pending=heard) for family, plan in plans.items()}
    if only is not None:
        chosen = frozenset(only)
        plans = {f: replace(plan, pending=plan.pending & chosen) for f, plan in plans.items()}
    tasks = tuple(Task(document, tuple(by_document[document.id])) for document in documents)
    return Pendings(wanted, tasks, talks, plans)


def code(
    study: Study,
    coder: Coder,
    *,
    families: Sequence[str] = (),
    again: bool = False,
    refresh: bool = False,
    only: Collection[str] | None = None,
    parameters: Mapping[str, object] | None = None,
    progress: Progress = silent,
    announce: Callable[[str], None] = _say_nothing,
) -> CodeReport:
    """Judge new, changed and unprocessed segments for each family, in small transactions.

    An interruption keeps what was saved; the next call goes on from there.

    Args:
        study: The study.
        coder: Who judges.
        families: Only these; all that coder and codebook share when empty.
        again: Also judge what stands on an earlier version of the codebook though no change
            touches it.
        refresh: Judge everything anew.
        only: Ids of the segments that may be judged; all when None.
        parameters: What the log is to say of the run besides.
        progress: Told how many segments are done.
        announce: Told, before the judging, what changes of the codebook mean for it.

    Raises:
        UsageError: A family is not one that the coder proposes codes for.
    """
    _checked_families(study, coder, families or study.settings.coding.families)
    remember_edits(study)
    found = pendings(study, coder, families=families, again=again, refresh=refresh, only=only)
    segments = [segment for task in found.tasks for segment in task.segments]
    if isinstance(coder, LearningCoder) and (untaught := coder.untaught) is not None:
        learnt = [family for family in found.families if coder.has_learnt(family)]
        _judge_untaught(study, untaught, learnt, found.tasks, found.talks)
    for plan in found.plans.values():
        if note := plan.note(is_done=False):
            announce(note)
    n_to_judge = len(found.segments)
    started = time.monotonic()
    judged = judge_pending(
        study,
        coder,
        {family: Pending(plan.basis, plan.pending) for family, plan in found.plans.items()},
        found.tasks,
        a_transaction=_SEGMENTS_A_TRANSACTION,
        parameters=parameters,
        tell=lambda done: progress("Coding", done, n_to_judge),
    )
    seconds = time.monotonic() - started
    return replace(
        _standing(study, coder, segments, found.families),
        n_judged=n_to_judge,
        n_unprocessed=judged.n_unprocessed,
        seconds=seconds,
        n_earlier={f: plan.n_earlier for f, plan in found.plans.items() if plan.n_earlier},
        notes=tuple(note for plan in found.plans.values() if (note := plan.note(is_done=True))),
    )


def _judge_untaught(
    study: Study,
    untaught: Coder,
    families: Sequence[str],
    tasks: Sequence[Task],
    talks: Mapping[str, str],
) -> None:
    """Judge what the coder has not judged as it was before it learnt.

    Counts are set right by people's blind judgements beside that coder's, on every segment.
    """
    pending = {}
    for family in families:
        basis = family_basis(study, untaught, family)
        standing = study.repository.judgements.bases(family, untaught.name, untaught_only=True)
        missing = frozenset(
            segment.id
            for task in tasks
            for segment in task.segments
            if segment.role is not Role.INTERVIEWER
            and standing.get(segment.id, ("", ""))[0] != f"{basis}/{talks[task.document.id]}"
        )
        pending[family] = Pending(basis, missing)
    judge_pending(
        study,
        untaught,
        pending,
        tasks,
        a_transaction=_SEGMENTS_A_TRANSACTION,
        parameters={"before_learning": True},
    )


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


def _standing(
    study: Study, coder: Coder, segments: Sequence[Segment], families: Sequence[str]
) -> CodeReport:
    heard = [segment for segment in segments if segment.role is not Role.INTERVIEWER]
    density: Counter[str] = Counter({segment.id: 0 for segment in heard})
    standing: list[Judgement] = [
        judgement
        for judgement in study.corpus(of_all_machines=True).judgements
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
