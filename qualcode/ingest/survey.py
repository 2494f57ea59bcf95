"""Turn a survey's rows into documents, by a profile of its columns."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from qualcode.errors import SourceError
from qualcode.ingest.columns import Profile
from qualcode.ingest.reading import Paragraph, assemble
from qualcode.ingest.table import Table
from qualcode.records import Document, DocumentKind, Role, Speaker, stable_id

__all__ = ["SurveyReading", "apply_profile", "read_survey"]

_LISTED_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class SurveyReading:
    """Hold one document a row, in the order of the table, and what a person should look at."""

    documents: tuple[Document, ...]
    problems: tuple[str, ...] = ()


# --- profile -----------------------------------------------------------------------------------


def apply_profile(table: Table, profile: Profile) -> Profile:
    """Return the profile with every column by its header, exactly as the table writes it.

    A column may be named by its header, without regard to case and white space where that leaves
    one, or by its number: `#3`. What is named as text is neither id nor attribute.

    Raises:
        SourceError: A column is not there, two could be meant, or no column is named as text.
    """
    texts = tuple(dict.fromkeys(_find(table, n, "--text-col") for n in profile.text_cols))
    if not texts:
        raise SourceError(
            f"{table.path}: no column of open answers was found",
            hint=f"name it: --text-col; {_listed(table)}",
        )
    attributes = dict.fromkeys(_find(table, name, "--attr") for name in profile.attr_cols)
    id_col = _find(table, profile.id_col, "--id-col") if profile.id_col else None
    person = profile.participant_col
    return Profile(
        id_col if id_col not in texts else None,
        texts,
        tuple(name for name in attributes if name not in texts),
        _find(table, person, "--participant-col") if person else None,
    )


def _find(table: Table, wanted: str, flag: str) -> str:
    if wanted in table.header:
        return wanted
    plain = _plain(wanted)
    alike = [name for name in table.header if _plain(name) == plain]
    if len(alike) == 1:
        return alike[0]
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
    table has a column of that name among its attributes.

    Raises:
        SourceError: As `apply_profile`.
    """
    profile = apply_profile(table, profile)
    place = {name: index for index, name in enumerate(table.header)}
    texts = [(name, place[name]) for name in profile.text_cols]
    attributes = [(name, place[name]) for name in profile.attr_cols]
    documents: list[Document] = []
    for row in table.rows:
        own_id = row.cells[place[profile.id_col]].strip() if profile.id_col else ""
        person = (
            row.cells[place[profile.participant_col]].strip() if profile.participant_col else ""
        )
        participant_id = person or own_id or f"{PurePath(path).stem} row {row.number}"
        answers = [(name, answer) for name, at in texts if (answer := row.cells[at].strip())]
        text, turns = assemble(
            [Paragraph(answers[0][1])]
            if len(texts) == 1 and answers
            else [
                paragraph
                for name, answer in answers
                for paragraph in (Paragraph(name, is_speech=False), Paragraph(answer))
            ]
        )
        properties = {name: value for name, at in attributes if (value := row.cells[at].strip())}
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
    return SurveyReading(tuple(documents), tuple(_doubts(documents, profile)))


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
