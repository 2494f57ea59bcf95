"""What a model is told that is to propose codes, and how its reply is checked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from qualcode.coders.llm.propose_packs import Line, Pack, Place
from qualcode.coders.llm.propose_step import ProposeStep, proposed
from qualcode.coders.llm.steps import Unit
from qualcode.prompts import load_prompt
from tests.codebook_sample import BOOK

UNIT = Unit(
    id="pack_1",
    content="0123456789abcdef",
    n_chars=60,
    subject=Pack(
        lines=(
            Line(0, "interviewer", "Were there stairs?"),
            Line(1, "", "The stairs were wet."),
            Line(2, "", "So loud."),
        ),
        places=((Place("seg_1", 20, 40),), (Place("seg_2", 50, 58), Place("seg_9", 0, 8))),
    ),
)
GOOD = {
    "family": "pain_point",
    "name": "Stairs in the way",
    "definition": "Customers meet stairs where they need a lift.",
    "sentences": [1],
}


def step(*families: str) -> ProposeStep:
    return ProposeStep(BOOK, families or ("pain_point", "stage"), load_prompt("propose"))


def said(**changes: Any) -> str:
    return json.dumps({"candidates": [{**GOOD, **changes}]})


def test_a_good_reply_is_read() -> None:
    assert step().read([UNIT], said()).good == {"pack_1": {"candidates": [GOOD]}}


def test_no_code_to_propose_is_a_good_answer() -> None:
    assert step().read([UNIT], '{"candidates": []}').good == {"pack_1": {"candidates": []}}


def test_an_answer_said_as_a_reply_is_read_as_the_same_answer() -> None:
    answer = step().read([UNIT], said(sentences=[2, 1])).good["pack_1"]
    again = step().read([UNIT], step().reply(UNIT, answer)).good["pack_1"]
    assert again == answer


def test_a_proposed_code_points_at_all_who_said_a_sentence() -> None:
    answer = step().read([UNIT], said(sentences=[2])).good["pack_1"]
    (one,) = proposed(UNIT, answer)
    assert one.places == (Place("seg_2", 50, 58), Place("seg_9", 0, 8))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sentences": [3]}, "no sentence of a participant has the number 3"),
        ({"sentences": [0]}, "no sentence of a participant has the number 0"),
        ({"sentences": []}, "sentences is empty"),
        ({"sentences": [1, 1]}, "a sentence stands twice"),
        ({"family": "need"}, "family is none of pain_point, stage"),
        ({"name": "  "}, "name says nothing"),
        ({"name": "?!"}, "name says nothing"),
        ({"name": "long " * 20}, "name is longer than 80 characters"),
        ({"definition": ""}, "definition says nothing"),
        ({"definition": "word " * 100}, "definition is longer than 400 characters"),
        ({"definition": "What [PERSON_12] did."}, "definition holds the placeholder"),
    ],
)
def test_a_candidate_that_does_not_hold_is_refused_with_the_reason(
    changes: dict[str, Any], reason: str
) -> None:
    reading = step().read([UNIT], said(**changes))
    assert reading.good == {}
    assert reading.refused["pack_1"].startswith(f"candidate 1: {reason}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Here are my candidates.", "the reply is not JSON: it begins with other text"),
        ("[]", "the reply does not fit its schema: model_type at its top"),
        ('{"codes": []}', "the reply does not fit its schema: missing at candidates"),
        (said(sentences="1"), "the reply does not fit its schema: list_type at "),
        (said(sentences=["1"]), "the reply does not fit its schema: int_type at "),
        (said(sentences=[True]), "the reply does not fit its schema: int_type at "),
        (said(name=None), "the reply does not fit its schema: string_type at "),
        (said(secret="s3cret"), "the reply does not fit its schema: extra_forbidden at "),
        (json.dumps({"candidates": [GOOD] * 13}), "more than 12 candidates"),
    ],
)
def test_a_reply_of_another_shape_is_refused_as_a_whole(text: str, reason: str) -> None:
    assert step().read([UNIT], text).whole.startswith(reason)


def test_a_reason_holds_no_word_of_the_reply() -> None:
    assert "s3cret" not in step().read([UNIT], said(s3cret="s3cret")).whole


def test_a_name_stands_on_one_line() -> None:
    reading = step().read([UNIT], said(name="Stairs\n in\u2028the way\x1b"))
    assert reading.good["pack_1"]["candidates"][0]["name"] == "Stairs in the way"


@pytest.mark.parametrize(
    ("name", "known"), [("WAITING", True), ("dear", True), ("Stairs in the way", False)]
)
def test_a_code_of_the_book_is_known_by_name_and_id(name: str, known: bool) -> None:
    assert step().is_known("pain_point", name) is known


def test_a_former_name_is_known() -> None:
    codes = tuple(replace(c, former_names=("Queues",)) if c.id == "wait" else c for c in BOOK.codes)
    prompt = load_prompt("propose")
    asked = ProposeStep(replace(BOOK, codes=codes), ("pain_point",), prompt)
    assert asked.is_known("pain_point", "queues")


def test_a_name_of_another_family_is_free() -> None:
    assert not step().is_known("need", "Waiting")


def test_all_requests_begin_with_the_same_bytes() -> None:
    other = replace(UNIT, content="fedcba9876543210")
    asked = step()
    assert asked.ask([UNIT]).messages[0] == asked.ask([other]).messages[0]


def test_the_model_is_told_the_codes_of_the_families_and_no_others() -> None:
    system = step("pain_point").ask([UNIT]).messages[0].text
    assert "- Waiting: It takes too long." in system
    assert "Clear signs" not in system


def test_a_family_that_the_book_does_not_have_is_told_as_new() -> None:
    system = step("trust").ask([UNIT]).messages[0].text
    assert "Family trust (Trust)" in system
    assert "(The codebook has none yet.)" in system


def test_every_line_begins_with_a_marker_that_nobody_could_know() -> None:
    user = step().ask([UNIT]).messages[1].text
    assert "m0123456789 (interviewer) Were there stairs?" in user
    assert "m0123456789 [1] The stairs were wet." in user


def test_a_repair_says_what_was_wrong() -> None:
    user = step().ask([UNIT], wrong="sentences is empty").messages[1].text
    assert "could not be used: sentences is empty" in user


def test_the_schema_asks_for_every_key_and_no_other() -> None:
    schema = step().ask([UNIT]).schema
    item = schema["properties"]["candidates"]["items"]
    assert set(item["required"]) == set(item["properties"])
    assert item["additionalProperties"] is False
    assert item["properties"]["family"]["enum"] == ["pain_point", "stage"]


def test_another_codebook_is_another_setup() -> None:
    codes = tuple(replace(c, definition="Anew.") if c.id == "dear" else c for c in BOOK.codes)
    other = ProposeStep(replace(BOOK, codes=codes), ("pain_point", "stage"), load_prompt("propose"))
    assert other.setup != step().setup
    assert step().setup == step().setup
