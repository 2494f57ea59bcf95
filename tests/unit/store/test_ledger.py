"""The ledger: every attempt has a row, and every byte that left can be looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.errors import StoreError
from qualcode.store.ledger import BodyState, Ending, Outgoing
from qualcode.store.repository import Repository

OUT = Outgoing("code", "ask", "llm:openai:m", "api.example.org", 3)
END = Ending(
    *("ok", "json_schema", 200, 1.5, 900, 80, 700),
    cost_usd=0.002,
    sent=b'{"a": 1}',
    version="m-2026-08-01 fp_1",
)


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    with Repository(tmp_path / "q.db", create=True) as opened:
        opened.judgements.begin_run("code", code_version="1")
        yield opened


def n_bodies(repository: Repository) -> int:
    return len(list(repository.ledger.bodies()))


def test_a_request_stands_in_the_ledger_before_it_has_an_answer(repository: Repository) -> None:
    number = repository.ledger.opened(1, OUT)
    (held,) = repository.ledger.all()
    assert (held.id, held.outcome, held.host, held.n_units) == (number, "", OUT.host, 3)


def test_a_closed_request_holds_what_it_took(repository: Repository) -> None:
    number = repository.ledger.opened(1, OUT)
    repository.ledger.closed(number, END)
    held = repository.ledger.get(number)
    assert held is not None
    assert (held.outcome, held.mode, held.status, held.seconds) == ("ok", "json_schema", 200, 1.5)
    assert (held.input_tokens, held.output_tokens, held.cached_tokens) == (900, 80, 700)
    assert (held.cost_usd, held.is_estimated, held.n_bytes) == (0.002, False, 8)


def test_a_request_tells_the_version_that_answered_once_it_has_an_answer(
    repository: Repository,
) -> None:
    numbers = repository.ledger.opened_many(1, [OUT, OUT])
    repository.ledger.closed(numbers[0], END)
    repository.ledger.add(1, OUT, replace(END, version="m-2026-09-01"))
    told = [held.version for held in repository.ledger.all()]
    assert told == [END.version, "", "m-2026-09-01"]


def test_what_is_not_known_of_an_attempt_is_none(repository: Repository) -> None:
    number = repository.ledger.add(1, OUT, Ending("refused the connection"))
    held = repository.ledger.get(number)
    assert held is not None
    assert (held.input_tokens, held.cost_usd, held.seconds, held.sent_sha256) == (None,) * 4
    assert held.body_state is BodyState.NONE


def test_the_bytes_that_left_come_back_byte_for_byte(repository: Repository) -> None:
    sent = bytes(range(256)) * 50
    number = repository.ledger.add(1, OUT, replace(END, sent=sent))
    assert repository.ledger.body(number) == sent


def test_equal_bytes_are_kept_once(repository: Repository) -> None:
    numbers = [repository.ledger.add(1, OUT, END) for _ in range(3)]
    assert n_bodies(repository) == 1
    assert {repository.ledger.body(number) for number in numbers} == {END.sent}


def test_what_was_prepared_gives_way_to_what_left(repository: Repository) -> None:
    number = repository.ledger.opened(1, replace(OUT, body=b"prepared"))
    before = repository.ledger.get(number)
    repository.ledger.closed(number, END)
    after = repository.ledger.get(number)
    assert before is not None
    assert after is not None
    assert (before.body_state, after.body_state) == (BodyState.PREPARED, BodyState.EXACT)
    assert [body for _, body in repository.ledger.bodies()] == [END.sent]


def test_an_attempt_that_never_left_leaves_no_bytes(repository: Repository) -> None:
    number = repository.ledger.opened(1, replace(OUT, body=b"prepared"))
    repository.ledger.closed(number, Ending("connection refused"))
    assert repository.ledger.body(number) is None
    assert n_bodies(repository) == 0


def test_prepared_bytes_that_another_request_shares_stay(repository: Repository) -> None:
    first, second = repository.ledger.opened_many(1, [replace(OUT, body=b"the same")] * 2)
    repository.ledger.closed(first, END)
    assert repository.ledger.body(second) == b"the same"


def test_a_mode_that_was_known_before_is_kept_where_the_end_has_none(
    repository: Repository,
) -> None:
    number = repository.ledger.opened(1, replace(OUT, mode="tool"))
    repository.ledger.closed(number, Ending("timed out"))
    held = repository.ledger.get(number)
    assert held is not None
    assert held.mode == "tool"


def test_closing_a_request_that_was_never_opened_saves_nothing(repository: Repository) -> None:
    number = repository.ledger.opened(1, OUT)
    with pytest.raises(StoreError, match="there: 1, 99"):
        repository.ledger.closed_many([(number, END), (99, END)])
    held = repository.ledger.get(number)
    assert held is not None
    assert held.outcome == ""


def test_the_attempts_of_one_run_can_be_had_alone(repository: Repository) -> None:
    second = repository.judgements.begin_run("code", code_version="1")
    repository.ledger.add(1, OUT, END)
    number = repository.ledger.add(second, OUT, END)
    assert [held.id for held in repository.ledger.all(second)] == [number]


def test_bytes_put_in_the_place_of_others_say_so(repository: Repository) -> None:
    number = repository.ledger.add(1, OUT, END)
    ((sha256, _),) = repository.ledger.bodies()
    repository.ledger.rewrite_bodies({sha256: b"masked"})
    held = repository.ledger.get(number)
    assert held is not None
    assert (held.body_state, held.n_bytes) == (BodyState.MASKED, len(END.sent))
    assert held.sent_sha256 != sha256
    assert [body for _, body in repository.ledger.bodies()] == [b"masked"]


def test_bytes_that_are_taken_away_say_so(repository: Repository) -> None:
    number = repository.ledger.add(1, OUT, END)
    ((sha256, _),) = repository.ledger.bodies()
    repository.ledger.rewrite_bodies({sha256: None})
    held = repository.ledger.get(number)
    assert held is not None
    assert (held.body_state, held.sent_sha256, n_bodies(repository)) == (BodyState.ERASED, None, 0)


def test_a_request_and_its_replies_are_saved_together_or_not_at_all(
    repository: Repository,
) -> None:
    number = repository.ledger.opened(1, OUT)
    with pytest.raises(StoreError), repository.writing():
        repository.ledger.closed(number, END)
        repository.ledger.closed(99, END)
    held = repository.ledger.get(number)
    assert held is not None
    assert held.outcome == ""
