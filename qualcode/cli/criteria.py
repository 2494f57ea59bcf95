"""qualcode criteria: show the draft design criteria."""

from __future__ import annotations

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, say

__all__ = ["criteria"]

_QUOTES_SHOWN = 3


def criteria(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show the draft design criteria.

    Needs and pain points are clustered into three or four. A criterion needs at least three
    participants; where the data does not carry three clusters there are none, with the reason.
    """
    from qualcode.workflow.draft import draft
    from qualcode.workflow.export import is_masked

    with open_study(study) as opened:
        masked = is_masked(opened)
        drafted = draft(opened)
    if not masked:
        say("Names were not masked in this study.")
    texts = {document.id: document.text for document in drafted.corpus.documents}
    found = drafted.draft.criteria
    if as_json:
        print_json(
            {
                "reason": found.reason,
                "figures": dict(found.figures),
                "criteria": [
                    {
                        "id": c.id,
                        "statement": c.statement,
                        "basis": c.basis,
                        "participants": list(c.participants),
                        "segments": c.n_segments,
                        "stages": dict(c.stages),
                        "codes": dict(c.codes),
                        "terms": list(c.terms),
                        "quotes": [
                            {
                                "coding_id": q.coding_id,
                                "document_id": q.document_id,
                                "start_char": q.start_char,
                                "end_char": q.end_char,
                                "participant": q.participant_id,
                                "quote": texts[q.document_id][q.start_char : q.end_char],
                            }
                            for q in c.quotes
                        ],
                    }
                    for c in found.criteria
                ],
            }
        )
        return
    if not found.criteria:
        print(f"No design criteria: {found.reason}")
    for number, criterion in enumerate(found.criteria, start=1):
        print(f"{number}. {criterion.statement}  (draft)")
        print(f"   {len(criterion.participants)} people, {criterion.n_segments} segments")
        print(f"   {criterion.basis}")
        print(f"   words that set it apart: {', '.join(criterion.terms)}")
        for quote in criterion.quotes[:_QUOTES_SHOWN]:
            words = " ".join(texts[quote.document_id][quote.start_char : quote.end_char].split())
            print(f"   “{words}”  {quote.participant_id}")
        print()
    if found.figures:
        say(
            "How the number was chosen: "
            + ", ".join(f"{k} {v:g}" for k, v in found.figures.items())
        )
