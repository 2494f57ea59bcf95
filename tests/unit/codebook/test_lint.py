"""The lint asks what a person would ask about a codebook."""

from dataclasses import replace

import pytest

from qualcode.codebook import Codebook, load_codebook
from qualcode.codebook.checks import Evidence, Likeness
from qualcode.codebook.codes import Code
from qualcode.codebook.lint import CHECKS, lint
from qualcode.codebook.stage_names import department_words, funnel_words, has_customers_words
from qualcode.resources import default_codebook_path


def stage(name: str, **values: object) -> Code:
    code_id = "_".join(name.casefold().split())
    return replace(Code(code_id, name, "stage", goal="?"), **values)  # type: ignore[arg-type]


def book(*codes: Code, language: str = "en") -> Codebook:
    return Codebook("Test", codes, language)


def found(codes: Codebook, evidence: Evidence | None = None) -> dict[str, list[tuple[str, ...]]]:
    findings, _ = lint(codes, evidence or Evidence())
    by_check: dict[str, list[tuple[str, ...]]] = {}
    for finding in findings:
        by_check.setdefault(finding.check.name, []).append(finding.codes)
    return by_check


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Awareness", ("awareness",)),
        ("Consideration and conversion", ("consideration", "conversion")),
        ("From lead to win-back", ("lead", "win-back")),
        ("Find out what fits me", ()),
        ("Considering what I need", ()),
    ],
)
def test_words_of_the_sales_funnel_are_heard(name: str, words: tuple[str, ...]) -> None:
    assert funnel_words(name) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Billing department", ("billing", "department")),
        ("Onboarding in the CRM", ("onboarding", "crm")),
        ("Customer Service", ("customer service",)),
        ("Get it and get started", ()),
        ("IT and HR", ("IT", "HR")),
        ("Pay and keep track of costs", ()),
    ],
)
def test_words_of_the_organisation_are_heard(name: str, words: tuple[str, ...]) -> None:
    assert department_words(name) == words


@pytest.mark.parametrize(
    ("name", "is_customers"),
    [
        ("Find out what fits me", True),
        ("Comparing offers", True),
        ("Getting it going", True),
        ("My first bill", True),
        ("Delivery", False),
        ("Installation and set-up phase", False),
    ],
)
def test_a_name_without_a_verb_or_the_customers_voice_is_noticed(
    name: str, is_customers: bool
) -> None:
    assert has_customers_words(name) is is_customers


def test_stages_are_asked_about_and_other_families_are_not() -> None:
    codes = [stage("Retention"), Code("awareness", "Awareness", "theme")]
    by_check = found(book(*codes))
    assert by_check["funnel-words"] == [("retention",)]
    assert by_check["no-verb"] == [("retention",)]


def test_a_stage_without_a_goal_is_asked_for_one() -> None:
    assert found(book(stage("Find it", goal="")))["no-goal"] == [("find_it",)]


@pytest.mark.parametrize(
    ("count", "is_told"), [(0, False), (2, True), (3, False), (7, False), (8, True)]
)
def test_three_to_seven_stages_are_fine(count: int, is_told: bool) -> None:
    codes = [stage(f"Find thing {n}") for n in range(count)] + [Code("a", "A", "need")]
    assert ("stage-count" in found(book(*codes))) is is_told


def test_what_a_code_does_not_say_is_asked_for() -> None:
    by_check = found(book(Code("a", "A", "need"), Code("b", "B", "need", status="retired")))
    assert [by_check[name] for name in ("no-definition", "no-exclusion", "no-examples")] == [
        [("a",)],
        [("a",)],
        [("a",)],
    ]


def test_an_exclusion_that_sends_to_a_code_that_is_not_there_is_told() -> None:
    one = Code("pain_a", "A", "need", exclude=("x (pain_b)", "y (pain_c)", "z (no code at all)"))
    by_check = found(book(one, Code("pain_b", "B", "need", status="retired")))
    assert by_check["unknown-reference"] == [("pain_a",), ("pain_a",)]
    assert "unknown-reference" not in found(
        book(one, *(Code(i, i, "need") for i in ("pain_b", "pain_c")))
    )


@pytest.mark.parametrize(
    ("near", "is_told"),
    [
        (Likeness(0.70, 0, 14), True),
        (Likeness(0.67, 3, 14), False),
        (Likeness(0.62, 6, 14), True),
        (Likeness(0.62, 2, 4), False),
        (Likeness(0.55, 8, 8), False),
    ],
)
def test_codes_overlap_when_they_are_near_or_when_their_examples_stray(
    near: Likeness, is_told: bool
) -> None:
    codes = book(Code("a", "A", "need"), Code("b", "B", "need"))
    assert ("overlap" in found(codes, Evidence({("a", "b"): near}))) is is_told


def test_a_shared_cue_and_definitions_of_the_same_words_are_told_within_a_family() -> None:
    text = "The customer waits a long time for an answer."
    one = Code("a", "A", "need", definition=text, include=("On hold",))
    two = Code("b", "B", "need", definition=text.replace("answer", "reply"), include=("on hold",))
    assert found(book(one, two))["same-words"] == [("a", "b"), ("a", "b")]
    assert "same-words" not in found(book(one, replace(two, family="attitude")))


def test_an_example_of_two_codes_of_a_family_is_told_whatever_its_signs() -> None:
    one = Code("a", "A", "need", examples=("I waited, and waited!",))
    two = Code("b", "B", "need", examples=("I waited and waited",))
    assert found(book(one, two))["shared-example"] == [("a", "b")]
    assert "shared-example" not in found(book(one, replace(two, family="attitude")))


def test_codes_nobody_used_are_told_for_families_that_were_judged() -> None:
    codes = book(Code("a", "A", "need"), Code("b", "B", "need"), Code("c", "C", "attitude"))
    assert found(codes, Evidence(n_codings={"a": 3}, judged={"need"}))["unused"] == [("b",)]
    assert "unused" not in found(codes)


def test_a_code_with_most_of_its_familys_codings_is_told() -> None:
    codes = book(*(Code(i, i, "need") for i in "abc"))
    evidence = Evidence(n_codings={"a": 15, "b": 5, "c": 5}, judged={"need"})
    assert found(codes, evidence)["dominant"] == [("a",)]
    few = Evidence(n_codings={"a": 9, "b": 1, "c": 1}, judged={"need"})
    assert "dominant" not in found(codes, few)


def test_checks_by_english_words_are_left_out_in_other_languages_and_said_to_be() -> None:
    _, left_out = lint(book(stage("Awareness"), language="de"), Evidence())
    assert {"funnel-words", "department-words", "no-verb"} <= left_out.keys()
    assert "funnel-words" not in found(book(stage("Awareness"), language="de"))


def test_the_default_book_has_one_stage_too_many_for_a_page_and_no_other_fault_of_its_texts() -> (
    None
):
    assert list(found(load_codebook(default_codebook_path()))) == ["stage-count"]


def test_every_check_says_why_and_which_practices_it_serves() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.why.endswith(".") and check.practices for check in CHECKS)
