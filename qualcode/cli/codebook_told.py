"""How commands tell what a change of the codebook touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qualcode.cli.common import print_json, say

if TYPE_CHECKING:
    from qualcode.codebook.changes import Difference, Touched
    from qualcode.workflow.codebook_apply import Changed

__all__ = ["counts_as_json", "difference_as_json", "difference_line", "tell_change"]


def counts_as_json(counts: Touched) -> dict[str, int]:
    """Return counts as every listing names them."""
    return {
        "codings": counts.n_codings,
        "segments": counts.n_segments,
        "people": counts.n_people,
    }


def difference_as_json(difference: Difference, touched: Touched) -> dict[str, Any]:
    """Return the same as data."""
    return {
        "code": difference.code,
        "name": difference.name,
        "family": difference.family,
        "changes": [
            {"kind": c.kind, "text": c.text, "before": c.before, "after": c.after}
            for c in difference.changes
        ],
        **counts_as_json(touched),
    }


def difference_line(difference: Difference, touched: Touched) -> str:
    """Return what changed in one code, with the codings that it touches."""
    return f"{difference.code}: {difference.text}  ({touched.text})"


def tell_change(changed: Changed, *, as_json: bool) -> None:
    """Print what a change touches, and what comes next."""
    from qualcode.codebook import family_name

    decision = changed.decision
    if as_json:
        print_json(
            {
                "action": changed.action,
                "code": changed.target,
                "is_done": decision is not None,
                "decision": decision.id if decision is not None else None,
                "by": decision.author if decision is not None else None,
                "touched": counts_as_json(changed.touched),
                "judged_again": dict(changed.judged_again),
                "codes": [
                    difference_as_json(difference, touched)
                    for difference, touched in zip(changed.differences, changed.each, strict=True)
                ],
            }
        )
        return
    for difference, touched in zip(changed.differences, changed.each, strict=True):
        print(difference_line(difference, touched))
    if not changed.differences and decision is None:
        say("Nothing differs.")
        return
    if not changed.differences:
        say("The codes stay as they are.")
    else:
        say(f"\nTouched: {changed.touched.text}.")
    if changed.judged_again:
        counts = [f"{n:,} in {family_name(f)}" for f, n in changed.judged_again.items()]
        say(f"The next qualcode code judges segments again: {', '.join(counts)}.")
    else:
        say("No segment is judged again.")
    if decision is None:
        say("Nothing was changed.")
    elif decision.undoes is not None:
        say(f"Decision {decision.id} by {decision.author} takes decision {decision.undoes} back.")
    else:
        say(f"Decision {decision.id} by {decision.author}; qualcode codebook undo takes it back.")
