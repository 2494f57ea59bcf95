"""Words that set groups of texts apart."""

from __future__ import annotations

from qualcode.analysis.terms import class_terms


def test_terms_are_ordered_by_the_weight_worked_out_by_hand() -> None:
    # Words by people: class 1: router 3, bill 2; class 2: bill 3, engineer 2. A = 10 / 2 = 5.
    # Class 1: router 3 · ln(1 + 5/3) = 2.94, bill 2 · ln(1 + 5/5) = 1.39.
    # Class 2: engineer 2 · ln(1 + 5/2) = 2.51, bill 3 · ln(1 + 5/5) = 2.08: the rarer word leads.
    first = [("a", "router bill"), ("b", "router bill"), ("c", "router")]
    second = [("a", "bill engineer"), ("b", "bill engineer"), ("c", "bill")]
    assert class_terms([first, second]) == (("router", "bill"), ("engineer", "bill"))


def test_a_word_that_one_person_repeats_comes_after_words_that_two_people_use() -> None:
    # By weight "broken" leads: A = 26 / 2 = 13; 1 · ln(1 + 13/1) = 2.64 against slow's
    # 2 · ln(1 + 13/22) = 0.93, with 3 + 20 + 3 words by people, slow in 22 of them.
    members = [("a", "broken broken broken"), ("a", "broken slow"), ("b", "slow")]
    other = [(f"P{i}", "slow") for i in range(20)]
    other += [(f"P{i}", "fine") for i in range(3)]
    assert class_terms([members, other])[0] == ("slow", "broken")


def test_stop_words_placeholders_and_short_words_are_no_terms() -> None:
    assert class_terms([[("a", "I don’t know [PERSON_3] [POST_CODE_1] ok router")]]) == (
        ("router",),
    )


def test_a_class_without_words_has_no_terms() -> None:
    assert class_terms([[("a", "")], []]) == ((), ())
