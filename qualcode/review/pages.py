"""The pages: who may see them, and what their templates are given.

Every template extends `layout.html.j2` and gets, beside what stands at its handler:

    page        id of the page: "start", "review", "transcript", "map", "adjudicate", "help",
                "message"
    study       name of the study
    reviewer    the person, as stands beside every decision; "" where nobody is signed in
    part        "reviewer" or "adjudicator"; "" where nobody is signed in
    store       id of the study, under which a page may keep things in the browser
    csrf        the token that a POST of the page sends back, in the header `X-CSRF-Token`
    pages       [{id, name, href}] that the person may open, in the order of the menu

The layout puts them into `<meta name="csrf">` and `<body data-page data-reviewer data-part>`. Its
blocks: `title`, `head`, `styles`, `scripts`, `body_attributes`, `tools` (in the page's head, beside
the menu), `main`. No page holds what a segment was coded with: that comes from the API, which knows
who may see what.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import UsageError
from qualcode.review.calls import Call
from qualcode.review.replies import Refused
from qualcode.review_events import REASONS, Part

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = [
    "NEW_LINK",
    "adjudicate",
    "help_",
    "map_",
    "message",
    "refusal",
    "review",
    "start",
    "transcript",
]

_TEMPLATES = Path(__file__).parent / "templates"
_PAGES = (
    ("start", "Start", "/"),
    ("review", "Review", "/review"),
    ("map", "Map", "/map"),
    ("adjudicate", "Adjudicate", "/adjudicate"),
    ("help", "Help", "/help"),
)
_HEADINGS = {
    400: "This address does not fit together",
    401: "You are not signed in",
    403: "That is not yours to do",
    404: "There is no such page",
    409: "That cannot be shown",
}
NEW_LINK = (
    "Open the link that you were given. Each link works once: whoever runs the review gets a new "
    "one by pressing Enter in its terminal, or by running qualcode review again."
)


def start(call: Call) -> str:
    """Return the start page: what there is to do.

    `start.html.j2` gets:

        queues      [{queue, name, sentence, n_left}] of the whole study; `/review?queue=QUEUE`
                    opens one
        by_code     the same for the queues of one code each
        by_source   likewise
        by_persona  likewise
        queue       the queue to offer first, "" for none
        size        segments in a batch
        overlap     how many people judge the same segment
    """
    return _filled("start.html.j2", call, **_start(call))


def review(call: Call) -> str:
    """Return the page where segments are judged; all that it shows comes from the API.

    `review.html.j2` gets:

        queue       as asked for with `?queue=`, "" for the one to offer first
        size        segments in a batch, as asked for with `?size=`
    """
    asked = call.query.get("size", "")
    is_number = asked.isdecimal() and asked.isascii() and len(asked) < 4
    return _filled(
        "review.html.j2",
        call,
        page="review",
        queue=call.query.get("queue", "") or call.service.options.queue,
        size=int(asked) if is_number else _size(call),
    )


def transcript(call: Call) -> str:
    """Return a whole document to read, with the words of one segment marked.

    `transcript.html.j2` gets:

        document    {document_id, path, kind, row, participant, attributes, turns: [{index,
                    speaker, role, time, is_speech, before, marked, after}]}; where `marked` is
                    not "", it holds the segment's words
        segment_id  as asked for with `?segment=`, "" for none
        back        where "back" leads: the review, with that segment, or with `?from=map` the map
    """
    from qualcode.workflow.review_transcript import transcript as read

    asked = call.query.get("segment", "")
    back = f"/review?queue=segments:{asked}" if asked else "/review"
    try:
        document = read(call.study, str(call.path["document_id"]), asked)
    except UsageError as error:
        raise Refused(404, error.message) from error
    return _filled(
        "transcript.html.j2",
        call,
        page="transcript",
        document=document,
        segment_id=asked,
        back="/map" if call.query.get("from") == "map" else back,
    )


def map_(call: Call) -> str:
    """Return the page where the draft map is judged; all that it shows comes from the API."""
    return _filled("map.html.j2", call, page="map")


def adjudicate(call: Call) -> str:
    """Return the page where people's different judgements become one; for adjudicators only."""
    if call.part is not Part.ADJUDICATOR:
        raise Refused(
            403,
            "This page is for adjudicators: their link comes from qualcode review --adjudicator",
        )
    return _filled("adjudicate.html.j2", call, page="adjudicate", size=_size(call))


def help_(call: Call) -> str:
    """Return the help page.

    `help.html.j2` gets:

        reasons     [{id, name}] why a coding may be rejected, in the order of their keys
    """
    reasons = [{"id": id_, "name": name} for id_, name in REASONS.items()]
    return _filled("help.html.j2", call, page="help", reasons=reasons)


def message(
    heading: str,
    *paragraphs: str,
    study: str = "qualcode",
    follow: str = "",
    at_once: bool = False,
) -> str:
    """Return a page that says something to a person who may not be signed in.

    Args:
        heading: What happened.
        paragraphs: What to do.
        study: Name of the study, where the person may know it.
        follow: Where to go on.
        at_once: Whether the browser goes there by itself.
    """
    return (
        _environment()
        .get_template("message.html.j2")
        .render(
            page="message",
            study=study,
            reviewer="",
            part="",
            store="",
            csrf="",
            pages=[],
            heading=heading,
            paragraphs=paragraphs,
            follow=follow,
            at_once=at_once,
        )
    )


def refusal(refused: Refused) -> str:
    """Return the page that says why another one is not shown."""
    heading = _HEADINGS.get(refused.status, "That did not work")
    told: Sequence[str] = (f"{refused.message}.",)
    if refused.status == 401:
        return message(heading, *told, NEW_LINK)
    return message(heading, *told, follow="/")


def _start(call: Call) -> dict[str, Any]:
    from qualcode.workflow.review_queue import queues

    options = call.service.options
    offered = queues(call.index, call.reviewer, part=call.part, overlap=options.overlap)
    kinds = {"by_code": "code:", "by_source": "source:", "by_persona": "persona:"}
    split = {
        name: [one for one in offered if one.queue.startswith(prefix)]
        for name, prefix in kinds.items()
    }
    return {
        "page": "start",
        "queues": [one for one in offered if not one.queue.startswith(tuple(kinds.values()))],
        **split,
        "queue": options.queue,
        "size": options.batch_size,
        "overlap": options.overlap,
    }


def _size(call: Call) -> int:
    return call.service.options.batch_size


def _filled(template: str, call: Call, *, page: str, **context: Any) -> str:
    pages = [
        {"id": id_, "name": name, "href": href}
        for id_, name, href in _PAGES
        if id_ != "adjudicate" or call.part is Part.ADJUDICATOR
    ]
    return (
        _environment()
        .get_template(template)
        .render(
            **context,
            page=page,
            study=call.study.settings.study.name,
            reviewer=call.reviewer,
            part=call.part.value,
            store=call.service.store,
            csrf=call.csrf,
            pages=pages,
        )
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
