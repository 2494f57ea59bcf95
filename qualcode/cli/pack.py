"""qualcode pack: put a study into one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualcode.cli.common import StudyOption, open_study, say

__all__ = ["pack"]


def pack(
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The file to write, such as study.qcpack.")
    ],
    study: StudyOption = None,
) -> None:
    """Put a study into one file, to hand it on.

    Settings, codebook, texts, codings and everything that people decided. The pseudonym key, the
    originals, vectors and the search index stay here, and so do names that study.toml lists and
    what was taken out of the study. The texts are in it: hand it to those only who may read them.
    """
    from qualcode.workflow.pack import pack as write

    with open_study(study) as opened:
        packed = write(opened, out)
    say(f"{packed.n_bytes:,} bytes, without the pseudonym key, originals and vectors.")
    if packed.n_names:
        say(f"Left out: {packed.n_names} names that study.toml lists.")
    if packed.n_removed:
        say(f"Left out: {packed.n_removed} sources that were taken out of the study before.")
    print(out)
