"""Which segments have to be judged, for which family, and why.

A judgement stands while coder, codebook and talk are what they were. Where only the meaning of the
family's codes has changed, the version of the codebook that it was made with tells which codes
changed, and the judgement stands unless one of them touches it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qualcode.codebook import family_name
from qualcode.coders.base import Coder
from qualcode.records import Role, Segment
from qualcode.workflow.judged_earlier import Books, basis_parts, reckon
from qualcode.workflow.study import Study

__all__ = ["FamilyPlan", "family_basis", "plan_coding", "talk_basis"]


@dataclass(frozen=True, slots=True)
class FamilyPlan:
    """Say what is to be judged for one family.

    Attributes:
        basis: What new judgements rest on, without the talk.
        pending: Ids of the segments to judge.
        n_touched: Those that were judged with an earlier version of the codebook and are judged
            again for that.
        n_earlier: Judgements made with an earlier version that stand.
        changed: Names of codes that apply to other words since, or to none.
        added: Names of codes that nobody has looked for.
    """

    family: str
    basis: str
    pending: frozenset[str]
    n_touched: int = 0
    n_earlier: int = 0
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def note(self, *, is_done: bool) -> str:
        """Return in words what changes of the codebook mean here, or nothing."""
        told = []
        verb = "were" if is_done else "are"
        if self.added:
            told.append(
                f"nobody had looked for {_listed(self.added)} in {self.n_touched:,} segments, "
                f"which {verb} judged again"
            )
        elif self.n_touched:
            told.append(
                f"{self.n_touched:,} segments judged before {verb} judged again, for the change of "
                f"{_listed(self.changed) or 'the codebook'}"
            )
        if self.n_earlier:
            told.append(
                f"{self.n_earlier:,} judgements stand on an earlier version of the codebook, "
                f"which no change since touches (qualcode code --again --family {self.family} "
                "judges them anew)"
            )
        return f"{family_name(self.family)}: {'; '.join(told)}." if told else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def family_basis(study: Study, coder: Coder, family: str) -> str:
    """Return what judgements of a family rest on, all but the talk; see `basis_parts`."""
    return f"{coder.basis(family)}/{study.codebook.meaning(family)}"


def talk_basis(segments: Sequence[Segment]) -> str:
    """Return what else than coder and codebook a judgement rests on: who says what around it.

    The stage of a segment is judged with its neighbours, so giving a voice another role judges
    that talk again. A survey row is one voice for ever.
    """
    roles = "".join(segment.role[0] for segment in segments)
    if set(roles) == {Role.PARTICIPANT[0]}:
        return ""
    return hashlib.sha256(roles.encode("ascii")).hexdigest()[:8]


def plan_coding(
    study: Study,
    coder: Coder,
    families: Sequence[str],
    segments: Sequence[Segment],
    talks: Mapping[str, str],
    *,
    again: bool = False,
) -> Mapping[str, FamilyPlan]:
    """Find out which segments a coder has to judge, by family.

    Args:
        study: The study.
        coder: Who judges.
        families: Families that the coder knows.
        segments: All of the study.
        talks: Document id to `talk_basis`.
        again: Judge also what stands on an earlier version of the codebook.
    """
    plans = {}
    heard = [segment for segment in segments if segment.role is not Role.INTERVIEWER]
    books = Books(study)
    names = {code.id: code.name for code in study.codebook.codes}
    for family in families:
        held, meaning = coder.basis(family), study.codebook.meaning(family)
        judged = study.repository.judgements.bases(family, coder.name)
        pending: set[str] = set()
        earlier: list[tuple[str, str, str]] = []
        for segment in heard:
            basis, fingerprint = judged.get(segment.id, ("", ""))
            parts = basis_parts(basis)
            if parts is None or (parts[0], parts[2]) != (held, talks[segment.document_id]):
                pending.add(segment.id)
            elif parts[1] != meaning:
                earlier.append((segment.id, parts[1], fingerprint))
        reckoned = reckon(
            study, study.codebook, family, coder.name, earlier, books=books, again=again
        )
        plans[family] = FamilyPlan(
            family=family,
            basis=family_basis(study, coder, family),
            pending=reckoned.touched | pending,
            n_touched=len(reckoned.touched),
            n_earlier=reckoned.n_standing,
            changed=tuple(names.get(code, code) for code in sorted(reckoned.changed)),
            added=tuple(code.name for code in study.codebook.codes if code.id in reckoned.added),
        )
    return plans
