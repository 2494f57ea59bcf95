"""Orders of segments, by number, as queues take them: the same for everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from qualcode.errors import UsageError
from qualcode.records import Role
from qualcode.workflow.review_index import ReviewIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int32]

__all__ = [
    "disagreed",
    "everything",
    "named",
    "numbers",
    "of_code",
    "of_persona",
    "of_source",
    "on_map",
    "personas",
    "uncertain",
]

_QUOTES_A_FINDING = 3
_PERSONA = "persona"


def personas(index: ReviewIndex) -> Mapping[str, tuple[str, Numbers]]:
    """Return each persona, in lower case, as it is written and the segments of its people."""

    def found() -> Mapping[str, tuple[str, Numbers]]:
        repository = index.study.repository
        people = repository.people.participants()
        documents = repository.segment_texts.document_attributes()
        by_persona: dict[str, tuple[str, list[int]]] = {}
        for at, text in enumerate(index.texts):
            if text.segment.role is not Role.PARTICIPANT:
                continue
            attributes = documents[text.segment.document_id]
            attributes = {**attributes, **people.get(text.segment.participant_id or "", {})}
            named = (v.strip() for k, v in attributes.items() if k.casefold() == _PERSONA)
            if persona := next(named, ""):
                by_persona.setdefault(persona.casefold(), (persona, []))[1].append(at)
        return {key: (name, numbers(some)) for key, (name, some) in by_persona.items()}

    return index.kept("personas", found)


def numbers(found: list[int]) -> Numbers:
    import numpy as np

    return np.array(found, np.int32)


def everything(index: ReviewIndex) -> Numbers:
    import numpy as np

    return np.flatnonzero(index.is_heard).astype(np.int32)


def _ordered(index: ReviewIndex, name: str, make: Callable[[], Numbers]) -> Numbers:
    """Return an order that follows from suggestions alone, from memory where they are the same."""
    if name not in index.orders:
        index.orders[name] = make()
    return index.orders[name]


def uncertain(index: ReviewIndex) -> Numbers:
    import numpy as np

    def made() -> Numbers:
        suggestions = index.suggestions
        nearest = np.full(len(index.texts), np.inf, np.float32)
        np.minimum.at(nearest, suggestions.at, np.abs(suggestions.score - 0.5))
        order = np.argsort(nearest, kind="stable")
        return order[np.isfinite(nearest[order])].astype(np.int32)

    return _ordered(index, "uncertain", made)


def disagreed(index: ReviewIndex) -> Numbers:
    import numpy as np

    def made() -> Numbers:
        overview = index.study.repository.review_overview
        coders = overview.coders()
        judged = {f: overview.judged_for(f) for f, names in coders.items() if len(names) > 1}
        counted = index.suggestions.disagreements(coders, judged)
        order = np.argsort(-counted, kind="stable")
        return order[counted[order] > 0].astype(np.int32)

    return _ordered(index, "disagreed", made)


def of_code(index: ReviewIndex, family: str, code: str) -> Numbers:
    import numpy as np

    def made() -> Numbers:
        suggestions = index.suggestions
        number = suggestions.number(family, code)
        own = np.flatnonzero(suggestions.code == (-1 if number is None else number))
        order = np.argsort(np.abs(suggestions.score[own] - 0.5), kind="stable")
        at: Numbers = suggestions.at[own[order]]
        return at

    return _ordered(index, f"code:{code}", made)


def on_map(index: ReviewIndex) -> Numbers:
    """Return what the map and the criteria show; drafting them takes as long as `qualcode map`."""

    def made() -> Numbers:
        from qualcode.workflow.draft import draft

        drafted = draft(index.study).draft
        shown: list[str] = []
        for criterion in drafted.criteria.criteria:
            own = criterion.in_their_words
            shown += [quote.segment_id for quote in ((own,) if own else ()) + criterion.quotes]
        for stage in drafted.map.stages:
            for quotes in (stage.doing, stage.thinking, stage.quotes):
                shown += [quote.segment_id for quote in quotes[:_QUOTES_A_FINDING]]
        for cell in drafted.map.cells.values():
            for finding in cell.findings:
                shown += [quote.segment_id for quote in finding.quotes[:_QUOTES_A_FINDING]]
        known = (index.place.get(segment_id) for segment_id in dict.fromkeys(shown))
        return numbers([at for at in known if at is not None])

    return _ordered(index, "on_map", made)


def of_source(index: ReviewIndex, asked: str) -> tuple[str, Numbers]:
    for source in index.study.repository.sources.all():
        if asked in (source.id, source.path):
            of, heard = index.sources, index.is_heard
            own = [
                at
                for at, text in enumerate(index.texts)
                if heard[at] and of[text.segment.document_id] == source.id
            ]
            return source.path, numbers(own)
    raise UsageError(f"the study has no source {asked!r}", hint="the start page lists them")


def of_persona(index: ReviewIndex, asked: str) -> tuple[str, Numbers]:
    known = personas(index)
    if asked.strip().casefold() not in known:
        names = ", ".join(name for name, _ in known.values())
        raise UsageError(f"the study has no persona {asked!r}", hint=f"it has: {names}")
    return known[asked.strip().casefold()]


def named(index: ReviewIndex, asked: str) -> Numbers:
    ids = [segment_id.strip() for segment_id in asked.split(",") if segment_id.strip()]
    return numbers([index.number(segment_id) for segment_id in dict.fromkeys(ids)])
