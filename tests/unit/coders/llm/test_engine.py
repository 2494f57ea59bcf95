"""Units are answered once each, whatever the model does."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from qualcode.coders.llm.engine import Stopped, answers, packed
from qualcode.coders.llm.jobs import Answer, Request
from qualcode.coders.llm.steps import Answered, Reading, Unit
from qualcode.coders.llm.wire import Ask, Fault, FaultKind, Finish, Message, Reply

Replies = Callable[[list[str], str], "str | Fault | Reply"]


def unit(name: str, content: str = "", *, is_alone: bool = False, n_chars: int = 10) -> Unit:
    return Unit(name, content or name, n_chars, is_alone=is_alone)


@dataclass
class Step:
    """Ask for a word a unit; a word that is not upper case is refused."""

    name: str = "words"
    setup: str = "s"
    most_units: int = 4
    output_tokens: tuple[int, int] = (10, 100)
    prompts: Mapping[str, str] = field(default_factory=dict)

    def ask(self, units: Sequence[Unit], *, wrong: str = "") -> Ask:
        told = json.dumps({"ids": [unit.id for unit in units], "wrong": wrong})
        return Ask((Message("system", "s"), Message("user", told)), {}, "words", 100)

    def read(self, units: Sequence[Unit], text: str) -> Reading:
        try:
            words: dict[str, str] = json.loads(text)
        except ValueError:
            return Reading(whole="not JSON")
        return Reading(
            {key: word for key, word in words.items() if word.isupper()},
            {key: "not upper case" for key, word in words.items() if not word.isupper()},
        )

    def reply(self, unit: Unit, answer: Any) -> str:
        return json.dumps({unit.id: answer})


class FakePool:
    """Answer at once, one request at a time, as `says` has it."""

    def __init__(self, says: Replies, room: int = 2) -> None:
        self._says = says
        self._room = room
        self._open: deque[Request] = deque()
        self.asked: list[list[str]] = []
        self.wrongs: list[str] = []

    @property
    def n_open(self) -> int:
        return len(self._open)

    @property
    def room(self) -> int:
        return self._room - len(self._open)

    def submit(self, request: Request) -> None:
        told = json.loads(request.ask.messages[-1].text)
        self.asked.append(told["ids"])
        self.wrongs.append(told["wrong"])
        self._open.append(request)

    def saved(self) -> None:
        pass

    def arrived(self) -> list[Answer]:
        return [self.answer() for _ in range(min(1, self.n_open))]

    def answer(self) -> Answer:
        request = self._open.popleft()
        told = json.loads(request.ask.messages[-1].text)
        said = self._says(told["ids"], told["wrong"])
        if isinstance(said, Fault):
            return Answer(request, None, said)
        if isinstance(said, str):
            said = Reply(said, Finish.STOP, None)
        return Answer(request, said, None)


class Memory:
    """Remember in a dictionary."""

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self.kept: dict[str, Any] = dict(known or {})
        self.failed: list[tuple[str, str, str]] = []
        self.sent = 0

    def recall(self, step: object, units: Sequence[Unit]) -> Mapping[str, Answered]:
        return {
            unit.content: Answered(unit, self.kept[unit.content])
            for unit in units
            if unit.content in self.kept
        }

    def sending(self, step: object, request: Request) -> None:
        self.sent += 1

    def keep(self, step: object, unit: Unit, answer: Any, raw: str) -> None:
        self.kept[unit.content] = answer

    def fail(self, step: object, unit: Unit, reason: str, raw: str) -> None:
        self.failed.append((unit.id, reason, raw))

    def commit(self) -> None:
        pass


def upper(ids: list[str], wrong: str) -> str:
    return json.dumps({key: key.upper() for key in ids})


def run(
    says: Replies, units: Iterable[Unit], memory: Memory | None = None
) -> tuple[dict[str, Answered], FakePool, Memory]:
    pool, memory = FakePool(says), memory or Memory()
    listed = list(answers(Step(), list(units), memory, pool))  # type: ignore[arg-type]
    found = {one.unit.id: one for one in listed}
    assert len(found) == len(listed)
    return found, pool, memory


def test_each_unit_is_answered_once_in_few_requests() -> None:
    found, pool, _ = run(upper, [unit(f"u{n}") for n in range(10)])
    assert {key: one.answer for key, one in found.items()} == {f"u{n}": f"U{n}" for n in range(10)}
    assert [len(ids) for ids in pool.asked] == [4, 4, 2]


def test_equal_units_are_asked_once() -> None:
    found, pool, _ = run(upper, [unit(f"u{n}", "same") for n in range(100)])
    assert pool.asked == [["u0"]]
    assert {one.answer for one in found.values()} == {"U0"}
    assert sum(one.is_cached for one in found.values()) == 99


def test_what_was_answered_before_is_not_asked() -> None:
    found, pool, _ = run(upper, [unit("a"), unit("b")], Memory({"a": "OLD"}))
    assert pool.asked == [["b"]]
    assert found["a"].answer == "OLD" and found["a"].is_cached


def test_a_second_run_asks_nothing() -> None:
    units = [unit(f"u{n}") for n in range(9)]
    _, _, memory = run(upper, units)
    _, pool, _ = run(upper, units, memory)
    assert pool.asked == []


def test_a_missing_unit_is_asked_again_alone() -> None:
    def says(ids: list[str], wrong: str) -> str:
        return upper([key for key in ids if key != "b" or len(ids) == 1], wrong)

    found, pool, _ = run(says, [unit("a"), unit("b"), unit("c")])
    assert pool.asked == [["a", "b", "c"], ["b"]]
    assert found["b"].answer == "B"


def test_a_refused_answer_is_asked_once_more_alone_with_the_reason() -> None:
    def says(ids: list[str], wrong: str) -> str:
        return json.dumps({key: key if key == "b" and not wrong else key.upper() for key in ids})

    found, pool, _ = run(says, [unit("a"), unit("b")])
    assert pool.asked == [["a", "b"], ["b"]]
    assert pool.wrongs == ["", "not upper case"]
    assert found["b"].answer == "B"


def test_an_answer_that_is_refused_twice_leaves_the_unit_without_one_and_is_kept_raw() -> None:
    def says(ids: list[str], wrong: str) -> str:
        return json.dumps({key: key if key == "b" else key.upper() for key in ids})

    found, pool, memory = run(says, [unit("a"), unit("b")])
    assert len(pool.asked) == 2
    assert (found["b"].answer, found["b"].reason) == (None, "not upper case")
    assert memory.failed == [("b", "not upper case", '{"b": "b"}')]
    assert "b" not in memory.kept


def test_a_useless_reply_is_asked_for_unit_by_unit() -> None:
    found, pool, _ = run(
        lambda ids, wrong: "sorry" if len(ids) > 1 else upper(ids, wrong),
        [unit("a"), unit("b"), unit("c")],
    )
    assert pool.asked == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert all(one.answer for one in found.values())


@pytest.mark.parametrize("finish", [Finish.REFUSAL, Finish.FILTER, Finish.LENGTH])
def test_what_a_model_will_not_say_of_one_unit_costs_its_neighbours_nothing(finish: Finish) -> None:
    def says(ids: list[str], wrong: str) -> str | Reply:
        return Reply("", finish, None) if "bad" in ids else upper(ids, wrong)

    found, pool, memory = run(says, [unit("a"), unit("bad"), unit("c"), unit("d")])
    assert {key for key, one in found.items() if one.answer is None} == {"bad"}
    assert [key for key, _, _ in memory.failed] == ["bad"]
    assert pool.asked.count(["bad"]) == 1


def test_what_is_too_long_is_asked_in_halves() -> None:
    def says(ids: list[str], wrong: str) -> str | Fault:
        if len(ids) > 1:
            return Fault(FaultKind.TOO_LONG, "too long")
        return upper(ids, wrong)

    found, pool, _ = run(says, [unit("a"), unit("b"), unit("c"), unit("d")])
    assert [len(ids) for ids in pool.asked] == [4, 2, 2, 1, 1, 1, 1]
    assert all(one.answer for one in found.values())


def test_a_unit_that_no_server_takes_is_left_with_the_reason() -> None:
    found, _, _ = run(lambda ids, wrong: Fault(FaultKind.TRANSIENT, "503"), [unit("a")])
    assert (found["a"].answer, found["a"].reason) == (None, "503")


@pytest.mark.parametrize("kind", [FaultKind.FATAL, FaultKind.BUDGET, FaultKind.STOPPED])
def test_when_nothing_more_can_be_asked_what_was_answered_has_been_given(kind: FaultKind) -> None:
    def says(ids: list[str], wrong: str) -> str | Fault:
        return Fault(kind, "no more") if "u8" in ids else upper(ids, wrong)

    pool, memory = FakePool(says, room=1), Memory()
    given = []
    with pytest.raises(Stopped, match="no more") as stopped:
        for one in answers(Step(), [unit(f"u{n}") for n in range(16)], memory, pool):  # type: ignore[arg-type]
            given.append(one.unit.id)
    assert stopped.value.kind is kind
    assert given == [f"u{n}" for n in range(8)]
    assert len(pool.asked) == 3


def test_the_first_cause_is_told_and_not_what_follows_from_it() -> None:
    faults = deque([Fault(FaultKind.STOPPED, "the pool stopped"), Fault(FaultKind.FATAL, "no key")])
    pool = FakePool(lambda ids, wrong: faults.popleft())
    with pytest.raises(Stopped, match="no key"):
        list(answers(Step(), [unit(f"u{n}") for n in range(8)], Memory(), pool))  # type: ignore[arg-type]


def test_a_suspicious_unit_is_never_packed_with_others() -> None:
    units = [unit("a"), unit("b"), unit("x", is_alone=True), unit("c")]
    assert [[one.id for one in some] for some in packed(units, 4)] == [["a", "b"], ["x"], ["c"]]


def test_long_units_make_small_packs() -> None:
    assert [len(some) for some in packed([unit(f"u{n}", n_chars=2_500) for n in range(5)], 9)] == [
        *(2, 2, 1)
    ]


def test_what_had_come_when_the_run_was_stopped_is_kept() -> None:
    pool, memory = FakePool(upper), Memory()
    given = answers(Step(), [unit(f"u{n}") for n in range(24)], memory, pool)  # type: ignore[arg-type]
    next(given)
    given.close()
    assert sorted(memory.kept) == sorted(f"u{n}" for n in range(12))


def test_without_a_model_what_is_not_known_is_said() -> None:
    with pytest.raises(Stopped, match="1 units have no answer"):
        list(answers(Step(), [unit("a")], Memory(), None))
