"""The drawn order as arrays over segment numbers: what is reserved, and in which arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from qualcode.store.draws import BLIND
from qualcode.workflow.review_sample import draw, order_keys, reserved_share
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from qualcode.store.segment_texts import SegmentText

__all__ = ["DrawnOrder"]


class DrawnOrder:
    """Hold the reserved beginning of the drawn order.

    Attributes:
        drawn: Numbers of the reserved segments, in the order of judging.
        is_blind: By segment number, whether it is reserved for judging without suggestions.
        is_assisted: Whether it is reserved for judging with them.
        runs: Of each stratum, the numbers of its blind segments in the order of their places.
        n_segments: Segments that the sample was drawn from.

    Args:
        place: Segment id to number, of those that may be judged.
        texts: All segments; a segment's number is its place here.
    """

    def __init__(
        self, study: Study, place: Mapping[str, int], texts: Sequence[SegmentText]
    ) -> None:
        import numpy as np

        n = len(texts)
        known = draw(study, texts)
        share = reserved_share(study)
        keyed = []
        runs: dict[str, list[int]] = {}
        self.is_blind: NDArray[np.bool_] = np.zeros(n, bool)
        self.is_assisted: NDArray[np.bool_] = np.zeros(n, bool)
        self.n_segments = 0
        for one, key in zip(known, order_keys(study, known), strict=True):
            at = place.get(one.segment_id)
            if at is None:
                continue
            self.n_segments += 1
            if key > share(one.stratum):
                continue
            keyed.append((key, one.stratum, at))
            if one.arm == BLIND:
                self.is_blind[at] = True
                runs.setdefault(one.stratum, []).append(at)
            else:
                self.is_assisted[at] = True
        self.drawn: NDArray[np.int32] = np.array([at for *_, at in sorted(keyed)], np.int32)
        self.runs = tuple(runs.values())
