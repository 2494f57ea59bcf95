"""Let the embedded coder learn from what people judged, and propose anew what they have not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qualcode.analysis.reviewed import Reviewed
from qualcode.analysis.settled import settlements
from qualcode.coders.base import Task
from qualcode.coders.local.coder import LocalCoder
from qualcode.coders.local.learning import Learnt, best_cut, chances_of, learn
from qualcode.records import TAUGHT, Role
from qualcode.store.learnt import LearntState
from qualcode.workflow.code_plan import family_basis
from qualcode.workflow.judging import Pending, judge_pending
from qualcode.workflow.review_sample import reserved_blind
from qualcode.workflow.reviews import held
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["LearnReport", "Learner", "learnt_of"]

_SEGMENTS_A_TRANSACTION = 64
_ELSEWHERE = 256
"""Segments that nobody judged, of as few talks as hold them, whose chances learning leaves be."""
_LEAST_FOR_CUT = 3
"""Yes, and no, from which on a code gets a cut of its own."""


@dataclass(frozen=True, slots=True)
class LearnReport:
    """Say what was learnt.

    Attributes:
        learnt: Code id to its state, in the order of the book.
        families: Those in which something was learnt.
        n_judged: Segments that people judged and that were learnt from.
        n_blind: Segments that people judged and that are kept out, to measure the coder by.
        n_contested: Yes or no of a code on a segment about which people disagree; left out.
    """

    learnt: Mapping[str, Learnt] = field(default_factory=dict)
    families: tuple[str, ...] = ()
    n_judged: int = 0
    n_blind: int = 0
    n_contested: int = 0


def learnt_of(study: Study, coder: LocalCoder) -> dict[str, Learnt]:
    """Return what the study keeps as learnt, as far as it was learnt from this very coder.

    Args:
        coder: One that has learnt nothing.
    """
    return {
        state.code: Learnt.from_json(state.value)
        for state in study.repository.learnt.all()
        if state.family in coder.families
        and state.basis == family_basis(study, coder, state.family)
    }


class Learner:
    """Learn again and again at little cost: what the coder made of a text is looked at once.

    Keep it in one thread, as the study.
    """

    def __init__(self, study: Study) -> None:
        """Load the coder.

        Raises:
            ModelError: The weights are missing or altered.
        """
        self._study = study
        self._coder = LocalCoder(study.codebook, store=study.repository.vectors)
        self._grounds: dict[tuple[str, str], tuple[Floats, Floats]] = {}
        self._document_of: dict[str, str] = {}
        self._last_event = -1
        self._report = LearnReport()

    def update(self) -> LearnReport:
        """Learn from everything that people hold now, and keep it in the study.

        Places that are drawn to be judged blind are left out, so that they go on telling how right
        the coder is; so is what was decided in bulk, which nobody looked at, and what people
        disagree about.
        """
        events = self._study.repository.review_events
        last = events.last_id()
        if last == self._last_event:
            return self._report
        self._last_event = last
        blind = reserved_blind(self._study)
        by_segment: dict[str, list[Reviewed]] = defaultdict(list)
        for one in held(self._study).values():
            by_segment[one.segment_id].append(one)
        n_blind = sum(segment_id in blind for segment_id in by_segment)
        told = {
            segment_id: people
            for segment_id, people in by_segment.items()
            if segment_id not in blind
        }
        said: dict[str, dict[str, bool]] = defaultdict(dict)
        n_contested = 0
        for segment_id, people in told.items():
            asked = [
                (family, code.id)
                for family in self._coder.families
                for code in self._study.codebook.family(family)
                if code.status != "retired"
            ]
            for (_, code), outcome in settlements(people, asked).items():
                if outcome.status == "bulk":
                    continue
                if outcome.applies is None:
                    n_contested += 1
                else:
                    said[code][segment_id] = outcome.applies
        learnt: dict[str, Learnt] = {}
        states: list[LearntState] = []
        elsewhere = self._elsewhere(by_segment) if said else []
        for family in self._coder.families:
            codes = [code.id for code in self._study.codebook.family(family)]
            wanted = {segment_id for code in codes for segment_id in said.get(code, ())}
            if not wanted:
                continue
            self._look_at([*wanted, *elsewhere], family)
            basis = family_basis(self._study, self._coder, family)
            for at, code in enumerate(codes):
                state = self._learnt(family, at, said.get(code, {}), elsewhere)
                if state is not None:
                    learnt[code] = state
                    states.append(LearntState(code, family, basis, state.as_json()))
        self._study.repository.learnt.replace(self._coder.families, states)
        self._report = LearnReport(
            learnt,
            tuple(dict.fromkeys(state.family for state in states)),
            len(told),
            n_blind,
            n_contested,
        )
        return self._report

    def _elsewhere(self, judged: Collection[str]) -> list[str]:
        """Return segments that nobody judged, in an order that only their ids decide."""
        by_document: dict[str, list[str]] = defaultdict(list)
        for text in self._study.repository.segment_texts.all():
            segment = text.segment
            if segment.role is not Role.INTERVIEWER and segment.id not in judged:
                by_document[segment.document_id].append(segment.id)
        found: list[str] = []
        for document_id in sorted(by_document):  # ids are hashes: any order is a random one
            found += by_document[document_id]
            if len(found) >= _ELSEWHERE:
                break
        return found[:_ELSEWHERE]

    def _learnt(
        self, family: str, at: int, said: Mapping[str, bool], elsewhere: Sequence[str]
    ) -> Learnt | None:
        import numpy as np

        rows = [
            (*self._grounds[family, segment_id], applies)
            for segment_id, applies in said.items()
            if (family, segment_id) in self._grounds
        ]
        if not rows:
            return None
        odds = np.array([own[at] for own, _, _ in rows])
        looked_at = np.array([seen for _, seen, _ in rows])
        others = [self._grounds[family, i] for i in elsewhere if (family, i) in self._grounds]
        beside = None
        if others:
            beside = (np.array([o[at] for o, _ in others]), np.array([s for _, s in others]))
        applies = np.array([said_yes for _, _, said_yes in rows], bool)
        state = learn(odds, looked_at, applies, elsewhere=beside)
        if beside is None or min(state.n_yes, state.n_no) < _LEAST_FOR_CUT:
            return state
        return replace(state, cut=best_cut(chances_of(state.odds(*beside))))

    def _look_at(self, segment_ids: Collection[str], family: str) -> None:
        """Keep what the coder makes of these segments, of whole talks because of stages."""
        missing = [i for i in segment_ids if (family, i) not in self._grounds]
        for task in self._tasks(missing):
            grounds = self._coder.grounds([task], family)
            for segment_id, odds, seen in zip(
                grounds.segment_ids, grounds.odds, grounds.seen, strict=True
            ):
                self._grounds[family, segment_id] = (odds, seen)

    def _tasks(self, segment_ids: Iterable[str]) -> list[Task]:
        sources = self._study.repository.sources
        wanted = list(dict.fromkeys(segment_ids))
        if not wanted:
            return []
        if not self._document_of.keys() >= set(wanted):
            texts = self._study.repository.segment_texts.all()
            self._document_of = {text.segment.id: text.segment.document_id for text in texts}
        document_ids = list(
            dict.fromkeys(self._document_of[i] for i in wanted if i in self._document_of)
        )
        documents = sources.documents_of(document_ids)
        found = (documents[i] for i in document_ids if i in documents)
        return [Task(document, sources.segments_of(document)) for document in found]

    def propose_anew(
        self,
        segment_ids: Sequence[str],
        *,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> int:
        """Judge segments again that this coder had judged with less learnt; say how many.

        They are saved a few at a time; a later `qualcode code` finds them done.

        Args:
            segment_ids: Most urgent first.
            should_stop: Asked between transactions.
        """
        report = self._report
        taught = LocalCoder(
            self._study.codebook, store=self._study.repository.vectors, learnt=report.learnt
        )
        judgements = self._study.repository.judgements
        # Where everything that was learnt was taken back, what it proposed goes too.
        standing = {
            family: found
            for family in taught.families
            if (found := judgements.bases(family, taught.name, segment_ids))
            and (family in report.families or any(TAUGHT in basis for basis, _ in found.values()))
        }
        pending = {}
        for family, found in standing.items():
            basis = family_basis(self._study, taught, family)
            # What this coder never judged stays unjudged: a study may be another machine's alone.
            older = (i for i, (held_by, _) in found.items() if not held_by.startswith(f"{basis}/"))
            pending[family] = Pending(basis, frozenset(older))
        stale = frozenset[str]().union(*(one.segments for one in pending.values()))
        return judge_pending(
            self._study,
            taught,
            pending,
            self._tasks(i for i in segment_ids if i in stale),
            step="learn",
            a_transaction=_SEGMENTS_A_TRANSACTION,
            should_stop=should_stop,
        ).n_segments

    def undecided(self) -> list[str]:
        """Return the segments that nobody has judged, nor an interviewer said, those on hand first.

        Places that are drawn to be judged blind are among them: nothing was learnt from them, and
        counts are set right by what the coder makes of them.
        """
        repository = self._study.repository
        judged = {one.segment_id for one in held(self._study).values() if one.complete}
        leased = {segment_id for segment_id, _ in repository.leases.holders()}
        heard = [
            text.segment.id
            for text in repository.segment_texts.all()
            if text.segment.role is not Role.INTERVIEWER and text.segment.id not in judged
        ]
        return sorted(heard, key=lambda segment_id: segment_id not in leased)
