"""What a study's blind sample says beside a machine: the input of estimates and thresholds.

Only the judged beginning of the drawn order counts, and only what a person said while suggestions
were hidden; what was changed after the reveal is no blind verdict.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qualcode.analysis.estimates import Unit
from qualcode.analysis.reviewed import Reviewed
from qualcode.codebook import Code
from qualcode.codebook.changes import seen_with
from qualcode.errors import UsageError
from qualcode.records import Corpus, Role
from qualcode.review_events import Part
from qualcode.workflow.review_sample import sampled
from qualcode.workflow.reviews import held
from qualcode.workflow.study import Study

__all__ = ["BlindCode", "BlindSample", "blind_sample", "machine_of"]


@dataclass(frozen=True, slots=True)
class BlindCode:
    """Hold one code on every segment of a study.

    Attributes:
        units: One a segment that is not an interviewer's, in their order.
        proposed: Score of each machine's coding on a judged segment and whether the people who
            judged it blind gave the code too.
    """

    code: Code
    units: tuple[Unit, ...]
    proposed: tuple[tuple[float, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class BlindSample:
    """Hold the blind sample of some codes beside one machine.

    Attributes:
        machine: Name of the coder that is counted.
        n_judged: Family to judged segments of the sample.
    """

    machine: str
    codes: tuple[BlindCode, ...]
    n_judged: Mapping[str, int] = field(default_factory=dict)


def machine_of(corpus: Corpus, named: str | None = None) -> str:
    """Return the machine that is counted: the one named, else that of the most judgements.

    Raises:
        UsageError: No machine has judged here, or not the one named.
    """
    judged = Counter(
        judgement.coder
        for judgement in corpus.judgements
        if not judgement.coder.startswith("human:")
    )
    if named is not None:
        found = [coder for coder in judged if coder == named or coder.startswith(named)]
        if len(found) != 1:
            raise UsageError(
                f"no coder {named!r} has judged here" if not found else f"{named!r}: which one",
                hint=f"there are: {', '.join(sorted(judged)) or 'none; run qualcode code'}",
            )
        return found[0]
    if not judged:
        raise UsageError("no machine has coded this study yet", hint="qualcode code")
    return max(sorted(judged), key=lambda coder: judged[coder])


def blind_sample(
    study: Study,
    *,
    families: Sequence[str] = (),
    codes: Sequence[str] = (),
    machine: str | None = None,
) -> BlindSample:
    """Return the sample for the codes asked for, all live ones of the book when none is.

    The machine is as it was before it learnt from anybody here: one that has learnt from people is
    right where they judged, and a count that is set right by other places would be off by that.
    Where several people judged a segment blind, the one who was first counts: the sample has one
    verdict a segment, and taking the majority of some only would favour those.

    Raises:
        UsageError: See `machine_of`.
    """
    corpus = seen_with(study.repository.corpus(), study.codebook)
    coder = machine_of(corpus, machine)
    wanted = [
        code
        for code in study.codebook.codes
        if code.status != "retired"
        and (not families or code.family in families)
        and (not codes or code.id in codes)
    ]
    reviewed = held(study, blind_only=True)
    verdicts: dict[str, list[Reviewed]] = defaultdict(list)
    for (_, segment_id, part), one in reviewed.items():
        if part is Part.REVIEWER:
            verdicts[segment_id].append(one)
    judged_by: dict[str, tuple[frozenset[str], Mapping[str, Mapping[str, float]]]] = {
        family: study.repository.judgements.scores_of_one_basis(family, coder)
        for family in dict.fromkeys(code.family for code in wanted)
    }
    standing: dict[str, list[str]] = defaultdict(list)
    for one_code in study.codebook.codes:
        standing[study.codebook.standing(one_code.id)].append(one_code.id)
    attributes = _attributes(study, corpus)
    heard = [segment for segment in corpus.segments if segment.role is not Role.INTERVIEWER]
    found = []
    n_judged: dict[str, int] = {}
    for code in wanted:
        sample = sampled(study, code.family, code.id, reviewed=reviewed.values())
        n_judged[code.family] = max(n_judged.get(code.family, 0), len(sample.segments))
        chance = {one.segment_id: one.probability for one in sample.segments}
        units, proposed = [], []
        judged, scores = judged_by[code.family]
        for segment in heard:
            if segment.id not in judged:
                continue  # the machine has no say on it yet, so no count can be set right by it
            given = scores.get(segment.id, {})
            score = max((given[i] for i in standing[code.id] if i in given), default=None)
            said = None
            if segment.id in chance:
                said = _first_verdict(verdicts[segment.id], code)
                if score is not None and said is not None:
                    proposed.append((score, said))
            units.append(
                Unit(
                    id=segment.id,
                    machine=float(score is not None),
                    human=said,
                    participant=segment.participant_id,
                    probability=chance.get(segment.id),
                    attributes=attributes.get(segment.id, {}),
                )
            )
        found.append(BlindCode(code, tuple(units), tuple(proposed)))
    return BlindSample(coder, tuple(found), n_judged)


def _first_verdict(judged: Sequence[Reviewed], code: Code) -> bool | None:
    """Return the verdict of whoever was done with the family first."""
    done = [one for one in judged if code.family in one.complete]
    for one in sorted(done, key=lambda held_by: held_by.done_at.get(code.family, 0)):
        answer = one.applies(code.family, code.id)
        if answer is not None:
            return answer
    return None


def _attributes(study: Study, corpus: Corpus) -> dict[str, dict[str, str]]:
    """Return what is known of each segment's source and speaker; the speaker's goes before."""
    people = study.repository.people.participants()
    documents = {document.id: document.attributes for document in corpus.documents}
    return {
        segment.id: {
            **documents[segment.document_id],
            **people.get(segment.participant_id or "", {}),
        }
        for segment in corpus.segments
    }
