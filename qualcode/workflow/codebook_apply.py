"""Put a change of the codebook into effect: the file, the log of decisions, the stored versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from qualcode.codebook import Codebook
from qualcode.codebook.changes import (
    Difference,
    Touched,
    differences,
    seen_with,
    touched,
)
from qualcode.codebook.undo import footprint
from qualcode.errors import UsageError
from qualcode.records import Corpus, Decision
from qualcode.store.candidates import CandidateStatus
from qualcode.workflow.author import author_of
from qualcode.workflow.codebook_versions import remember, remember_edits
from qualcode.workflow.judged_earlier import Books, basis_parts, reckon
from qualcode.workflow.study import Study

__all__ = ["SUBJECT", "Changed", "apply_change"]

SUBJECT = "codebook"
"""What decisions about the codebook are filed under."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Say what a change of the codebook did, or would do.

    Attributes:
        action: "add", "rename", "merge", "split", "move", "retire", "import", "adopt", "dismiss" or
            "undo".
        target: Id of the code that it is about; "book" for an import, "candidate N" where a
            proposed code is dismissed.
        differences: Code by code.
        touched: Codings under these codes, before the change or after it.
        each: The same for each of the differences.
        judged_again: Family that this changes to how many segments the next `qualcode code`
            judges again because of the codebook.
        decision: As recorded; None for a dry run and where nothing changed.
    """

    action: str
    target: str
    differences: tuple[Difference, ...]
    touched: Touched
    each: tuple[Touched, ...]
    judged_again: Mapping[str, int]
    decision: Decision | None = None


def apply_change(
    study: Study,
    action: str,
    target: str,
    make: Callable[[Codebook], Codebook],
    *,
    by: str | None,
    reason: str,
    dry_run: bool = False,
    undoes: int | None = None,
    settles: tuple[int, CandidateStatus] | None = None,
) -> Changed:
    """Change the book, and record who did it and why.

    The file is written first: stopped after that, the change stands there like one by hand.

    Args:
        study: The study.
        action: See `Changed`.
        target: See `Changed`.
        make: Returns the changed book.
        by: Who decides.
        reason: In the author's words.
        dry_run: Only say what it would touch.
        undoes: The decision that this one takes back.
        settles: Number of a proposed code and what becomes of it with this decision. Taking the
            decision back makes it what it was.

    Raises:
        UsageError: It is not known who decides, the change makes no sense, or the proposed code
            that it settles was settled otherwise since.
        CodebookError: The changed book would not validate; nothing is changed then.
        StudyError: Another qualcode is changing the study, or somebody edited the file meanwhile.
    """
    with study.exclusive():
        before = study.codebook
        after = make(before)
        changed = _consequences(study, action, target, before, after)
        settling = _settling(study, settles, undoes)
        if dry_run or (before == after and settling is None):
            return changed
        author = author_of(study, by)
        remember_edits(study)
        if before != after:
            study.save_codebook(after)
        value, replaced = footprint(before, after)
        if settling is not None:
            number, was, becomes = settling
            value["candidate"] = {"id": number, "status": becomes.value}
            replaced["candidate"] = {"id": number, "status": was.value}
        with study.repository.writing():
            decision = study.repository.decisions.add(
                author=author,
                subject=SUBJECT,
                target=target,
                action=action,
                value=value,
                replaced=replaced,
                reason=reason,
                undoes=undoes,
            )
            if settling is not None:
                study.repository.candidates.settle(number, becomes, author=author)
        remember(study, author=author, reason=reason or f"{action} {target}")
    return replace(changed, decision=decision)


def _settling(
    study: Study, settles: tuple[int, CandidateStatus] | None, undoes: int | None
) -> tuple[int, CandidateStatus, CandidateStatus] | None:
    """Return the number of the proposed code that a decision is about, what it is and becomes."""
    expected: str = CandidateStatus.OPEN
    if undoes is not None:
        undone = next((d for d in study.repository.decisions.all() if d.id == undoes), None)
        if undone is None or "candidate" not in undone.value:
            return None
        expected = undone.value["candidate"]["status"]
        back = undone.replaced["candidate"]
        settles = (int(back["id"]), CandidateStatus(back["status"]))
    if settles is None:
        return None
    number, becomes = settles
    held = study.repository.candidates.get(number)
    if held is None or held.status != expected:
        raise UsageError(
            f"candidate {number} was decided on since",
            hint="qualcode codebook candidates --all lists them",
        )
    return number, held.status, becomes


def _consequences(
    study: Study, action: str, target: str, before: Codebook, after: Codebook
) -> Changed:
    corpus = study.repository.corpus()
    views = (seen_with(corpus, before), seen_with(corpus, after))
    found = differences(before, after)
    return Changed(
        action=action,
        target=target,
        differences=found,
        touched=touched({difference.code for difference in found}, *views),
        each=tuple(touched({difference.code}, *views) for difference in found),
        judged_again=_judged_again(study, corpus, before, after),
    )


def _judged_again(
    study: Study, corpus: Corpus, before: Codebook, after: Codebook
) -> dict[str, int]:
    books = Books(study)
    counts = {}
    for family in dict.fromkeys((*before.families, *after.families)):
        meaning = after.meaning(family)
        if meaning == before.meaning(family):
            continue
        touched: set[str] = set()
        for coder in sorted({j.coder for j in corpus.judgements if j.family == family}):
            judged = study.repository.judgements.bases(family, coder)
            earlier = [
                (segment_id, parts[1], fingerprint)
                for segment_id, (basis, fingerprint) in judged.items()
                if (parts := basis_parts(basis)) is not None and parts[1] != meaning
            ]
            touched |= reckon(study, after, family, coder, earlier, books=books).touched
        if touched:
            counts[family] = len(touched)
    return counts
