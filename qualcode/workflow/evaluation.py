"""Score a coder against a gold file, batch by batch, and write what it said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qualcode.analysis.scored import Figures
from qualcode.analysis.scoring import Answers, measure
from qualcode.errors import UsageError
from qualcode.ingest.segmentation import count_words
from qualcode.report.export_sheets import Value, write_csv
from qualcode.workflow.eval_coders import Rater
from qualcode.workflow.eval_gold import Gold, GoldRow
from qualcode.workflow.files import write_atomically
from qualcode.workflow.progress import Progress, silent

__all__ = [
    "WORDS",
    "Evaluation",
    "FamilyEvaluation",
    "check_columns",
    "check_out",
    "evaluate",
    "write_predictions",
]

WORDS = "words"
"""The grouping by length of the text."""
_LENGTHS = ((20, "1–20"), (60, "21–60"))
_LONGEST = "over 60"

_TEXTS_A_BATCH = 256
_CHARS_A_BATCH = 250_000

_BOM = b"\xef\xbb\xbf"
_DECIMALS = 6


@dataclass(frozen=True, slots=True, eq=False)
class FamilyEvaluation:
    """Hold what a coder said of one family, and how right it was.

    Attributes:
        columns: Names of the codes, or of the family where labels say yes or no.
        scores: (n_rows, n_columns), rows of the gold; meaningless where unprocessed.
        predicted: (n_rows, n_columns).
    """

    family: str
    columns: tuple[str, ...]
    scores: NDArray[np.float64]
    predicted: NDArray[np.bool_]
    figures: Figures


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Hold an evaluation.

    Attributes:
        unprocessed: Index of a row to why it has no figures.
        n_refused: How many of them could be read, and the coder gave no answer.
    """

    coder: str
    gold: Gold
    families: tuple[FamilyEvaluation, ...]
    unprocessed: Mapping[int, str]
    n_refused: int


def evaluate(gold: Gold, rater: Rater, *, progress: Progress = silent) -> Evaluation:
    """Have a coder score every row that can be read, and measure it on those.

    Rows without an answer are left out of all figures, and counted.
    """
    unprocessed = {row.index: row.problem for row in gold.rows if row.problem}
    readable = [row for row in gold.rows if not row.problem]
    shape = {f: (len(gold.rows), len(_columns(gold, f))) for f in gold.families}
    scores = {f: np.zeros(shape[f]) for f in gold.families}
    predicted = {f: np.zeros(shape[f], bool) for f in gold.families}
    any_scores = {f: np.zeros(len(gold.rows)) for f in gold.families}
    any_predicted = {f: np.zeros(len(gold.rows), bool) for f in gold.families}
    done = 0
    progress("Scoring", 0, len(readable))
    for batch in _batches(readable):
        rows = [row.index for row in batch]
        for family in gold.families:
            said = rater.rate(batch, family)
            unprocessed |= {rows[at]: reason for at, reason in said.unprocessed.items()}
            any_scores[family][rows] = said.any
            any_predicted[family][rows] = said.any_predicted
            if gold.is_yes_no:
                scores[family][rows, 0] = said.any
                predicted[family][rows, 0] = said.any_predicted
                continue
            # By name: a coder may keep another order.
            place = {code: at for at, code in enumerate(said.codes)}
            order = [place[code.id] for code in gold.scheme.codes((family,))]
            scores[family][rows] = said.scores[:, order]
            predicted[family][rows] = said.predicted[:, order]
        done += len(batch)
        progress("Scoring", done, len(readable))
    kept = [row for row in gold.rows if row.index not in unprocessed]
    at = np.array([row.index for row in kept], np.int_)
    lengths = [_length(row.text) for row in kept]
    groups = {name: [row.groups[n] for row in kept] for n, name in enumerate(gold.by)}
    families = []
    for number, family in enumerate(gold.families):
        progress("Resampling", number, len(gold.families))
        answers = Answers(
            codes=_columns(gold, family),
            wanted=_wanted(gold, kept, family),
            predicted=predicted[family][at],
            scores=scores[family][at],
            any_predicted=any_predicted[family][at],
            any_scores=any_scores[family][at],
            has_scores=rater.has_scores,
            groups={WORDS: lengths, **groups},
            group_order={WORDS: (*(name for _, name in _LENGTHS), _LONGEST)},
        )
        families.append(
            FamilyEvaluation(
                family, answers.codes, scores[family], predicted[family], measure(answers)
            )
        )
    n_refused = len(unprocessed) - (len(gold.rows) - len(readable))
    return Evaluation(rater.name, gold, tuple(families), unprocessed, n_refused)


def _columns(gold: Gold, family: str) -> tuple[str, ...]:
    if gold.is_yes_no:
        return (gold.family_name,)
    return tuple(gold.called[code.id] for code in gold.scheme.codes((family,)))


def _wanted(gold: Gold, rows: Sequence[GoldRow], family: str) -> NDArray[np.bool_]:
    if gold.is_yes_no:
        return np.array([row.is_yes for row in rows], bool).reshape(-1, 1)
    codes = [code.id for code in gold.scheme.codes((family,))]
    wanted = [[code in row.labels for code in codes] for row in rows]
    return np.array(wanted, bool).reshape(len(rows), len(codes))


def _batches(rows: Sequence[GoldRow]) -> Iterator[list[GoldRow]]:
    """Group rows so that long texts come fewer at a time."""
    batch: list[GoldRow] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.text)
        if len(batch) == _TEXTS_A_BATCH or size >= _CHARS_A_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _length(text: str) -> str:
    n_words = count_words(text)
    return next((name for most, name in _LENGTHS if n_words <= most), _LONGEST)


def check_out(out: Path, *, force: bool, inputs: Sequence[Path]) -> None:
    """Refuse a place for predictions before any work is done.

    Raises:
        UsageError: A file is there and `force` is not set, it is one of the inputs, or its folder
            is missing.
    """
    if any(out.resolve() == path.resolve() for path in inputs):
        raise UsageError(f"{out}: is read by this command", hint="write to another file")
    if out.is_dir() or not out.parent.is_dir():
        raise UsageError(f"{out}: not a file in a folder that exists")
    if out.exists() and not force:
        raise UsageError(
            f"{out}: there is a file already", hint="add --force to replace it, or name another"
        )


def write_predictions(evaluation: Evaluation, out: Path) -> None:
    """Write one row for each row of the gold, in order: number, id, scores, what is proposed.

    Columns are named exactly as codes; other cells that a spreadsheet may run get a `'` in front.

    Raises:
        UsageError: Two columns have the same name, or the file cannot be written.
    """
    gold = evaluation.gold
    columns = [name for family in evaluation.families for name in family.columns]
    check_columns(gold)
    header = [_free("row", columns)]
    if gold.id_name is not None:
        header.append(_free(gold.id_name, [*columns, *header, "predicted"]))
    header += [*columns, "predicted"]
    rows = [_row(evaluation, row, len(columns)) for row in gold.rows]
    # Column names stay as they are, and programs read a file without a mark at its start.
    top = write_csv(header, (), raw=True).removeprefix(_BOM)
    write_atomically(out, top + write_csv((), rows).removeprefix(_BOM + b"\r\n"))


def check_columns(gold: Gold) -> None:
    """Refuse codes whose names predictions cannot hold.

    Raises:
        UsageError: A code is called like the column of what is proposed.
    """
    columns = [name for family in gold.families for name in _columns(gold, family)]
    if "predicted" in columns:
        raise UsageError(
            f"{gold.scheme.source}: a code is called 'predicted', as a column of the predictions",
            hint="call it otherwise, or leave out --predictions",
        )


def _free(name: str, taken: Sequence[str]) -> str:
    """Return a name for a column of ours; codes keep theirs."""
    while name in taken:
        name = f"{name} (gold)"
    return name


def _row(evaluation: Evaluation, row: GoldRow, n_columns: int) -> tuple[Value, ...]:
    gold = evaluation.gold
    own: list[Value] = [row.number] if gold.id_name is None else [row.number, row.id]
    if row.index in evaluation.unprocessed:
        return (*own, *[""] * (n_columns + 1))
    proposed: list[str] = []
    for family in evaluation.families:
        values = family.scores[row.index].tolist()
        own += [format(round(value, _DECIMALS), "g") for value in values]
        proposed += [
            name
            for name, said in zip(family.columns, family.predicted[row.index], strict=True)
            if said
        ]
    return (*own, ";".join(proposed))
