"""Who can be evaluated: the embedded coder, and a file that a person or another program wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qualcode.codebook import Codebook
from qualcode.coders.base import Scorer, Scores, Task
from qualcode.errors import SourceError, UsageError
from qualcode.ingest.reading import Paragraph, assemble
from qualcode.ingest.segmentation import segment
from qualcode.records import Document, DocumentKind, Role, Speaker, stable_id
from qualcode.workflow.eval_gold import Gold, GoldRow, is_no, is_yes
from qualcode.workflow.eval_table import Sheet, read_sheet, unguarded

__all__ = ["SCORERS", "Rater", "comment_tasks", "rater_called"]

_FILE = "file:"
_PREDICTED = "predicted"


class Rater(Protocol):
    """Answer for rows of a gold file.

    Attributes:
        name: Who it is, for reports.
        has_scores: Whether scores say more than what is proposed.
    """

    name: str
    has_scores: bool

    def rate(self, rows: Sequence[GoldRow], family: str) -> Scores:
        """Return the scores of rows that hold something to read."""


def comment_tasks(texts: Sequence[str]) -> list[Task]:
    """Read each text as a comment of its own, cut into segments."""
    tasks = []
    for index, text in enumerate(texts):
        document_id = stable_id("doc", "eval", str(index))
        whole, turns = assemble([Paragraph(text)])
        document = Document(
            id=document_id,
            source_id="src_eval",
            path="eval",
            kind=DocumentKind.COMMENT,
            text=whole,
            turns=turns,
            speakers=(Speaker(None, Role.PARTICIPANT, f"row {index}", guessed=False),),
        )
        tasks.append(Task(document, segment(document)))
    return tasks


def _local(codebook: Codebook) -> Scorer:
    from qualcode.coders.local.scores import LocalScorer

    return LocalScorer(codebook, comment_tasks)


SCORERS: Mapping[str, Callable[[Codebook], Scorer]] = {"local": _local}
"""Coders by the name that `--coder` takes; another coder is one line here."""


def rater_called(name: str, gold: Gold) -> Rater:
    """Return who is evaluated.

    Args:
        name: One of `SCORERS`, or `file:` and a path.
        gold: What is to be scored.

    Raises:
        UsageError: There is no such coder, or it knows nothing of a family.
        SourceError: The file is not readable or does not fit the gold.
        ModelError: The weights of the embedded model are missing or altered.
    """
    if name.startswith(_FILE):
        return _FileRater(Path(name.removeprefix(_FILE)), gold)
    if name not in SCORERS:
        raise UsageError(
            f"there is no coder {name!r}",
            hint=f"--coder takes: {', '.join(SCORERS)}, llm (a language model), "
            f"{_FILE}PATH.csv (a table of predictions)",
        )
    scorer = SCORERS[name](gold.scheme.book)
    for family in gold.families:
        if family not in scorer.families:
            raise UsageError(
                f"{name} scores no codes of family {family!r}",
                hint=f"it knows: {', '.join(scorer.families)}",
            )
    return _TextRater(scorer)


class _TextRater:
    """Let a scorer read the texts."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.name = scorer.name
        self.has_scores = True

    def rate(self, rows: Sequence[GoldRow], family: str) -> Scores:
        return self._scorer.score([row.text for row in rows], family)


class _FileRater:
    """Look answers up in a table with a column `predicted`, and perhaps a column a code."""

    def __init__(self, path: Path, gold: Gold) -> None:
        """Read the table and fit its rows to the gold's.

        Raises:
            SourceError: The file is not readable, does not fit the gold, or names an unknown code.
        """
        self.name = f"{_FILE}{path.name}"
        self._path = path
        self._gold = gold
        sheet = read_sheet(path, (_PREDICTED,))
        self._sheet = sheet
        self._predicted_at = sheet.column(_PREDICTED, "predictions")
        self._row_of = _fitted(sheet, gold)
        self._columns = self._score_columns()
        self.has_scores = bool(self._columns)
        # Read whole at once, so that a mistake is told before anything is scored.
        self._answers = [self._answer(at) for at in range(len(sheet.rows))]

    def rate(self, rows: Sequence[GoldRow], family: str) -> Scores:
        codes = tuple(code.id for code in self._gold.scheme.codes((family,)))
        value_of = {code: at for at, code in enumerate(self._columns)}
        scores = np.zeros((len(rows), len(codes)))
        predicted = np.zeros((len(rows), len(codes)), bool)
        yes = np.zeros(len(rows), bool)
        applies = np.zeros(len(rows))
        unprocessed: dict[int, str] = {}
        for at, row in enumerate(rows):
            place = self._row_of.get(row.index)
            if place is None:
                unprocessed[at] = "not in the file"
                continue
            proposed, said, values = self._answers[place]
            if not proposed and not said and values is None and self._columns:
                unprocessed[at] = "no answer in the file"
                continue
            predicted[at] = [code in proposed for code in codes]
            yes[at] = said if self._gold.is_yes_no else bool(predicted[at].any())
            if values is None:
                scores[at], applies[at] = predicted[at], yes[at]
            elif self._gold.is_yes_no:
                applies[at] = values[0]
            else:
                scores[at] = [values[value_of[code]] for code in codes]
                applies[at] = scores[at].max(initial=0.0)
        return Scores(codes, scores, predicted, applies, yes, unprocessed)

    def _score_columns(self) -> dict[str, int]:
        """Return code id, or the family, to the place of its scores; empty without any.

        Raises:
            SourceError: Some codes have a column and some have none.
        """
        gold, sheet = self._gold, self._sheet
        if gold.is_yes_no:
            at = sheet.has(gold.family_name)
            return {} if at is None else {gold.family_name: at}
        found: dict[str, int] = {}
        codes = gold.scheme.codes(gold.families)
        for code in codes:
            words = (gold.called[code.id], gold.scheme.ids.get(code.id, code.name), code.name)
            places = [at for word in words if (at := sheet.has(word)) is not None]
            if places:
                found[code.id] = places[0]
        missing = [gold.called[code.id] for code in codes if code.id not in found]
        if found and missing:
            raise SourceError(
                f"{self._path}: there are scores for {len(found)} of {len(codes)} codes; "
                f"no column for: {', '.join(missing[:10])}",
                hint="give a column of scores for every code, or none at all",
            )
        return found

    def _answer(self, at: int) -> tuple[set[str], bool, NDArray[np.float64] | None]:
        """Return the codes proposed, whether any is, and the scores, None where there are none."""
        row = self._sheet.rows[at]
        cell = unguarded(row.cells[self._predicted_at].strip())
        proposed, said = set[str](), False
        if self._gold.is_yes_no and (is_yes(cell) or is_no(cell) or not cell):
            said = is_yes(cell)
        elif self._gold.is_yes_no and cell.casefold() == self._gold.family_name.casefold():
            said = True
        else:
            codes, unknown = self._gold.scheme.split(cell)
            if unknown:
                label = unknown[0] if len(unknown[0]) <= 60 else f"{unknown[0][:60]}…"
                raise SourceError(
                    f"{self._path}: row {row.number}: {label!r} is no code of "
                    f"{self._gold.scheme.source}",
                    hint=self._gold.scheme.near(unknown[0]),
                )
            proposed = {code.id for code in codes}
            said = bool(proposed)
        values = [row.cells[column].strip() for column in self._columns.values()]
        if not any(values):
            if cell and values:
                raise SourceError(f"{self._path}: row {row.number}: an answer without scores")
            return proposed, said, None
        scores = [self._score(row.number, at, value) for at, value in enumerate(values)]
        return proposed, said, np.array(scores)

    def _score(self, number: int, at: int, value: str) -> float:
        try:
            score = float(value)
        except ValueError:
            score = -1.0
        if not 0 <= score <= 1:
            column = self._sheet.header[list(self._columns.values())[at]]
            raise SourceError(
                f"{self._path}: row {number}: column {column!r} holds no score",
                hint="a score is a number from 0 to 1, with a point",
            )
        return score


def _fitted(sheet: Sheet, gold: Gold) -> dict[int, int]:
    """Return the gold's row to the file's, by id where both have one, else by order.

    Raises:
        SourceError: Rows do not fit.
    """
    at = None if gold.id_name is None else sheet.has(gold.id_name)
    given = [row.id for row in gold.rows]
    if at is not None:
        found = [unguarded(row.cells[at].strip()) for row in sheet.rows]
        if found == given:
            return {index: index for index in range(len(given))}
        for path, ids in ((gold.path, given), (sheet.path, found)):
            if "" in ids or len(set(ids)) < len(ids):
                what = "one is empty" if "" in ids else "one is used twice"
                raise SourceError(
                    f"{path}: rows cannot be joined by the ids in column {gold.id_name!r}: {what}",
                    hint="give each row an id of its own, or the same rows in the same order",
                )
        place = {key: n for n, key in enumerate(found)}
        joined = {n: place[key] for n, key in enumerate(given) if key in place}
        if not joined:
            raise SourceError(
                f"{sheet.path}: no id of column {gold.id_name!r} stands in {gold.path}",
                hint="the ids must be those of the gold file",
            )
        return joined
    if len(sheet.rows) != len(given):
        raise SourceError(
            f"{sheet.path}: {len(sheet.rows)} rows for {len(given)} in {gold.path}",
            hint="give every row in the same order, or a column of ids that both files have "
            "(--id-col)",
        )
    return {index: index for index in range(len(given))}
