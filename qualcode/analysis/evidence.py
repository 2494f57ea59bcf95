"""The codings that may be shown, each with whose words they are, at which stage, in which mood."""

from __future__ import annotations

from dataclasses import dataclass

from qualcode.codebook import Codebook
from qualcode.draft import Quote
from qualcode.records import CHECKED, Coding, Corpus, Role, Segment

__all__ = ["Evidence", "gather_evidence", "person_of"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold one coding with what counting and showing it need.

    Attributes:
        place: The segment's index in `Corpus.segments`.
        person: Whose words; None for a voice that is not counted as a person.
        stage: The segment's stage, None where it has no stage coding.
        valence: That of the segment's strongest emotion, None without one.
        mood: The same; where no emotion was heard, −1 for a pain point, +1 for a strength.
    """

    coding: Coding
    place: int
    person: str | None
    stage: str | None
    valence: float | None
    mood: float | None = None

    @property
    def is_checked(self) -> bool:
        """Say whether people looked at the coding and let it stand."""
        return self.coding.status in CHECKED

    def quote(self, start_char: int | None = None, end_char: int | None = None) -> Quote:
        """Return the pointer to the words: the whole coding, or a part of it."""
        coding = self.coding
        return Quote(
            coding_id=coding.id,
            document_id=coding.document_id,
            segment_id=coding.segment_id,
            start_char=coding.start_char if start_char is None else start_char,
            end_char=coding.end_char if end_char is None else end_char,
            participant_id=self.person,
            score=coding.score,
            valence=self.valence,
        )


def person_of(segment: Segment) -> str | None:
    """Return whose words count as a person's, None for an unassigned or an interviewing voice."""
    return segment.participant_id if segment.role is Role.PARTICIPANT else None


def gather_evidence(corpus: Corpus, codebook: Codebook) -> list[Evidence]:
    """Return the codings that may be shown, in order of segments, then strongest first.

    Left out are an interviewer's words, codings that a person rejected and codings of segments
    that the corpus lacks. Where several coders put one code on one span, the strongest stays.
    Ties go by the order of the codebook.
    """
    order = {code.id: index for index, code in enumerate(codebook.codes)}
    stages = {code.id for code in codebook.family("stage")}
    place = {segment.id: index for index, segment in enumerate(corpus.segments)}
    by_place: dict[int, list[Coding]] = {}
    for coding in corpus.codings():
        at = place.get(coding.segment_id)
        if at is None or coding.status == "rejected":
            continue
        if corpus.segments[at].role is not Role.INTERVIEWER:
            by_place.setdefault(at, []).append(coding)

    def rank(coding: Coding) -> tuple[float, int, int, int, str]:
        known = order.get(coding.code, len(order))
        return (-coding.score, known, coding.start_char, coding.end_char, coding.id)

    found: list[Evidence] = []
    for at in sorted(by_place):
        unique: dict[tuple[str, str, int, int], Coding] = {}
        for coding in sorted(by_place[at], key=rank):
            key = (coding.family, coding.code, coding.start_char, coding.end_char)
            unique.setdefault(key, coding)
        codings = unique.values()
        stage = next((c.code for c in codings if c.family == "stage" and c.code in stages), None)
        valence = next(
            (c.valence for c in codings if c.family == "emotion" and c.valence is not None), None
        )
        person = person_of(corpus.segments[at])
        families = {c.family for c in codings}
        mood = valence
        if mood is None and families & {"pain_point", "strength"}:
            mood = float("strength" in families) - float("pain_point" in families)
        found += [Evidence(coding, at, person, stage, valence, mood) for coding in codings]
    return found
