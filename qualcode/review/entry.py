"""Coming in by a link, and leaving."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from qualcode.review.gate import form_of, signed_in, written_here
from qualcode.review.pages import NEW_LINK, message, refusal
from qualcode.review.replies import Refused, refusal_of
from qualcode.review.service import SESSION_HOURS, Service
from qualcode.review.study_thread import Opened

__all__ = ["leave", "open_link"]


async def open_link(request: Request) -> Response:
    """Let in whom a link was made for, and send the browser on to the start page."""
    service: Service = request.app.state.service
    if request.method == "HEAD" or "prefetch" in request.headers.get("sec-purpose", ""):
        return Response(status_code=503)  # looked at by a program: the person comes later
    invitation = service.invitations.redeem(request.query_params.get("token", ""))
    if invitation is None:
        return await _used(request, service)

    def begin(opened: Opened) -> str:
        sessions = opened.study.repository.review_sessions
        return sessions.open(invitation.reviewer, invitation.part, hours=SESSION_HOURS)

    try:
        secret = await service.quick.run(begin)
    except Exception as error:
        refused = refusal_of(error)
        return _page(refusal(refused), refused.status)
    reply: Response
    if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        reply = RedirectResponse("/", 303)
    else:
        # Coming from another site, as from a web mailer, the browser would keep the cookie back
        # on a redirect. From a page of ours it sends it.
        reply = _page(message("You are signed in", follow="/", at_once=True))
    reply.set_cookie(
        service.cookie,
        secret,
        max_age=int(SESSION_HOURS * 3600),
        path="/",
        secure=service.addresses.is_encrypted,
        httponly=True,
        samesite="strict",
    )
    return reply


async def _used(request: Request, service: Service) -> Response:
    """Say that a link is of no use any more; whoever is signed in can go on."""
    known = None
    secret = request.cookies.get(service.cookie)
    if secret:
        known = await service.quick.run(lambda o: o.study.repository.review_sessions.find(secret))
    heading = "This link has been used or is too old"
    if known is not None:
        told = f"You are signed in as {known.reviewer} already."
        return _page(message(heading, told, follow="/"), 403)
    return _page(message(heading, NEW_LINK), 403)


async def leave(request: Request) -> Response:
    """End the session of this browser and give back what the person had before him or her."""
    service: Service = request.app.state.service
    try:
        secret = signed_in(request, service)
        fields = await form_of(request)
        written_here(request, service, secret, fields.get("csrf", ""))

        def end(opened: Opened) -> None:
            repository = opened.study.repository
            session = repository.review_sessions.find(secret)
            if session is not None:
                repository.leases.release(session.reviewer)
            repository.review_sessions.close(secret)

        await service.quick.run(end)
    except Exception as error:
        refused = error if isinstance(error, Refused) else refusal_of(error)
        return _page(refusal(refused), refused.status)
    reply = _page(message("You are signed out", "Every decision that was sent is kept.", NEW_LINK))
    reply.delete_cookie(service.cookie, path="/", httponly=True, samesite="strict")
    return reply


def _page(page: str, status: int = 200) -> Response:
    return Response(page.encode("utf-8", "replace"), status, media_type="text/html")
