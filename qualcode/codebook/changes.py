"""What differs between two versions of a codebook, in words and in what it means for codings.

A change touches the codings of the codes that it changes. Only a code that applies to other words
than before, or to none, has its segments judged again; a code that nobody has looked for yet, all
segments of its family.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qualcode.codebook.book import Codebook
from qualcode.codebook.codes import Code
from qualcode.records import Coding, Corpus, Judgement

__all__ = [
    "Change",
    "Difference",
    "Effect",
    "Touched",
    "differences",
    "family_effect",
    "seen_with",
    "standing_judgements",
    "touched",
]


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one thing that became otherwise in a code.

    Attributes:
        kind: "added", "gone", "renamed", "merged", "split", "retired", "restored", "moved",
            "family", or the key of the code that changed.
        text: The same in words.
        before: The value of the key, None where there was none.
        after: Likewise.
    """

    kind: str
    text: str
    before: object = None
    after: object = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Hold all that became otherwise in one code; name and family are the newer ones."""

    code: str
    name: str
    family: str
    changes: tuple[Change, ...]

    @property
    def text(self) -> str:
        return "; ".join(change.text for change in self.changes)


@dataclass(frozen=True, slots=True)
class Effect:
    """Say what a change means for the segments of one family that were judged before it.

    Attributes:
        redefined: Ids of codes that apply to other words now: who has or had one is judged again.
        lost: Ids of codes that apply no more and were not merged: who has one is judged again.
        added: Ids of codes that nobody has looked for: everybody is judged again.
    """

    redefined: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """Count codings as they stand, and whose words they are on."""

    n_codings: int = 0
    n_segments: int = 0
    n_people: int = 0

    @property
    def text(self) -> str:
        if not self.n_codings:
            return "no codings"
        return (
            f"{_counted(self.n_codings, 'coding')} in {_counted(self.n_segments, 'segment')} of "
            f"{_counted(self.n_people, 'person', 'people')}"
        )


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def touched(codes: Collection[str], *views: Corpus) -> Touched:
    """Count the codings of some codes, their segments and participants.

    Args:
        codes: Their ids.
        views: A study as one or more versions of the book show it; a coding counts once.
    """
    hit = {c.id: c.segment_id for corpus in views for c in corpus.codings() if c.code in codes}
    segments = set(hit.values())
    people = {s.participant_id for s in views[0].segments if s.id in segments} - {None}
    return Touched(len(hit), len(segments), len(people))


def seen_with(corpus: Corpus, book: Codebook) -> Corpus:
    """Return a study with its codings as a book has their codes; see `standing_judgements`."""
    return replace(corpus, judgements=standing_judgements(corpus.judgements, book))


def standing_judgements(judgements: Iterable[Judgement], book: Codebook) -> tuple[Judgement, ...]:
    """Return judgements with their codings as the book has them.

    Codings of a merged code count for the one that it was merged into; of two on the same words
    the stronger stays. Codings by codes that are retired or gone are left out, and so is a
    judgement that has no others.
    """
    # Asked only of merged codes: each question goes through the whole book.
    standing = {
        code.id: code.id if code.merged_into is None else book.standing(code.id)
        for code in book.codes
    }
    active = {(c.family, c.id) for c in book.codes if c.status != "retired"}
    kept = []
    for judgement in judgements:
        if any(standing.get(c.code) != c.code for c in judgement.codings):
            judgement = _repointed(judgement, standing)
        codings = tuple(c for c in judgement.codings if (c.family, c.code) in active)
        if len(codings) == len(judgement.codings):
            kept.append(judgement)
        elif codings:
            kept.append(replace(judgement, codings=codings))
    return tuple(kept)


def _repointed(judgement: Judgement, standing: Mapping[str, str]) -> Judgement:
    strongest: dict[tuple[int, int, str], Coding] = {}
    for coding in judgement.codings:
        coding = replace(coding, code=standing.get(coding.code, coding.code))
        place = (coding.start_char, coding.end_char, coding.code)
        if place not in strongest or coding.score > strongest[place].score:
            strongest[place] = coding
    return replace(judgement, codings=tuple(strongest[place] for place in sorted(strongest)))


def family_effect(old: Codebook, new: Codebook, family: str) -> Effect:
    """Return what the change from one version to another means for a family."""
    before = {code.id: code for code in old.family(family)}
    after = {code.id: code for code in new.family(family)}
    lost = {new.standing(code_id) for code_id in before} - after.keys()
    return Effect(
        frozenset(i for i in before.keys() & after.keys() if before[i].meaning != after[i].meaning),
        frozenset(lost),
        tuple(i for i in after if i not in before and not _is_part(after[i], new, before, after)),
    )


def _is_part(code: Code, new: Codebook, before: Collection[str], after: Collection[str]) -> bool:
    """Tell whether a code is a part of one that was looked for and is no more."""
    origins = {c.id: c.split_from for c in new.codes}
    origin = code.split_from
    while origin is not None:
        if origin in before and origin not in after:
            return True
        origin = origins.get(origin)
    return False


def differences(old: Codebook, new: Codebook) -> tuple[Difference, ...]:
    """Return what differs, code by code: in the order of the newer book, then what is gone."""
    before = {code.id: code for code in old.codes}
    after = {code.id: code for code in new.codes}
    moved = _moved(old, new)
    parts: dict[str, list[str]] = {}
    for code in new.codes:
        if code.split_from is not None and code.id not in before:
            parts.setdefault(code.split_from, []).append(f"“{code.name}”")
    found = []
    for code in new.codes:
        was = before.get(code.id)
        changes = _added(code, after) if was is None else _changes(was, code, after, parts)
        if code.id in moved:
            changes = [*changes, Change("moved", moved[code.id])]
        if changes:
            found.append(Difference(code.id, code.name, code.family, tuple(changes)))
    for code in old.codes:
        if code.id not in after:
            gone = Change("gone", "no longer in the book")
            found.append(Difference(code.id, code.name, code.family, (gone,)))
    return tuple(found)


def _added(code: Code, names: Mapping[str, Code]) -> list[Change]:
    if code.split_from is not None:
        return [Change("added", f"added, a part of {_called(code.split_from, names)}")]
    return [Change("added", "added" if code.status != "retired" else "added, retired")]


def _called(code_id: str, codes: Mapping[str, Code]) -> str:
    return f"“{codes[code_id].name}”" if code_id in codes else code_id


def _changes(
    was: Code,
    code: Code,
    names: Mapping[str, Code],
    parts: Mapping[str, Sequence[str]],
) -> list[Change]:
    changes = []
    if code.name != was.name:
        text = f"renamed from “{was.name}” to “{code.name}”"
        changes.append(Change("renamed", text, was.name, code.name))
    elif code.former_names != was.former_names:
        changes.append(_list_change("former_names", was.former_names, code.former_names))
    changes += _end_of_life(was, code, names, parts)
    if code.family != was.family:
        text = f"moved from family {was.family} to {code.family}"
        changes.append(Change("family", text, was.family, code.family))
    if code.parent != was.parent:
        under = f"now under {_called(code.parent, names)}" if code.parent else "now at the top"
        changes.append(Change("parent", under, was.parent, code.parent))
    for key in ("definition", "goal", "statement", "owner", "valence"):
        one, two = getattr(was, key), getattr(code, key)
        if one != two:
            verb = (
                "taken out" if two in ("", None) else "written" if one in ("", None) else "changed"
            )
            changes.append(Change(key, f"{key} {verb}", one, two))
    for key in ("include", "exclude", "examples", "counter_examples", "goemotions"):
        if getattr(was, key) != getattr(code, key):
            changes.append(_list_change(key, getattr(was, key), getattr(code, key)))
    if code.split_from != was.split_from:
        origin = _called(code.split_from, names) if code.split_from else "no code"
        changes.append(Change("split_from", f"a part of {origin}", was.split_from, code.split_from))
    return changes


def _end_of_life(
    was: Code, code: Code, names: Mapping[str, Code], parts: Mapping[str, Sequence[str]]
) -> list[Change]:
    values = (was.status, code.status)
    if code.merged_into != was.merged_into and code.merged_into is not None:
        text = f"merged into {_called(code.merged_into, names)}"
        return [Change("merged", text, was.merged_into, code.merged_into)]
    if code.status == was.status:
        if code.merged_into == was.merged_into:
            return []
        return [Change("merged_into", "merged no more", was.merged_into, code.merged_into)]
    if code.status == "retired":
        if code.id in parts:
            return [Change("split", f"split into {' and '.join(parts[code.id])}", *values)]
        return [Change("retired", "retired", *values)]
    if was.status == "retired":
        return [Change("restored", "in use again", *values)]
    return [Change("status", f"status now {code.status}", *values)]


def _list_change(key: str, was: Sequence[str], now: Sequence[str]) -> Change:
    name = key.replace("_", " ")
    n_new = sum(entry not in was for entry in now)
    n_gone = sum(entry not in now for entry in was)
    told = [f"{n_new} added"] * bool(n_new) + [f"{n_gone} taken out"] * bool(n_gone)
    return Change(key, f"{name}: {', '.join(told) or 'in another order'}", list(was), list(now))


def _moved(old: Codebook, new: Codebook) -> Mapping[str, str]:
    """Return, in words, where codes stand now that did not keep their place in their family.

    As few codes as possible are called moved: all but a longest run that kept its order.
    """
    told = {}
    for family in new.families:
        at = {code.id: n for n, code in enumerate(c for c in old.codes if c.family == family)}
        now = [code for code in new.codes if code.family == family and code.id in at]
        kept = _longest_rise([at[code.id] for code in now])
        for n, code in enumerate(now):
            if n not in kept:
                told[code.id] = f"moved, now after “{now[n - 1].name}”" if n else "moved, now first"
    return told


def _longest_rise(numbers: Sequence[int]) -> frozenset[int]:
    """Return the places of a longest rising subsequence (patience sorting)."""
    tails: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        pile = bisect_left(tails, number)
        before.append(places[pile - 1] if pile else -1)
        tails[pile : pile + 1] = [number]
        places[pile : pile + 1] = [place]
    kept = set()
    at = places[-1] if places else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return frozenset(kept)
