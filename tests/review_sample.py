"""Events of a review by hand, and a small study to review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from qualcode.records import Coding, Judgement, Rationale, Role, Verdict
from qualcode.review_events import Action, Part, ReviewEvent
from qualcode.settings import Charter
from qualcode.workflow.code import code
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_item import item
from qualcode.workflow.review_record import record
from qualcode.workflow.review_views import Item
from qualcode.workflow.review_work import Recorded
from qualcode.workflow.study import Study, create_study
from tests.codebook_sample import BOOK, TEXT, WordCoder, survey

__all__ = [
    "BOOK",
    "FAMILIES",
    "Reviewer",
    "codes_of",
    "event",
    "heard",
    "judgement",
    "blind_ids",
    "make_study",
    "numbered",
    "open_ids",
]

FAMILIES = ("stage", "pain_point", "need")
SEGMENT = "seg_1"
START, END = 10, 50


def event(action: Action, uid: str = "", **fields: Any) -> ReviewEvent:
    """Return an event by Ada on one segment unless the fields say otherwise."""
    named = {"author": "Ada", "segment_id": SEGMENT, **fields}
    if action in (Action.ACCEPT, Action.CHANGE, Action.ADD, Action.SPAN):
        named = {"start_char": START, "end_char": END, **named}
    return ReviewEvent(uid=uid, action=action, **named)


def numbered(*events: ReviewEvent) -> list[ReviewEvent]:
    """Return events as the store would: numbered, each with a uid of its own."""
    return [
        replace(one, id=number, uid=one.uid or f"e{number}", at=f"2026-01-01T00:00:{number:02}Z")
        for number, one in enumerate(events, start=1)
    ]


def codes_of(_fingerprint: str, family: str) -> frozenset[str]:
    """Return the codes of the sample's book, whatever version is asked for."""
    return frozenset(code.id for code in BOOK.family(family))


def judgement(
    *codes: str,
    family: str = "pain_point",
    coder: str = "local:x",
    segment_id: str = SEGMENT,
    span: tuple[int, int] = (START, END),
) -> Judgement:
    """Return what a machine proposes on one segment."""
    codings = tuple(
        Coding(
            id=f"cod_{coder}_{segment_id}_{code_id}",
            document_id="doc_1",
            segment_id=segment_id,
            start_char=span[0],
            end_char=span[1],
            family=family,
            code=code_id,
            coder=coder,
            score=0.7,
            rationale=Rationale("cue", "word"),
        )
        for code_id in codes
    )
    verdict = Verdict.CODED if codings else Verdict.NONE
    return Judgement(segment_id, family, coder, verdict, codings=codings)


def make_study(folder: Path, *, n_rows: int = 80) -> Study:
    """Make a study of comments and one interview, coded by the words of its codes."""
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "book.yaml"
    book.write_text(TEXT, encoding="utf-8", newline="\n")
    (folder / "survey.csv").write_text(survey(n_rows), encoding="utf-8", newline="\n")
    talk = "\n".join(
        f"Interviewer: And then, number {n}?\nAda: The queue was slow on day {n}, really."
        for n in range(5)
    )
    (folder / "talk.txt").write_text(talk + "\n", encoding="utf-8", newline="\n")
    study = create_study(folder / "study", name="Review", charter=Charter(), codebook=book)
    options = IngestOptions(text_cols=("comment",), id_col="id", participant_col="person")
    ingest(study, [folder / "survey.csv", folder / "talk.txt"], options)
    code(study, WordCoder(study.codebook))
    return study


class Reviewer:
    """Judge as the page does: one call a key."""

    _numbers = count(1)

    def __init__(self, index: ReviewIndex, name: str, part: Part = Part.REVIEWER) -> None:
        self.index = index
        self.name = name
        self.part = part

    def send(self, action: str, segment_id: str, **fields: Any) -> Recorded:
        """Send one event and return what became of it."""
        sent = {"uid": f"{self.name}-{next(self._numbers)}", "action": action, **fields}
        (got,) = record(self.index, self.name, self.part, [{"segment_id": segment_id, **sent}])
        return got

    def mark(self, action: str, segment_id: str, family: str, code_id: str) -> Recorded:
        """Accept, reject or add a code on the whole segment."""
        segment = self.index.texts[self.index.place[segment_id]].segment
        return self.send(
            action,
            segment_id,
            family=family,
            code=code_id,
            start_char=segment.start_char,
            end_char=segment.end_char,
        )

    def done(self, segment_id: str, families: Sequence[str] = FAMILIES) -> Recorded:
        return self.send("done", segment_id, value={"families": list(families)})

    def undo(self, uid: str) -> Recorded:
        return self.send("undo", "", undoes=uid)

    def sees(self, segment_id: str) -> Item:
        return item(self.index, self.name, self.part, segment_id)

    def judge_suggestions(self, segment_id: str, action: str = "accept") -> None:
        """Give the same answer to all that is suggested, then be done."""
        for one in self.sees(segment_id).suggestions:
            self.mark(action, segment_id, one.family, one.code)
        self.done(segment_id)


def heard(index: ReviewIndex) -> list[str]:
    """Return the ids of all segments that are not an interviewer's."""
    return [t.segment.id for t in index.texts if t.segment.role is not Role.INTERVIEWER]


def blind_ids(index: ReviewIndex) -> list[str]:
    """Return the ids of segments that are reserved for judging blind, in the drawn order."""
    drawn = index.order.drawn.tolist()
    return [index.texts[at].segment.id for at in drawn if index.order.is_blind[at]]


def open_ids(index: ReviewIndex) -> list[str]:
    """Return the ids of segments with suggestions that are not of the reserved sample."""
    drawn = index.order.is_blind | index.order.is_assisted
    found = dict.fromkeys(index.suggestions.at.tolist())
    return [index.texts[at].segment.id for at in found if not drawn[at]]
