"""Show how a survey's columns are read, and ask at a terminal whether that is right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.cli.common import ask, one_line, say

if TYPE_CHECKING:
    from qualcode.settings import SurveyProfile
    from qualcode.workflow.ingest import IngestOptions
    from qualcode.workflow.parse_survey import SurveyFound
    from qualcode.workflow.study import Study

__all__ = ["confirmed", "show_profile"]

_TITLE_CHARS = 90
_ATTRIBUTES_NAMED = 6


def show_profile(profile: SurveyProfile, header: Sequence[str] = ()) -> None:
    """Print which columns hold what, with their numbers where the header is at hand.

    Titles may be whole questions: each open one has a line of its own, attributes are shortened.
    """

    def titled(name: str, width: int = _TITLE_CHARS) -> str:
        flat = one_line(name)
        short = flat if len(flat) <= width else flat[: width - 1] + "…"
        return f"#{list(header).index(name) + 1} {short}" if name in header else short

    if profile.sheet is not None:
        say(f"  {'sheet':<11} {titled(profile.sheet)}")
    for number, name in enumerate(profile.text_cols):
        say(f"  {'' if number else 'open text':<11} {titled(name)}")
    say(f"  {'id':<11} {titled(profile.id_col) if profile.id_col else 'the row number'}")
    if profile.participant_col:
        say(f"  {'participant':<11} {titled(profile.participant_col)}")
    some = [titled(name, 40) for name in profile.attr_cols[:_ATTRIBUTES_NAMED]]
    more = len(profile.attr_cols) - len(some)
    listed = ", ".join(some) + (f", and {more} more" if more else "")
    say(f"  {'attributes':<11} {listed or 'none'}")


def confirmed(
    study: Study, paths: Sequence[Path], options: IngestOptions, *, yes: bool
) -> IngestOptions:
    """Ask at a terminal about each survey whose columns were found, and return the answers.

    With `--yes`, and wherever nobody could answer, what was found is taken.
    """
    from qualcode.cli.common import can_ask
    from qualcode.workflow.survey_profiles import unconfirmed

    if yes or not can_ask():
        return options
    profiles = dict(options.profiles)
    leave_out = set(options.leave_out)
    for found in unconfirmed(study, paths, options):
        profile = _answer(found)
        if profile is None:
            leave_out.add(found.path)
        else:
            profiles[found.path] = profile
    return replace(options, profiles=profiles, leave_out=frozenset(leave_out))


def _answer(found: SurveyFound) -> SurveyProfile | None:
    """Return the profile that a person wants, None to leave the file out."""
    table, profile = found.table, found.profile
    kind = table.full_format.replace("/", " · ")
    say(f"\n{found.name}: {kind}, {len(table.rows)} rows, {len(table.header)} columns")
    show_profile(profile, table.header)
    for note in found.notes:
        say(f"  {one_line(note)}")
    while True:
        said = ask(
            "Read it so? y, n to leave it out, or the numbers of the open columns, such as 3,5",
            "y",
            yes=False,
        ).strip()
        if said.casefold() in {"y", "yes"}:
            return profile
        if said.casefold() in {"n", "no"}:
            return None
        numbers = [int(number) for number in re.findall(r"\d+", said)]
        if numbers and all(0 < number <= len(table.header) for number in numbers):
            texts = tuple(dict.fromkeys(table.header[number - 1] for number in numbers))
            return profile.model_copy(
                update={
                    "text_cols": texts,
                    "attr_cols": tuple(n for n in profile.attr_cols if n not in texts),
                    "id_col": None if profile.id_col in texts else profile.id_col,
                }
            )
        say(f"That is no column: they are numbered 1 to {len(table.header)}.")
