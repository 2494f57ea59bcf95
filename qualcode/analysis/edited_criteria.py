"""What people decided on criteria, put onto the criteria that the codings group into now.

Where no group of today stands for a person's criterion, it stays with the segments that it had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qualcode.analysis.held_criteria import Held, held_criteria, last_moves, matched_groups
from qualcode.analysis.items import FAMILIES_BEHIND, SHAPING
from qualcode.analysis.lookup import Lookup
from qualcode.draft import CriteriaDraft, DesignCriterion, Quote
from qualcode.records import Decision

__all__ = ["edited_criteria"]

_MOST = 4
_MOST_QUOTES = 12


def edited_criteria(
    drafted: CriteriaDraft, decisions: Sequence[Decision], found: Lookup
) -> CriteriaDraft:
    """Return the criteria with people's decisions on them.

    Criteria stand in the machine's order, those that no group stands for any more behind them.
    People's may be more than four; drafts fill up to four.

    Args:
        drafted: As the machine made them.
        decisions: Those that stand, oldest first.
    """
    held = held_criteria(decisions)
    if not held:
        return drafted
    matched = matched_groups(drafted.criteria, held, found)
    names = {index: one for one, index in ((held[i], at) for i, at in matched.items())}
    made = [
        _onto(criterion, names[index]) if index in names else criterion
        for index, criterion in enumerate(drafted.criteria)
    ]
    for one in held.values():
        if one.id not in matched and (one.is_persons or one.rejected_by):
            made.append(_stayed(one, found))
    grouped = {c.id: set(c.segments) for c in made}
    for move in last_moves(decisions, found).values():
        made = _with_move(made, move, found)
    made = [_with_drift(c, held.get(c.id), grouped[c.id], c.id in matched) for c in made]
    return _seated(made, held, drafted)


def _onto(group: DesignCriterion, one: Held) -> DesignCriterion:
    """Return the group of today as the criterion that a person decided on."""
    basis, note = group.basis, group.note
    if one.worded is not None:
        basis = f"The wording is that of {one.worded[0]}, {one.worded[1]}."
        note = f"Of the draft it was said: {note}" if note else ""
    return replace(
        group,
        id=one.id,
        statement=group.statement if one.statement is None else one.statement,
        basis=basis,
        status="rejected" if one.rejected_by else one.status,
        author=one.rejected_by or one.author or group.author,
        note=note,
    )


def _stayed(one: Held, found: Lookup) -> DesignCriterion:
    """Return a criterion that no group stands for, with the segments that it had."""
    kept = one.snapshot
    segments = found.in_order(kept["segments"])
    bare = DesignCriterion(
        id=one.id,
        statement=str(kept["statement"]),
        basis=f"The wording is that of {one.at}, kept as it was.",
        terms=(),
        participants=(),
        stages={},
        codes={},
        quotes=(),
        n_segments=0,
        needs=tuple(
            dict.fromkeys(
                found.codebook.standing(need) for need in kept["needs"] if need in found.order
            )
        ),
    )
    note = f"The codings no longer group like this: its evidence is that of {one.at}."
    if gone := len(kept["segments"]) - len(segments):
        note += f" {gone} of its {len(kept['segments'])} segments are no longer there."
    return replace(_onto(_with_segments(bare, segments, found), one), note=note)


def _with_segments(
    criterion: DesignCriterion, segments: Sequence[str], found: Lookup
) -> DesignCriterion:
    """Count a criterion anew from these segments, given in the order of the corpus."""
    people: list[str] = []
    stages: dict[str, set[str]] = {}
    codes: Counter[str] = Counter()
    own = set(segments)
    quotes = {q.segment_id: q for q in criterion.quotes if q.segment_id in own}
    for segment_id in segments:
        person = found.segments[segment_id].participant_id or ""
        evidence = found.by_segment.get(segment_id, ())
        behind = [e for e in evidence if e.coding.family in FAMILIES_BEHIND]
        people.append(person)
        codes.update({e.coding.code for e in behind})
        if evidence and evidence[0].stage is not None:
            stages.setdefault(evidence[0].stage, set()).add(person)
        if behind:
            telling = [e for e in behind if e.coding.family in SHAPING] or behind
            quotes.setdefault(segment_id, telling[0].quote())
    said = criterion.in_their_words
    left_out = tuple(q for q in criterion.left_out if q.segment_id not in own)
    order, last = found.order, len(found.order)
    personas = Counter(_persona(found.participants.get(p, {})) for p in dict.fromkeys(people))
    return replace(
        criterion,
        participants=tuple(sorted(set(people))),
        stages={s: len(stages[s]) for s in sorted(stages, key=lambda s: order.get(s, last))},
        codes={
            code: codes[code]
            for code in sorted(codes, key=lambda c: (-codes[c], order.get(c, last), c))
        },
        personas={name: personas[name] for name in sorted(personas) if name},
        quotes=_different_people_first(quotes.values())[:_MOST_QUOTES],
        n_segments=len(segments),
        segments=tuple(segments),
        in_their_words=said if said is not None and said.segment_id in own else None,
        left_out=left_out,
        n_left_out=criterion.n_left_out - len(criterion.left_out) + len(left_out),
    )


def _persona(attributes: Mapping[str, str]) -> str:
    return next((v.strip() for k, v in attributes.items() if k.casefold() == "persona"), "")


def _different_people_first(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    given: Counter[str | None] = Counter()
    ranked: list[tuple[int, int, Quote]] = []
    for quote in quotes:
        ranked.append((given[quote.participant_id], len(ranked), quote))
        given[quote.participant_id] += 1
    return tuple(quote for _, _, quote in sorted(ranked, key=lambda item: item[:2]))


def _with_move(
    made: Sequence[DesignCriterion], move: Decision, found: Lookup
) -> list[DesignCriterion]:
    """Let a need, with every segment that is coded with it, stand under one criterion."""
    need = found.codebook.standing(move.target)
    to = str(move.value["to"])
    by = f"{move.author} moved the need “{found.name(need)}”"
    carried: list[str] = []
    quotes: list[Quote] = []
    after = []
    for criterion in made:
        coded = {
            s
            for s in criterion.segments
            if any(e.coding.code == need for e in found.by_segment.get(s, ()))
        }
        if criterion.id == to or not (coded or need in criterion.needs):
            after.append(criterion)
            continue
        carried += coded
        quotes += [q for q in criterion.quotes if q.segment_id in coded]
        note = f"{by} from here on {move.at[:10]}."
        if criterion.needs[:1] == (need,) and criterion.status == "draft":
            note += " The statement was worded from it: word it anew."
        left = [s for s in criterion.segments if s not in coded]
        smaller = _with_segments(criterion, left, found)
        needs = tuple(n for n in criterion.needs if n != need)
        after.append(_noted(replace(smaller, needs=needs), note))
    for at, criterion in enumerate(after):
        if criterion.id == to and (carried or need not in criterion.needs):
            segments = found.in_order([*criterion.segments, *carried])
            whole = replace(criterion, quotes=(*criterion.quotes, *quotes))
            whole = _with_segments(whole, segments, found)
            needs = tuple(dict.fromkeys([*criterion.needs, need]))
            after[at] = _noted(replace(whole, needs=needs), f"{by} here on {move.at[:10]}.")
    return after


def _with_drift(
    criterion: DesignCriterion, one: Held | None, grouped: set[str], is_matched: bool
) -> DesignCriterion:
    """Say where the evidence is no longer that on which a person decided."""
    if one is None or not is_matched or not (one.rejected_by or one.status != "draft"):
        return criterion
    kept = one.snapshot
    if grouped == set(kept.get("grouped") or kept["segments"]):
        return criterion
    return _noted(
        criterion,
        f"When a person last decided on it ({one.at}), {_size(kept['participants'])} and "
        f"{len(kept['segments'])} segments stood behind it; now it is "
        f"{_size(criterion.participants)} and {criterion.n_segments} segments.",
    )


def _size(people: Sequence[str]) -> str:
    return f"{len(people)} {'person' if len(people) == 1 else 'people'}"


def _noted(criterion: DesignCriterion, note: str) -> DesignCriterion:
    return replace(criterion, note=f"{criterion.note} {note}".strip())


def _seated(
    made: Sequence[DesignCriterion], held: Mapping[str, Held], drafted: CriteriaDraft
) -> CriteriaDraft:
    """Set aside what was rejected, and drafts for which people's criteria leave no room."""
    own = {c.id for c in made if c.id in held and held[c.id].is_persons}
    room = max(0, _MOST - len(own))
    live, aside = [], []
    for criterion in made:
        if criterion.status == "rejected":
            aside.append(criterion)
        elif criterion.id in own:
            live.append(criterion)
        elif room:
            room -= 1
            live.append(criterion)
        else:
            note = f"Left out: people hold on to {len(own)} criteria; accept it to have it too."
            aside.append(_noted(criterion, note))
    if len(live) > _MOST:
        note = f"People hold on to {len(live)} criteria; three or four guide better."
        live[_MOST:] = [_noted(criterion, note) for criterion in live[_MOST:]]
    reason = drafted.reason if drafted.criteria or not live else ""
    if not live and drafted.criteria:
        reason = "people rejected every draft criterion"
    return replace(drafted, criteria=tuple(live), set_aside=tuple(aside), reason=reason)
