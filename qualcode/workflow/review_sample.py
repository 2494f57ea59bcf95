"""The random sample that statistics rest on: a fixed random order, drawn before anybody judges.

Every segment that is not an interviewer's has a place in the order of its stratum, a source as one
ingest brought it. The beginning of the order is reserved: there, four in five are shown without
suggestions (the blind arm), one in five with them, by chance. Behind the reserved beginning
suggestions are shown, because a study all of which is judged blind has no use for a machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from qualcode.records import Role
from qualcode.store.draws import ASSISTED, BLIND, Drawn
from qualcode.workflow.reviews import held
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.analysis.reviewed import Reviewed
    from qualcode.store.segment_texts import SegmentText
    from qualcode.workflow.review_index import ReviewIndex

__all__ = [
    "ASSISTED_SHARE",
    "RESERVED_MOST",
    "RESERVED_SHARE",
    "Sampled",
    "SampledSegment",
    "draw",
    "next_drawn",
    "order_keys",
    "reserve",
    "reserved_arms",
    "reserved_blind",
    "reserved_share",
    "sampled",
]

ASSISTED_SHARE = 0.2
"""Chance that a place of the order is shown with suggestions, to compare blind with assisted."""

RESERVED_SHARE = 0.25
"""Share of the segments of one draw that is reserved."""

RESERVED_MOST = 500
"""Segments of one draw that are reserved at most, unless more are asked for (`reserve`): 400 blind
ones give a share of any code within five points."""

_LEAST_A_STRATUM = 2
"""Judged segments of each stratum of a draw from which on strata have chances of their own."""

_META = "review_reserved"
_ASKED_FOR = "asked_for"


@dataclass(frozen=True, slots=True)
class SampledSegment:
    """Hold a judged segment of the sample with the chance that it had to be in it."""

    segment_id: str
    stratum: str
    probability: float


@dataclass(frozen=True, slots=True)
class Sampled:
    """Hold the judged sample for one family.

    Attributes:
        segments: The judged ones, by stratum and place.
        strata: Stratum to segments judged and segments in all; also those without any judged.
    """

    family: str
    segments: tuple[SampledSegment, ...]
    strata: Mapping[str, tuple[int, int]]


def draw(study: Study, texts: Sequence[SegmentText] | None = None) -> tuple[Drawn, ...]:
    """Give each segment that has no place one, and return the whole order.

    What is new since the last draw becomes new strata, `SOURCE/N` with the number of the draw, so
    that no place that was given ever changes. Sources that are still being read wait. The order is
    that of SHA-256 hashes over study, stratum and segment, so that it can be checked.

    Args:
        study: The study.
        texts: Its segments, read when None.
    """
    repository = study.repository
    known = repository.draws.all()
    placed = {drawn.segment_id for drawn in known}
    read = {source.id for source in repository.sources.all() if source.is_complete}
    sources = repository.review_overview.document_sources()
    fresh: dict[str, list[str]] = {}
    for text in repository.segment_texts.all() if texts is None else texts:
        segment = text.segment
        source = sources[segment.document_id]
        if segment.role is not Role.INTERVIEWER and segment.id not in placed and source in read:
            fresh.setdefault(source, []).append(segment.id)
    if not fresh:
        return known
    shares = _shares(study)
    # Also numbers whose sources are out of the study: these may come back, with their places.
    given = {_number(drawn.stratum) for drawn in known} | {int(n) for n in shares if n.isdecimal()}
    number = 1 + max(given, default=0)
    made = []
    for source, segment_ids in fresh.items():
        stratum = f"{source}/{number}"
        ordered = sorted((_hash(study, "place", stratum, i), i) for i in segment_ids)
        made += [
            Drawn(segment_id, stratum, place, _arm(study, stratum, segment_id))
            for place, (_, segment_id) in enumerate(ordered)
        ]
    shares[str(number)] = min(RESERVED_SHARE, RESERVED_MOST / len(made))
    repository.set_meta(_META, json.dumps(shares, sort_keys=True))
    repository.draws.add(made)
    return repository.draws.all()


def next_drawn(index: ReviewIndex, reviewer: str, n: int, *, overlap: int = 1) -> list[int]:
    """Return the next reserved places of the order that a person may judge, as segment numbers.

    Left out are those that the person or enough others are done with, that others have before
    them, and blind ones that the person has seen with suggestions. What the person passed over
    comes behind what he or she has not met yet.

    Args:
        n: How many at most.
        overlap: How many people judge one segment.
    """
    if n < 1:
        return []
    open_to = index.open_to(reviewer, overlap=overlap, is_drawn=True)
    skipped = index.people.skipped.get(reviewer, set())
    order = index.order.drawn[open_to[index.order.drawn]].tolist()
    waiting = [at for at in order if at not in skipped]
    waiting += [at for at in order if at in skipped]
    return waiting[:n]


def reserve(study: Study, n_blind: int) -> int:
    """Reserve places until at least this many blind ones are, and return how many there are.

    To be called before people have judged much with suggestions: a place that everybody has seen
    with them cannot be judged blind any more, and the sample ends before it.
    """
    drawn = draw(study)
    keys = order_keys(study, drawn)
    blind = sorted(key for d, key in zip(drawn, keys, strict=True) if d.arm == BLIND)
    if blind and n_blind > 0:
        shares = _shares(study)
        asked = blind[min(n_blind, len(blind)) - 1]
        shares[_ASKED_FOR] = max(shares.get(_ASKED_FOR, 0.0), asked)
        study.repository.set_meta(_META, json.dumps(shares, sort_keys=True))
    return len(reserved_blind(study))


def reserved_blind(study: Study) -> frozenset[str]:
    """Return the segments that are kept for judging blind."""
    arms = reserved_arms(study)
    return frozenset(segment_id for segment_id, arm in arms.items() if arm == BLIND)


def reserved_arms(study: Study) -> dict[str, str]:
    """Return the segments of the reserved beginning, each with its arm."""
    drawn = study.repository.draws.all()
    share = reserved_share(study)
    keyed = zip(drawn, order_keys(study, drawn), strict=True)
    return {d.segment_id: d.arm for d, key in keyed if key <= share(d.stratum)}


def reserved_share(study: Study) -> Callable[[str], float]:
    """Return up to which key (`order_keys`) the places of a stratum are reserved."""
    shares = _shares(study)
    asked = shares.get(_ASKED_FOR, 0.0)
    return lambda stratum: max(shares.get(str(_number(stratum)), RESERVED_SHARE), asked)


def order_keys(study: Study, drawn: Sequence[Drawn]) -> list[float]:
    """Return a number in [0, 1) for each place, by which strata are interleaved in proportion.

    It is (rank + start) / size with one random start for each stratum: the segments below any
    number are a systematic sample over strata, so that also where strata are many and small, each
    segment has the same chance to be among the first n. The rank counts the places that are left:
    those of people who were forgotten are gone, wherever in the order they were.
    """
    strata: dict[str, list[int]] = {}
    for one in drawn:
        strata.setdefault(one.stratum, []).append(one.place)
    keys: dict[tuple[str, int], float] = {}
    for stratum, places in strata.items():
        start = _uniform(study, "start", stratum)
        for rank, place in enumerate(sorted(places)):
            keys[stratum, place] = (rank + start) / len(places)
    return [keys[d.stratum, d.place] for d in drawn]


def sampled(
    study: Study,
    family: str,
    code: str | None = None,
    *,
    reviewed: Collection[Reviewed] | None = None,
) -> Sampled:
    """Return the judged sample: each stratum's blind places up to the first that nobody judged.

    A place counts as judged where a person was done with the family while suggestions were hidden.
    A beginning of a random order is a simple random sample, as long as nobody passed a place over
    for what it says: a stratum ends at the first place that was. Voices that were made
    interviewers since are in neither number.

    Args:
        study: The study.
        family: Whose codes were judged.
        code: Only judgements that said yes or no to this code, which the book may have got later.
        reviewed: Blind records (`reviews.held` with `blind_only`), read when None.
    """
    if reviewed is None:
        reviewed = held(study, blind_only=True).values()
    judged = {
        one.segment_id
        for one in reviewed
        if family in one.complete and (code is None or one.applies(family, code) is not None)
    }
    heard = {
        text.segment.id
        for text in study.repository.segment_texts.all()
        if text.segment.role is not Role.INTERVIEWER
    }
    places: dict[str, list[Drawn]] = {}
    for place in study.repository.draws.all():
        if place.segment_id in heard:
            places.setdefault(place.stratum, []).append(place)
    runs: dict[str, list[str]] = {}
    for stratum, some in places.items():
        blind = (place.segment_id for place in some if place.arm == BLIND)
        runs[stratum] = list(takewhile(judged.__contains__, blind))
    chance = _chances({stratum: (len(runs[stratum]), len(places[stratum])) for stratum in places})
    return Sampled(
        family,
        tuple(
            SampledSegment(segment_id, stratum, chance[stratum])
            for stratum, run in runs.items()
            for segment_id in run
        ),
        {stratum: (len(run), len(places[stratum])) for stratum, run in runs.items()},
    )


def _chances(strata: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """Return each stratum's chance of being judged, from how many of how many were.

    Strata of one draw are interleaved in proportion, so its segments all have the same chance.
    Where each of them has a few judged, its own share is the better figure; where many small ones
    have one or none, weighing by these would count some sources several times and others never.
    """
    by_draw: dict[int, list[str]] = {}
    for stratum in strata:
        by_draw.setdefault(_number(stratum), []).append(stratum)
    chances = {}
    for own in by_draw.values():
        counts = [strata[stratum] for stratum in own]
        is_pooled = min(n for n, _ in counts) < _LEAST_A_STRATUM
        pooled = sum(n for n, _ in counts) / sum(of for _, of in counts)
        for stratum, (n, of) in zip(own, counts, strict=True):
            chances[stratum] = pooled if is_pooled else n / of
    return chances


def _shares(study: Study) -> dict[str, float]:
    found: dict[str, float] = json.loads(study.repository.meta(_META) or "{}")
    return found


def _number(stratum: str) -> int:
    return int(stratum.rpartition("/")[2])


def _arm(study: Study, stratum: str, segment_id: str) -> str:
    is_assisted = _uniform(study, "arm", stratum, segment_id) < ASSISTED_SHARE
    return ASSISTED if is_assisted else BLIND


def _hash(study: Study, *parts: str) -> bytes:
    told = "\x1f".join((study.settings.study.id, *parts))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()


def _uniform(study: Study, *parts: str) -> float:
    """Return a number in [0, 1) that the parts decide."""
    return int.from_bytes(_hash(study, *parts)[:7], "big") / 2**56
