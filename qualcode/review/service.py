"""What one running server holds: the study, who may come in, and where it is reached."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from qualcode.review.addresses import Addresses
from qualcode.review.invitations import Invitations
from qualcode.review.lessons import Lessons
from qualcode.review.map_desk import MapDesk
from qualcode.review.study_thread import StudyThread

__all__ = ["SESSION_HOURS", "ReviewOptions", "Service", "public_id"]

SESSION_HOURS = 12.0
"""How long a browser may go on after its link was opened."""


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """Hold what whoever starts a review chose for everybody in it.

    Attributes:
        overlap: How many people judge the same segment.
        batch_size: How many segments a batch has unless the person asks for another number.
        queue: The queue that the start page offers first; "" for its own order.
        learns: Whether the embedded coder learns while people review.
    """

    overlap: int = 1
    batch_size: int = 20
    queue: str = ""
    learns: bool = True


@dataclass(frozen=True)
class Service:
    """Hold what requests share.

    Attributes:
        store: Public id of the study: browsers share cookies between ports, and what pages keep
            between studies served at the same one, so both carry it.
        quick: Runs what a person waits for from key to key.
        slow: Runs what may take a second, so that it holds up no decision.
        lessons: Where the coder learns from what is decided.
        map: The draft map, with threads of its own; its work may ask `quick`, never the reverse.
    """

    study: Path
    store: str
    addresses: Addresses
    invitations: Invitations
    options: ReviewOptions = ReviewOptions()
    quick: StudyThread = field(init=False)
    slow: StudyThread = field(init=False)
    lessons: Lessons = field(init=False)
    map: MapDesk = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "quick", StudyThread(self.study, "quick"))
        object.__setattr__(self, "slow", StudyThread(self.study, "slow"))
        lessons = Lessons(self.study, is_on=self.options.learns)
        object.__setattr__(self, "lessons", lessons)
        object.__setattr__(self, "map", MapDesk(self.study))

    @property
    def cookie(self) -> str:
        """Return the name of the cookie."""
        return f"qualcode_review_{self.store}"


def public_id(study_id: str) -> str:
    """Return eight hex digits that stand for a study where its own id is nobody's business."""
    return hashlib.sha256(study_id.encode("utf-8")).hexdigest()[:8]
