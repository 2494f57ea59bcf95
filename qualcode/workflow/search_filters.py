"""Which segments a search looks through."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from qualcode.codebook import Codebook, family_name
from qualcode.codebook.codes import Code
from qualcode.codebook.names import codes_called, near_miss, similar
from qualcode.errors import UsageError
from qualcode.records import Role, Segment
from qualcode.workflow.reviews import coded_with
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.store.segment_texts import SegmentText

__all__ = ["HEARD", "Filters", "Selection"]

HEARD = (Role.PARTICIPANT, Role.UNKNOWN)
"""Whose words are found unless something else is asked for."""

_STAGE = "stage"
_PERSONA = "persona"


@dataclass(frozen=True, slots=True)
class Filters:
    """Say which segments may be found; all conditions must hold, of one kind any of its values.

    Attributes:
        code: Id or name of a code; the codes beneath it are included.
        family: Id or name of a family.
        stage: Id or name of a stage.
        persona: Of the participant, in any case.
        participant: Id of a participant.
        speakers: Labels as they stand in the sources, in any case.
        roles: Empty for all but interviewers.
        sources: Paths as they are shown, or only the files' names.
        attributes: Names and values of attributes, in any case.
    """

    code: str | None = None
    family: str | None = None
    stage: str | None = None
    persona: str | None = None
    participant: str | None = None
    speakers: Sequence[str] = ()
    roles: Sequence[Role] = ()
    sources: Sequence[str] = ()
    attributes: Sequence[tuple[str, str]] = ()


class Selection:
    """Read a study's segments and keep those that the filters let through.

    Attributes:
        everything: All segments, in the order of the corpus.
        texts: Those that may be found.

    Raises:
        UsageError: A filter names what is not in the study; the hint tells what is similar.
    """

    def __init__(self, study: Study, filters: Filters) -> None:
        self._study = study
        self.everything: Sequence[SegmentText] = study.repository.segment_texts.all()
        roles = tuple(filters.roles) or HEARD
        texts = [text for text in self.everything if text.segment.role in roles]
        if filters.participant is not None:
            person = _require("participant", filters.participant, self._people)
            texts = [t for t in texts if (t.segment.participant_id or "").casefold() == person]
        if filters.speakers:
            labels = _all_required("speaker", filters.speakers, self._labels)
            texts = [t for t in texts if (t.label or "").casefold() in labels]
        if filters.sources:
            texts = self._of_sources(texts, filters.sources)
        if filters.persona is not None:
            texts = self._of_persona(texts, filters.persona)
        for name, value in filters.attributes:
            texts = self._with_attribute(texts, name, value)
        for wanted in _wanted_codes(study, filters):
            coded = coded_with(study, wanted)
            texts = [
                t for t in texts if t.segment.id in coded and t.segment.role is not Role.INTERVIEWER
            ]
        self.texts: Sequence[SegmentText] = texts

    def attributes_of(self, segment: Segment, of_document: Mapping[str, str]) -> dict[str, str]:
        """Return what is known of who speaks; the participant's own values go first."""
        own = self._participants.get(segment.participant_id or "", {})
        return {**of_document, **own}

    @cached_property
    def _participants(self) -> Mapping[str, Mapping[str, str]]:
        return self._study.repository.people.participants()

    @cached_property
    def _people(self) -> Collection[str]:
        heard = {text.segment.participant_id for text in self.everything} - {None}
        return {*self._participants, *(person for person in heard if person is not None)}

    @cached_property
    def _documents(self) -> Mapping[str, Mapping[str, str]]:
        return self._study.repository.segment_texts.document_attributes()

    @cached_property
    def _labels(self) -> Collection[str]:
        return {text.label for text in self.everything if text.label is not None}

    def _folded(self, text: SegmentText) -> dict[str, str]:
        of_document = self._documents[text.segment.document_id]
        known = self.attributes_of(text.segment, of_document)
        return {name.casefold(): value.strip().casefold() for name, value in known.items()}

    def _of_persona(self, texts: Sequence[SegmentText], persona: str) -> list[SegmentText]:
        known = {
            value.strip()
            for attributes in (*self._participants.values(), *self._documents.values())
            for name, value in attributes.items()
            if name.casefold() == _PERSONA and value.strip()
        }
        wanted = _require("persona", persona, known)
        return [
            text
            for text in texts
            if text.segment.role is Role.PARTICIPANT and self._folded(text).get(_PERSONA) == wanted
        ]

    def _with_attribute(
        self, texts: Sequence[SegmentText], name: str, value: str
    ) -> list[SegmentText]:
        everybody = [*self._participants.values(), *self._documents.values()]
        key = _require("attribute", name, {known for a in everybody for known in a})
        values = {v.strip() for a in everybody for k, v in a.items() if k.casefold() == key}
        wanted = _require(f"{name} with the value", value, values)
        return [text for text in texts if self._folded(text).get(key) == wanted]

    def _of_sources(
        self, texts: Sequence[SegmentText], sources: Sequence[str]
    ) -> list[SegmentText]:
        paths = {text.path for text in self.everything}
        wanted: set[str] = set()
        for asked in sources:
            named = asked.replace("\\", "/").strip("/")
            name = named.rpartition("/")[2].casefold()
            hits = {path for path in paths if path == named} or {
                path for path in paths if path.rpartition("/")[2].casefold() == name
            }
            if not hits:
                raise _unknown("source", asked, paths)
            wanted |= hits
        return [text for text in texts if text.path in wanted]


def _all_required(what: str, asked: Iterable[str], known: Collection[str]) -> set[str]:
    return {_require(what, value, known) for value in asked}


def _require(what: str, asked: str, known: Iterable[str]) -> str:
    """Return the value in the form in which it is compared, if the study has it in any case."""
    folded = asked.strip().casefold()
    known = list(known)
    if folded in (value.casefold() for value in known):
        return folded
    raise _unknown(what, asked, known)


def _unknown(what: str, asked: str, known: Iterable[str]) -> UsageError:
    known = sorted(known)
    near = similar(asked, known) or ", ".join(known[:8])
    return UsageError(
        f"the study has no {what} {asked!r}",
        hint=f"it has, among others: {near}" if near else f"no {what} is named in it yet",
    )


def _wanted_codes(study: Study, filters: Filters) -> list[set[str]]:
    """Return one set of code ids for each condition, with what was merged into them."""
    wanted = []
    if filters.family is not None:
        wanted.append({c.id for c in _family(study.codebook, filters.family)})
    if filters.code is not None:
        wanted.append(_code(study.codebook, filters.code, None))
    if filters.stage is not None:
        wanted.append(_code(study.codebook, filters.stage, (_STAGE,)))
    active = {c.id for c in study.codebook.codes if c.status != "retired"} if wanted else set()
    return [
        {c.id for c in study.codebook.codes if study.codebook.standing(c.id) in ids & active}
        for ids in wanted
    ]


def _family(book: Codebook, asked: str) -> list[Code]:
    folded = asked.strip().casefold()
    names = {name: family for family in book.families for name in (family_name(family), family)}
    for name, family in names.items():
        if name.casefold() == folded:
            return [code for code in book.codes if code.family == family]
    raise _unknown("family", asked, names)


def _code(book: Codebook, asked: str, families: Collection[str] | None) -> set[str]:
    """Return the ids that an id or name stands for, with those of the codes beneath."""
    hits = {book.standing(c.id) for c in codes_called(book, asked, families=families)}
    if not hits:
        where = f" in family {families[0]}" if isinstance(families, tuple) else ""
        raise UsageError(
            f"no code is called {asked!r}{where}", hint=near_miss(book, asked, families=families)
        )
    beneath = set(hits)
    while True:
        more = {c.id for c in book.codes if c.parent in beneath} - beneath
        if not more:
            return beneath
        beneath |= more
