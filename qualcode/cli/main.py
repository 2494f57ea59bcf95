"""The command line: every command has a module of its own name."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
import typer.core

from qualcode import __version__
from qualcode.cli import (
    agree,
    calibrate,
    code,
    codebook,
    criteria,
    demo,
    doctor,
    draft,
    edit,
    estimate,
    eval,
    export,
    forget,
    ingest,
    init,
    learn,
    log,
    map,
    mask,
    note,
    pack,
    quotes,
    reindex,
    review,
    search,
    sources,
    speakers,
    unpack,
)
from qualcode.cli.common import INTERRUPTED, error_to_exit_code

__all__ = ["app", "run"]

_MAIN_PATH = (
    *("demo", "init", "ingest", "sources", "speakers", "mask", "code", "review", "learn"),
    *("codebook", "search", "reindex"),
    *("criteria", "map", "draft", "edit", "note", "quotes", "export"),
    *("eval", "agree", "estimate", "calibrate"),
    *("pack", "unpack", "forget", "log", "doctor"),
)


class _InOrder(typer.core.TyperGroup):
    """List commands in the order of the work; typer puts groups of commands last."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=_MAIN_PATH.index)


app = typer.Typer(
    name="qualcode",
    cls=_InOrder,
    help="From interviews and open comments to a draft journey map whose every quote is verbatim.",
    epilog="Begin with: qualcode demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("ingest")(ingest.ingest)
app.add_typer(sources.app, name="sources")
app.add_typer(speakers.app, name="speakers")
app.command("mask")(mask.mask)
app.command("code")(code.code)
app.command("review")(review.review)
app.command("learn")(learn.learn)
app.add_typer(codebook.app, name="codebook")
app.command("search")(search.search)
app.command("reindex")(reindex.reindex)
app.add_typer(draft.app, name="draft")
app.command("criteria")(criteria.criteria)
app.command("map")(map.map_)
app.add_typer(edit.app, name="edit")
app.command("note")(note.note)
app.command("quotes")(quotes.quotes)
app.command("export")(export.export)
app.command("eval")(eval.eval_)
app.command("agree")(agree.agree)
app.command("estimate")(estimate.estimate)
app.command("calibrate")(calibrate.calibrate)
app.command("pack")(pack.pack)
app.command("unpack")(unpack.unpack)
app.command("forget")(forget.forget)
app.command("log")(log.log)
app.command("doctor")(doctor.doctor)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"qualcode {__version__}")
        raise typer.Exit()


@app.callback()
def _root(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def run() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A console of another code page must not stop a run on a participant's emoji.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        left_with = app(standalone_mode=False)
    except typer.Abort:
        left_with = INTERRUPTED
    except (Exception, KeyboardInterrupt) as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # typer's usage errors
            error.show()
            return int(error.exit_code)
        return error_to_exit_code(error)
    if left_with == INTERRUPTED:  # typer turns Ctrl-C into a bare exit code
        return error_to_exit_code(KeyboardInterrupt())
    return left_with if isinstance(left_with, int) else 0
