"""Criteria are worded by the codebook and by the customers, never by a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from criteria_sample import BOOK, NEEDS, Said, by_about, draft, study, talk

from qualcode.analysis.criteria import draft_criteria
from qualcode.codebook import Codebook


def coded() -> list[Said]:
    return [Said(f"P{p}", a, (NEEDS[a],)) for p in range(6) for a in (0, 1, 2)]


def test_each_criterion_takes_the_need_of_its_group_and_its_wording() -> None:
    corpus, vectors = study(coded())
    made = draft_criteria(corpus, BOOK, vectors, seed=1, n_draws=3)
    for criterion in made.criteria:
        (code,) = criterion.codes
        assert criterion.statement == BOOK.code(code).statement
        assert criterion.needs == (code,)


def test_the_vectors_of_needs_decide_where_no_need_was_coded() -> None:
    said = talk(6)
    made = by_about(draft(said), said)
    assert {a: c.statement for a, c in made.items()} == {
        a: BOOK.code(NEEDS[a]).statement for a in range(3)
    }


def test_what_was_coded_counts_more_than_what_the_words_lie_near_to() -> None:
    said = [
        Said(f"P{p}", a, (c,))
        for p in range(6)
        for a, c in ((0, "trust"), (1, "wait"), (3, "care"))
    ]
    assert by_about(draft(said), said)[0].statement == "Keep your promises."


def test_a_need_to_which_three_people_point_stands_with_their_group() -> None:
    said = coded() + [Said(f"P{p}", 2, ("care",)) for p in range(3)]
    said += [Said(f"P{p}", 1, ("care",)) for p in range(2)]
    made = by_about(draft(said), said)
    assert made[2].needs == ("trust", "care")
    assert made[1].needs == ("clarity",)


def test_a_need_to_which_two_people_point_stands_with_no_group() -> None:
    said = coded() + [Said(f"P{p}", 1, ("care",)) for p in range(2)]
    assert by_about(draft(said), said)[1].needs == ("clarity",)


def test_two_groups_never_share_a_statement() -> None:
    # Everybody is coded with the same need in every group: only one group may have it.
    said = [Said(f"P{p}", a, ("trust",)) for p in range(6) for a in (0, 1, 2)]
    assert len({c.statement for c in draft(said).criteria}) == 3


def test_two_needs_of_the_same_wording_word_one_group() -> None:
    alike = [replace(c, statement="The same.") if c.family == "need" else c for c in BOOK.codes]
    corpus, vectors = study(coded())
    made = draft_criteria(corpus, Codebook("alike", tuple(alike)), vectors, seed=1, n_draws=3)
    statements = [c.statement for c in made.criteria]
    assert statements.count("The same.") == 1
    assert len(set(statements)) == 3


def test_the_basis_says_how_many_people_point_to_the_need_and_how_many_were_coded_with_it() -> None:
    said = talk(6, (1, 2))
    said += [Said(f"P{p}", 0, ("wait", "speed") if p < 4 else ("wait",)) for p in range(6)]
    assert by_about(draft(said), said)[0].basis == (
        "The wording is the codebook's, of the need “Speed”: 4 of the group's 6 people said "
        "something that points to it, 4 of them in so many words."
    )


def test_a_statement_to_which_few_people_point_says_so() -> None:
    said = (
        talk(6, (1, 2))
        + [Said(f"P{p}", 0, ("wait",)) for p in range(6)]
        + [Said("P0", 0, ("speed",))]
    )
    assert "Only 1 of its 6 people point to this need: others point to “Waiting” (6)" in (
        by_about(draft(said), said)[0].note
    )


def test_a_need_without_a_statement_lends_its_definition() -> None:
    made = draft(talk(6, (0, 1, 3)))
    assert "To be treated as a person." in [c.statement for c in made.criteria]


def test_a_pain_with_a_statement_words_a_group_to_which_no_need_is_near() -> None:
    worded = replace(BOOK.code("broken"), statement="Let it work every time.")
    book = Codebook("test", (worded, *(c for c in BOOK.codes if c.id != "broken")))
    said = [*talk(6, (1, 2)), *(Said(f"P{p}", 3, ("broken",)) for p in range(6))]
    corpus, vectors = study(said)
    vectors_of_codes = {n: np.eye(384, dtype=np.float32)[i] for i, n in enumerate(NEEDS[:3])}
    vectors_of_codes["broken"] = np.eye(384, dtype=np.float32)[3]
    made = draft_criteria(corpus, book, vectors, seed=1, code_vectors=vectors_of_codes, n_draws=3)
    criterion = by_about(made, said)[3]
    assert criterion.statement == "Let it work every time."
    assert criterion.basis == (
        "The wording is the codebook's, of the pain point “It breaks”: 6 of the group's 6 people "
        "said something that points to it."
    )


def test_a_pain_without_a_statement_is_turned_round() -> None:
    corpus, vectors = study([Said(f"P{p}", a, ("broken",)) for p in range(6) for a in (0, 1, 2)])
    made = draft_criteria(corpus, Codebook("test", BOOK.codes[:4]), vectors, seed=1, n_draws=3)
    assert "No more of this: It fails." in [c.statement for c in made.criteria]


def test_where_the_book_has_too_few_sentences_the_groups_words_tell_them_apart() -> None:
    corpus, vectors = study(talk(6))
    made = draft_criteria(corpus, Codebook("test", BOOK.codes[:3]), vectors, seed=1, n_draws=3)
    with_words = [c for c in made.criteria if "(here: " in c.statement]
    assert len(with_words) == 2
    for criterion in with_words:
        assert criterion.note.startswith("The codebook has too few needs")
        assert criterion.terms[0] in criterion.statement


def test_where_the_book_has_lost_its_needs_and_pains_the_criteria_are_left_to_be_worded() -> None:
    corpus, vectors = study(talk(6))
    made = draft_criteria(corpus, Codebook("test", BOOK.codes[:2]), vectors, seed=1, n_draws=3)
    assert len({c.statement for c in made.criteria}) == 3
    assert all(", to be worded: " in c.statement for c in made.criteria)
