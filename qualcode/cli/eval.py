"""qualcode eval: how right a coder is against labels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    YesOption,
    print_json,
    say,
    shown_progress,
)
from qualcode.cli.llm_options import (
    BaseUrlOption,
    BudgetOption,
    DryRunOption,
    MaxTokensOption,
    ModelOption,
    RecordOption,
    ReplayOption,
    agreed,
    print_bill,
    print_dry_run,
)
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from qualcode.workflow.eval_coders import Rater
    from qualcode.workflow.eval_gold import Gold
    from qualcode.workflow.eval_scheme import Scheme
    from qualcode.workflow.llm import LlmOptions

__all__ = ["eval_"]

_SOME_UNPROCESSED = 3
EVAL_MASKING = "Contact details are replaced by placeholders before anything is sent; names stay."


def eval_(
    coder: Annotated[
        str,
        typer.Option(
            metavar="CODER",
            help="local, llm (with --model), or file:PATH.csv (what others proposed).",
        ),
    ],
    gold: Annotated[
        Path, typer.Option(metavar="FILE", help="Texts with labels: .csv, .tsv or .xlsx.")
    ],
    text_col: Annotated[str, typer.Option(metavar="COLUMN", help="The column of texts.")],
    label_col: Annotated[
        str,
        typer.Option(
            metavar="COLUMN", help="The column of labels, joined by ; where there are several."
        ),
    ],
    codebook: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The codes that labels name, from a .yaml, .csv or .xlsx of any origin; by "
            "default the study's codebook, without a study the default one.",
            show_default=False,
        ),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option(
            metavar="FAMILY",
            help="Only this family of codes; labels 1 and 0 say whether any code of it applies.",
            show_default=False,
        ),
    ] = None,
    id_col: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The column of ids; by default one called id.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="Also figures for each value of this column; repeatable."
        ),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.csv", help="Write what the coder said of each row.", show_default=False
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace the file of --predictions.")
    ] = False,
    ignore_unknown_labels: Annotated[
        bool,
        typer.Option(
            "--ignore-unknown-labels", help="Leave out labels that are no code, and count them."
        ),
    ] = False,
    model: ModelOption = "",
    base_url: BaseUrlOption = "",
    dry_run: DryRunOption = False,
    budget: BudgetOption = None,
    max_tokens: MaxTokensOption = None,
    record: RecordOption = None,
    replay: ReplayOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
    yes: YesOption = False,
) -> None:
    """Measure how right a coder is.

    Compares what it proposes with a file of labelled texts: precision, recall, F1, ranking and
    calibration, with 95 % intervals. Needs no study and changes none; texts stay on this machine
    unless you name a language model elsewhere. docs/eval.md tells each figure.
    """
    from qualcode.cli.eval_told import as_dict, print_evaluation
    from qualcode.workflow.eval_gold import GoldColumns, read_gold
    from qualcode.workflow.evaluation import (
        check_columns,
        check_out,
        evaluate,
        write_predictions,
    )
    from qualcode.workflow.llm import LlmOptions

    if codebook is not None and family is not None:
        raise UsageError(
            "give --codebook or --family, one of the two",
            hint="all codes of a codebook file are one family",
        )
    if predictions is not None:
        inputs = [gold] if codebook is None else [gold, codebook]
        check_out(predictions, force=force, inputs=inputs)
    scheme = _scheme(codebook, family, study)
    columns = GoldColumns(text_col, label_col, id_col, tuple(dict.fromkeys(by or ())))
    labelled = read_gold(gold, columns, scheme, family=family, ignore_unknown=ignore_unknown_labels)
    if predictions is not None:
        check_columns(labelled)
    for note in labelled.notes:
        say(f"Note: {note}")
    options = LlmOptions(model, base_url, budget, max_tokens, record=record, replay=replay)
    with _rater(coder, labelled, options, is_dry=dry_run, as_json=as_json, yes=yes) as rater:
        if rater is None:
            return
        with shown_progress() as progress:
            began = time.monotonic()
            evaluation = evaluate(labelled, rater, progress=progress)
            seconds = time.monotonic() - began
    if predictions is not None:
        write_predictions(evaluation, predictions)
    if as_json:
        print_json(as_dict(evaluation))
    else:
        print_evaluation(evaluation)
    n_scored = len(labelled.rows) - len(evaluation.unprocessed)
    say(f"{n_scored} of {len(labelled.rows)} rows scored in {seconds:.0f} s.")
    if predictions is not None:
        say(f"Predictions: {predictions}")
    if evaluation.n_refused:
        say(f"{evaluation.n_refused} rows with a text got no answer; no figure counts them.")
        raise typer.Exit(_SOME_UNPROCESSED)


@contextmanager
def _rater(
    coder: str, gold: Gold, options: LlmOptions, *, is_dry: bool, as_json: bool, yes: bool
) -> Iterator[Rater | None]:
    """Give who is evaluated; None where only the plan was asked for."""
    from qualcode.workflow.eval_coders import rater_called
    from qualcode.workflow.eval_llm import model_rater
    from qualcode.workflow.llm import LlmOptions

    if coder != "llm":
        if is_dry or options != LlmOptions():
            raise UsageError(
                f"that is for a language model, and {coder} asks none", hint="add --coder llm"
            )
        yield rater_called(coder, gold)
        return
    with model_rater(gold, options) as rater:
        if isinstance(rater, str):
            raise UsageError(f"no language model can be asked: {rater}")
        plan = rater.plan()
        if is_dry:
            print_dry_run([plan], EVAL_MASKING, json=as_json)
            yield None
            return
        agreed(rater.session, [plan], EVAL_MASKING, yes=yes)
        try:
            yield rater
        finally:
            print_bill(rater.session)


def _scheme(codebook: Path | None, family: str | None, study: Path | None) -> Scheme:
    """Return the codes that labels name: of the file given, of the study, else the default ones."""
    from qualcode.codebook import load_codebook
    from qualcode.errors import StudyError
    from qualcode.resources import default_codebook_path
    from qualcode.workflow.eval_scheme import foreign_scheme, own_scheme
    from qualcode.workflow.study import Study, find_study

    if codebook is not None:
        return foreign_scheme(codebook)
    try:
        place = find_study(study, Path.cwd())
    except StudyError:
        return own_scheme(load_codebook(default_codebook_path()), "the default codebook", family)
    with Study(place) as opened:
        return own_scheme(opened.codebook, "the study's codebook", family)
