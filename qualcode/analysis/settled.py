"""What a study holds of each coding once people have judged: settled, contested or a draft.

The adjudicator's word stands; else what all people who judged a code agree on; else it is
contested, shown and counted apart; else a machine's draft.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.analysis.reviewed import Mark, Reviewed, coding_of, human_coder
from qualcode.codebook import Codebook
from qualcode.records import Coding, Judgement, Verdict
from qualcode.review_events import Part

__all__ = ["REJECTED", "Settlement", "settle", "settlements"]

REJECTED = "people rejected what was proposed"


@dataclass(frozen=True, slots=True)
class Settlement:
    """Hold what people's marks on one code of one segment come to.

    Attributes:
        status: "accepted", "rejected", "contested", "bulk" or "adjudicated".
        applies: The yes or no; None while contested.
        mark: The mark whose words count, None for a no that nobody gave by itself.
        held: Who gave that mark.
        by: Everybody who judged the code.
    """

    status: str
    applies: bool | None
    mark: Mark | None
    held: Reviewed | None
    by: tuple[str, ...]


def settlements(
    held: Sequence[Reviewed], codes: Iterable[tuple[str, str]]
) -> Mapping[tuple[str, str], Settlement]:
    """Return what people's marks on one segment come to, by family and code.

    Args:
        held: Everybody's, all of the same segment.
        codes: Family and code of what machines propose there; codes that people marked are added.
    """
    asked = dict.fromkeys([*codes, *(key for one in held for key in one.marks)])
    found = {}
    for family, code in asked:
        said = [one for one in held if one.applies(family, code) is not None]
        judge = [one for one in said if one.part is Part.ADJUDICATOR]
        by_hand = [one for one in said if not _is_bulk(one, family, code)]
        if judge:
            last = max(judge, key=lambda one: one.last_event)
            found[family, code] = _settled([last], family, code, "adjudicated")
        elif by_hand:
            answers = {one.applies(family, code) for one in by_hand}
            status = "contested" if len(answers) > 1 else "accepted"
            found[family, code] = _settled(by_hand, family, code, status)
        elif said:
            found[family, code] = _settled(said, family, code, "bulk")
    return found


def _is_bulk(one: Reviewed, family: str, code: str) -> bool:
    mark = one.marks.get((family, code))
    return mark is not None and mark.is_bulk


def _settled(who: Sequence[Reviewed], family: str, code: str, status: str) -> Settlement:
    by = tuple(dict.fromkeys(one.author for one in who))
    yes = [one for one in who if one.applies(family, code)]
    if status == "contested":
        return Settlement(status, None, yes[0].marks[family, code], yes[0], by)
    if not yes:
        told = next((one for one in who if (family, code) in one.marks), None)
        mark = told.marks[family, code] if told is not None else None
        return Settlement("rejected", False, mark, told, by)
    return Settlement(status, True, yes[0].marks[family, code], yes[0], by)


def settle(
    judgements: Sequence[Judgement],
    reviewed: Iterable[Reviewed],
    book: Codebook,
    document_of: Mapping[str, str],
) -> tuple[Judgement, ...]:
    """Return machines' judgements with what people decided, and people's own codings with them.

    What people rejected is left out; a judgement that loses all codings by that is a "none" with
    the reason. A suggestion that a person accepted on the same words keeps its id, score and
    rationale, so that what points at it stays. Words that a person chose become that person's
    coding. Where several machines propose a code, each one's coding gets the same status.

    Args:
        judgements: Machines', in any order; their order stays.
        reviewed: What people hold.
        book: For the valence of an emotion that a person heard.
        document_of: Segment id to document id; what lies on other segments is left out.
    """
    by_segment: dict[str, list[Reviewed]] = defaultdict(list)
    for one in reviewed:
        if one.segment_id in document_of:
            by_segment[one.segment_id].append(one)
    proposed: dict[str, dict[tuple[str, str], list[Coding]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for judgement in judgements:
        if judgement.segment_id in by_segment:
            for coding in judgement.codings:
                proposed[judgement.segment_id][coding.family, coding.code].append(coding)
    status: dict[str, str] = {}
    own: list[Judgement] = []
    valences = {code.id: code.valence for code in book.codes}
    for segment_id, held in by_segment.items():
        machines = proposed[segment_id]
        added: dict[tuple[str, str], list[Coding]] = defaultdict(list)
        for (family, code), outcome in settlements(held, machines).items():
            suggestions = machines.get((family, code), ())
            mark = outcome.mark
            is_same = False
            for coding in suggestions:
                same = mark is not None and (mark.start_char, mark.end_char) == (
                    coding.start_char,
                    coding.end_char,
                )
                if outcome.status == "contested" or same:
                    status[coding.id] = outcome.status
                    is_same = True
                else:
                    status[coding.id] = "rejected"
            if outcome.applies is not False and not is_same and mark and outcome.held:
                coder = human_coder(outcome.held.author)
                added[family, coder].append(
                    coding_of(
                        outcome.held,
                        mark,
                        document_of[segment_id],
                        status=outcome.status,
                        valence=valences.get(code),
                    )
                )
        own += [
            Judgement(segment_id, family, coder, Verdict.CODED, "", tuple(codings))
            for (family, coder), codings in added.items()
        ]
    return (*(_with_status(j, status) for j in judgements), *own)


def _with_status(judgement: Judgement, status: Mapping[str, str]) -> Judgement:
    if not any(coding.id in status for coding in judgement.codings):
        return judgement
    kept = tuple(
        replace(coding, status=status.get(coding.id, coding.status))
        for coding in judgement.codings
        if status.get(coding.id) != "rejected"
    )
    if not kept:
        return replace(judgement, verdict=Verdict.NONE, reason=REJECTED, codings=())
    return replace(judgement, codings=kept)
