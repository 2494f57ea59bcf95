"""What commands share: the study option, printing, progress and errors as exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qualcode.errors import QualcodeError

if TYPE_CHECKING:
    from qualcode.workflow.progress import Progress
    from qualcode.workflow.study import Study

__all__ = [
    "INTERRUPTED",
    "ByOption",
    "JsonOption",
    "ReasonOption",
    "StudyOption",
    "YesOption",
    "ask",
    "can_ask",
    "error_to_exit_code",
    "one_line",
    "open_study",
    "print_json",
    "print_table",
    "program",
    "say",
    "shown_progress",
]

INTERRUPTED = 130
_QUIET_SECONDS = 1.0
# A file's name or words may hold what steers a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

StudyOption = Annotated[
    Path | None,
    typer.Option(
        "--study",
        metavar="DIR",
        help="The study's folder; by default the nearest folder upwards with a study.toml.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who decides; by default [person] name of your config.toml, else your login.",
        show_default=False,
    ),
]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why, for those who read the log.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Take the default of every question.")]


@contextmanager
def open_study(named: Path | None) -> Iterator[Study]:
    """Open the study that the command works on and close it afterwards."""
    from qualcode.workflow.study import Study, find_study

    with Study(find_study(named, Path.cwd())) as study:
        yield study


def program() -> str:
    """Return how this program was called, so that printed commands can be copied and run."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return "python -m qualcode"
    if shutil.which(called.name) == str(called.absolute()):
        return called.name
    try:
        return str(called.absolute().relative_to(Path.cwd()))
    except ValueError:
        return called.name


def say(text: str = "") -> None:
    """Print a line for people on stderr."""
    print(_CONTROL.sub("\ufffd", text), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Print data on stdout as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]], *, data: bool) -> None:
    """Print a plain table, on stdout when it is the command's data, else on stderr.

    The last column is never padded or cut, so that lines can be copied whole.
    """
    table = [[_CONTROL.sub("\ufffd", str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *table, strict=True)]
    for row in (list(header), ["-" * width for width in widths], *table):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip(), file=sys.stdout if data else sys.stderr)


def one_line(text: str) -> str:
    """Return a text in which no line end or control character can steer a terminal."""
    line = " ".join(text.split())
    return "".join(char if char.isprintable() else "\ufffd" for char in line)


def can_ask() -> bool:
    """Tell whether somebody sits at a terminal and could answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, default: str, *, yes: bool) -> str:
    """Ask at a terminal; take the default with `--yes` and wherever nobody could answer."""
    if yes or not can_ask():
        return default
    return str(typer.prompt(question, default=default, show_default=bool(default), err=True))


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Give a progress bar on a terminal's stderr once the work has lasted a second."""
    from qualcode.workflow.progress import silent

    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    bars = Bars(*columns, console=Console(stderr=True), transient=True)
    tasks: dict[str, Any] = {}
    began = time.monotonic()

    def report(doing: str, done: int, total: int) -> None:
        if not bars.live.is_started:
            if time.monotonic() - began < _QUIET_SECONDS:
                return
            bars.start()
        if doing not in tasks:
            tasks[doing] = bars.add_task(doing, total=total)
        bars.update(tasks[doing], completed=done, total=total)

    try:
        yield report
    finally:
        bars.stop()


def error_to_exit_code(error: BaseException) -> int:
    """Say what went wrong on stderr and return the exit code that stands for it."""
    if isinstance(error, KeyboardInterrupt):
        say("\nStopped. What was saved is kept: run the same command again to go on.")
        return INTERRUPTED
    if os.environ.get("QUALCODE_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, QualcodeError):
        say(f"Error: {error.message}")
        if error.hint:
            say(f"What to do: {error.hint}")
        return error.exit_code
    # Our mistake. Its text may hold participants' words, so only its place is told.
    place = _place(error)
    say(f"Error: qualcode itself failed ({type(error).__name__} at {place}).")
    say("What was saved is kept. Please report it, with what QUALCODE_DEBUG=1 prints when you run")
    say("the command again; look through that first, it may hold words of your participants.")
    return QualcodeError.exit_code


def _place(error: BaseException) -> str:
    """Return file and line where an error was raised, without the file's folders."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    if at is None:
        return "an unknown place"
    return f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}"
