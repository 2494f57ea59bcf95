"""A wrong reply changes no coding: it is asked for again, or left out with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from qualcode.coders.llm.steps import Unit
from qualcode.coders.llm.wire import Finish
from qualcode.records import DocumentKind
from tests.llm_server import LlmServer, Trouble, Wire
from tests.llm_server import patches as p
from tests.llm_server import troubles as t
from tests.llm_server.coding import Memory, coded, units_of
from tests.llm_server.obedient import Obedient

TALK = (
    "For 40 minutes I was on hold and I was furious.",
    "The website was so confusing that I gave up.",
    "The parcel arrived on the same day, which was lovely.",
)
WRONG: dict[str, Trouble] = {
    "prose": t.garbage(),
    "cut, not said": t.cut_reply(Finish.STOP),
    "cut, said": t.cut_reply(Finish.LENGTH),
    "a key twice": t.duplicate_keys(),
    "refusal": t.refusal(),
    "filter": t.content_filter(),
    "an item missing": t.patched(p.without_last_item),
    "an item twice": t.patched(p.item_twice),
    "an invented id": t.patched(p.invented_id),
    "an invented code": t.patched(p.invented_code),
    "a key too many": t.patched(p.extra_key),
    "NaN": t.patched(p.not_a_number),
    "a wrong type": t.patched(p.wrong_type),
    "a sentence of nobody": t.patched(p.another_sentence),
    "invented words": t.patched(p.quoting("It was a wonderful experience")),
    "words of another": t.patched(p.quoting("The parcel arrived on the")),
    "a not put in": t.patched(p.quoting(p.with_not)),
    "a digit changed": t.patched(p.quoting(p.with_changed_digit)),
    "a word dropped": t.patched(p.quoting(p.with_dropped_word)),
}
HARMLESS: dict[str, Trouble] = {"fence": t.fence(), "thinking": t.think_block()}


@cache
def _units() -> list[Unit]:
    return units_of(TALK, kind=DocumentKind.COMMENT)


@cache
def _expected() -> dict[str, Any]:
    with LlmServer(Obedient()) as healthy:
        return {key: each.answer for key, each in coded(healthy, _units()).items()}


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with LlmServer(Obedient()) as made:
        yield made


@pytest.mark.parametrize("wire", list(Wire))
@pytest.mark.parametrize("name", [*WRONG, "swapped ids"])
def test_once_wrong_every_segment_is_coded_as_without(
    server: LlmServer, wire: Wire, name: str
) -> None:
    server.script(WRONG.get(name) or t.patched(p.swapped_ids))
    told = coded(server, _units(), wire=wire)
    assert {key: each.answer for key, each in told.items()} == _expected()


@pytest.mark.parametrize("name", WRONG)
def test_always_wrong_nothing_is_coded_otherwise_than_without(server: LlmServer, name: str) -> None:
    server.script(WRONG[name].always)
    told = coded(server, _units())
    assert set(told) == set(_expected())
    assert all(each.answer in (None, _expected()[key]) for key, each in told.items())


@pytest.mark.parametrize("name", WRONG)
def test_always_wrong_says_why_and_repeats_no_words(server: LlmServer, name: str) -> None:
    server.script(WRONG[name].always)
    failed = [each for each in coded(server, _units()).values() if each.answer is None]
    assert failed and all(each.reason for each in failed)
    assert not any(word in each.reason for each in failed for word in ("furious", "wonderful"))


@pytest.mark.parametrize("name", sorted(set(WRONG) - {"filter", "refusal"}))
def test_what_the_model_said_is_kept_with_a_failure(server: LlmServer, name: str) -> None:
    server.script(WRONG[name].always)
    memory = Memory()
    coded(server, _units(), memory)
    assert memory.failed and all(raw for _, raw in memory.failed)


@pytest.mark.parametrize("name", WRONG)
def test_always_wrong_is_asked_a_bounded_number_of_times(server: LlmServer, name: str) -> None:
    server.script(WRONG[name].always)
    coded(server, _units())
    assert server.n_requests <= 1 + 2 * len(TALK)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_stands_around_an_answer_costs_nothing(server: LlmServer, name: str) -> None:
    server.script(HARMLESS[name].always)
    told = coded(server, _units())
    assert {key: each.answer for key, each in told.items()} == _expected()
    assert server.n_requests == 1
