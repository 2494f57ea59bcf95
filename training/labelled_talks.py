"""The interviews and comments of `training/interviews`, written and labelled for this project.

Nobody said what stands there: language models wrote it to a brief, and labelled what they wrote
with the default codebook, the talk around each segment in view.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from evals.local_coder import Labelled
from qualcode.coders.base import Task
from qualcode.records import Document, DocumentKind, Role, Segment, Speaker, Turn, stable_id

__all__ = ["FAMILIES", "talk_names", "talks_of"]

TALKS_DIR = Path(__file__).resolve().parent / "interviews"
FAMILIES = ("stage", "emotion", "pain_point", "need")
_INTERVIEWER, _COMMENT = "Q", "C"


def talk_names(series: str) -> list[str]:
    """Return the names of all files of some series, such as "a" or "abd", in their order."""
    return sorted(path.stem for path in TALKS_DIR.glob("*.csv") if path.stem[0] in series)


def talks_of(name: str) -> tuple[list[Task], list[Labelled]]:
    """Return a file as the coder gets it: one interview, or comments that stand alone.

    Every segment of a participant has a set of labels for each of `FAMILIES`; "?" in it stands for
    a pain point or need that no code fits.
    """
    with (TALKS_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if all(row["speaker"] == _COMMENT for row in rows):
        parts = [_document(f"{name}:{at}", [row]) for at, row in enumerate(rows)]
    else:
        parts = [_document(name, rows)]
    return [task for task, _ in parts], [one for _, labelled in parts for one in labelled]


def _document(name: str, rows: Sequence[Mapping[str, str]]) -> tuple[Task, list[Labelled]]:
    document_id = stable_id("doc", "talks", name)
    text = ""
    turns: list[Turn] = []
    segments: list[Segment] = []
    labelled: list[Labelled] = []
    for _, said in groupby(rows, key=lambda row: (row["turn"], row["speaker"])):
        text += "\n" if text else ""
        start = len(text)
        for row in said:
            text += " " if len(text) > start else ""
            is_question = row["speaker"] == _INTERVIEWER
            segment = Segment(
                id=stable_id("seg", document_id, str(len(segments))),
                document_id=document_id,
                index=len(segments),
                turn_index=len(turns),
                start_char=len(text),
                end_char=len(text) + len(row["text"]),
                role=Role.INTERVIEWER if is_question else Role.PARTICIPANT,
                participant_id=None if is_question else f"{name}:{row['speaker']}",
            )
            text += row["text"]
            segments.append(segment)
            if not is_question:
                labels = {
                    family: frozenset(filter(None, row[family].split(";"))) for family in FAMILIES
                }
                labelled.append(Labelled(segment, labels))
        turns.append(Turn(len(turns), start, len(text), row["speaker"]))
    voices = dict.fromkeys(row["speaker"] for row in rows)
    document = Document(
        id=document_id,
        source_id="talks",
        path=name,
        kind=DocumentKind.COMMENT if _COMMENT in voices else DocumentKind.INTERVIEW,
        text=text,
        turns=tuple(turns),
        speakers=tuple(
            Speaker(
                voice,
                Role.INTERVIEWER if voice == _INTERVIEWER else Role.PARTICIPANT,
                None if voice == _INTERVIEWER else f"{name}:{voice}",
            )
            for voice in voices
        ),
    )
    return Task(document, tuple(segments)), labelled
