"""qualcode criteria: show the draft design criteria, or write their proof page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, say

if TYPE_CHECKING:
    from qualcode.draft import DesignCriterion, Quote
    from qualcode.workflow.draft import Drafted

__all__ = ["criteria"]

_QUOTES_SHOWN = 3
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def criteria(
    study: StudyOption = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the proof page too, such as criteria.html."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the draft design criteria.

    What people need is clustered into three or four. A criterion rests on at least three
    participants; where the data does not carry three clusters there are none, with the reason.
    --out writes a page with the proof: people, stages, quotes, counter-evidence, what was left out
    and how the number was chosen.
    """
    from qualcode.workflow.criteria import write_criteria
    from qualcode.workflow.draft import draft
    from qualcode.workflow.export import is_masked

    with open_study(study) as opened:
        masked = is_masked(opened)
        drafted = draft(opened)
        if out is not None:
            write_criteria(opened, out, drafted=drafted)
    if not masked:
        say("Names were not masked in this study.")
    if as_json:
        print_json(_record(drafted))
    else:
        _print(drafted)
    if out is not None:
        say(f"The proof page is here: {out}")


def _record(drafted: Drafted) -> dict[str, Any]:
    from qualcode.report.own_words import shown_words

    found = drafted.draft.criteria
    hidden = drafted.draft.edits.hidden
    cut = _Cut(drafted)
    return {
        "reason": found.reason,
        "choice": found.choice,
        "figures": dict(found.figures),
        "criteria": [
            {
                "id": c.id,
                "statement": c.statement,
                "status": c.status,
                "author": c.author,
                "basis": c.basis,
                "note": c.note,
                "in_their_words": None
                if c.in_their_words is None
                else cut.record(c.in_their_words),
                "stability": c.stability,
                "participants": list(c.participants),
                "segments": c.n_segments,
                "segment_ids": list(c.segments),
                "stages": dict(c.stages),
                "personas": dict(c.personas),
                "needs": list(c.needs),
                "codes": dict(c.codes),
                "terms": list(c.terms),
                "quotes": [cut.record(quote) for quote in c.quotes],
                "counter_evidence": [cut.record(quote) for quote in c.counter_evidence],
                "n_counter_evidence": c.n_counter_evidence,
                "left_out": [cut.record(quote) for quote in c.left_out],
                "n_left_out": c.n_left_out,
                "merges": [
                    {
                        "distance": merge.distance,
                        "sides": [
                            {
                                "people": merge.n_people[side],
                                "segments": merge.n_segments[side],
                                "codes": list(merge.codes[side]),
                                "words": list(merge.words[side]),
                            }
                            for side in (0, 1)
                        ],
                    }
                    for merge in c.merges
                ],
            }
            for c in found.criteria
            for own in (shown_words(c, hidden),)
        ],
    }


def _print(drafted: Drafted) -> None:
    from qualcode.report.criteria_view import stability_word
    from qualcode.report.own_words import shown_words

    found = drafted.draft.criteria
    cut = _Cut(drafted)
    if not found.criteria:
        print(f"No design criteria: {found.reason}")
    for number, criterion in enumerate(found.criteria, start=1):
        by = f" by {criterion.author}" if criterion.author else ""
        print(f"{number}. {criterion.statement}  ({criterion.status}{by})")
        own = shown_words(criterion, drafted.draft.edits.hidden)
        if own is not None:
            print(f"   in their words: {cut.line(own)}")
        people = len(criterion.participants)
        print(
            f"   {people} people, {criterion.n_segments} segments, {len(criterion.stages)} stages; "
            f"{stability_word(criterion.stability)} with half of the people"
            + ("" if criterion.stability is None else f" ({criterion.stability:.2f})")
        )
        print(f"   {_against(criterion)}")
        for text in (criterion.basis, criterion.note):
            if text:
                print(f"   {text}")
        for quote in criterion.quotes[:_QUOTES_SHOWN]:
            print(f"   {cut.line(quote)}")
        print()
    if found.choice:
        say(f"How the number was chosen. {found.choice}")


def _against(criterion: DesignCriterion) -> str:
    """Say how much speaks against a criterion and how much was left out."""
    if not criterion.n_counter_evidence:
        against = "nothing found that speaks against it"
    elif criterion.n_counter_evidence == 1:
        against = "1 segment says that it is met already"
    else:
        against = f"{criterion.n_counter_evidence} segments say that it is met already"
    return f"{against}; {criterion.n_left_out} near it were left out as unclear"


class _Cut:
    """Cut quotes from their documents."""

    def __init__(self, drafted: Drafted) -> None:
        self._texts = {document.id: document.text for document in drafted.corpus.documents}

    def words(self, quote: Quote) -> str:
        return self._texts[quote.document_id][quote.start_char : quote.end_char]

    def line(self, quote: Quote) -> str:
        """Return the quote on one line, with whose words they are.

        Control characters become U+FFFD, so that a comment cannot steer a terminal.
        """
        words = _CONTROL.sub("\ufffd", " ".join(self.words(quote).split()))
        return f"“{words}”  {quote.participant_id}"

    def record(self, quote: Quote) -> dict[str, Any]:
        return {
            "coding_id": quote.coding_id,
            "document_id": quote.document_id,
            "start_char": quote.start_char,
            "end_char": quote.end_char,
            "participant": quote.participant_id,
            "quote": self.words(quote),
        }
