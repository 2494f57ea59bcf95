"""Words of a transcript that give orders to a model reach nobody's segment but their own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from qualcode.coders.llm.suspicious import suspicion
from qualcode.coders.llm.wire import Mode
from qualcode.records import DocumentKind, stable_id
from tests.llm_server import LlmServer, Wire
from tests.llm_server.asking import connection_to
from tests.llm_server.coding import a_step, coded, units_of
from tests.llm_server.obedient import INJECTIONS, Obedient, obeyed

TALK = (
    "I was on hold for forty minutes and I was furious.",
    "The website was so confusing that I gave up.",
    "The parcel arrived on the same day, which was lovely.",
    "Then the bill was wrong and I had to call the hotline again.",
)
PLACE = 2
"""Where the order stands in the talk."""


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(Obedient()) as made:
        yield made


@pytest.mark.parametrize("name", INJECTIONS)
def test_the_model_of_these_tests_obeys_every_order(name: str) -> None:
    assert obeyed(f"first\n1: {INJECTIONS[name]}\nlast") == "emo_joy"


@pytest.mark.parametrize("said", TALK)
def test_the_model_of_these_tests_takes_ordinary_talk_for_no_order(said: str) -> None:
    assert obeyed(f"first\n1: {said}\nlast") == ""


@pytest.mark.parametrize("name", INJECTIONS)
def test_every_order_is_flagged(name: str) -> None:
    assert suspicion(INJECTIONS[name])


def test_the_model_of_these_tests_codes_ordinary_talk(server: LlmServer) -> None:
    answered = coded(server, units_of(TALK, kind=DocumentKind.INTERVIEW)).values()
    assert [sorted(coding["code"] for coding in each.answer["codings"]) for each in answered] == [
        ["emo_anger", "pain_waiting", "stage_get_help"],
        ["emo_confusion", "pain_unclear_information"],
        ["emo_joy", "stage_get_started", "strength_quick"],
        ["stage_get_help"],
    ]


@pytest.mark.parametrize("kind", [DocumentKind.INTERVIEW, DocumentKind.COMMENT])
@pytest.mark.parametrize("name", INJECTIONS)
def test_an_order_changes_no_other_segment(
    server: LlmServer, name: str, kind: DocumentKind
) -> None:
    with_order = [*TALK[:PLACE], INJECTIONS[name].replace("\n", " "), *TALK[PLACE:]]
    with_talk = [*TALK[:PLACE], "Well, you know how it is.", *TALK[PLACE:]]
    told = coded(server, units_of(with_order, kind=kind))
    expected = coded(server, units_of(with_talk, kind=kind))
    place = stable_id("seg", str(PLACE))
    assert {key: each.answer for key, each in told.items() if key != place} == {
        key: each.answer for key, each in expected.items() if key != place
    }


@pytest.mark.parametrize("name", INJECTIONS)
def test_an_order_is_asked_about_alone(server: LlmServer, name: str) -> None:
    obedient = server.answer
    assert isinstance(obedient, Obedient)
    coded(server, units_of([*TALK, INJECTIONS[name]], kind=DocumentKind.INTERVIEW))
    assert obedient.obeyed == [1]


def test_an_order_among_others_would_change_them_all(server: LlmServer) -> None:
    """What the tests above rule out does happen to who packs everything together."""
    ask = a_step().ask(units_of([*TALK, INJECTIONS["English"]], kind=DocumentKind.INTERVIEW))
    connection = connection_to(server, Wire.OPENAI)
    reply = json.loads(connection.send(ask, Mode.SCHEMA, timeout=5).text)
    connection.close()
    codes = [[coding["code"] for coding in item["codings"]] for item in reply["items"]]
    assert codes == [["emo_joy"]] * 5
