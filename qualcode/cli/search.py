"""qualcode search: find segments by words and by meaning."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qualcode.cli.common import (
    JsonOption,
    StudyOption,
    open_study,
    print_json,
    say,
    shown_progress,
)
from qualcode.errors import UsageError
from qualcode.records import Role

if TYPE_CHECKING:
    from qualcode.workflow.search import Found, Hit
    from qualcode.workflow.study import Study

__all__ = ["search"]

_USES = ("auto", "exact", "chroma")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def search(
    query: Annotated[
        str | None,
        typer.Argument(
            metavar="QUERY",
            help='Words or a thought: late deliver* "never again" -refund.',
            show_default=False,
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Instead of a query: more like this segment or coding."),
    ] = None,
    words_only: Annotated[
        bool, typer.Option("--words-only", help="Only segments that hold the words.")
    ] = False,
    meaning_only: Annotated[
        bool, typer.Option("--meaning-only", help="Only by meaning, whatever the words.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="How many at most.")] = 10,
    min_score: Annotated[
        float | None,
        typer.Option(
            min=-1.0,
            max=1.0,
            metavar="COSINE",
            help="The least similarity of a hit by meaning; 0.25 if not given.",
            show_default=False,
        ),
    ] = None,
    code: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Only with this code (id or name) or one beneath it."),
    ] = None,
    family: Annotated[
        str | None, typer.Option(metavar="FAMILY", help="Only with a code of this family.")
    ] = None,
    stage: Annotated[
        str | None, typer.Option(metavar="STAGE", help="Only at this stage of the journey.")
    ] = None,
    persona: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only participants of this persona.")
    ] = None,
    participant: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this participant.")
    ] = None,
    speaker: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL", help="Only this speaker; repeat for several."),
    ] = None,
    role: Annotated[
        list[Role] | None,
        typer.Option(help="Whose words; repeat for several. By default all but interviewers'."),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Only here; repeat for several.")
    ] = None,
    attr: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Only with this attribute; repeat for several."),
    ] = None,
    others_first: Annotated[
        bool, typer.Option("--others-first", help="With --like: other people's words first.")
    ] = False,
    index: Annotated[
        str,
        typer.Option(
            metavar="|".join(_USES),
            help="What compares meanings: NumPy, the search index, or as many texts suggest.",
        ),
    ] = "auto",
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find what was said, by words and by meaning.

    Segments that hold all the words come first, then those that mean the like. Case and accents
    do not count; deliver* finds words that begin so, "two words" stand in a row, -word must not be
    there. Everything runs on this machine; texts that were not coded yet are embedded first.
    """
    if (query is None) == (like is None):
        raise UsageError("give a query or --like ID, one of the two")
    if words_only and meaning_only:
        raise UsageError("--words-only and --meaning-only contradict each other")
    if others_first and like is None:
        raise UsageError("--others-first goes with --like ID")
    if like is not None and words_only:
        raise UsageError("--like compares meanings, so --words-only does not go with it")
    from qualcode.workflow import search as step
    from qualcode.workflow.index import IndexUse

    if index not in _USES:
        raise UsageError(f"--index {index!r} is not one of {', '.join(_USES)}")
    filters = step.Filters(
        code=code,
        family=family,
        stage=stage,
        persona=persona,
        participant=participant,
        speakers=speaker or (),
        roles=role or (),
        sources=source or (),
        attributes=[_attribute(value) for value in attr or ()],
    )
    least = step.LEAST_SIMILARITY if min_score is None else min_score
    with open_study(study) as opened:
        with shown_progress() as progress:
            if like is not None:
                found = step.similar(
                    opened,
                    like,
                    filters=filters,
                    others_first=others_first,
                    limit=limit,
                    min_score=least,
                    use=IndexUse(index),
                    progress=progress,
                )
            else:
                found = step.search(
                    opened,
                    query or "",
                    filters=filters,
                    words=not meaning_only,
                    meaning=not words_only,
                    limit=limit,
                    min_score=least,
                    use=IndexUse(index),
                    progress=progress,
                )
        if as_json:
            print_json([_as_json(hit) for hit in found.hits])
        else:
            _print(opened, found)
        _tell(found)
        if found.doubt:
            _build_index(opened, found.doubt)


def _attribute(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name.strip() and equals and value.strip()):
        raise UsageError(f"--attr {text!r} is not NAME=VALUE", hint="for example --attr wave=2")
    return name, value


def _build_index(study: Study, doubt: str) -> None:
    """Build the index that was wanted and could not be used; the answer is printed already."""
    from qualcode.errors import StoreError
    from qualcode.workflow.index import reindex

    sys.stdout.flush()
    say(f"\nThe search index was not used ({doubt}); every vector was compared instead.")
    say("Building it for the next search. Ctrl-C stops that, and loses nothing else.")
    try:
        with shown_progress() as progress:
            reindex(study, progress)
    except StoreError as error:
        say(f"It was not built: {error.message}")


def _tell(found: Found) -> None:
    """Say on stderr how much there was to find."""
    if found.n_with_words is not None and found.n_with_words > len(found.hits):
        say(f"{found.n_with_words} segments hold the words; --limit N shows more.")
    if not found.hits:
        say(f"Nothing found in {found.n_searched} segments.")
        say("Try other words, * for endings (deliver*), or a lower --min-score.")
    if any(hit.segment.role is Role.INTERVIEWER for hit in found.hits):
        say("Interviewers' words are context, never evidence.")


def _as_json(hit: Hit) -> dict[str, Any]:
    from qualcode.report.quotes import path_of, place_of

    segment = hit.segment
    return {
        "document_id": segment.document_id,
        "segment_id": segment.id,
        "source": path_of(hit.document),
        "place": place_of(hit.document, segment.start_char, segment.turn_index),
        "start_char": segment.start_char,
        "end_char": segment.end_char,
        "quote": hit.quote,
        "matched": [{"start_char": s.start_char, "end_char": s.end_char} for s in hit.words],
        "why": list(hit.why),
        "score": hit.score,
        "participant": segment.participant_id,
        "speaker": hit.label,
        "role": segment.role.value,
        "is_evidence": segment.role is not Role.INTERVIEWER,
        "attributes": hit.attributes,
        "codings": [
            {
                "coding_id": coding.id,
                "family": coding.family,
                "code": coding.code,
                "coder": coding.coder,
                "score": coding.score,
                "start_char": coding.start_char,
                "end_char": coding.end_char,
            }
            for coding in hit.codings
        ],
    }


def _print(study: Study, found: Found) -> None:
    lines = [line for hit in found.hits for line in (*_lines(study, hit), "")]
    print("".join(_CONTROL.sub("\ufffd", line) + "\n" for line in lines), end="")
    if any(hit.words for hit in found.hits):
        say("«…» marks the words found.")


def _lines(study: Study, hit: Hit) -> list[str]:
    from qualcode.report.quotes import UNASSIGNED, path_of, persona_of, place_of

    segment = hit.segment
    words = "\n   ".join(_marked(hit).split("\n"))
    who = segment.participant_id or UNASSIGNED
    if segment.role is Role.INTERVIEWER:
        who = "interviewer, context only"
    persona = persona_of(segment, hit.document, {segment.participant_id or "": hit.attributes})
    told = [
        f"{who} ({persona})" if persona else who,
        *([f"speaker {hit.label}"] if hit.label else []),
        path_of(hit.document),
        place_of(hit.document, segment.start_char, segment.turn_index),
        f"characters {segment.start_char}–{segment.end_char}",
        segment.id,
    ]
    score = f" {hit.score:.2f}" if hit.score is not None else ""
    lines = [f"  “{words}”", f"   {', '.join(told)}", f"   by {' and '.join(hit.why)}{score}"]
    if hit.codings:
        names = {code.id: code.name for code in study.codebook.codes}
        lines.append("   " + "; ".join(names.get(c.code, c.code) for c in hit.codings))
    return lines


def _marked(hit: Hit) -> str:
    """Return the quote with « » around the words that were looked for."""
    out, at = [], hit.segment.start_char
    for span in hit.words:
        out += [hit.document.text[at : span.start_char], "«", span.of(hit.document.text), "»"]
        at = span.end_char
    return "".join([*out, hit.document.text[at : hit.segment.end_char]])
