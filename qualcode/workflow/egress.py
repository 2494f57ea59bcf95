"""Tell what was sent to models, and what they answered that could not be used."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.errors import UsageError
from qualcode.store.ledger import BodyState, SentRequest
from qualcode.store.replies import StoredReply
from qualcode.workflow.study import Study

__all__ = ["SentBody", "egress", "refused_replies", "sent_body"]

_GONE = {
    BodyState.NONE: "nothing of it left",
    BodyState.ERASED: "a name was masked or a person forgotten since, so its bytes were taken away",
}


@dataclass(frozen=True, slots=True)
class SentBody:
    """Hold a request with what was sent.

    Attributes:
        body: Byte for byte; `request.body_state` says whether names were masked in it since.
    """

    request: SentRequest
    body: bytes


def egress(study: Study) -> tuple[SentRequest, ...]:
    """Return every request that was made for this study, oldest first, retries included."""
    return study.repository.ledger.all()


def refused_replies(study: Study) -> tuple[StoredReply, ...]:
    """Return what models answered that could not be used, oldest first, whole and with the reason.

    One that was refused at first and mended when it was asked for again is not among them.
    """
    return study.repository.replies.failures()


def sent_body(study: Study, request_id: int) -> SentBody:
    """Return what one request sent.

    Raises:
        UsageError: There is no such request, or nothing is there of what it sent.
    """
    ledger = study.repository.ledger
    request = ledger.get(request_id)
    if request is None:
        raise UsageError(
            f"there is no request {request_id}", hint="qualcode log --egress lists them"
        )
    body = ledger.body(request_id)
    if body is None:
        if request.body_state is BodyState.NONE and not request.outcome:
            why = "it was under way when the program was stopped, and what it held is not known"
        else:
            why = _GONE.get(request.body_state, "its bytes are not there")
        raise UsageError(f"request {request_id}: {why}")
    return SentBody(request, body)
