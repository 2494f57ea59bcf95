"""Decide what of the map a person may see before he or she has judged its segments.

Kept back are quotes on segments that are still to be judged without suggestions, and other people's
codings on segments that the person has not judged; a model's draft that quotes such words is, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.analysis.reviewed import human_coder
from qualcode.draft import Quote, Summary
from qualcode.records import Corpus
from qualcode.review_events import Part

if TYPE_CHECKING:
    from qualcode.workflow.review_index import ReviewIndex

__all__ = ["Sight", "Visible", "sight_of"]

_HUMAN = human_coder("")


@dataclass(frozen=True, slots=True)
class Sight:
    """Hold what is kept back from one person.

    Attributes:
        blind: Segments to be judged without suggestions first.
        unjudged: Segments that others judged and this person did not.
    """

    reviewer: str
    blind: frozenset[str] = frozenset()
    unjudged: frozenset[str] = frozenset()


def sight_of(index: ReviewIndex, reviewer: str, part: Part) -> Sight:
    """Return what is kept back from a person now, by the rules of the review's items."""
    index.renew()
    if part is Part.ADJUDICATOR:
        return Sight(reviewer)
    is_done, seen = index.people.done(reviewer), index.people.seen[reviewer]
    ids = [text.segment.id for text in index.texts]
    return Sight(
        reviewer,
        frozenset(ids[at] for at in index.order.is_blind.nonzero()[0].tolist() if at not in seen),
        frozenset(ids[at] for at in index.people.held if not is_done[at]),
    )


class Visible:
    """Say what of a draft each person may see.

    Args:
        corpus: What the draft was made of.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._codings = {c.id: (c.segment_id, c.coder) for c in corpus.codings()}

    def quotes(self, quotes: Sequence[Quote], sight: Sight) -> tuple[list[Quote], int]:
        """Return the quotes that a person may see, and how many are kept back."""
        shown = [quote for quote in quotes if self.is_quote(quote, sight)]
        return shown, len(quotes) - len(shown)

    def is_quote(self, quote: Quote, sight: Sight) -> bool:
        """Say whether a person may see a quote."""
        _, coder = self._codings.get(quote.coding_id, ("", ""))
        return _may_see(quote.segment_id, coder, sight)

    def is_summary(self, summary: Summary, sight: Sight) -> bool:
        """Say whether a person may see a summary: a draft may quote what is kept back."""
        if summary.status != "draft" or "“" not in summary.text:
            return True
        behind = [self._codings.get(coding, ("", "")) for coding in summary.codings]
        return all(_may_see(segment, coder, sight) for segment, coder in behind)


def _may_see(segment_id: str, coder: str, sight: Sight) -> bool:
    if segment_id in sight.blind:
        return False
    is_others = coder.startswith(_HUMAN) and coder != human_coder(sight.reviewer)
    return not (is_others and segment_id in sight.unjudged)
