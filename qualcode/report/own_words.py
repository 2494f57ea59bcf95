"""The sentence that says a criterion in customers' own words, where it may be shown."""

from __future__ import annotations

from collections.abc import Container

from qualcode.draft import DesignCriterion, Quote

__all__ = ["shown_words"]


def shown_words(criterion: DesignCriterion, hidden: Container[str]) -> Quote | None:
    """Return the sentence in customers' own words, None where people hid or moved it away.

    Args:
        hidden: Ids of codings whose quotes people hid.
    """
    own = criterion.in_their_words
    if own is None or own.coding_id in hidden:
        return None
    return own if own.segment_id in criterion.segments else None
