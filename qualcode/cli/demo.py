"""qualcode demo: the main job on a bundled corpus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.code import print_report as print_code
from qualcode.cli.common import program, say, shown_progress
from qualcode.cli.ingest import print_report as print_ingest
from qualcode.resources import DEFAULT_CORPUS, corpora

if TYPE_CHECKING:
    from qualcode.workflow.draft_words import WordsReport

__all__ = ["demo"]


def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="A new folder.")] = Path("demo"),
    corpus: Annotated[
        str, typer.Option(help=f"A bundled corpus: {' or '.join(corpora())}.", metavar="NAME")
    ] = DEFAULT_CORPUS,
    with_model: Annotated[
        bool,
        typer.Option(
            "--with-model",
            help="Code it also as a language model would, and draft words, from replies that the "
            "corpus carries: no key, no network.",
        ),
    ] = False,
) -> None:
    """Make a whole study from bundled data.

    Reads bundled interviews and comments, codes them and writes their journey map. The corpora
    were written for this project; nobody in them exists.
    """
    from qualcode.workflow.demo import demo as make

    with shown_progress() as progress:
        report = make(folder, corpus=corpus, with_model=with_model, progress=progress)
    print_ingest(report.ingested)
    say()
    print_code(report.coded)
    say()
    if report.words:
        _print_words(report.words, folder)
        say()
    criteria = report.drafted.draft.criteria
    if criteria.criteria:
        say(f"{len(criteria.criteria)} draft design criteria:")
        for criterion in criteria.criteria:
            say(f"  · {criterion.statement}  ({len(criterion.participants)} people)")
    else:
        say(f"No design criteria: {criteria.reason}")
    say()
    say("The journey map is here, open it in a browser:")
    print(report.map_path)
    say()
    say("Next, for example:")
    if report.example_code is not None:
        say(f"  {program()} quotes --study {folder} --code {report.example_code}")
    say(f"  {program()} export xlsx --study {folder} --out {folder / 'codings.xlsx'}")
    say(f"  {program()} init my-study")


def _print_words(words: Sequence[WordsReport], folder: Path) -> None:
    drafted = ", ".join(f"{len(one.drafted)} of {one.n_asked} ({one.kind})" for one in words)
    say(f"Words drafted, each resting on quotes: {drafted}.")
    if n_removed := sum(one.n_removed for one in words):
        say(f"Sentences removed: {n_removed}.")
    if n_failed := sum(len(one.failed) for one in words):
        say(f"Without an answer: {n_failed}.")
    say(f"Read each against its quotes: {program()} draft show --study {folder}")
