"""How far the review is: for one person, for everybody, for each code, for the random sample."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile

from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_suggestions import STATUSES
from qualcode.workflow.review_work import CodeProgress, Counts, Progress, SampleProgress

__all__ = ["mine", "progress"]


def progress(index: ReviewIndex, reviewer: str) -> Progress:
    """Return how far the work is."""
    index.renew()
    people = index.people
    everybody = people.authors()
    done_by = [(author, int(people.done(author)[index.is_heard].sum())) for author in everybody]
    return Progress(
        mine=_of_person(index, reviewer),
        team=_of_team(index),
        people=tuple(done_by),
        codes=_codes(index),
        sample=_sample(index),
    )


def mine(index: ReviewIndex, reviewer: str) -> Counts:
    """Return one person's counts alone: quick enough for every answer to the page."""
    index.renew()
    return _of_person(index, reviewer)


def _of_person(index: ReviewIndex, reviewer: str) -> Counts:
    """Count for one person; contested is what he or she is done with and may know others' word on.

    Blind items that are not revealed are not among them: that would tell what others hold.
    """
    people = index.people
    done = people.done(reviewer)
    n_done = int((done & index.is_heard).sum())
    known = people.seen[reviewer]
    contested = sum(
        bool(done[at]) and (at in known or not index.order.is_blind[at]) for at in index.contested
    )
    by_hand, bulk = people.decided.get(reviewer, (0, 0))
    return Counts(
        done=n_done,
        left=int(index.is_heard.sum()) - n_done,
        flagged=len(people.flagged.get(reviewer, ())),
        contested=contested,
        skipped=len(people.skipped.get(reviewer, ())),
        n_decisions=by_hand,
        n_bulk=bulk,
    )


def _of_team(index: ReviewIndex) -> Counts:
    people = index.people
    n_done = int(((people.n_done > 0) & index.is_heard).sum())
    return Counts(
        done=n_done,
        left=int(index.is_heard.sum()) - n_done,
        flagged=len(set().union(*people.flagged.values())),
        contested=len(index.contested),
        skipped=len(set().union(*people.skipped.values())),
        n_decisions=sum(by_hand for by_hand, _ in people.decided.values()),
        n_bulk=sum(bulk for _, bulk in people.decided.values()),
    )


def _codes(index: ReviewIndex) -> tuple[CodeProgress, ...]:
    """Count each code of the book; those that nobody proposed or gave have zeros."""
    import numpy as np

    suggestions = index.suggestions
    n_statuses = len(STATUSES)
    counted = np.bincount(
        suggestions.code * n_statuses + suggestions.status,
        minlength=len(suggestions.codes) * n_statuses,
    ).reshape(-1, n_statuses)
    by_code = dict(zip(suggestions.codes, counted.tolist(), strict=True))
    added = Counter(key for codes in index.added.values() for key in codes)
    found = []
    for family in index.families:
        for code in index.book.family(family):
            numbers = by_code.get((family, code.id), [0] * n_statuses)
            of = dict(zip(STATUSES, numbers, strict=True))
            found.append(
                CodeProgress(
                    family=family,
                    code=code.id,
                    name=code.name,
                    proposed=sum(numbers),
                    accepted=of["accepted"] + of["adjudicated"],
                    rejected=of["rejected"],
                    contested=of["contested"],
                    bulk=of["bulk"],
                    left=of["draft"],
                    added=added[family, code.id],
                )
            )
    return tuple(found)


def _sample(index: ReviewIndex) -> SampleProgress:
    order, people = index.order, index.people
    n_judged = n_beyond = 0
    for run in order.runs:
        judged = [bool(people.n_blind_done[at]) for at in run]
        beginning = len(list(takewhile(bool, judged)))
        n_judged += beginning
        n_beyond += sum(judged) - beginning
    return SampleProgress(
        n_segments=order.n_segments,
        n_reserved=len(order.drawn),
        n_blind=int(order.is_blind.sum()),
        n_judged=n_judged,
        n_beyond_gaps=n_beyond,
        n_assisted=int((people.n_done[order.is_assisted] > 0).sum()),
    )
