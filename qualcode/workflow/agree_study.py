"""Compare the coders of a study: people with people, people with models, models with models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from qualcode.analysis.agreement import (
    N_RESAMPLES,
    SEED,
    Acceptance,
    Agreement,
    Anchoring,
    Cell,
    Codes,
    Ratings,
    acceptance,
    anchoring,
    confusion,
    measure,
    ordinal_alpha,
)
from qualcode.analysis.scored import Figure
from qualcode.codebook.changes import standing_judgements
from qualcode.records import Judgement, Role, Segment, Verdict
from qualcode.store.draws import ASSISTED, BLIND
from qualcode.workflow.study import Study

__all__ = [
    "HUMAN_HUMAN",
    "HUMAN_MODEL",
    "MODEL_MODEL",
    "FamilyAgreement",
    "Group",
    "StudyAgreement",
    "agree_reviewed",
    "agree_study",
]

HUMAN_HUMAN = "human_human"
HUMAN_MODEL = "human_model"
MODEL_MODEL = "model_model"
_HUMAN = "human:"
_JUDGED = (Verdict.CODED, Verdict.NONE)


@dataclass(frozen=True, slots=True)
class Group:
    """Hold how far the coders of one kind of pair agree.

    Attributes:
        kind: `HUMAN_HUMAN`, `HUMAN_MODEL` or `MODEL_MODEL`.
        agreement: Of all these coders together, for people with models the mean over their pairs;
            None without a pair.
        reason: Why there is none.
        intensity: Ordinal alpha of intensities, a code of a segment being the unit; None in
            families whose codings have none.
        confusion: Which codes stand for each other, where asked for; with models, the person's
            code is the row.
    """

    kind: str
    agreement: Agreement | None
    reason: str = ""
    intensity: Figure | None = None
    confusion: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyAgreement:
    """Hold the figures of one family.

    Attributes:
        groups: One for each kind of pair, in the order people, people and models, models.
        acceptance: What people kept of what they saw proposed; None where nothing was judged so.
        anchoring: What seeing proposals did, by the drawn sample; None where one arm is empty.
    """

    family: str
    groups: tuple[Group, ...]
    acceptance: Acceptance | None = None
    anchoring: Anchoring | None = None


@dataclass(frozen=True, slots=True)
class StudyAgreement:
    """Hold the figures of a study, family by family."""

    families: tuple[FamilyAgreement, ...]
    seed: int = SEED
    n_resamples: int = N_RESAMPLES
    notes: tuple[str, ...] = ()


def agree_study(
    study: Study,
    *,
    blind: Collection[Judgement] = (),
    open_: Collection[Judgement] = (),
    shown: Collection[Judgement] | None = None,
    arms: Mapping[str, str] | None = None,
    families: Sequence[str] = (),
    with_confusion: bool = False,
    seed: int = SEED,
    n_resamples: int = N_RESAMPLES,
) -> StudyAgreement:
    """Compare all coders of a study.

    People agree with each other and with models on what they judged blind; what they judged in
    sight of suggestions only tells how much of these they kept. Models' judgements are the stored
    ones, before anything that people decided is laid over them. An unprocessed judgement or an
    abstention is missing. Words of interviewers are left out.

    Args:
        study: The study.
        blind: People's judgements made without seeing suggestions; of several by one person the
            last counts.
        open_: People's judgements made in sight of suggestions.
        shown: Models' judgements as those people saw them; the newest ones when None.
        arms: Segments of the drawn sample to whether they were shown blind or with suggestions.
        families: Only these; all that somebody judged when empty.
        with_confusion: Also say which codes stand for each other.
        seed: Of the bootstrap.
        n_resamples: How many resamples.
    """
    corpus = study.repository.corpus()
    segments = {s.id: s for s in corpus.segments if s.role is not Role.INTERVIEWER}
    book = study.codebook

    def standing(judgements: Iterable[Judgement]) -> list[Judgement]:
        kept = (j for j in standing_judgements(judgements, book) if j.segment_id in segments)
        return [j for j in kept if j.verdict in _JUDGED]

    models = standing(j for j in corpus.judgements if not j.coder.startswith(_HUMAN))
    people, seeing = standing(blind), standing(open_)
    seen = models if shown is None else standing(shown)
    order = dict.fromkeys(code.family for code in book.codes)
    found = {j.family for j in (*models, *people, *seeing)}
    wanted = [f for f in order if f in found and (not families or f in families)]
    compared = _Comparison(segments, arms or {}, with_confusion, seed, n_resamples)
    made = []
    for family in wanted:
        mine = _of_family(family, people, models, seeing, seen)
        made.append(compared.family(family, *mine))
    n_without = len({s.id for s in segments.values() if s.participant_id is None})
    notes = (
        (f"{n_without} segments of unknown voices are drawn with their whole document",)
        if n_without
        else ()
    )
    return StudyAgreement(tuple(made), seed, n_resamples, notes)


def agree_reviewed(
    study: Study, *, with_confusion: bool = False, seed: int = SEED
) -> StudyAgreement:
    """Compare all coders of a study with what people decided at its review."""
    from qualcode.workflow.review_sample import reserved_arms
    from qualcode.workflow.reviews import peoples_judgements

    blind = peoples_judgements(study, blind_only=True)
    # What was changed after the reveal is another judgement than the blind one.
    seeing = set(peoples_judgements(study)).difference(blind)
    # A coder that has learnt from what people kept would be measured by its own lessons.
    segments = [text.segment.id for text in study.repository.segment_texts.all()]
    shown = study.repository.judgements.current(segments, untaught_only=True)
    return agree_study(
        study,
        blind=blind,
        shown=shown,
        open_=tuple(seeing),
        arms=reserved_arms(study),
        with_confusion=with_confusion,
        seed=seed,
    )


def _of_family(family: str, *judgements: Iterable[Judgement]) -> list[list[Judgement]]:
    return [[j for j in some if j.family == family] for some in judgements]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Compare judgements of one family after the other."""

    segments: Mapping[str, Segment]
    arms: Mapping[str, str]
    with_confusion: bool
    seed: int
    n_resamples: int

    def family(
        self,
        family: str,
        people: Sequence[Judgement],
        models: Sequence[Judgement],
        seeing: Sequence[Judgement],
        seen: Sequence[Judgement],
    ) -> FamilyAgreement:
        names, machines = _coders(people), _coders(models)
        judged = {j.segment_id for j in people}
        beside = [j for j in models if j.segment_id in judged]
        groups = (
            self._group(HUMAN_HUMAN, people, None, _too_few(names, "people judged it blind")),
            self._group(
                HUMAN_MODEL,
                (*people, *beside),
                tuple(product(names, _coders(beside))),
                "nobody judged blind what a model judged too",
            ),
            self._group(MODEL_MODEL, models, None, _too_few(machines, "models judged it")),
        )
        of_arm = {
            arm: self._accepted([j for j in judged if self.arms.get(j.segment_id) == arm], seen)
            for arm, judged in ((BLIND, people), (ASSISTED, seeing))
        }
        blind, assisted = of_arm[BLIND], of_arm[ASSISTED]
        pull = None if blind is None or assisted is None else anchoring(blind, assisted)
        return FamilyAgreement(family, groups, self._accepted(seeing, seen), pull)

    def _accepted(
        self, people: Sequence[Judgement], models: Sequence[Judgement]
    ) -> Acceptance | None:
        """Return how much of what models propose people gave, None without both."""
        pairs = tuple(product(_coders(people), _coders(models)))
        if not pairs:
            return None
        ratings = self._ratings((*people, *(j for j in models if not j.coder.startswith(_HUMAN))))
        return acceptance(ratings, pairs, seed=self.seed, n_resamples=self.n_resamples)

    def _group(
        self,
        kind: str,
        judgements: Sequence[Judgement],
        between: Sequence[tuple[str, str]] | None,
        reason: str,
    ) -> Group:
        if between is None and len(_coders(judgements)) < 2 or between == ():
            return Group(kind, None, reason)
        ratings = self._ratings(judgements)
        seed, n = self.seed, self.n_resamples
        levels = self._intensities(judgements)
        return Group(
            kind,
            measure(ratings, between=between, seed=seed, n_resamples=n),
            intensity=ordinal_alpha(levels, seed=seed, n_resamples=n) if levels.units else None,
            confusion=confusion(ratings, between) if self.with_confusion else (),
        )

    def _ratings(self, judgements: Iterable[Judgement]) -> Ratings:
        given: dict[str, dict[str, Codes]] = defaultdict(dict)
        for judgement in judgements:
            codes = frozenset(coding.code for coding in judgement.codings)
            given[judgement.segment_id][judgement.coder] = codes
        return self._as_ratings(given, {segment_id: segment_id for segment_id in given})

    def _intensities(self, judgements: Iterable[Judgement]) -> Ratings:
        """Return intensities, (segment and code) x coders; of several by one coder the highest."""
        given: dict[str, dict[str, Codes]] = defaultdict(dict)
        segment_of = {}
        for judgement in judgements:
            for coding in sorted(judgement.codings, key=lambda c: c.intensity or 0):
                if coding.intensity is not None:
                    unit = f"{coding.segment_id} {coding.code}"
                    segment_of[unit] = coding.segment_id
                    given[unit][judgement.coder] = frozenset((str(coding.intensity),))
        return self._as_ratings(given, segment_of)

    def _as_ratings(
        self, given: Mapping[str, Mapping[str, Codes]], segment_of: Mapping[str, str]
    ) -> Ratings:
        coders = tuple(sorted({coder for by_coder in given.values() for coder in by_coder}))
        return Ratings(
            tuple(given),
            coders,
            tuple(tuple(map(by_coder.get, coders)) for by_coder in given.values()),
            tuple(_cluster(self.segments[segment_of[unit]]) for unit in given),
        )


def _coders(judgements: Iterable[Judgement]) -> list[str]:
    return sorted({j.coder for j in judgements})


def _too_few(coders: Sequence[str], what: str) -> str:
    return f"fewer than two {what}" if len(coders) < 2 else ""


def _cluster(segment: Segment) -> str:
    return segment.participant_id or f"\x1f{segment.document_id}"
