"""Whatever people do and undo at the review: what they hold follows from what stands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qualcode.analysis.reviewed import Reviewed, fold
from qualcode.analysis.settled import settle
from qualcode.records import Judgement
from qualcode.review_events import Action, Part, ReviewEvent, standing_events
from tests.review_sample import BOOK, END, SEGMENT, START, codes_of, event, judgement, numbered

PAIN = "pain_point"
CODES = tuple(code.id for code in BOOK.family(PAIN))
OTHER = "seg_2"
DOCUMENTS = {SEGMENT: "doc_1", OTHER: "doc_1"}
SPANS = {SEGMENT: (START, END), OTHER: (END + 1, END + 30)}

steps = st.lists(
    st.tuples(
        st.sampled_from([a for a in Action if a is not Action.UNDO]),
        st.sampled_from(["Ada", "Bob"]),
        st.sampled_from(list(Part)),
        st.sampled_from([SEGMENT, OTHER]),
        st.sampled_from(CODES),
        st.booleans(),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=10,
)
undone = st.lists(st.integers(0, 30), max_size=12)
machines = st.lists(
    st.tuples(
        st.sampled_from([SEGMENT, OTHER]),
        st.sampled_from(["local:x", "llm:y"]),
        st.sets(st.sampled_from(CODES)),
    ),
    max_size=4,
    unique_by=lambda one: one[:2],
)


def made(taken: list[tuple[Action, str, Part, str, str, bool, int, int]]) -> list[ReviewEvent]:
    events = []
    for number, (action, author, part, segment, code, is_blind, one, other) in enumerate(taken):
        fields: dict[str, object] = {"author": author, "part": part, "segment_id": segment}
        start, end = SPANS[segment]
        fields |= {"is_blind": is_blind, "value": {}}
        if action is Action.DONE:
            fields["value"] = {"families": [PAIN]}
        if action in (Action.ACCEPT, Action.CHANGE, Action.ADD, Action.SPAN):
            fields |= {"start_char": start + one, "end_char": end - other}
        if action is Action.CHANGE:
            fields["value"] = {"instead_of": CODES[one % len(CODES)]}
        if action is not Action.DONE:
            fields |= {"family": PAIN, "code": code}
        events.append(event(action, f"e{number}", **fields))
    return events


def with_undoings(events: list[ReviewEvent], which: list[int]) -> list[ReviewEvent]:
    """Return the events with undoings behind them, of events and of undoings, each once."""
    told = list(events)
    taken: set[str] = set()
    for number, choice in enumerate(which):
        if not told:
            break
        target = told[choice % len(told)]
        if target.uid in taken:
            continue
        taken.add(target.uid)
        told.append(
            event(
                Action.UNDO,
                f"u{number}",
                author=target.author,
                part=target.part,
                segment_id=target.segment_id,
                is_blind=target.is_blind,
                undoes=target.uid,
            )
        )
    return numbered(*told)


def standing(events: list[ReviewEvent]) -> list[ReviewEvent]:
    """Say slowly what stands: whose undoing does not stand itself."""
    undoing = {e.undoes: e for e in events if e.undoes is not None}

    def stands(uid: str) -> bool:
        return uid not in undoing or not stands(undoing[uid].uid)

    return [e for e in events if e.undoes is None and stands(e.uid)]


def folded(events: list[ReviewEvent]) -> dict[object, Reviewed]:
    return dict(fold(events, codes_of))


@given(steps, undone)
def test_what_is_undone_is_as_if_it_had_never_been_done(taken: list, which: list[int]) -> None:
    events = with_undoings(made(taken), which)
    without = standing(events)
    assert standing_events(events) == without
    assert folded(events) == folded(without)


@given(steps, undone)
def test_undoing_everything_leaves_nothing(taken: list, which: list[int]) -> None:
    events = made(taken)
    back = [n for n in reversed(range(len(events)))]
    assert folded(with_undoings(events, back)) == {}


@given(steps, undone)
def test_the_blind_record_is_that_of_the_blind_events_alone(taken: list, which: list[int]) -> None:
    events = with_undoings(made(taken), which)
    blind = [one for one in events if one.is_blind]
    assert dict(fold(events, codes_of, blind_only=True)) == folded(blind)


@given(steps, undone, machines)
def test_no_coding_is_made_whose_words_lie_outside_its_segment(
    taken: list, which: list[int], proposed: list[tuple[str, str, set[str]]]
) -> None:
    events = with_undoings(made(taken), which)
    for one in settled(events, proposed):
        for coding in one.codings:
            start, end = SPANS[coding.segment_id]
            assert start <= coding.start_char < coding.end_char <= end


@given(steps, undone, machines)
def test_every_judgement_of_a_machine_comes_back_once_and_no_rejected_coding_does(
    taken: list, which: list[int], proposed: list[tuple[str, str, set[str]]]
) -> None:
    events = with_undoings(made(taken), which)
    found = settled(events, proposed)
    machines = [(j.segment_id, j.coder) for j in found if not j.coder.startswith("human:")]
    assert machines == [(segment, coder) for segment, coder, _ in proposed]
    assert all(c.status != "rejected" for one in found for c in one.codings)


def settled(
    events: list[ReviewEvent], proposed: list[tuple[str, str, set[str]]]
) -> tuple[Judgement, ...]:
    judgements = [
        judgement(*sorted(codes), coder=coder, segment_id=segment, span=SPANS[segment])
        for segment, coder, codes in proposed
    ]
    return settle(judgements, folded(events).values(), BOOK, DOCUMENTS)
