"""Read a model's whole reply about segments, and make judgements of its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from qualcode.codebook import Codebook
from qualcode.coders.llm.coding_checks import ItemReader, Refused, Swapped, cover
from qualcode.coders.llm.coding_units import Shown
from qualcode.coders.llm.steps import Reading, Unit, firsts_of
from qualcode.coders.llm.strict import Problem, Strict, strict_json, unfit
from qualcode.locate import Tier
from qualcode.records import Coding, Judgement, Rationale, Verdict, stable_id
from qualcode.spans import Span

__all__ = ["judgements_of", "read_reply", "reply_of", "unprocessed"]

UNSURE = "the model could not tell whether a code applies"


class _Reply(Strict):
    items: list[dict[str, Any]]


def read_reply(
    units: Sequence[Unit], text: str, codes: Mapping[str, str], names: frozenset[str]
) -> Reading:
    """Check a reply about some units; their items are "s1", "s2" and so on.

    Ids that are invented or repeated, and sentences of another item, make the whole reply
    useless: nothing tells any more which answer is whose. What is wrong within an item costs that
    item alone.

    Args:
        units: As they were asked about, in order.
        text: The reply.
        codes: Code to family: all that may be named.
        names: What codes and families are called, in lower case.
    """
    value = strict_json(text)
    if isinstance(value, Problem):
        return Reading(whole=value.reason)
    try:
        items = _Reply.model_validate(value).items
    except ValidationError as error:
        return Reading(whole=unfit(error, "the reply", _Reply))
    asked = {f"s{at}": unit for at, unit in enumerate(units, start=1)}
    ids = [item.get("id") for item in items]
    if not all(isinstance(one, str) for one in ids):
        return Reading(whole="an item of the reply has no id")
    if set(ids) - set(asked):
        return Reading(whole="the reply has an item that was not asked about")
    if len(set(ids)) < len(ids):
        return Reading(whole="an item stands twice in the reply")
    n_sentences = [len(unit.subject.sentences) for unit in units]
    firsts = dict(zip(asked, firsts_of(n_sentences), strict=True))
    last = sum(n_sentences)
    good: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for item in items:
        unit = asked[item["id"]]
        reader = ItemReader(unit.subject, firsts[item["id"]], last, codes, names)
        try:
            good[unit.id] = reader.answer(item)
        except Refused as wrong:
            refused[unit.id] = str(wrong)
        except Swapped:
            return Reading(whole="an item of the reply names sentences of another item")
    return Reading(good, refused)


def reply_of(unit: Unit, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reply about one unit that says what an answer does.

    In an answer that somebody wrote by hand "words" may be text, and what is null may lack.
    """
    shown: Shown = unit.subject
    codings: list[dict[str, Any]] = []
    for coding in answer.get("codings", ()):
        told = {"words": None, "intensity": None} | dict(coding)
        told.pop("tier", None)
        words = told["words"]
        if not isinstance(words, list):
            codings.append(told)
            continue
        parts = [shown.text[start:end] for start, end in words]
        if coding.get("tier") == Tier.ELLIPSIS:
            parts = [" ... ".join(parts)]
        # A code that was given twice is one coding with several stretches.
        codings += [told | {"words": part} for part in parts or [None]]
    return {"items": [{"id": "s1", "codings": codings, "unsure": list(answer.get("unsure", ()))}]}


def judgements_of(
    unit: Unit, answer: Mapping[str, Any], families: Sequence[str], coder: str, book: Codebook
) -> tuple[Judgement, ...]:
    """Return one judgement a family from a checked answer.

    Args:
        unit: What was asked about.
        answer: As `CodingStep.read` gave it.
        families: Those that were asked about.
        coder: Its name in codings.
        book: Has every code of the answer.

    Raises:
        CodebookError: It has not.
    """
    segment_id = unit.subject.segment.id
    codings = [_made(unit.subject, coding, coder, book) for coding in answer["codings"]]
    judgements: list[Judgement] = []
    for family in families:
        own = tuple(coding for coding in codings if coding.family == family)
        if own:
            judgements.append(Judgement(segment_id, family, coder, Verdict.CODED, "", own))
        elif family in answer["unsure"]:
            judgements.append(Judgement(segment_id, family, coder, Verdict.ABSTAINED, UNSURE))
        else:
            judgements.append(Judgement(segment_id, family, coder, Verdict.NONE))
    return tuple(judgements)


def unprocessed(
    unit: Unit, families: Sequence[str], coder: str, reason: str
) -> tuple[Judgement, ...]:
    """Return one judgement a family that says why there is no answer."""
    return tuple(
        Judgement(unit.subject.segment.id, family, coder, Verdict.UNPROCESSED, reason)
        for family in families
    )


def _made(shown: Shown, coding: Mapping[str, Any], coder: str, book: Codebook) -> Coding:
    code = book.code(coding["code"])
    segment = shown.segment
    span = shown.place(cover(shown, coding["sentences"]))
    note: str = coding["why"]
    if shown.suspicion:
        note = f"{note} (To be checked: the segment {shown.suspicion}.)"
    start, end = span.start_char - segment.start_char, span.end_char - segment.start_char
    return Coding(
        # Offsets in the segment: a name masked elsewhere later leaves the id as it is.
        id=stable_id("cod", segment.id, code.family, code.id, coder, str(start), str(end)),
        document_id=segment.document_id,
        segment_id=segment.id,
        start_char=span.start_char,
        end_char=span.end_char,
        family=code.family,
        code=code.id,
        coder=coder,
        score=coding["confidence"],
        rationale=Rationale(
            basis="model",
            reference="",
            words=tuple(shown.place(Span(*word)) for word in coding["words"]),
            note=note,
        ),
        intensity=coding["intensity"],
        valence=code.valence,
    )
