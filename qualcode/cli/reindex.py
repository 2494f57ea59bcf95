"""qualcode reindex: build the search index anew."""

from __future__ import annotations

from dataclasses import asdict

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, say, shown_progress

__all__ = ["reindex"]


def reindex(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Build the search index anew.

    Embeds what has no vector yet. Search does not need the index: it compares all vectors exactly,
    which is quick up to some hundred thousand texts. Beyond that it uses the index, checks it
    each time, and builds it again when texts have changed.
    """
    from qualcode.workflow.index import reindex as build

    with open_study(study) as opened, shown_progress() as progress:
        done = build(opened, progress)
    if as_json:
        print_json({**asdict(done), "seconds": round(done.seconds, 2)})
        return
    print(
        f"{done.n_rows} texts in the index ({done.n_embedded} embedded now), "
        f"{done.n_bytes / 1e6:.1f} MB, {done.seconds:.1f} seconds"
    )
    say('\nNext: qualcode search "words or meaning"')
