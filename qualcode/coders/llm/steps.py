"""What a step is that asks a model: units go out packed in requests, one answer a unit comes back.

A step knows what to ask and how to read a reply; `engine.py` knows about packing, the cache,
repairs and money; neither knows the provider.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Protocol

from qualcode.coders.llm.wire import Ask

__all__ = ["Answered", "Reading", "Step", "Unit", "digest", "firsts_of"]


def digest(*parts: object) -> str:
    """Return the SHA-256 of some JSON values, in hex."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def firsts_of(counts: Iterable[int]) -> list[int]:
    """Return the number of each unit's first sentence or quote, from 1.

    Numbers go through a whole request, so that a model that swaps two units names what is not
    theirs.

    Args:
        counts: How many each unit has.
    """
    return [number + 1 for number in accumulate(counts, initial=0)][:-1]


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold one thing that is asked about: a segment, a cell of the map, a criterion.

    Attributes:
        id: Unique among the units of a run, such as the segment's id.
        content: Digest of all that is said about it, its context included, never its neighbours
            in a request. Units of equal content are asked once.
        n_chars: How long what is said about it is, for packing.
        is_alone: It is never packed with others: its words read like an instruction.
        document_id: What text it comes from, empty where from several.
        subject: What the step needs to ask and to read; opaque to the engine.
    """

    id: str
    content: str
    n_chars: int
    is_alone: bool = False
    document_id: str = ""
    subject: Any = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Say what a reply holds for the units that it was asked about.

    Attributes:
        good: Unit id to its answer, a JSON value that says the same in any request.
        refused: Unit id to what is wrong with its answer, one line, without participants' words.
            A unit that is in neither did not come back.
        whole: Why nothing of the reply can be used; empty where something can.
    """

    good: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """Hold what became of one unit.

    Attributes:
        unit: The unit.
        answer: As `Reading.good` had it, None where there is no usable one.
        reason: Why there is none.
        is_cached: It cost nothing: it was in the study, in a recording, or asked for an equal unit.
    """

    unit: Unit
    answer: Any = None
    reason: str = ""
    is_cached: bool = False


class Step(Protocol):
    """Ask about units and read what comes back.

    Attributes:
        name: Such as "code"; stands in the ledger.
        setup: Digest of all that answers rest on besides the unit and the model: template, schema,
            codebook, examples.
        prompts: Name of each template that is used to its fingerprint, for the run's record.
        most_units: More are never asked in one request.
        output_tokens: What an answer on one unit likely takes, from a bare one to one with reasons
            and thinking; for reckoning what a run costs.
    """

    name: str
    setup: str
    prompts: Mapping[str, str]
    most_units: int
    output_tokens: tuple[int, int]

    def ask(self, units: Sequence[Unit], *, wrong: str = "") -> Ask:
        """Return what to say about some units.

        Args:
            units: Those to ask about, in their order.
            wrong: What was wrong with the answer to the only unit when it was asked before.
        """

    def read(self, units: Sequence[Unit], text: str) -> Reading:
        """Check a whole reply that was neither refused, filtered nor cut; never raises."""

    def reply(self, unit: Unit, answer: Any) -> str:
        """Return a reply that says this of a unit that was asked about alone.

        Args:
            unit: The unit.
            answer: As `read` gave it, or as somebody wrote it by hand into a recording.
        """
