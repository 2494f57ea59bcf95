"""qualcode log: tell the runs, what people decided at the review, and what models were sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    one_line,
    open_study,
    print_json,
    print_table,
    say,
)
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from qualcode.store.judgements import Run
    from qualcode.workflow.review_log import LoggedEvent

__all__ = ["log"]


def log(
    by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only what this person did at the review."),
    ] = None,
    segment: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only what people did to this segment."),
    ] = None,
    egress: Annotated[
        bool, typer.Option("--egress", help="Only what was sent to models: a line a request.")
    ] = False,
    request: Annotated[
        int | None,
        typer.Option(metavar="NO", help="With --egress: what this request sent, byte for byte."),
    ] = None,
    refused: Annotated[
        bool,
        typer.Option(
            "--refused",
            help="Only what models answered that could not be used: why, and the reply.",
        ),
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the runs, who decided what, and what models were sent.

    Runs first, a line each, with coder and codebook; then every decision, with the suggestion that
    it answers. Oldest first. Segments and suggestions are named by their ids, no words are shown.
    What people decided on the map is told by edit log.
    """
    if egress or request is not None or refused:
        _egress(study, request, refused, as_json=as_json, is_mixed=bool(by or segment))
        return
    from qualcode.workflow.review_log import review_log

    with open_study(study) as opened:
        runs = () if by or segment else opened.repository.judgements.runs()
        events = review_log(opened, author=by, segment_id=segment)
    if as_json:
        print_json(
            [
                *({"kind": "run", **asdict(run)} for run in runs),
                *({"kind": "review", **asdict(event)} for event in events),
            ]
        )
        return
    if not by and not segment:
        _print_runs(runs)
    if events:
        if runs:
            print()
        header = ("no.", "when (UTC)", "who", "what", "segment", "answers", "remarks")
        print_table(header, _lines(events), data=True)
    elif by or segment:
        say("Nothing was decided there yet.")


def _egress(
    study: Path | None, request: int | None, refused: bool, *, as_json: bool, is_mixed: bool
) -> None:
    from qualcode.cli.log_egress import print_body, print_egress, print_refused

    if is_mixed:
        raise UsageError("requests are of no person and segment: leave --by and --segment out")
    with open_study(study) as opened:
        if refused:
            print_refused(opened, as_json=as_json)
        elif request is None:
            print_egress(opened, as_json=as_json)
        else:
            print_body(opened, request, as_json=as_json)


def _print_runs(runs: Sequence[Run]) -> None:
    rows = []
    for run in runs:
        status = "killed before its end" if run.status == "running" else run.status
        counts = ", ".join(f"{count} {name}" for name, count in run.counts.items())
        rows.append(
            (run.id, run.started_at, run.step, run.coder, run.codebook_fingerprint, status, counts)
        )
    print_table(
        ("run", "started (UTC)", "step", "coder", "codebook", "status", "counts"), rows, data=True
    )


def _lines(events: Sequence[LoggedEvent]) -> Iterator[tuple[object, ...]]:
    """Yield a line an event; what was done in bulk is one line."""
    for batch, group in groupby(events, lambda e: (e.batch or e.id, e.action, e.stands)):
        several = list(group)
        first = several[0]
        when = first.at.replace("T", " ")[:19]
        if len(several) > 1:
            remark = f"bulk {batch[0]}" + ("" if first.stands else "; taken back")
            what = f"{_what(first)}, {len(several):,} segments"
            yield first.id, when, _who(first), what, "", "", remark
        else:
            yield (
                *(first.id, when, _who(first), _what(first), first.segment_id),
                *(_answers(first), "; ".join(_remarks(first))),
            )


def _who(event: LoggedEvent) -> str:
    name = one_line(event.author)
    return name if event.part == "reviewer" else f"{name} ({event.part})"


def _what(event: LoggedEvent) -> str:
    if event.undoes is not None:
        return f"undo {event.undoes}"
    code = f"{event.family}/{event.code}" if event.code else ""
    instead = f" instead of {event.instead_of}" if event.instead_of else ""
    return f"{event.action} {code}{instead}".strip()


def _answers(event: LoggedEvent) -> str:
    if event.coding_id is None:
        return ""
    if event.coder is None or event.score is None:
        return f"{event.coding_id}, not proposed any more"
    return f"{event.coding_id} by {event.coder}, {event.score:.2f}"


def _remarks(event: LoggedEvent) -> Iterator[str]:
    if event.is_blind:
        yield "blind"
    if event.batch:
        yield f"bulk {event.batch}"
    if event.reason:
        yield event.reason
    if not event.stands:
        yield f"taken back by {event.undone_by}"
