"""What one attempt brings, on each wire format: a reply word for word, or a fault of a kind."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from qualcode.coders.llm.model import Parameters
from qualcode.coders.llm.strict import Problem, strict_json
from qualcode.coders.llm.wire import FaultKind, Finish, Mode
from tests.llm_server import LlmServer, Trouble, Wire
from tests.llm_server import troubles as t
from tests.llm_server.asking import (
    GOOD,
    GOOD_TEXT,
    KEY,
    SCHEMA,
    Line,
    an_ask,
    connection_at,
    connection_to,
)
from tests.llm_server.replies import FINGERPRINT, Outcome

WORDS = "The nurse at Hillcross said that my appointment had been forgotten once more."

EXPLICIT = [Wire.OPENAI, Wire.AZURE, Wire.ANTHROPIC]
"""Where refusing, filtering and what was kept from before have forms of their own."""

MODES = {
    Wire.OPENAI: (Mode.SCHEMA, Mode.TOOL, Mode.OBJECT, Mode.TEXT),
    Wire.AZURE: (Mode.SCHEMA, Mode.TOOL, Mode.OBJECT, Mode.TEXT),
    Wire.ANTHROPIC: (Mode.SCHEMA, Mode.TOOL, Mode.TEXT),
    Wire.OLLAMA: (Mode.SCHEMA, Mode.TOOL, Mode.OBJECT, Mode.TEXT),
}
EVERY_MODE = [(wire, mode) for wire, modes in MODES.items() for mode in modes]

FAULTS: dict[str, tuple[Trouble, FaultKind]] = {
    "429": (t.rate_limited(), FaultKind.TRANSIENT),
    "quota": (t.fails("quota"), FaultKind.FATAL),
    "401": (t.fails("key"), FaultKind.FATAL),
    "403": (t.fails("forbidden"), FaultKind.FATAL),
    "404": (t.fails("missing"), FaultKind.FATAL),
    "500": (t.fails("broken"), FaultKind.TRANSIENT),
    "503": (t.fails("unavailable"), FaultKind.TRANSIENT),
    "529": (t.fails("overloaded"), FaultKind.TRANSIENT),
    "mode": (t.fails("json_schema"), FaultKind.STEP_DOWN),
    "context": (t.fails("context"), FaultKind.TOO_LONG),
    "400": (t.fails("bad"), FaultKind.BAD),
    "html": (t.html(), FaultKind.TRANSIENT),
    "error in 200": (t.error_in_200(), FaultKind.TRANSIENT),
    "empty": (t.empty(), FaultKind.TRANSIENT),
    "reset": (t.reset(), FaultKind.TRANSIENT),
    "cut body": (t.cut_body(), FaultKind.TRANSIENT),
    "redirect": (t.redirect("http://127.0.0.1:9/v1"), FaultKind.FATAL),
}
ODD: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[1, 2]",
    "a text": b'"fine"',
    "an empty object": b"{}",
    "no text": b'{"choices": [{"message": null}], "content": null, "message": null, "done": true}',
    "numbers": b'{"choices": [{"message": {"content": 7}}], "content": 7, "message": 7}',
    "not UTF-8": b'{"choices": "\xff\xfe\xfa"}',
    "too deep": b'{"choices":' + b"[" * 100_000,
    "half": b'{"choices": [{"message": {"content": "{',
    "a huge number": b'{"usage": {"prompt_tokens": ' + b"9" * 5_000 + b"}}",
}
STATUS = {"429": 429, "401": 401, "403": 403, "404": 404, "500": 500, "503": 503, "529": 529}


def _with_nan(reply: Any) -> Any:
    return reply | {"sure": float("nan")}


TEXTS = (
    t.garbage(),
    t.fence(),
    t.think_block(),
    t.duplicate_keys(),
    t.patched(_with_nan, "NaN"),
    t.cut_reply(Finish.STOP),
)


@pytest.fixture(scope="module")
def lines() -> Iterator[dict[Wire, Line]]:
    """Yield one server, and a connection to it for each wire format."""
    with LlmServer(lambda said: GOOD) as server:
        made = {wire: Line(wire, server, connection_to(server, wire)) for wire in Wire}
        yield made
        for line in made.values():
            line.connection.close()


@pytest.fixture(params=list(Wire))
def line(lines: dict[Wire, Line], request: pytest.FixtureRequest) -> Line:
    made = lines[request.param]
    made.fresh()
    return made


@pytest.mark.parametrize(("wire", "mode"), EVERY_MODE)
def test_a_good_reply_is_read_whole(lines: dict[Wire, Line], wire: Wire, mode: Mode) -> None:
    lines[wire].fresh()
    assert json.loads(lines[wire].send(mode=mode).text) == GOOD


@pytest.mark.parametrize(("wire", "mode"), EVERY_MODE)
def test_the_server_hears_the_mode_that_was_asked_for(
    lines: dict[Wire, Line], wire: Wire, mode: Mode
) -> None:
    lines[wire].fresh()
    lines[wire].send(mode=mode)
    said = lines[wire].server.log[-1].said
    assert said is not None and (said.wire, said.mode) == (wire, mode)


def test_the_schema_arrives_as_it_was_given(line: Line) -> None:
    line.send()
    said = line.server.log[-1].said
    assert said is not None and said.schema == SCHEMA


def test_the_messages_arrive_as_they_were_given(line: Line) -> None:
    line.send(an_ask(WORDS))
    said = line.server.log[-1].said
    assert said is not None
    assert (said.system, said.user) == ("Label the items.", WORDS)


def test_the_length_of_the_reply_is_always_limited(line: Line) -> None:
    line.send()
    said = line.server.log[-1].said
    assert said is not None and said.max_output_tokens == 500


def test_what_was_sent_comes_back_byte_for_byte(line: Line) -> None:
    assert line.send().sent == line.server.log[-1].body


def test_equal_asks_leave_as_equal_bytes(line: Line) -> None:
    line.send()
    line.send()
    first, second = line.server.log
    assert first.body == second.body


def test_the_tokens_are_those_that_the_server_counted(line: Line) -> None:
    said_tokens = t.changed("usage", tokens=t.Tokens(321, 45))
    line.fresh(said_tokens)
    usage = line.send().usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.is_estimated) == (321, 45, False)


@pytest.mark.parametrize("wire", EXPLICIT)
def test_kept_tokens_are_counted_among_those_that_were_read(
    lines: dict[Wire, Line], wire: Wire
) -> None:
    line = lines[wire]
    line.fresh()
    ask = an_ask(system=f"{wire} " * 1000)
    line.send(ask)
    usage = line.send(ask).usage
    assert usage is not None
    assert 1024 <= usage.cached_tokens < usage.input_tokens


def test_a_reply_without_usage_says_so(line: Line) -> None:
    line.fresh(t.no_usage())
    assert line.send().usage is None


def test_what_the_server_says_of_its_version_is_kept(line: Line) -> None:
    said_version = FINGERPRINT if line.wire in (Wire.OPENAI, Wire.AZURE) else "test"
    assert said_version in line.send().fingerprint


@pytest.mark.parametrize("trouble", TEXTS, ids=lambda trouble: trouble.name)
def test_what_the_model_wrote_is_not_repaired(line: Line, trouble: Trouble) -> None:
    line.fresh(trouble)
    reply = line.send()
    said = line.server.log[-1].said
    assert said is not None
    expected = trouble.change(Outcome(GOOD_TEXT), said).text
    assert (reply.text, reply.finish) == (expected, Finish.STOP)


def test_a_reply_that_was_cut_honestly_ends_with_length(line: Line) -> None:
    line.fresh(t.cut_reply(Finish.LENGTH))
    reply = line.send()
    assert (reply.text, reply.finish) == (GOOD_TEXT[: len(GOOD_TEXT) // 2], Finish.LENGTH)


@pytest.mark.parametrize("wire", EXPLICIT)
def test_tool_arguments_that_were_cut_are_not_completed(
    lines: dict[Wire, Line], wire: Wire
) -> None:
    lines[wire].fresh(t.cut_reply(Finish.STOP))
    text = lines[wire].send(mode=Mode.TOOL).text
    assert "items" not in text or not _is_json(text)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("wire", list(Wire))
@pytest.mark.parametrize(
    "trouble", [t.duplicate_keys(), t.patched(_with_nan, "NaN")], ids=lambda trouble: trouble.name
)
def test_tool_arguments_are_not_mended(
    lines: dict[Wire, Line], wire: Wire, trouble: Trouble
) -> None:
    lines[wire].fresh(trouble)
    assert isinstance(strict_json(lines[wire].send(mode=Mode.TOOL).text), Problem)


@pytest.mark.parametrize("wire", EXPLICIT)
def test_prose_instead_of_a_tool_call_is_the_reply(lines: dict[Wire, Line], wire: Wire) -> None:
    lines[wire].fresh(t.garbage("Lovely weather."))
    assert lines[wire].send(mode=Mode.TOOL).text == "Lovely weather."


@pytest.mark.parametrize("mode", [Mode.SCHEMA, Mode.TOOL])
@pytest.mark.parametrize("wire", EXPLICIT)
def test_a_refusal_is_a_reply(lines: dict[Wire, Line], wire: Wire, mode: Mode) -> None:
    lines[wire].fresh(t.refusal())
    assert lines[wire].send(mode=mode).finish is Finish.REFUSAL


@pytest.mark.parametrize("mode", [Mode.SCHEMA, Mode.TOOL])
@pytest.mark.parametrize("wire", [Wire.OPENAI, Wire.AZURE])
def test_a_reply_that_was_filtered_is_a_reply(
    lines: dict[Wire, Line], wire: Wire, mode: Mode
) -> None:
    lines[wire].fresh(t.content_filter())
    assert lines[wire].send(mode=mode).finish is Finish.FILTER


@pytest.mark.parametrize("wire", EXPLICIT)
def test_a_request_that_was_filtered_is_a_reply_too(lines: dict[Wire, Line], wire: Wire) -> None:
    lines[wire].fresh(t.fails("filtered"))
    assert lines[wire].send().finish is Finish.FILTER


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_of_the_kind_that_says_what_follows(line: Line, name: str) -> None:
    trouble, kind = FAULTS[name]
    line.fresh(trouble)
    assert line.fault().kind is kind


@pytest.mark.parametrize("name", STATUS)
def test_a_fault_holds_the_status(line: Line, name: str) -> None:
    line.fresh(FAULTS[name][0])
    assert line.fault().status == STATUS[name]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_holds_what_was_sent(line: Line, name: str) -> None:
    line.fresh(FAULTS[name][0])
    assert line.fault().sent == line.server.log[-1].body


@pytest.mark.parametrize("name", FAULTS)
def test_the_reason_is_one_line_of_words(line: Line, name: str) -> None:
    line.fresh(FAULTS[name][0])
    reason = line.fault().reason
    assert 10 < len(reason) <= 400
    assert len(reason.splitlines()) == 1
    assert "Traceback" not in reason and "object at 0x" not in reason


@pytest.mark.parametrize("name", ODD)
def test_an_odd_body_is_a_fault_that_may_pass(line: Line, name: str) -> None:
    line.fresh(t.changed(name, raw=ODD[name]))
    assert line.fault().kind is FaultKind.TRANSIENT


@pytest.mark.parametrize("kind", ["key", "echo", "broken echo"])
def test_no_reason_holds_the_key(line: Line, kind: str) -> None:
    line.fresh(t.fails(kind))
    assert KEY not in repr(vars(line.fault()) | {"sent": b""})


@pytest.mark.parametrize("kind", ["echo", "broken echo"])
def test_no_reason_holds_what_a_participant_said(line: Line, kind: str) -> None:
    line.fresh(t.fails(kind))
    fault = line.fault(ask=an_ask(WORDS))
    assert "Hillcross" not in fault.reason + str(fault)


@pytest.mark.parametrize(
    ("wire", "mode"), [each for each in EVERY_MODE if each[1] is not Mode.TEXT]
)
def test_a_refused_mode_steps_down_whatever_the_mode(
    lines: dict[Wire, Line], wire: Wire, mode: Mode
) -> None:
    lines[wire].fresh(t.picky([mode]))
    assert lines[wire].fault(mode=mode).kind is FaultKind.STEP_DOWN


@pytest.mark.parametrize("seconds", [0, 2, 99])
def test_retry_after_is_passed_on(line: Line, seconds: int) -> None:
    line.fresh(t.rate_limited(seconds))
    assert line.fault().retry_after == seconds


def test_without_retry_after_none_is_made_up(line: Line) -> None:
    line.fresh(t.rate_limited())
    assert line.fault().retry_after is None


@pytest.mark.alone
@pytest.mark.parametrize(
    "trouble",
    [t.hang(), t.drip(), t.drip(headers=True)],
    ids=["hang", "drip", "drip from the first byte"],
)
def test_the_timeout_is_for_the_whole_attempt(line: Line, trouble: Trouble) -> None:
    line.fresh(trouble)
    began = time.monotonic()
    fault = line.fault(timeout=0.3)
    assert fault.kind is FaultKind.TRANSIENT
    assert 0.25 < time.monotonic() - began < 0.3 * 1.1 + 0.3


def test_after_a_reset_the_next_attempt_is_as_good_as_any(line: Line) -> None:
    line.fresh(t.reset())
    line.fault()
    assert json.loads(line.send().text) == GOOD


def test_nobody_at_the_address_is_a_transient_fault(line: Line) -> None:
    with LlmServer(lambda said: GOOD) as server:
        connection = connection_to(server, line.wire)
    gone = replace(line, connection=connection)
    fault = gone.fault(timeout=2)
    connection.close()
    assert fault.kind is FaultKind.TRANSIENT


def test_temperature_and_seed_reach_the_server(line: Line) -> None:
    connection = connection_to(line.server, line.wire, Parameters(temperature=0.25, seed=7))
    replace(line, connection=connection).send()
    connection.close()
    said = line.server.log[-1].said
    assert said is not None
    told = {**said.parameters, **(said.parameters.get("options") or {})}
    expected = None if line.wire is Wire.ANTHROPIC else 7  # which has no seed
    assert (told.get("temperature"), told.get("seed")) == (0.25, expected)


def test_the_key_goes_where_the_provider_looks_for_it(line: Line) -> None:
    line.send()
    said = line.server.log[-1].said
    assert said is not None and said.key == KEY


@pytest.mark.parametrize("wire", [Wire.OPENAI, Wire.OLLAMA])
def test_without_a_key_nothing_like_one_is_sent(lines: dict[Wire, Line], wire: Wire) -> None:
    line = lines[wire]
    line.fresh()
    connection = connection_at(line.server.url, wire, key="")
    replace(line, connection=connection).send()
    connection.close()
    assert not {"authorization", "api-key", "x-api-key"} & set(line.server.log[-1].headers)


def test_the_key_stands_in_no_body(line: Line) -> None:
    assert KEY.encode() not in line.send().sent


def test_no_header_tells_what_machine_this_is(line: Line) -> None:
    line.send()
    assert not [name for name in line.server.log[-1].headers if name.startswith("x-stainless")]


def test_ollama_is_told_how_much_to_read(lines: dict[Wire, Line]) -> None:
    line = lines[Wire.OLLAMA]
    line.fresh()
    line.send()
    said = line.server.log[-1].said
    assert said is not None and said.parameters["options"]["num_ctx"] == 8192


def test_anthropic_is_told_to_keep_the_beginning(lines: dict[Wire, Line]) -> None:
    line = lines[Wire.ANTHROPIC]
    line.fresh()
    line.send()
    said = line.server.log[-1].said
    assert said is not None and said.is_kept


@pytest.mark.alone
def test_closing_ends_attempts_under_way(line: Line) -> None:
    connection = connection_to(line.server, line.wire)
    line.fresh(t.hang())
    threading.Timer(0.2, connection.close).start()
    began = time.monotonic()
    replace(line, connection=connection).fault(timeout=5)
    assert time.monotonic() - began < 1.5
