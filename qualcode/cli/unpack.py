"""qualcode unpack: make a study from a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualcode.cli.common import one_line, say

__all__ = ["unpack"]


def unpack(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What qualcode pack wrote.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new study's folder.")],
    own: Annotated[
        bool,
        typer.Option(
            "--own",
            help="It is your own study come back: let it use the pseudonym key kept here for it.",
        ),
    ] = False,
) -> None:
    """Make a study from a file of qualcode pack.

    The file is looked at as a stranger's: what is damaged, foreign, too large or set to run by
    itself is refused before anything is made. The search index is built anew when it is asked for.
    """
    from qualcode.workflow.unpack import unpack as take_out

    made = take_out(file, folder, is_own=own)
    say(f"“{one_line(made.name)}”, packed by qualcode {one_line(made.version)}.")
    say("\nNext: qualcode map   (in the new folder)")
    print(made.path)
