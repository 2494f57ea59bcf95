"""Turn a survey's rows into documents, by a profile of its columns."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from qualcode.answers import is_non_answer
from qualcode.errors import SourceError
from qualcode.ingest.columns import Profile
from qualcode.ingest.reading import Paragraph, assemble
from qualcode.ingest.survey_heads import RowState
from qualcode.ingest.table import Table
from qualcode.records import Document, DocumentKind, Role, Speaker, stable_id

__all__ = [
    "NoOpenAnswers",
    "SurveyReading",
    "apply_profile",
    "find_column",
    "left_out",
    "read_survey",
]

_LISTED_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class SurveyReading:
    """Hold one document a row, in the order of the table, and what a person should look at."""

    documents: tuple[Document, ...]
    problems: tuple[str, ...] = ()


class NoOpenAnswers(SourceError):
    """A survey asks closed questions only, as far as its columns tell."""


# --- rows left out ------------------------------------------------------------------------------


def left_out(table: Table, states: Sequence[RowState]) -> tuple[Table, tuple[str, ...]]:
    """Return the table without the rows of some states, and a line for each state that tells so.

    Raises:
        SourceError: No row would remain.
    """
    rows = tuple(row for row in table.rows if row.state not in states)
    if not rows:
        raise SourceError(
            f"{table.path}: all {len(table.rows)} rows are {' or '.join(states)} ones",
            hint="read them nevertheless with --keep-unfinished or --keep-previews",
        )
    told = []
    for state in ("preview", "unfinished"):
        numbers = [str(row.number) for row in table.rows if row.state == state]
        if not numbers:
            continue
        what = f"{len(numbers)} {state} row(s): {_rows(numbers)}"
        told.append(f"{what}; {'left out' if state in states else 'kept'}")
    return replace(table, rows=rows), tuple(told)


# --- profile -----------------------------------------------------------------------------------


def apply_profile(table: Table, profile: Profile) -> Profile:
    """Return the profile with every column by its header, exactly as the table writes it.

    A column may be named by its header, without regard to case and white space where that leaves
    one, by the survey tool's own code for it, such as `Q5`, or by its number: `#3`. What is named
    as text is neither id nor attribute.

    Raises:
        NoOpenAnswers: No column is named as text.
        SourceError: A column is not there, or two could be meant.
    """
    texts = tuple(dict.fromkeys(find_column(table, n, "--text-col") for n in profile.text_cols))
    if not texts:
        raise NoOpenAnswers(
            f"{table.path}: no column of open answers was found",
            hint=f"name it: --text-col; {_listed(table)}",
        )
    attributes = dict.fromkeys(find_column(table, name, "--attr") for name in profile.attr_cols)
    id_col = find_column(table, profile.id_col, "--id-col") if profile.id_col else None
    person = profile.participant_col
    return Profile(
        id_col if id_col not in texts else None,
        texts,
        tuple(name for name in attributes if name not in texts),
        find_column(table, person, "--participant-col") if person else None,
    )


def find_column(table: Table, wanted: str, flag: str) -> str:
    """Return the header of a column that somebody names; see `apply_profile`.

    Raises:
        SourceError: It is not there, or two could be meant; the message names the flag.
    """
    if wanted in table.header:
        return wanted
    plain = _plain(wanted)
    alike = [name for name in table.header if _plain(name) == plain]
    if len(alike) == 1:
        return alike[0]
    by_code = {column for code, column in table.codes.items() if _plain(code) == plain}
    if len(by_code) == 1:
        return by_code.pop()
    number = re.fullmatch(r"#(\d{1,4})", wanted.strip())
    if number and 1 <= int(number[1]) <= len(table.header):
        return table.header[int(number[1]) - 1]
    if alike:
        raise SourceError(
            f"{table.path}: {flag} {wanted!r} fits {len(alike)} columns",
            hint=_listed(table, alike),
        )
    near = difflib.get_close_matches(plain, [_plain(name) for name in table.header], 5, 0.6)
    close = [n for n in table.header if _plain(n) in near or (plain and plain in _plain(n))]
    raise SourceError(
        f"{table.path}: {flag}: there is no column {wanted!r}", hint=_listed(table, close[:8])
    )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _listed(table: Table, names: Sequence[str] = ()) -> str:
    """Write columns with their numbers, as headers may be whole questions."""
    shown = [
        f"#{number} {_shown(name)}"
        for number, name in enumerate(table.header, start=1)
        if not names or name in names
    ]
    more = f", and {len(shown) - 20} more" if len(shown) > 20 else ""
    return f"{'did you mean' if names else 'columns are'}: {', '.join(shown[:20])}{more}"


def _shown(name: str) -> str:
    flat = " ".join(name.split())
    return repr(flat if len(flat) <= 60 else flat[:57] + "…")


# --- rows to documents -------------------------------------------------------------------------


def read_survey(
    table: Table, profile: Profile, *, path: str, source_id: str, source_sha256: str
) -> SurveyReading:
    """Return one comment a row, in order, also for rows without an answer (empty text, no turn).

    With one text column the text is the answer; with several, each answer follows its question,
    which nobody says. The question of a lone text column is the attribute "question", unless the
    table has a column of that name among its attributes. An answer such as "n/a" or "none" stays in
    the text, where a reader sees it, but is marked as said by nobody: it is empty.

    Raises:
        SourceError: As `apply_profile`.
    """
    profile = apply_profile(table, profile)
    place = {name: index for index, name in enumerate(table.header)}
    texts = [(name, place[name]) for name in profile.text_cols]
    attributes = [(name, place[name]) for name in profile.attr_cols]
    documents: list[Document] = []
    non_answers = 0

    def filled(cell: str) -> str:
        return "" if cell.strip() == table.unshown else cell.strip()

    for row in table.rows:
        own_id = row.cells[place[profile.id_col]].strip() if profile.id_col else ""
        person = (
            row.cells[place[profile.participant_col]].strip() if profile.participant_col else ""
        )
        participant_id = person or own_id or f"{PurePath(path).stem} row {row.number}"
        answers = [(name, answer) for name, at in texts if (answer := filled(row.cells[at]))]
        non_answers += sum(is_non_answer(answer) for _, answer in answers)
        text, turns = assemble(
            [_answer(answers[0][1])]
            if len(texts) == 1 and answers
            else [
                paragraph
                for name, answer in answers
                for paragraph in (Paragraph(name, is_speech=False), _answer(answer))
            ]
        )
        properties = {name: value for name, at in attributes if (value := filled(row.cells[at]))}
        if len(texts) == 1:
            properties.setdefault("question", texts[0][0])
        documents.append(
            Document(
                id=stable_id("doc", source_sha256, path, str(row.number)),
                source_id=source_id,
                path=path,
                kind=DocumentKind.COMMENT,
                text=text,
                turns=turns,
                speakers=(Speaker(None, Role.PARTICIPANT, participant_id, guessed=False),),
                row=row.number,
                external_id=own_id or None,
                participant_id=participant_id,
                attributes=properties,
            )
        )
    problems = list(_doubts(documents, profile))
    if non_answers:
        problems.append(f'{non_answers} answer(s) such as "none" or "n/a": counted as empty')
    return SurveyReading(tuple(documents), tuple(problems))


def _answer(text: str) -> Paragraph:
    return Paragraph(text, is_speech=not is_non_answer(text))


def _doubts(documents: Sequence[Document], profile: Profile) -> Iterator[str]:
    if profile.id_col is None:
        return
    rows: dict[str | None, list[str]] = {}
    for document in documents:
        rows.setdefault(document.external_id, []).append(str(document.row))
    column = _shown(profile.id_col)
    nameless = rows.pop(None, [])
    if nameless:
        yield f"{_rows(nameless)}: nothing in the id column {column}; kept"
    doubles = [found for found in rows.values() if len(found) > 1]
    for found in doubles[:_LISTED_PROBLEMS]:
        yield f"{_rows(found)}: the same id in column {column}; kept, and counted as one person"
    if len(doubles) > _LISTED_PROBLEMS:
        yield f"and {len(doubles) - _LISTED_PROBLEMS} more ids that stand in several rows"


def _rows(numbers: Sequence[str]) -> str:
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    if len(numbers) > 10:
        return f"rows {', '.join(numbers[:9])} and {len(numbers) - 9} more"
    return f"rows {', '.join(numbers[:-1])} and {numbers[-1]}"
