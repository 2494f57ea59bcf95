"""The commands that change the codebook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualcode.cli.codebook_told import difference_line, tell_change
from qualcode.cli.common import JsonOption, StudyOption, YesOption, open_study, say

__all__ = ["add", "import_", "merge", "move", "rename", "retire", "split", "undo"]

_Code = Annotated[str, typer.Argument(metavar="CODE", help="Id, name or former name.")]
_By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who decides; by default as set under [person], else the login.",
    ),
]
_Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the log.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what it would touch.")]
_Texts = list[str] | None


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="In the customers' words.")],
    family: Annotated[str, typer.Option(metavar="FAMILY", help="By id or name; may be new.")],
    code_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="By default made from the name.")
    ] = "",
    definition: Annotated[str, typer.Option(metavar="TEXT", help="What customers tell of.")] = "",
    include: Annotated[
        _Texts,
        typer.Option(metavar="TEXT", help="What belongs to it, up to three words: a cue; repeat."),
    ] = None,
    exclude: Annotated[
        _Texts, typer.Option(metavar="TEXT", help="What belongs elsewhere; repeat.")
    ] = None,
    example: Annotated[
        _Texts, typer.Option(metavar="TEXT", help="What a customer says; repeat.")
    ] = None,
    counter_example: Annotated[
        _Texts, typer.Option(metavar="TEXT", help="What sounds like it and is not; repeat.")
    ] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="CODE", help="The code that it stands under.")
    ] = None,
    goal: Annotated[str, typer.Option(metavar="TEXT", help="Stage: the customer's question.")] = "",
    statement: Annotated[
        str, typer.Option(metavar="TEXT", help="Need: how a design criterion words it.")
    ] = "",
    valence: Annotated[
        float | None, typer.Option(min=-2, max=2, help="Emotion: bad (-2) to good (2).")
    ] = None,
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who answers for it.")] = "",
    before: Annotated[
        str | None, typer.Option(metavar="CODE", help="Put it before this code.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="CODE", help="Put it after this code.")
    ] = None,
    by: _By = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a code.

    Nobody has looked for it yet, so the next `qualcode code` judges its whole family again.
    """
    from qualcode.codebook.codes import Code
    from qualcode.workflow import codebook

    with open_study(study) as opened:
        code = Code(
            id=code_id,
            name=name,
            family=codebook.family_called(opened.codebook, family),
            parent=parent,
            definition=definition,
            include=tuple(include or ()),
            exclude=tuple(exclude or ()),
            examples=tuple(example or ()),
            counter_examples=tuple(counter_example or ()),
            valence=valence,
            goal=goal,
            statement=statement,
            owner=owner,
        )
        changed = codebook.add(
            opened, code, before=before, after=after, by=by, reason=reason, dry_run=dry_run
        )
    tell_change(changed, as_json=as_json)


def rename(
    code: _Code,
    name: Annotated[str, typer.Argument(metavar="NEW", help="In the customers' words.")],
    by: _By = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a code another name.

    Id and codings stay, nothing is judged again, and the old name still finds the code.
    """
    from qualcode.workflow import codebook

    with open_study(study) as opened:
        changed = codebook.rename(opened, code, name, by=by, reason=reason, dry_run=dry_run)
    tell_change(changed, as_json=as_json)


def merge(
    codes: Annotated[list[str], typer.Argument(metavar="FROM...", help="Codes that end.")],
    into: Annotated[str, typer.Option(metavar="CODE", help="The code that stays.")],
    by: _By = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Merge codes into another one of their family.

    Their codings count for it from now on; nothing is judged again. They stay in the book, retired,
    and `qualcode codebook undo` brings them back with their codings.
    """
    from qualcode.workflow import codebook

    with open_study(study) as opened:
        changed = codebook.merge(opened, codes, into=into, by=by, reason=reason, dry_run=dry_run)
    tell_change(changed, as_json=as_json)


def split(
    code: _Code,
    into: Annotated[
        list[str], typer.Option(metavar="NAME...", help="Names of the new codes, two or more.")
    ],
    more: Annotated[list[str] | None, typer.Argument(hidden=True, metavar="NAME")] = None,
    by: _By = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split a code into new ones.

    It is retired, and the next `qualcode code` judges again the segments that have it. Write
    definitions and examples of the new codes into codebook.yaml before.
    """
    from qualcode.workflow import codebook

    names = [*into, *(more or ())]
    with open_study(study) as opened:
        changed = codebook.split(opened, code, into=names, by=by, reason=reason, dry_run=dry_run)
    tell_change(changed, as_json=as_json)
    if changed.decision is not None and not as_json:
        say("Write what the new codes mean into codebook.yaml, then: qualcode code")


def move(
    code: _Code,
    before: Annotated[
        str | None, typer.Option(metavar="CODE", help="Put it before this code.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(metavar="CODE", help="Put it after this code.")
    ] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="CODE", help="Put it under this code; '' for none.")
    ] = None,
    to_family: Annotated[
        str | None, typer.Option(metavar="FAMILY", help="Make it a code of this family.")
    ] = None,
    by: _By = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a code another place, parent or family.

    The order of stages is their order on the map; it judges nothing again. In another family the
    code is a new one: its segments are judged again in the old family, all segments in the new.
    """
    from qualcode.workflow import codebook

    with open_study(study) as opened:
        changed = codebook.move(
            opened,
            code,
            before=before,
            after=after,
            parent=parent,
            to_family=to_family,
            by=by,
            reason=reason,
            dry_run=dry_run,
        )
    tell_change(changed, as_json=as_json)


def retire(
    code: _Code,
    by: _By = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a code out of use.

    Its codings stay stored and count no more; the next `qualcode code` judges their segments again.
    """
    from qualcode.workflow import codebook

    with open_study(study) as opened:
        changed = codebook.retire(opened, code, by=by, reason=reason, dry_run=dry_run)
    tell_change(changed, as_json=as_json)


def undo(
    decision: Annotated[
        int | None,
        typer.Argument(metavar="[DECISION]", help="Its number; by default the last that stands."),
    ] = None,
    by: _By = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a decision about the codebook back.

    Restores exactly what it touched, unless that was changed since in another way.
    """
    from qualcode.workflow import codebook

    with open_study(study) as opened:
        changed = codebook.undo(opened, decision, by=by, reason=reason, dry_run=dry_run)
    tell_change(changed, as_json=as_json)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .yaml, .csv or .xlsx codebook.")],
    keep_missing: Annotated[
        bool, typer.Option("--keep-missing", help="Leave codes in use that the file lacks.")
    ] = False,
    by: _By = None,
    reason: _Reason = "",
    dry_run: _DryRun = False,
    yes: YesOption = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the codes of a file over.

    Shows the differences and asks. A code is the same by its id, else by its name or a former one.
    Codes that the file lacks are retired, not deleted. Columns that a table lacks change nothing.
    """
    from qualcode.cli.common import ask
    from qualcode.errors import UsageError
    from qualcode.workflow.codebook_exchange import import_codebook

    with open_study(study) as opened:
        first = import_codebook(
            opened, file, keep_missing=keep_missing, by=by, reason=reason, dry_run=True
        )
        if dry_run or not first.differences:
            tell_change(first, as_json=as_json)
            return
        if not yes:
            for difference, touched in zip(first.differences, first.each, strict=True):
                say(difference_line(difference, touched))
            if (
                not ask("Change the codebook like this? (y/n)", "n", yes=False).casefold()[:1]
                == "y"
            ):
                raise UsageError(f"{file}: not imported", hint="--yes imports it without asking")
        changed = import_codebook(opened, file, keep_missing=keep_missing, by=by, reason=reason)
    tell_change(changed, as_json=as_json)
