"""Let a model propose codes that the codebook lacks; people decide about them (candidates.py)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qualcode.codebook import Code, Codebook
from qualcode.coders.base import Task
from qualcode.coders.llm.pieces import Veil, unveiled
from qualcode.coders.llm.propose_packs import CHARS_A_PACK, packs
from qualcode.coders.llm.propose_step import ProposeStep, proposed
from qualcode.coders.llm.steps import Answered, Step, Unit
from qualcode.errors import StudyError, UsageError
from qualcode.prompts import load_prompt
from qualcode.records import Document, Role, Segment, Unprocessed
from qualcode.store.candidates import Candidate, CandidateQuote, Proposal
from qualcode.workflow.codebook import family_called
from qualcode.workflow.embed import vectors_of
from qualcode.workflow.propose_merge import Sorted, merged, sorted_out, told, united
from qualcode.workflow.study import Study

__all__ = ["FAMILIES", "Answers", "ProposeReport", "Proposing", "propose", "proposing"]

FAMILIES = ("stage", "pain_point", "need")
"""What codes are proposed for unless families are named."""

_FAMILY = re.compile(r"[a-z][a-z0-9_]*")

Answers = Callable[[Step, Sequence[Unit]], Iterator[Answered]]
"""Yields each unit once, in any order."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """Hold what will be asked.

    Attributes:
        step: How.
        units: About what.
        n_segments: Participants' segments that are asked about.
        n_unknown: Segments whose voice nobody has assigned yet; their words are no evidence.
        versions: Document id to its version, as the units have its text.
        order: Segment id to its place in the study.
        people: Segment id to the participant.
    """

    step: ProposeStep
    units: tuple[Unit, ...]
    n_segments: int
    n_unknown: int
    versions: Mapping[str, int]
    order: Mapping[str, int]
    people: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class ProposeReport:
    """Say what came of it.

    Attributes:
        families: What codes were proposed for.
        n_units: Packs of segments that were asked about.
        n_cached: Those that cost nothing.
        unprocessed: Those without a usable answer, with the reason.
        n_proposed: Codes in all replies, before anything was merged or left out.
        n_in_book: Left out: the book has the code, by name or nearly by meaning.
        n_dismissed: Left out: a person dismissed such a one before.
        n_merged: Those that went into another one of this run or into an open candidate.
        new: Numbers of the candidates that are new.
        joined: Numbers of open candidates that were proposed again.
    """

    families: tuple[str, ...]
    n_units: int
    n_cached: int
    unprocessed: tuple[Unprocessed, ...]
    n_proposed: int
    n_in_book: int
    n_dismissed: int
    n_merged: int
    new: tuple[int, ...]
    joined: tuple[int, ...]


def proposing(
    study: Study,
    families: Sequence[str] = (),
    *,
    veil: Veil = unveiled,
    chars_a_pack: int = CHARS_A_PACK,
) -> Proposing:
    """Return what would be asked, without asking.

    Args:
        study: The study.
        families: By id or name; the book need not have them. `FAMILIES` when empty.
        veil: Masks what goes out.
        chars_a_pack: See `packs`.

    Raises:
        UsageError: A family's name makes no id.
        PromptError: The prompt cannot be read or filled.
    """
    documents = study.repository.sources.documents()
    segments = study.repository.sources.segments(documents)
    by_document: dict[str, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_document[segment.document_id].append(segment)
    units = packs(
        [Task(document, tuple(by_document[document.id])) for document in documents],
        veil=veil,
        chars_a_pack=chars_a_pack,
    )
    asked = {p.segment_id for unit in units for places in unit.subject.places for p in places}
    return Proposing(
        step=ProposeStep(
            study.codebook,
            _families(study.codebook, families),
            load_prompt(ProposeStep.name, study.path),
        ),
        units=units,
        n_segments=len(asked),
        n_unknown=sum(segment.role is Role.UNKNOWN for segment in segments),
        versions=_versions(documents),
        order={segment.id: at for at, segment in enumerate(segments)},
        people={segment.id: segment.participant_id for segment in segments},
    )


def propose(
    study: Study,
    answers: Answers,
    families: Sequence[str] = (),
    *,
    veil: Veil = unveiled,
    prepared: Proposing | None = None,
) -> ProposeReport:
    """Ask for codes that the book lacks, merge what means the same, and keep it for people.

    To be called within a run of the study's log (`recorded`), which candidates are filed under. The
    book is not touched. Nothing is kept before all units are answered, so that a run that was
    stopped ends like one that was not: answers are cached, and the next run goes on.

    Args:
        study: The study.
        answers: Asks; `LlmSession.answers`.
        families: See `proposing`.
        veil: Masks what goes out.
        prepared: What `proposing` returned for the same families and veil, if it was called.

    Raises:
        RuntimeError: There is no run.
        StudyError: Texts were changed meanwhile.
        UsageError: See `proposing`.
        PromptError: See `proposing`.
        ModelError: The embedded encoder's weights are missing or altered.
    """
    if study.run_id is None:
        raise RuntimeError("proposing belongs into a run of the study's log")
    ready = prepared or proposing(study, families, veil=veil)
    got = {answered.unit.id: answered for answered in answers(ready.step, ready.units)}
    ordered = [got[unit.id] for unit in ready.units]
    every = [
        Proposal(
            one.family,
            one.name,
            one.definition,
            tuple(CandidateQuote(p.segment_id, p.start_char, p.end_char) for p in one.places),
        )
        for answered in ordered
        if answered.answer is not None
        for one in proposed(answered.unit, answered.answer)
    ]
    proposals = [one for one in every if not ready.step.is_known(one.family, one.name)]
    sorted_, n_groups = _sorted(study, ready, proposals)
    new = _kept(study, ready, sorted_, study.run_id)
    n_joined = sum(map(len, sorted_.joined.values()))
    return ProposeReport(
        families=ready.step.families,
        n_units=len(ready.units),
        n_cached=sum(answered.is_cached for answered in ordered),
        unprocessed=tuple(
            Unprocessed(answered.unit.id, answered.reason)
            for answered in ordered
            if answered.answer is None
        ),
        n_proposed=len(every),
        n_in_book=sorted_.n_in_book + len(every) - len(proposals),
        n_dismissed=sorted_.n_dismissed,
        n_merged=len(proposals) - n_groups + n_joined,
        new=new,
        joined=tuple(sorted(sorted_.joined)),
    )


def _families(book: Codebook, asked: Sequence[str]) -> tuple[str, ...]:
    found = dict.fromkeys(family_called(book, family) for family in asked or FAMILIES)
    for family in found:
        if not _FAMILY.fullmatch(family):
            raise UsageError(
                f"{family!r} cannot be the id of a family",
                hint="write lower-case letters, digits and _, such as pain_point",
            )
    return tuple(found)


def _sorted(study: Study, ready: Proposing, proposals: Sequence[Proposal]) -> tuple[Sorted, int]:
    """Merge and compare proposals; return also how many were left after merging."""
    if not proposals:
        return Sorted((), {}, 0, 0), 0
    families = {proposal.family for proposal in proposals}
    codes = [code for code in study.codebook.codes if code.family in families]
    candidates = [c for c in study.repository.candidates.all() if c.family in families]
    compared: list[Code | Proposal | Candidate] = [*proposals, *codes, *candidates]
    vectors = vectors_of(study, {told(one) for one in compared})
    groups = merged(proposals, vectors, ready.order)
    return sorted_out(groups, codes, candidates, vectors), len(groups)


def _kept(study: Study, ready: Proposing, found: Sorted, run_id: int) -> tuple[int, ...]:
    """Save what is new, and the quotes that open candidates have won; return the new numbers.

    By family, then what most people speak of first, then in the order of the study.
    """

    def place(proposal: Proposal) -> tuple[int, int, int, str]:
        people = {ready.people[quote.segment_id] for quote in proposal.quotes} - {None}
        first = min(ready.order[quote.segment_id] for quote in proposal.quotes)
        families = ready.step.families
        return families.index(proposal.family), -len(people), first, proposal.name

    candidates = study.repository.candidates
    with study.exclusive():
        if _versions(study.repository.sources.documents()) != ready.versions:
            raise StudyError(
                f"{study.path}: texts were read, masked or removed while codes were proposed",
                hint="run the command again; what is unchanged is not asked again",
            )
        won: dict[int, Sequence[CandidateQuote]] = {}
        for number, proposals in found.joined.items():
            held = candidates.get(number)
            assert held is not None
            quotes = united((*held.quotes, *(q for p in proposals for q in p.quotes)), ready.order)
            if quotes != held.quotes:
                won[number] = quotes
        if not (won or found.new):
            return ()
        with study.repository.writing():
            candidates.set_quotes(won)
            return candidates.add(run_id, sorted(found.new, key=place))


def _versions(documents: Sequence[Document]) -> Mapping[str, int]:
    return {document.id: document.version for document in documents}
