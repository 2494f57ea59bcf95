"""qualcode log --egress and --refused: what was sent to models, and answers of no use."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from qualcode.cli.common import one_line, print_json, print_table, say

if TYPE_CHECKING:
    from qualcode.store.ledger import SentRequest
    from qualcode.workflow.study import Study

__all__ = ["print_body", "print_egress", "print_refused"]

_HEADER = (
    *("no.", "when (UTC)", "host", "model", "step", "units", "bytes", "tokens in", "out", "USD"),
    *("seconds", "outcome"),
)
_REMARKS = {
    "prepared": "as prepared, whether it left is not known",
    "masked": "names were masked in it since",
    "erased": "erased, a name was masked or a person forgotten since",
}
_MOST_VERSIONS = 4


def print_egress(study: Study, *, as_json: bool) -> None:
    """Print a line a request, and what they come to."""
    from qualcode.workflow.egress import egress

    requests = egress(study)
    if as_json:
        print_json([_data(request) for request in requests])
    elif requests:
        print_table(_HEADER, map(_line, requests), data=True)
        say()
        for told in (*_totals(requests), *_changes_of_version(requests)):
            say(told)
        say("What one of them sent: qualcode log --egress --request NO.")
    else:
        say("No model was asked for this study: qualcode sent nothing of it anywhere.")


def print_body(study: Study, request_id: int, *, as_json: bool) -> None:
    """Print what one request sent, byte for byte but on a terminal.

    There, characters that could steer it are replaced.
    """
    from qualcode.workflow.egress import sent_body

    sent = sent_body(study, request_id)
    if as_json:
        print_json(_data(sent.request) | {"body": sent.body.decode("utf-8", "backslashreplace")})
        return
    if remark := _REMARKS.get(sent.request.body_state):
        say(f"Request {request_id}: {remark}.")
    if version := sent.request.version:
        say(f"Request {request_id}: answered by {one_line(version)}, as the server says.")
    if sys.stdout.isatty():
        print(one_line(sent.body.decode("utf-8", "replace")))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(sent.body)
        sys.stdout.buffer.flush()


def print_refused(study: Study, *, as_json: bool) -> None:
    """Print what models answered that could not be used: why, and the reply as it came."""
    from qualcode.workflow.egress import refused_replies

    replies = refused_replies(study)
    if as_json:
        told = ("id", "at", "run_id", "step", "coder", "document_id", "reason", "raw_text")
        print_json([{name: getattr(reply, name) for name in told} for reply in replies])
        return
    for reply in replies:
        when = reply.at.replace("T", " ")[:19]
        print(f"{when}  run {reply.run_id}, {reply.step}, {one_line(reply.coder)}")
        print(f"    {one_line(reply.reason)}")
        print(f"    {one_line(reply.raw_text) or '(nothing came)'}")
    if not replies:
        say("Every answer of a model could be used, as far as any was asked.")


def _data(request: SentRequest) -> dict[str, Any]:
    return {"kind": "request", **asdict(request)}


def _line(request: SentRequest) -> tuple[object, ...]:
    about = "~" if request.is_estimated else ""
    tokens = [
        "" if count is None else f"{about}{count:,}"
        for count in (request.input_tokens, request.output_tokens)
    ]
    return (
        *(request.id, request.at.replace("T", " ")[:19], one_line(request.host)),
        *(one_line(request.coder), _why(request), request.n_units, f"{request.n_bytes:,}"),
        *tokens,
        "" if request.cost_usd is None else f"{about}{request.cost_usd:.4f}",
        "" if request.seconds is None else f"{request.seconds:.1f}",
        "; ".join(_outcome(request)),
    )


def _why(request: SentRequest) -> str:
    return " ".join(dict.fromkeys(filter(None, (request.step, request.purpose))))


def _outcome(request: SentRequest) -> Iterator[str]:
    if request.outcome:
        yield one_line(request.outcome)
    else:
        yield "no answer yet, or the program was stopped"
    if request.status and request.outcome != "ok":
        yield f"HTTP {request.status}"
    if remark := _REMARKS.get(request.body_state):
        yield f"bytes: {remark}"


def _totals(requests: Sequence[SentRequest]) -> Iterator[str]:
    for host in dict.fromkeys(request.host for request in requests):
        its = [request for request in requests if request.host == host]
        n_bytes = sum(request.n_bytes for request in its)
        priced = [request.cost_usd for request in its if request.cost_usd is not None]
        unpriced = len(its) - len(priced)
        cost = f", {sum(priced):.4f} USD" if priced else ""
        unknown = f", cost not known for {unpriced:,}" if unpriced else ""
        yield f"{one_line(host)}: {len(its):,} requests, {n_bytes:,} bytes{cost}{unknown}."


def _changes_of_version(requests: Sequence[SentRequest]) -> Iterator[str]:
    """Yield a line for each run whose requests more than one version of the model answered."""
    runs: dict[int, Counter[str]] = {}
    for request in requests:
        if request.version:
            runs.setdefault(request.run_id, Counter())[request.version] += 1
    for run_id, versions in runs.items():
        if len(versions) == 1:
            continue
        most = [f"{n:,} × {one_line(name)}" for name, n in versions.most_common(_MOST_VERSIONS)]
        n_more = len(versions) - len(most)
        told = ", ".join([*most, f"{n_more:,} more"] if n_more else most)
        yield f"Run {run_id} was answered by {len(versions):,} versions of the model: {told}."
