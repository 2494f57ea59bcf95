"""Edits of the map: whatever people do and undo, the state follows from what stands."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.edits import apply_edits
from qualcode.records import Decision
from tests.edits_sample import BOOK, NEEDS, PERSONAS, Study, coding_id, segment_id

CELL = "pain_point/join/wait"
ACTIONS = (
    *("accept", "edit", "reject", "restore", "need", "pin", "unpin", "swap", "hide", "show"),
    *("summary", "opportunity", "change", "remove", "owner", "criterion owner", "sign"),
)
steps = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 7), st.integers(0, 7)), max_size=7
)
machine_after = st.tuples(st.sampled_from(["local:a", "llm:b"]), st.integers(0, 6))


def take(study: Study, action: str, one: int, other: int) -> None:
    """Do one thing as the workflow records it; numbers choose on what."""
    shown = study.criteria
    every = (*shown.criteria, *shown.set_aside)
    coding = coding_id(segment_id(one, 1), "wait", study.coder)
    if action in ("accept", "edit", "reject", "restore") and every:
        study.criterion(one % len(every), action, f"Words {other}." if action == "edit" else None)
    elif action == "need" and shown.criteria:
        study.move_need(NEEDS[one % 3], to=other % len(shown.criteria))
    elif action == "criterion owner" and shown.criteria:
        study.own_criterion(one % len(shown.criteria), "" if other == 0 else f"Team {other}")
    elif action == "pin":
        study.pin(CELL, coding)
    elif action == "unpin":
        study.unpin(CELL, coding)
    elif action == "swap" and one != other:
        study.swap(CELL, coding, coding_id(segment_id(other, 1), "wait", study.coder))
    elif action == "hide":
        study.hide(coding)
    elif action == "show":
        study.show(coding)
    elif action == "summary":
        kind = "write" if other else "reject"
        study.summary("doing", "join", kind, f"Text {one}.")
    elif action == "opportunity":
        study.opportunity("join", f"Text {one}.", f"Team {other}")
    elif action in ("change", "remove"):
        value = {"text": f"Text {other}."} if action == "change" else {}
        study.decide("opportunity", f"O{one}", "edit" if value else "remove", value)
    elif action == "owner":
        study.decide("owner", "join", "set", {"owner": f"Team {other}", "kind": "stage"})
    elif action == "sign":
        study.sign(agrees=bool(other))


def regroup(study: Study, coder: str, seed: int) -> None:
    """Have the codings made again by another coder, and grouped differently."""
    study.coder = coder
    if seed:
        segments = sorted(study.codes)
        random.Random(seed).shuffle(segments)
        study.groups = [segments[at::4] for at in range(4)]


def last_undoing(study: Study, decision: Decision) -> Decision:
    """Return the row to undo for a decision, which may have been undone and redone."""
    while (later := next((d for d in study.log if d.undoes == decision.id), None)) is not None:
        decision = later
    return decision


@given(steps, steps)
@settings(max_examples=60, deadline=None)
def test_undoing_all_that_was_done_since_gives_the_earlier_state(
    first: list[tuple[str, int, int]], then: list[tuple[str, int, int]]
) -> None:
    study = Study()
    for step in first:
        take(study, *step)
    before, standing = study.draft, study.standing
    for step in then:
        take(study, *step)
    while study.standing != standing:
        study.undo(last_undoing(study, study.standing[-1]))
    assert study.draft == before


@given(steps, st.data())
@settings(max_examples=60, deadline=None)
def test_what_was_undone_and_redone_is_as_if_nothing_had_happened(
    done: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    study = Study()
    for step in done:
        take(study, *step)
    before = study.draft
    for _ in range(data.draw(st.integers(0, 3))):
        if study.standing:
            chosen = data.draw(st.sampled_from(study.standing))
            study.undo(study.undo(last_undoing(study, chosen)))
    assert study.draft == before


@given(steps, machine_after)
@settings(max_examples=60, deadline=None)
def test_applying_twice_is_applying_once_and_other_edits_leave_no_trace(
    done: list[tuple[str, int, int]], after: tuple[str, int]
) -> None:
    study = Study()
    for step in done:
        take(study, *step)
    regroup(study, *after)
    machine, once = study.machine, study.draft
    assert study.applied(once) == once
    bare = apply_edits(machine, (), BOOK, corpus=study.corpus, participants=PERSONAS)
    emptied = apply_edits(once, (), BOOK, corpus=study.corpus, participants=PERSONAS)
    assert emptied == bare


@given(steps, machine_after)
@settings(max_examples=80, deadline=None)
def test_a_run_after_people_worked_overwrites_nothing_that_they_wrote(
    done: list[tuple[str, int, int]], after: tuple[str, int]
) -> None:
    study = Study()
    for step in done:
        take(study, *step)
    before = study.draft
    regroup(study, *after)
    now = study.draft
    written = [
        (c.id, c.statement, c.status, c.author)
        for c in before.criteria.criteria
        if c.status != "draft"
    ]
    stands = {(c.id, c.statement, c.status, c.author) for c in now.criteria.criteria}
    assert set(written) <= stands
    rejected = {c.id for c in before.criteria.set_aside if c.status == "rejected"}
    assert rejected <= {c.id for c in now.criteria.set_aside}
    assert now.edits.opportunities == before.edits.opportunities
    assert now.edits.summaries == before.edits.summaries
    assert now.edits.owners == before.edits.owners
    assert now.edits.sign_offs == before.edits.sign_offs
    assert len(now.edits.hidden) == len(before.edits.hidden)
    assert {k: len(v) for k, v in now.edits.pinned.items()} == {
        k: len(v) for k, v in before.edits.pinned.items()
    }
    owned = before.edits.owners.keys() - {"join"}
    every = (*now.criteria.criteria, *now.criteria.set_aside)
    assert owned <= {c.id for c in every}


@given(steps, machine_after)
@settings(max_examples=60, deadline=None)
def test_every_segment_is_behind_one_draft_and_every_criterion_has_its_own_id(
    done: list[tuple[str, int, int]], after: tuple[str, int]
) -> None:
    study = Study()
    for step in done:
        take(study, *step)
    regroup(study, *after)
    made = study.criteria
    every = (*made.criteria, *made.set_aside)
    assert len({c.id for c in every}) == len(every)
    assert {s for c in every for s in c.segments} == set(study.codes)
    assert all(len(set(c.segments)) == c.n_segments for c in every)
    drafts = [c for c in made.criteria if c.status == "draft" and c.id not in _held(study)]
    assert not drafts or len(made.criteria) <= 4


def _held(study: Study) -> set[str]:
    moves = {str(d.value["to"]) for d in study.standing if d.subject == "need"}
    return moves | study.draft.edits.owners.keys()
