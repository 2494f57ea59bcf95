"""qualcode mask: replace a name that was found later."""

from __future__ import annotations

from typing import Annotated

import typer

from qualcode.cli.common import StudyOption, open_study, say, shown_progress

__all__ = ["mask"]


def mask(
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="As the texts write it.")],
    study: StudyOption = None,
) -> None:
    """Replace a name that was found later.

    A placeholder takes its place everywhere in the study; all codings move with the text. Maps and
    exports that were written before still hold the name: write them again.
    """
    from qualcode.workflow.mask import mask as replace
    from qualcode.workflow.mask import told_copies

    with open_study(study) as opened, shown_progress() as progress:
        report = replace(opened, names, progress)
    say(f"Replaced {report.n_replacements} places in {report.n_documents} documents.")
    for path in report.paths:
        print(path)
    for what, count in report.of_models.items():
        say(f"Of what models were asked and wrote: {count} {what.replace('_', ' ')}.")
    if report.of_models:
        say("Recordings that were written before (--record) still hold the names.")
    for told in told_copies(report):
        say(told)
    if not report.n_documents:
        say("The names stand in no document. Capitals and accents have to match.")
