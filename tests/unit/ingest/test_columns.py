"""Columns: what they hold is recognised by their values, and by their names where those tell."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from qualcode.ingest.columns import Profile, detect
from qualcode.ingest.table import Row, Table

NOUNS = ["bike", "saddle", "courier", "invoice", "chat", "battery", "lock", "fitter", "helmet"]
VERBS = ["arrived", "broke", "squeaked", "vanished", "surprised", "annoyed", "pleased", "delayed"]


def sentences(n: int) -> list[str]:
    made = random.Random(7)
    return [
        f"the {made.choice(NOUNS)} {made.choice(VERBS)} me on day {i}, the {made.choice(NOUNS)} not"
        for i in range(n)
    ]


def table_of(**columns: list[str]) -> Table:
    rows = zip(*columns.values(), strict=True)
    return Table(
        "s.csv",
        "csv",
        "utf-8",
        tuple(columns),
        tuple(Row(number, cells) for number, cells in enumerate(rows, start=2)),
    )


def kinds(table: Table) -> dict[str, str]:
    return {column.name: column.kind for column in detect(table)[1]}


def test_a_plain_survey_is_recognised() -> None:
    n = 60
    table = table_of(
        respondent_id=[f"R{i:03}" for i in range(n)],
        answered_on=[f"2026-02-{i % 28 + 1:02}" for i in range(n)],
        nps=[str(i % 11) for i in range(n)],
        persona=["Commuter" if i % 3 else "Parent" for i in range(n)],
        email=[f"someone{i}@example.org" for i in range(n)],
        comment=sentences(n),
        unused=[""] * n,
    )
    assert detect(table)[0] == Profile(
        "respondent_id", ("comment",), ("answered_on", "nps", "persona")
    )
    assert kinds(table)["email"] == "other"
    assert kinds(table)["unused"] == "empty"


def test_ticked_options_are_no_open_answers() -> None:
    made = random.Random(3)
    options = [" ".join([noun, "of the usual kind"]) for noun in NOUNS]
    picked = ["; ".join(sorted(made.sample(options, made.randint(1, 4)))) for _ in range(200)]
    assert kinds(table_of(parts=picked)) == {"parts": "other"}


def test_ticked_options_with_a_few_write_ins_are_no_open_answers() -> None:
    made = random.Random(3)
    picked = [", ".join(made.sample(NOUNS, made.randint(1, 4))) for _ in range(100)]
    picked[10] += ", and what my uncle built in his shed"
    header = "Which of the following do you use? (select all that apply)"
    assert kinds(table_of(**{header: picked})) == {header: "other"}


def test_long_recurring_options_are_a_category() -> None:
    options = ["Beginner - we are only just learning about it", "Expert - we know it, all of us"]
    assert kinds(table_of(where=options * 20)) == {"where": "category"}


def test_yes_and_no_with_one_write_in_are_a_category() -> None:
    values = ["Yes"] * 60 + ["No"] * 40 + ["Yes, and we use the other one too"]
    assert kinds(table_of(used=values)) == {"used": "category"}


def test_open_answers_are_found_among_many_that_say_nothing() -> None:
    values = ["none", "n/a", "-", "Nothing", "Did not answer"] * 12 + sentences(30)
    assert kinds(table_of(comment=values)) == {"comment": "text"}


def test_short_answers_under_a_question_for_words_are_open() -> None:
    header = "If you could change anything, what would you suggest?"
    values = [f"{a} {b}" for a in NOUNS[:5] for b in VERBS[:6]]
    assert kinds(table_of(**{header: values})) == {header: "text"}


def test_a_header_of_three_hundred_characters_is_read_like_any_other() -> None:
    header = "Thinking of everything that happened to you, " * 7 + "why?"
    assert detect(table_of(**{header: sentences(20)}))[0].text_cols == (header,)


def test_text_without_spaces_between_words_is_open_text() -> None:
    values = [f"自転車の配達がとても遅れて困りました第{i}回" for i in range(20)]
    assert kinds(table_of(意見=values)) == {"意見": "text"}


def test_numbered_columns_of_one_question_are_read_alike() -> None:
    short = [NOUNS[i % 9] if i % 2 else f"{NOUNS[i % 9]}{i}" for i in range(40)]
    table = table_of(
        **{"Wish #1: what else have you missed so far?": short}
        | {"Wish #2: what else have you missed so far?": sentences(40)}
    )
    assert detect(table)[0].text_cols == table.header


@pytest.mark.parametrize(
    "value",
    ["2026-02-03", "3/2/2026 9:05:01", "2020/01/29 3:02:25 pm CET", "03.02.2026", "3 Feb 2026",
     "February 3, 2026", "2026-02-03T10:00:00Z", "2026-02-03 10:00:00+01:00"],
)  # fmt: skip
def test_dates_are_recognised(value: str) -> None:
    assert kinds(table_of(when=[value] * 5)) == {"when": "date"}


@pytest.mark.parametrize(
    "values",
    [
        [str(i) for i in range(11)],
        ["1", "2", "3", "4", "5"],
        ["1 (very easy)", "2", "3", "5 (very hard)"],
        ["5 - Strongly agree", "4 - Agree"],
        ["8/10", "9/10", "3/10"],
    ],
)
def test_scales_are_scores(values: list[str]) -> None:
    assert kinds(table_of(**{"How was it?": values * 3})) == {"How was it?": "score"}


@pytest.mark.parametrize("name", ["days_open", "Age", "order total", "Tenure (months)"])
def test_an_amount_is_an_attribute_though_every_row_has_another(name: str) -> None:
    amounts = [str(7 + 13 * i) for i in range(60)]
    profile, columns = detect(table_of(**{name: amounts, "comment": sentences(60)}))
    assert (profile.id_col, profile.attr_cols, columns[0].kind) == (None, (name,), "number")


def test_an_amount_that_only_ever_grows_does_not_take_the_place_of_the_id() -> None:
    table = table_of(
        days_open=[str(i) for i in range(60)],
        ticket=[f"T-{90 - i}" for i in range(60)],
        comment=sentences(60),
    )
    assert detect(table)[0] == Profile("ticket", ("comment",), ("days_open",))


@pytest.mark.parametrize("name", ["postcode", "Latitude", "Phone"])
def test_numbers_that_name_a_place_or_a_line_are_no_attribute(name: str) -> None:
    values = [str(10115 + 37 * (i % 55)) for i in range(110)]
    assert kinds(table_of(**{name: values})) == {name: "other"}


def test_options_that_are_few_and_ticked_together_are_no_category() -> None:
    made = random.Random(5)
    picked = [", ".join(sorted(made.sample(NOUNS[:4], made.randint(1, 3)))) for _ in range(120)]
    picked += ["lock, which my uncle built", "helmet, a red one", "tricycle"]
    assert kinds(table_of(parts=picked)) == {"parts": "other"}


def test_a_single_option_with_a_comma_in_it_is_a_category() -> None:
    options = ["Yes, all of the time", "No, hardly ever", "Only now and then"]
    assert kinds(table_of(used=options * 20)) == {"used": "category"}


def test_what_the_survey_tool_added_is_never_an_answer() -> None:
    table = table_of(note=sentences(30), browser=sentences(30), comment=sentences(30))
    table = replace(table, held={"note": "service", "browser": "private"})
    assert detect(table)[0] == Profile(None, ("comment",))


def test_the_survey_tools_own_id_goes_before_any_other() -> None:
    table = table_of(
        customer_id=[f"C{i}" for i in range(30)],
        Antwort=[f"x{i}q" for i in range(30)],
        comment=sentences(30),
    )
    assert detect(replace(table, held={"Antwort": "id"}))[0].id_col == "Antwort"


def test_a_cell_for_a_question_that_was_not_shown_is_no_value() -> None:
    table = table_of(stars=[str(i % 5 + 1) if i % 2 else "N/A" for i in range(60)])
    assert kinds(replace(table, unshown="N/A")) == {"stars": "score"}


def test_a_duration_in_words_is_no_score() -> None:
    values = ["1 year", "2-5 years", "5+ years"] * 5
    assert kinds(table_of(time=values)) == {"time": "category"}


def test_an_id_with_a_few_doubles_is_still_the_id() -> None:
    ids = [f"R{i}" for i in range(99)] + ["R5"]
    assert detect(table_of(respondent=ids, comment=sentences(100)))[0].id_col == "respondent"


def test_a_person_with_several_rows_is_the_participant_and_no_id() -> None:
    people = [f"P{i // 3}" for i in range(90)]
    profile, _ = detect(table_of(respondent=people, comment=sentences(90)))
    assert (profile.id_col, profile.participant_col) == (None, "respondent")


def test_a_row_id_and_a_person_are_told_apart() -> None:
    table = table_of(
        response_id=[str(i) for i in range(90)],
        user_id=[f"U{i // 3}" for i in range(90)],
        comment=sentences(90),
    )
    profile, _ = detect(table)
    assert (profile.id_col, profile.participant_col) == ("response_id", "user_id")


def test_neighbouring_rows_of_a_person_are_seen_in_a_table_that_is_sampled() -> None:
    n = 30_000
    table = table_of(respondent=[f"P{i // 2}" for i in range(n)], comment=sentences(n))
    profile, columns = detect(table)
    assert (profile.id_col, profile.participant_col) == (None, "respondent")
    assert columns[0].n_filled == 5_000


def test_reasons_hold_no_word_of_an_answer() -> None:
    columns = detect(table_of(comment=sentences(30), plan=["Solo", "Cargo"] * 15))[1]
    assert not any(word in c.reason for c in columns for word in [*NOUNS, *VERBS, "Solo", "Cargo"])
