"""Lay a language model's drafts over a machine's draft, as far as what they rest on still stands.

A sentence stands while each of its codings is among those of its thing and nobody hid one of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from qualcode.analysis.edited_quotes import TOLD_LANES
from qualcode.analysis.items import FAMILIES_BEHIND
from qualcode.analysis.lookup import Lookup
from qualcode.codebook import Codebook
from qualcode.draft import DesignCriterion, Draft, ModelWords, Summary, Supported
from qualcode.records import stable_id

__all__ = [
    "PERSONA",
    "PORTRAYING",
    "Standing",
    "codings_behind",
    "fingerprint",
    "persona_ids",
    "persona_name",
    "standing_words",
    "with_model_words",
]

PERSONA = "persona"
"""Stands as lane where a summary describes a persona."""

PORTRAYING = ("need", "pain_point", "strength", "desired_outcome", "attitude", "action")
"""Families whose codings a description of people may rest on."""

Key = tuple[str, str]
"""Kind and target, see `ModelWords`."""


def persona_ids(participants: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the id of each persona to its name as it is written first, in alphabetical order."""
    names: dict[str, str] = {}
    for attributes in participants.values():
        if name := persona_name(attributes):
            names.setdefault(_persona_id(name), name)
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))


def persona_name(attributes: Mapping[str, str]) -> str:
    """Return what a person's attributes say of the persona, "" where nothing."""
    return next((v.strip() for k, v in attributes.items() if k.casefold() == "persona"), "")


def _persona_id(name: str) -> str:
    return stable_id("persona", name.casefold())


def codings_behind(draft: Draft, found: Lookup) -> dict[Key, frozenset[str]]:
    """Return the ids of the codings of each cell, criterion, persona and stage.

    Args:
        draft: The machine's, whatever part of the study its map shows.
        found: All of the study.
    """
    behind: dict[Key, set[str]] = {}

    def put(kind: str, target: str, ids: Iterable[str]) -> None:
        behind.setdefault((kind, target), set()).update(ids)

    for column in draft.map.stages:
        put("stage", column.code, (q.coding_id for q in column.quotes))
        for lane, quotes in zip(TOLD_LANES, (column.doing, column.thinking), strict=True):
            put("cell", f"{lane}/{column.code}", (q.coding_id for q in quotes))
    for (family, stage), cell in draft.map.cells.items():
        ids = (q.coding_id for finding in cell.findings for q in finding.quotes)
        put("cell", f"{family}/{stage}", ids)
    for criterion in draft.criteria.criteria:
        for segment in criterion.segments:
            evidence = found.by_segment.get(segment, ())
            ids = (e.coding.id for e in evidence if e.coding.family in FAMILIES_BEHIND)
            put("criterion", criterion.id, ids)
    personas = {who: persona_name(attributes) for who, attributes in found.participants.items()}
    for item in found.evidence:
        if item.coding.family in PORTRAYING and (name := personas.get(item.person or "", "")):
            put("persona", _persona_id(name), [item.coding.id])
    return {key: frozenset(ids) for key, ids in behind.items() if ids}


def fingerprint(coding_ids: Iterable[str]) -> str:
    """Return 16 hex digits that change when a coding comes or goes."""
    told = "\x1f".join(sorted(coding_ids))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Standing:
    """Hold what stands of one draft.

    Attributes:
        words: As they were drafted.
        texts: Those of which every coding stands.
        is_changed: Codings have come or gone since it was drafted.
    """

    def __init__(self, words: ModelWords, now: frozenset[str], hidden: Collection[str]) -> None:
        self.words = words
        self.texts: tuple[Supported, ...] = tuple(
            text
            for text in words.texts
            if text.codings and all(c in now and c not in hidden for c in text.codings)
        )
        self.is_changed = fingerprint(now) != words.behind

    @property
    def text(self) -> str:
        return " ".join(text.text for text in self.texts)

    @property
    def codings(self) -> tuple[str, ...]:
        """Return the ids of all codings that the texts rest on, each once."""
        return tuple(dict.fromkeys(c for text in self.texts for c in text.codings))

    def note(self, found: Lookup) -> str:
        """Say what the texts rest on, and whether that is still all that there is."""
        said = [found.by_coding[c] for c in self.codings if c in found.by_coding]
        people = {e.person for e in said if e.person is not None}
        told = f"rests on {_counted(len(self.codings), 'quote')} of {_people(len(people))}"
        gone = len(self.words.texts) - len(self.texts)
        if gone:
            told += f"; {_counted(gone, 'sentence')} left out, what {_it(gone)} is gone"
        return f"{told}; out of date: the codings here have changed" if self.is_changed else told


def standing_words(
    words: Sequence[ModelWords],
    behind: Mapping[Key, frozenset[str]],
    codebook: Codebook,
    hidden: Collection[str] = (),
) -> dict[Key, Standing]:
    """Return what still stands of each draft; those of which nothing does are left out.

    Args:
        words: The last of each kind and target.
        behind: From `codings_behind`.
        codebook: Leads the stages of cells that were merged to their survivors.
        hidden: Ids of codings whose quotes people hid.
    """
    found: dict[Key, Standing] = {}
    for one in words:
        lane, slash, stage = one.target.rpartition("/")
        target = one.target
        if one.kind in ("cell", "stage"):
            target = f"{lane}{slash}{codebook.standing(stage)}"
        standing = Standing(one, behind.get((one.kind, target), frozenset()), hidden)
        if standing.texts:
            found[one.kind, target] = standing
    return found


def with_model_words(
    draft: Draft, words: Sequence[ModelWords], found: Lookup, hidden: Collection[str] = ()
) -> Draft:
    """Return a machine's draft with a model's words in it, as drafts.

    A map of a part of the study has none over its cells, because they tell of all people; that of
    one persona has the words on that persona.

    Args:
        draft: Without people's edits.
        words: The last of each kind and target.
        found: What the draft was made of.
        hidden: Ids of codings whose quotes people hid.
    """
    if not words:
        return draft
    standing = standing_words(words, codings_behind(draft, found), found.codebook, hidden)
    shown = draft.map.group
    names = persona_ids(found.participants)
    wanted = shown.attributes.get("persona", "").casefold()
    summaries = []
    for (kind, target), one in standing.items():
        if kind == "cell" and not shown.attributes and not shown.checked_only:
            lane, _, stage = target.partition("/")
            summaries.append(_summary(one, stage, lane, found))
        elif kind == "persona" and (not shown.attributes or names[target].casefold() == wanted):
            summaries.append(_summary(one, target, PERSONA, found, names[target]))
    return replace(
        draft,
        criteria=replace(
            draft.criteria, criteria=_worded(draft.criteria.criteria, standing, found)
        ),
        edits=replace(draft.edits, summaries=(*draft.edits.summaries, *summaries)),
    )


def _summary(one: Standing, stage: str, lane: str, found: Lookup, name: str = "") -> Summary:
    note = one.note(found)
    return Summary(stage, lane, one.text, "draft", one.words.author, name, one.codings, note)


def _worded(
    criteria: Sequence[DesignCriterion], standing: Mapping[Key, Standing], found: Lookup
) -> tuple[DesignCriterion, ...]:
    """Return the criteria in a model's words where it has some; no two get the same."""
    taken = {c.statement.casefold() for c in criteria}
    made = []
    for criterion in criteria:
        one = standing.get(("criterion", criterion.id))
        if one is None or one.text.casefold() in taken:
            made.append(criterion)
            continue
        taken.add(one.text.casefold())
        basis = (
            f"The wording is a draft by {one.words.author} and {one.note(found)}. "
            f"Without it this would be “{criterion.statement}” Of that: {criterion.basis}"
        )
        made.append(replace(criterion, statement=one.text, author=one.words.author, basis=basis))
    return tuple(made)


def _counted(n: int, one: str) -> str:
    return f"{n} {one}" if n == 1 else f"{n} {one}s"


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n} people"


def _it(n: int) -> str:
    return "it rested on" if n == 1 else "they rested on"
