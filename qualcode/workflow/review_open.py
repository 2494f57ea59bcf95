"""Which queues there are, and what each holds for a person.

A queue that chooses by suggestions leaves out the reserved part of the random sample: that a blind
item stands in it would tell what was suggested. These come interleaved (`review_queue`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.errors import UsageError
from qualcode.review_events import Part
from qualcode.workflow import review_orders as orders
from qualcode.workflow.review_filter import BulkFilter, left_to_judge, title_of
from qualcode.workflow.review_index import ReviewIndex
from qualcode.workflow.review_sample import next_drawn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int32]
    Flags = NDArray[np.bool_]

__all__ = ["QUEUES", "Kind", "Opened", "code_counts", "open_queue"]


@dataclass(frozen=True, slots=True)
class Kind:
    """Describe a kind of queue.

    Attributes:
        is_interleaved: Whether items of the random sample come in between.
        is_shared: Whether a segment goes to as many people as judge one segment; otherwise
            anybody who opens the queue gets it.
        takes: What stands behind the colon of its id, empty where nothing does.
    """

    name: str
    sentence: str
    is_interleaved: bool = True
    is_shared: bool = True
    takes: str = ""


QUEUES: Mapping[str, Kind] = {
    "new": Kind("Everything in order", "All that is not judged yet, in the order of the sources."),
    "uncertain": Kind(
        "Most uncertain", "Suggestions that could as well be wrong as right come first."
    ),
    "disagreed": Kind(
        "Disagreed",
        "Machines differ on a code, or somebody judged otherwise than you did.",
        is_shared=False,
    ),
    "on_map": Kind("On the map", "What the map's cells and the design criteria quote."),
    "random": Kind(
        "Random check",
        "The random sample that agreement and estimates rest on.",
        is_interleaved=False,
    ),
    "flagged": Kind(
        "Flagged", "What you or others have flagged.", is_interleaved=False, is_shared=False
    ),
    "code": Kind("One code", "What is suggested under one code, most uncertain first.", takes="id"),
    "source": Kind("One source", "One interview or survey, in its order.", takes="id"),
    "persona": Kind("One persona", "What people of one persona said.", takes="name"),
    "segments": Kind(
        "Chosen segments", "Segments found by a search.", False, False, takes="ids, with commas"
    ),
    "bulk": Kind(
        "Random ones of a filter",
        "To be judged before the rest is accepted at once.",
        False,
        False,
        takes="filter",
    ),
    "contested": Kind(
        "Contested", "People judged otherwise than each other; for the adjudicator.", False
    ),
}
"""Queue id, or what stands before its colon, to what it is."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Hold a queue as it is for one person now: its title and the numbers of its segments."""

    kind: Kind
    title: str
    segments: Numbers


def open_queue(
    index: ReviewIndex, reviewer: str, queue: str, *, part: Part = Part.REVIEWER, overlap: int = 1
) -> Opened:
    """Return what a queue holds for a person, in the order of judging.

    Raises:
        UsageError: There is no such queue, code, source, persona or segment.
    """
    name, _, argument = queue.partition(":")
    kind = QUEUES.get(name)
    if kind is None or bool(kind.takes) != bool(argument):
        known = ", ".join(f"{k}:{v.takes.upper()}" if v.takes else k for k, v in QUEUES.items())
        raise UsageError(f"there is no queue {queue!r}", hint=f"there are: {known}")
    if (part is Part.ADJUDICATOR) != (name == "contested") and name not in ("segments", "flagged"):
        raise UsageError(f"the queue {name!r} is not for the {part.value}")
    asked = _Asked(index, reviewer, overlap)
    title = kind.name
    match name:
        case "new":
            found = asked.open(orders.everything(index))
        case "uncertain":
            found = asked.chosen(orders.uncertain(index))
        case "disagreed":
            found = _joined(asked.contradicted(), asked.chosen(orders.disagreed(index)))
        case "on_map":
            found = asked.chosen(orders.on_map(index))
        case "random":
            found = orders.numbers(
                next_drawn(index, reviewer, len(index.order.drawn), overlap=overlap)
            )
        case "flagged":
            found = asked.flagged()
        case "code":
            code = index.book.code(argument)
            title = f"{kind.name}: {code.name}"
            found = asked.unsaid(code.family, code.id)
        case "source":
            path, segments = orders.of_source(index, argument)
            title, found = path, asked.open(segments)
        case "persona":
            persona, segments = orders.of_persona(index, argument)
            title, found = f"{kind.name}: {persona}", asked.open(segments)
        case "segments":
            found = orders.named(index, argument)
        case "bulk":
            asked_for = BulkFilter.of(argument)
            title = f"{kind.name}: {title_of(index, asked_for)}"
            found = left_to_judge(index, reviewer, asked_for)
        case _:
            found = orders.numbers(sorted(index.contested))
    return Opened(kind, title, found)


class _Asked:
    """Hold who asks, and what is open to that person."""

    def __init__(self, index: ReviewIndex, reviewer: str, overlap: int) -> None:
        self._index = index
        self._reviewer = reviewer
        self._open = index.open_to(reviewer, overlap=overlap)

    def open(self, order: Numbers) -> Numbers:
        return order[self._open[order]]

    def chosen(self, order: Numbers) -> Numbers:
        """Return what is open of an order that tells what was suggested."""
        drawn = self._index.order
        return order[(self._open & ~drawn.is_blind & ~drawn.is_assisted)[order]]

    def flagged(self) -> Numbers:
        """Return what the person flagged, and what others did and the person is not done with."""
        flagged = self._index.people.flagged
        own = flagged.get(self._reviewer, set())
        done = self._index.people.done(self._reviewer)
        others = {
            at
            for by, some in flagged.items()
            if by != self._reviewer
            for at in some
            if not done[at]
        }
        heard = self._index.is_heard
        return orders.numbers(sorted(at for at in own | others if heard[at]))

    def contradicted(self) -> Numbers:
        """Return where somebody disagreed with the person after his or her last word."""
        index, people = self._index, self._index.people
        found = []
        for at in sorted(index.contested):
            is_own = people.is_done(self._reviewer, at)
            if not is_own or index.is_blind(self._reviewer, Part.REVIEWER, at):
                continue
            authors = {author for author, _ in people.held[at]} - {self._reviewer}
            newest = max((people.last[author, at] for author in authors), default=0)
            if newest > people.last[self._reviewer, at]:
                found.append(at)
        return orders.numbers(found)

    def unsaid(self, family: str, code: str) -> Numbers:
        """Return segments with a suggestion of the code that the person did not answer.

        Also where he or she was done before the book had the code.
        """
        index, people = self._index, self._index.people
        order = self.chosen(orders.of_code(index, family, code))
        held = people.held

        def is_unsaid(at: int) -> bool:
            own = held.get(at, {}).get((self._reviewer, Part.REVIEWER))
            return own is None or own.applies(family, code) is None

        again = orders.of_code(index, family, code)
        again = again[people.done(self._reviewer)[again]]
        known = [
            at for at in again.tolist() if not index.is_blind(self._reviewer, Part.REVIEWER, at)
        ]
        return orders.numbers([at for at in (*order.tolist(), *known) if is_unsaid(at)])


def code_counts(index: ReviewIndex, reviewer: str, *, overlap: int = 1) -> Mapping[str, int]:
    """Return code id to the segments with a suggestion of it that are open to the person."""
    import numpy as np

    drawn, suggestions = index.order, index.suggestions
    open_to = index.open_to(reviewer, overlap=overlap) & ~drawn.is_blind & ~drawn.is_assisted
    counted = np.bincount(
        suggestions.code[open_to[suggestions.at]], minlength=len(suggestions.codes)
    )
    numbered = zip(suggestions.codes, counted.tolist(), strict=True)
    return {code: n for (_, code), n in numbered}


def _joined(first: Numbers, then: Numbers) -> Numbers:
    return orders.numbers(list(dict.fromkeys([*first.tolist(), *then.tolist()])))
