"""The journey map counts people, quotes only participants, and depends on nothing else."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from coded_corpus import BOOK, Said, corpus_of
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.analysis.evidence import gather_evidence
from qualcode.analysis.intervals import bootstrap_mean, wilson
from qualcode.analysis.journey import build_journey
from qualcode.draft import Finding, Group, JourneyMap, Quote
from qualcode.records import Role


def journey(said: Sequence[Said], **options: Any) -> JourneyMap:
    return build_journey(corpus_of(said), BOOK, seed=1, **options)


def findings(built: JourneyMap) -> list[tuple[str, Finding]]:
    return [(stage, f) for (_, stage), cell in built.cells.items() for f in cell.findings]


def all_quotes(built: JourneyMap) -> list[Quote]:
    return [q for _, f in findings(built) for q in f.quotes] + [
        q for column in built.stages for q in column.quotes
    ]


SAID = st.builds(
    Said,
    who=st.sampled_from(["P1", "P2", "P3", "P4", None]),
    codes=st.dictionaries(
        st.sampled_from([code.id for code in BOOK.codes] + ["lost"]),
        st.sampled_from([0.2, 0.5, 0.9]),
        max_size=5,
    ),
    valence=st.sampled_from([None, -2.0, -0.7, 0.1, 2.0]),
    role=st.sampled_from([Role.PARTICIPANT, Role.PARTICIPANT, Role.INTERVIEWER, Role.UNKNOWN]),
)
TALKS = st.lists(SAID, max_size=14)


@settings(max_examples=60, deadline=None)
@given(TALKS)
def test_no_word_of_an_interviewer_is_ever_quoted(said: list[Said]) -> None:
    silent = {f"s{i}" for i, one in enumerate(said) if one.role is Role.INTERVIEWER}
    assert not silent & {quote.segment_id for quote in all_quotes(journey(said))}


@settings(max_examples=60, deadline=None)
@given(TALKS)
def test_every_quote_points_at_a_coding_that_exists(said: list[Said]) -> None:
    corpus = corpus_of(said)
    known = {c.id: (c.document_id, c.segment_id, c.start_char) for c in corpus.codings()}
    for quote in all_quotes(build_journey(corpus, BOOK, seed=1)):
        assert known[quote.coding_id] == (quote.document_id, quote.segment_id, quote.start_char)


@settings(max_examples=60, deadline=None)
@given(TALKS)
def test_no_count_of_people_exceeds_the_participants_at_the_stage_or_in_all(
    said: list[Said],
) -> None:
    built = journey(said)
    participants = {one.who for one in said if one.role is Role.PARTICIPANT} - {None}
    assert built.n_people == len(participants)
    at_stage = {column.code: column.n_people for column in built.stages}
    for stage, finding in findings(built):
        assert 0 <= finding.share.count <= finding.share.total == at_stage[stage]
        assert at_stage[stage] <= built.n_people
    for feeling in built.feelings:
        assert feeling.n_people == len(feeling.by_person) <= at_stage[feeling.stage]


@settings(max_examples=60, deadline=None)
@given(TALKS, st.data())
def test_quotes_more_from_the_same_person_change_no_count(
    said: list[Said], data: st.DataObject
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(said), max_size=6)) if said else []
    before, after = journey(said), journey([*said, *repeated])
    assert before.n_people == after.n_people
    assert [c.n_people for c in before.stages] == [c.n_people for c in after.stages]
    assert {(s, f.code): f.share for s, f in findings(before)} == {
        (s, f.code): f.share for s, f in findings(after)
    }


@settings(max_examples=60, deadline=None)
@given(TALKS, st.data())
def test_the_order_of_judgements_has_no_influence(said: list[Said], data: st.DataObject) -> None:
    corpus = corpus_of(said)
    moved = replace(corpus, judgements=tuple(data.draw(st.permutations(corpus.judgements))))
    assert build_journey(corpus, BOOK, seed=1) == build_journey(moved, BOOK, seed=1)


def test_the_same_seed_gives_the_same_map() -> None:
    said = [Said(f"P{i}", {"find": 1, "joy": 1}, valence=i % 5 - 2.0) for i in range(12)]
    assert journey(said) == journey(said)


def test_a_segment_stands_in_the_column_of_its_strongest_stage_only() -> None:
    built = journey([Said("P1", {"find": 0.4, "join": 0.8, "wait": 0.5})])
    assert [(c.code, c.n_segments, len(c.quotes)) for c in built.stages] == [
        ("find", 0, 0),
        ("join", 1, 1),
    ]
    assert built.cells["pain_point", "find"].findings == ()
    assert [f.code for f in built.cells["pain_point", "join"].findings] == ["wait"]


def test_equally_strong_stages_go_by_the_order_of_the_codebook() -> None:
    built = journey([Said("P1", {"join": 0.8, "find": 0.8})])
    assert [column.n_segments for column in built.stages] == [1, 0]


def test_a_segment_without_a_stage_is_counted_but_stands_in_no_column() -> None:
    built = journey([Said("P1", {"wait": 0.5}), Said("P2", {})])
    assert (built.n_people, built.n_segments, built.n_coded_segments) == (2, 2, 1)
    assert all_quotes(built) == []


def test_a_retired_stage_has_no_column() -> None:
    built = journey([Said("P1", {"old": 0.9, "wait": 0.5})])
    assert [column.code for column in built.stages] == ["find", "join"]
    assert built.n_coded_segments == 1


def test_stages_carry_the_name_and_goal_of_the_codebook() -> None:
    column = journey([]).stages[0]
    assert (column.name, column.goal) == ("Find out what fits me", "What is there for me?")


def test_every_lane_has_a_cell_at_every_stage_even_without_evidence() -> None:
    built = journey([])
    assert list(built.cells) == [
        (family, stage)
        for family in ("emotion", "pain_point", "need")
        for stage in ("find", "join")
    ]
    assert all(cell.findings == () for cell in built.cells.values())


def test_a_code_that_the_book_has_lost_keeps_its_evidence_under_its_id() -> None:
    built = journey([Said("P1", {"find": 0.9, "lost": 0.5})])
    assert [(f.code, f.name) for f in built.cells["custom", "find"].findings] == [("lost", "lost")]


def test_a_person_counts_once_however_much_they_say() -> None:
    said = [Said("P1", {"find": 1, "wait": 1})] * 5 + [Said("P2", {"find": 1})]
    (finding,) = journey(said).cells["pain_point", "find"].findings
    assert (finding.share.count, finding.share.total, len(finding.quotes)) == (1, 2, 5)


def test_unassigned_voices_are_quoted_but_never_counted() -> None:
    built = journey([Said(None, {"find": 1, "wait": 1, "joy": 1}, valence=1.0)])
    column, (finding,) = built.stages[0], built.cells["pain_point", "find"].findings
    assert (column.n_people, column.n_segments, column.n_unassigned) == (0, 1, 1)
    assert (built.n_people, built.n_unassigned_segments) == (0, 1)
    assert (finding.share.count, finding.share.total, finding.share.low) == (0, 0, None)
    assert finding.share.reason == "no voice here is assigned to a participant"
    assert [quote.participant_id for quote in finding.quotes] == [None]
    assert built.feelings[0].mean is None


def test_a_voice_of_unknown_role_with_an_id_is_not_a_person() -> None:
    built = journey([Said("P1", {"find": 1}, role=Role.UNKNOWN)])
    assert (built.n_people, built.stages[0].n_unassigned) == (0, 1)


def test_findings_stand_by_people_then_quotes_then_the_order_of_the_codebook() -> None:
    one = [Said("P1", {"find": 1, "cost": 1}), Said("P2", {"find": 1, "cost": 1})]
    built = journey([*one, *[Said("P3", {"find": 1, "wait": 1})] * 3])
    assert [f.code for f in built.cells["pain_point", "find"].findings] == ["cost", "wait"]
    built = journey([Said("P1", {"find": 1, "cost": 1, "wait": 1})])
    assert [f.code for f in built.cells["pain_point", "find"].findings] == ["wait", "cost"]
    built = journey(
        [Said("P1", {"find": 1, "cost": 1, "wait": 1}), Said("P1", {"find": 1, "cost": 1})]
    )
    assert [f.code for f in built.cells["pain_point", "find"].findings] == ["cost", "wait"]


def test_quotes_stand_strongest_first_then_in_the_order_of_the_text() -> None:
    scores = [0.5, 0.9, 0.5, 0.7]
    built = journey([Said("P1", {"find": 1, "wait": score}) for score in scores])
    (finding,) = built.cells["pain_point", "find"].findings
    assert [quote.segment_id for quote in finding.quotes] == ["s1", "s3", "s0", "s2"]


def test_a_quote_carries_the_valence_of_its_segments_strongest_emotion() -> None:
    built = journey([Said("P1", {"find": 1, "wait": 1, "joy": 0.6}, valence=1.5)])
    (finding,) = built.cells["pain_point", "find"].findings
    assert finding.quotes[0].valence == 1.5


def test_eight_people_have_a_wilson_interval_that_says_what_it_covers() -> None:
    said = [Said(f"P{i}", {"find": 1, **({"wait": 1} if i < 3 else {})}) for i in range(8)]
    share = journey(said).cells["pain_point", "find"].findings[0].share
    assert (share.low, share.high) == wilson(3, 8)[:2]
    assert share.method == "naive counts, 95 % Wilson; sampling only, codings unchecked"
    assert share.reason == ""


def test_seven_people_have_no_interval_but_a_reason() -> None:
    said = [Said(f"P{i}", {"find": 1, "wait": 1}) for i in range(7)]
    share = journey(said).cells["pain_point", "find"].findings[0].share
    assert (share.count, share.total, share.low, share.high) == (7, 7, None, None)
    assert share.reason == "fewer than 8 people"


def test_feeling_is_averaged_within_people_before_it_is_averaged_over_them() -> None:
    # P1: (−2 − 2 − 2 + 2) / 4 = −1; P2: +2. Over people (−1 + 2) / 2 = 0.5; over quotes it would
    # be (−6 + 2 + 2) / 5 = −0.4.
    said = [Said("P1", {"find": 1, "anger": 1}, valence=-2.0)] * 3
    said += [Said(who, {"find": 1, "joy": 1}, valence=2.0) for who in ("P1", "P2")]
    feeling = journey(said).feelings[0]
    assert (feeling.mean, feeling.n_people) == (0.5, 2)
    assert feeling.by_person == {"P1": -1.0, "P2": 2.0}


def test_under_eight_people_the_feeling_has_dots_instead_of_a_band() -> None:
    said = [Said(f"P{i}", {"find": 1, "joy": 1}, valence=1.0) for i in range(7)]
    feeling = journey(said).feelings[0]
    assert (feeling.mean, feeling.low, feeling.high) == (1.0, None, None)
    assert feeling.reason == "fewer than 8 people: dots instead of a band"


def test_from_eight_people_the_feeling_has_a_bootstrap_band() -> None:
    values = [-2.0, -1.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0]
    said = [Said(f"P{i}", {"find": 1, "joy": 1}, valence=v) for i, v in enumerate(values)]
    feeling = journey(said).feelings[0]
    assert (feeling.low, feeling.high) == bootstrap_mean(values, seed=1)[:2]
    assert feeling.reason == ""


def test_the_band_does_not_depend_on_who_speaks_first() -> None:
    said = [Said(f"P{i}", {"find": 1, "joy": 1}, valence=i * i / 40) for i in range(8)]
    assert journey(said).feelings == journey(said[::-1]).feelings


def test_a_stage_without_emotions_has_no_feeling_but_a_reason() -> None:
    feeling = journey([Said("P1", {"find": 1})]).feelings[0]
    assert (feeling.mean, feeling.n_people, bool(feeling.reason)) == (None, 0, True)


PERSONAS = {"P1": {"Persona": "Newcomer "}, "P2": {"persona": "Regular"}, "P3": {}}


def test_a_persona_keeps_its_participants_whatever_the_case() -> None:
    said = [Said(who, {"find": 1, "wait": 1}) for who in ("P1", "P2", "P3", None)]
    built = journey(said, group=Group({"persona": "newcomer"}), participants=PERSONAS)
    assert {quote.participant_id for quote in all_quotes(built)} == {"P1"}
    assert (built.persona, built.n_people, built.n_segments) == ("newcomer", 1, 1)
    assert built.n_unassigned_segments == 0


def test_a_persona_that_nobody_has_gives_a_map_without_evidence() -> None:
    built = journey(
        [Said("P1", {"find": 1})], group=Group({"persona": "nobody"}), participants=PERSONAS
    )
    assert (built.n_people, built.n_segments, all_quotes(built)) == (0, 0, [])


def test_without_participants_the_persona_is_that_of_the_document() -> None:
    corpus = corpus_of([Said("P1", {"find": 1})], {"persona": "Regular"})
    assert build_journey(corpus, BOOK, group=Group({"persona": "regular"}), seed=1).n_people == 1
    assert build_journey(corpus, BOOK, group=Group({"persona": "newcomer"}), seed=1).n_people == 0


def test_one_span_under_one_code_by_two_coders_is_one_quote() -> None:
    corpus = corpus_of([Said("P1", {"find": 0.9, "wait": 0.4})])
    other = corpus_of([Said("P1", {"wait": 0.8}, coder="human:ann")])
    both = replace(corpus, judgements=corpus.judgements + other.judgements)
    (finding,) = build_journey(both, BOOK, seed=1).cells["pain_point", "find"].findings
    assert [quote.score for quote in finding.quotes] == [0.8]


def test_a_rejected_coding_and_one_without_a_segment_are_no_evidence() -> None:
    corpus = corpus_of([Said("P1", {"find": 0.9, "wait": 0.4})])
    stage, pain = corpus.judgements
    rejected = replace(pain, codings=(replace(pain.codings[0], status="rejected"),))
    kept = gather_evidence(replace(corpus, judgements=(stage, rejected)), BOOK)
    assert [e.coding.code for e in kept] == ["find"]
    assert gather_evidence(replace(corpus, segments=()), BOOK) == []


def test_a_coding_of_an_interviewers_segment_under_another_segments_judgement_is_no_evidence() -> (
    None
):
    corpus = corpus_of([Said(None, {"wait": 0.4}, role=Role.INTERVIEWER), Said("P1", {})])
    misfiled = replace(corpus.judgements[0], segment_id="s1")
    assert gather_evidence(replace(corpus, judgements=(misfiled,)), BOOK) == []


@pytest.mark.alone
def test_twenty_thousand_comments_take_under_three_seconds() -> None:
    stages, pains = ("find", "join"), ("wait", "cost")
    corpus = corpus_of(
        [
            Said(
                f"P{i}",
                {stages[i % 2]: 0.9, pains[i % 3 % 2]: 0.5, "clarity": 0.4, "joy": 0.7},
                valence=i % 5 - 2.0,
            )
            for i in range(20_000)
        ]
    )
    start = time.process_time()  # our own time: others on the machine must not fail the test
    built = build_journey(corpus, BOOK, seed=1)
    assert time.process_time() - start < 3.0
    assert built.n_people == 20_000
