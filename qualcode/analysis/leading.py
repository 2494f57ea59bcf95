"""Of several machines that judged the same, the one whose word the draft takes.

A language model goes before the embedded coder, the one that judged last before older ones. What
a machine could not process leaves the place to the next. Nothing is merged or counted twice:
whoever wants to compare coders reads all of them (`qualcode agree`).
"""

from __future__ import annotations

from collections.abc import Sequence

from qualcode.records import Judgement, Verdict

__all__ = ["leading"]

_MODEL = "llm:"


def leading(judgements: Sequence[Judgement], coders: Sequence[str]) -> tuple[Judgement, ...]:
    """Return one judgement for each segment and family, in the order in which they stand.

    Args:
        judgements: Machines'.
        coders: Their names; who judged last comes first.
    """
    if len(coders) < 2:
        return tuple(judgements)
    ranked = sorted(coders, key=lambda coder: not coder.startswith(_MODEL))
    rank = {coder: at for at, coder in enumerate(ranked)}
    best: dict[tuple[str, str], tuple[bool, int]] = {}
    for one in judgements:
        place = (one.segment_id, one.family)
        standing = (one.verdict is Verdict.UNPROCESSED, rank[one.coder])
        best[place] = min(best.get(place, standing), standing)
    return tuple(
        one for one in judgements if best[one.segment_id, one.family][1] == rank[one.coder]
    )
