"""qualcode review: judge suggestions in a browser."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from qualcode.cli.common import StudyOption, one_line, open_study, say
from qualcode.errors import UsageError

if TYPE_CHECKING:
    from qualcode.review.service import Service
    from qualcode.review_events import Part

__all__ = ["review"]

_LOCAL = "127.0.0.1"


def review(
    reviewers: Annotated[
        list[str] | None,
        typer.Option(
            "--reviewer",
            metavar="NAME",
            help="Who judges, each with a link of their own; repeat it for several. By default "
            "you: [person] name of your config.toml, else your login.",
            show_default=False,
        ),
    ] = None,
    adjudicators: Annotated[
        list[str] | None,
        typer.Option(
            "--adjudicator",
            metavar="NAME",
            help="Who decides where people judged differently; sees what they judged.",
            show_default=False,
        ),
    ] = None,
    overlap: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many people judge the same segment.")
    ] = 1,
    batch_size: Annotated[
        int, typer.Option(metavar="N", min=1, max=200, help="Segments in a batch.")
    ] = 20,
    queue: Annotated[
        str, typer.Option(metavar="QUEUE", help="The queue that is offered first.")
    ] = "",
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Let other machines in, at this address of yours; 0.0.0.0 stands for all.",
        ),
    ] = _LOCAL,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=65535, help="By default the study's own.", show_default=False
        ),
    ] = None,
    url: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Where people reach it if a proxy stands before it, as https://review.example.org",
        ),
    ] = "",
    no_learn: Annotated[
        bool,
        typer.Option(
            "--no-learn", help="Keep the suggestions as they are; qualcode learn does it later."
        ),
    ] = False,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the links and open no browser.")
    ] = False,
    study: StudyOption = None,
) -> None:
    """Judge the suggestions in a browser, one key a decision.

    Each person gets a link that works once and then lasts twelve hours in that browser. Press
    Enter for new links and Ctrl-C to stop; every decision is saved when it is made.
    """
    from qualcode.review.addresses import Addresses
    from qualcode.review.invitations import Invitations
    from qualcode.review.server import listen, serve
    from qualcode.review.service import ReviewOptions, Service, public_id
    from qualcode.review_events import Part
    from qualcode.workflow.author import author_of
    from qualcode.workflow.review_queue import QUEUES

    if queue and queue.partition(":")[0] not in QUEUES:
        raise UsageError(f"--queue {queue}: no such queue", hint=f"there are: {', '.join(QUEUES)}")
    with open_study(study) as opened:
        if not opened.repository.sources.all():
            raise UsageError(
                f"{opened.path}: there is nothing to review", hint="qualcode ingest reads files"
            )
        me = author_of(opened)
        names = _named("--reviewer", reviewers) or ([] if adjudicators else [me])
        people = [(name, Part.REVIEWER) for name in names]
        people += [(name, Part.ADJUDICATOR) for name in _named("--adjudicator", adjudicators)]
        opened.codebook  # noqa: B018 – a book that does not validate is told here, not in a page
        path, study_id = opened.path, opened.settings.study.id
    listener = listen(host, port, study_id)
    service = Service(
        path,
        public_id(study_id),
        Addresses(host, listener.getsockname()[1], url),
        Invitations(),
        ReviewOptions(overlap, batch_size, queue, learns=not no_learn),
    )
    _tell_where(service)
    _print_links(service, people)
    mine = [one for one in people if one[0] == me] or (people if len(people) == 1 else [])
    if mine and not no_browser:
        _open_browser(_link(service, *mine[0]))
    _on_enter(lambda: _print_links(service, people))
    say("Press Enter for new links, Ctrl-C to stop.")
    with contextlib.suppress(KeyboardInterrupt):
        serve(service, listener)
    say("\nStopped. Every decision that arrived is saved; run the command again to go on.")


def _named(option: str, names: Sequence[str] | None) -> list[str]:
    named = [name.strip() for name in names or ()]
    if not all(named):
        raise UsageError(f"{option}: a name is empty", hint="give the name of a person")
    return list(dict.fromkeys(named))


def _tell_where(service: Service) -> None:
    addresses = service.addresses
    if addresses.is_local or addresses.is_encrypted:
        return
    say(f"Other machines can reach this review at {addresses.base}.")
    say("What people read and write travels UNENCRYPTED: anybody on the network between can read")
    say("it and act in their name. Put a proxy that speaks TLS before it and name its address with")
    say("--url https://…, unless you trust everybody on this network.")


def _link(service: Service, name: str, part: Part) -> str:
    return f"{service.addresses.base}/open?token={service.invitations.invite(name, part)}"


def _print_links(service: Service, people: Sequence[tuple[str, Part]]) -> None:
    """Print a new link for each person, on stdout."""
    for name, part in people:
        print(f"{one_line(name)} ({part.value}): {_link(service, name, part)}", flush=True)


def _open_browser(link: str) -> None:
    """Open a link of its own, so that the printed one stays unused.

    In a thread, because some browsers run until they are closed.
    """

    def show() -> None:
        import webbrowser

        if not webbrowser.open(link):
            say("No browser could be opened here: use the link above.")

    threading.Thread(target=show, name="browser", daemon=True).start()


def _on_enter(do: Callable[[], object]) -> None:
    """Do something whenever a line is entered, as long as there is a terminal to enter it in.

    The bare file is read: a thread that holds the lock of `sys.stdin` would keep Python from
    ending.
    """
    try:
        terminal = sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):
        return
    if sys.platform != "win32":
        # In the background of a shell, reading then fails instead of stopping the program.
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)

    def wait() -> None:
        try:
            while os.read(terminal, 1024):
                do()
        except OSError:
            return

    threading.Thread(target=wait, name="enter", daemon=True).start()
