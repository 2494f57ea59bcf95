"""The tally counts person by person, so that any part of a study adds up to what it says."""

from __future__ import annotations

from coded_corpus import BOOK, Said, corpus_of
from hypothesis import given
from hypothesis import strategies as st

from qualcode.analysis.evidence import gather_evidence
from qualcode.analysis.journey import build_journey
from qualcode.analysis.tally import UNCOUNTED, restrict, tally
from qualcode.draft import Felt, Group, Tally
from qualcode.draft import Said as Count


def counted(said: list[Said], checked: frozenset[int] = frozenset()) -> Tally:
    corpus = corpus_of(said, checked=checked)
    return tally(corpus, gather_evidence(corpus, BOOK))


def test_a_person_has_one_entry_with_all_that_was_said_and_what_of_it_is_checked() -> None:
    said = [Said("P1", {"find": 1, "wait": 1})] * 3 + [Said("P2", {"find": 1, "wait": 1})]
    found = counted(said, checked=frozenset({0, 3}))
    assert found.people == ("P1", "P2")
    assert found.findings["pain_point", "find", "wait"] == (Count(0, 3, 1), Count(1, 1, 1))
    assert found.stages["find"] == (Count(0, 3, 1), Count(1, 1, 1))


def test_voices_that_are_not_assigned_are_counted_apart_and_feel_nothing() -> None:
    said = [Said(None, {"find": 1, "joy": 1}, valence=2.0), Said("P1", {"find": 1})]
    found = counted(said)
    assert found.stages["find"] == (Count(UNCOUNTED, 1, 0), Count(0, 1, 0))
    assert found.feelings == {}


def test_feelings_add_up_by_person() -> None:
    said = [Said("P1", {"find": 1, "joy": 1}, valence=v) for v in (2.0, -1.0)]
    found = counted(said, checked=frozenset({1}))
    assert found.feelings["find"] == (Felt(0, 1.0, 2, -1.0, 1),)


def test_a_segment_without_a_stage_is_heard_and_has_a_place_but_stands_in_no_cell() -> None:
    found = counted([Said("P1", {"wait": 1})])
    assert found.heard == (Count(0, 1, 0),)
    assert found.places == {"s0": (0, None, False)}
    assert (found.stages, found.findings) == ({}, {})


PEOPLE = st.sampled_from(["P1", "P2", "P3", None])
SEGMENTS = st.lists(
    st.builds(
        Said,
        PEOPLE,
        st.dictionaries(
            st.sampled_from(["find", "join", "wait", "cost", "joy"]), st.floats(0.1, 1), max_size=4
        ),
        st.sampled_from([None, -2.0, -0.5, 1.0]),
    ),
    max_size=14,
)


@given(SEGMENTS, st.frozensets(st.integers(0, 13)))
def test_the_parts_of_a_tally_add_up_to_the_whole(
    said: list[Said], checked: frozenset[int]
) -> None:
    whole = counted(said, checked)
    numbers = {*range(len(whole.people)), UNCOUNTED}
    parts = [restrict(whole, frozenset({n}), checked_only=False) for n in numbers]
    for key, entries in whole.findings.items():
        assert sum(e.n for part in parts for e in part.findings[key]) == sum(e.n for e in entries)
    only = restrict(whole, frozenset(numbers), checked_only=True)
    for key, entries in whole.findings.items():
        assert sum(e.n for e in only.findings[key]) == sum(e.n_checked for e in entries)


@given(SEGMENTS, st.frozensets(st.integers(0, 13)))
def test_only_checked_codings_count_in_a_map_of_what_is_checked(
    said: list[Said], checked: frozenset[int]
) -> None:
    corpus = corpus_of(said, checked=checked)
    status = {coding.id: coding.status for coding in corpus.codings()}
    built = build_journey(corpus, BOOK, seed=1, group=Group(checked_only=True))
    for cell in built.cells.values():
        for finding in cell.findings:
            assert finding.quotes
            assert {status[q.coding_id] for q in finding.quotes} == {"accepted"}
