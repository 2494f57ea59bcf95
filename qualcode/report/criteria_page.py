"""Render the proof of the design criteria as one self-contained page.

It shows for each criterion what it rests on, what speaks against it and what was left out, and how
their number was chosen. It needs no script; quotes open with the browser's own means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualcode.codebook import Codebook
from qualcode.draft import Draft
from qualcode.records import Corpus
from qualcode.report.criteria_view import CriteriaView
from qualcode.report.page import fill_page

__all__ = ["render_criteria"]


def render_criteria(
    draft: Draft,
    corpus: Corpus,
    codebook: Codebook,
    *,
    title: str,
    participants: Mapping[str, Mapping[str, str]],
    stamps: Sequence[str] = (),
    map_file: str = "",
) -> str:
    """Return the page as HTML.

    Each criterion has a section whose id is that of the criterion; its heading is also reached as
    `#criterion-1` and so on.

    Args:
        draft: The criteria, with the stages of the map and what people wrote.
        corpus: The study that the draft was made from; quotes are cut from its documents.
        codebook: Names of codes.
        title: Of the study.
        participants: Participant id to attributes; `persona` is shown and counted.
        stamps: Warnings in the head, such as "names were not masked".
        map_file: Name of the map's file beside it, empty for none.

    Raises:
        QualcodeError: A quote of the draft is not within a coding of the study.
    """
    return fill_page(
        "criteria.html.j2",
        styles=("base.css", "criteria.css"),
        **CriteriaView(draft, corpus, codebook, participants).context(),
        title=title,
        stamps=tuple(stamps),
        map_file=map_file,
    )
