"""A small study with a draft, and a pen that decides on it as the workflow does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qualcode.analysis.edited_quotes import quote_record
from qualcode.analysis.edits import apply_edits, stages_fingerprint
from qualcode.analysis.held_criteria import snapshot
from qualcode.analysis.journey import build_journey
from qualcode.analysis.lookup import Lookup
from qualcode.codebook import Code, Codebook
from qualcode.draft import CriteriaDraft, DesignCriterion, Draft, Group
from qualcode.records import (
    Coding,
    Corpus,
    Decision,
    Document,
    DocumentKind,
    Judgement,
    Rationale,
    Role,
    Segment,
    Speaker,
    Turn,
    Verdict,
    stable_id,
)
from qualcode.store.decisions import taken_back

BOOK = Codebook(
    "test",
    (
        Code("find", "Find what fits", "stage"),
        Code("join", "Get started", "stage"),
        Code("wait", "Waiting", "pain_point"),
        Code("broken", "It breaks", "pain_point"),
        Code("speed", "Speed", "need", statement="Customers need an answer the same day."),
        Code("price", "Clear price", "need", statement="Customers need to know the price."),
        Code("trust", "Trust", "need", statement="Customers need promises that are kept."),
        Code("joy", "Joy", "emotion", valence=1.0),
    ),
)
FAMILY = {code.id: code.family for code in BOOK.codes}
PERSONAS = {f"P{n}": {"persona": "Planner" if n % 2 else "Wanderer"} for n in range(8)}
SAID = ("I waited. I thought it would never come.", "What will it cost?", "They promised it.")
NEEDS = ("speed", "price", "trust")
Codes = Mapping[str, Sequence[str]]
"""Segment id to the codes on it."""


def segment_id(person: int, thing: int) -> str:
    return f"s{person}{thing}"


def usual_codes() -> dict[str, list[str]]:
    """Everybody wants speed, a clear price and trust, in that order; the first find, all join."""
    return {
        segment_id(p, t): [need, "wait", "find" if t == 0 else "join"]
        for p in range(8)
        for t, need in enumerate(NEEDS)
    }


def corpus_of(
    codes: Codes, *, coder: str = "local:a", people: int = 8, silent: Sequence[int] = ()
) -> Corpus:
    """Return a talk of three segments a person; those of `silent` are interviewers' words."""
    documents, segments, judgements = [], [], []
    for person in range(people):
        text, turns = "", []
        for thing, words in enumerate(SAID):
            turns.append(Turn(thing, len(text), len(text) + len(words), f"P{person}"))
            text += words + "\n"
        who = (Role.INTERVIEWER, None) if person in silent else (Role.PARTICIPANT, f"P{person}")
        voice = Speaker(f"P{person}", *who)
        documents.append(
            Document(
                *(f"d{person}", f"src{person}", f"{person}.txt", DocumentKind.INTERVIEW, text),
                tuple(turns),
                (voice,),
            )
        )
        for turn in turns:
            one = Segment(
                *(segment_id(person, turn.index), f"d{person}", turn.index, turn.index),
                *(turn.start_char, turn.end_char, *who),
            )
            segments.append(one)
            for code in codes.get(one.id, ()):
                coding = coding_of(one, code, coder)
                judgements.append(
                    Judgement(one.id, FAMILY[code], coder, Verdict.CODED, codings=(coding,))
                )
    return Corpus(tuple(documents), tuple(segments), tuple(judgements))


def coding_of(segment: Segment, code: str, coder: str) -> Coding:
    return Coding(
        *(coding_id(segment.id, code, coder), segment.document_id, segment.id),
        *(segment.start_char, segment.end_char, FAMILY[code], code, coder),
        0.5 + int(segment.id[1]) / 100,
        Rationale("cue", "x"),
        valence=1.0 if code == "joy" else None,
    )


def coding_id(segment: str, code: str, coder: str = "local:a") -> str:
    return f"{segment}-{code}-{coder}"


def machine_criterion(segments: Sequence[str], statement: str, found: Lookup) -> DesignCriterion:
    """Count a group of segments as the clustering does."""
    evidence = [e for s in segments for e in found.by_segment.get(s, ())]
    behind = [e for e in evidence if e.coding.family in ("need", "pain_point")]
    people = sorted({e.person for e in behind if e.person})
    stages: dict[str, set[str | None]] = {}
    codes: dict[str, set[str]] = {}
    for e in behind:
        codes.setdefault(e.coding.code, set()).add(e.coding.segment_id)
        if e.stage:
            stages.setdefault(e.stage, set()).add(e.person)
    needs = {e.coding.code for e in behind if e.coding.family == "need"}
    segments = [s for s in segments if any(e.coding.segment_id == s for e in behind)]
    first = {s: next(e for e in behind if e.coding.segment_id == s) for s in segments}
    return DesignCriterion(
        id=stable_id("criterion", *sorted(e.coding.id for e in behind)),
        statement=statement,
        basis="From the codebook.",
        terms=("word",),
        participants=tuple(people),
        stages={s: len(p) for s, p in sorted(stages.items())},
        codes={c: len(s) for c, s in sorted(codes.items(), key=lambda i: (-len(i[1]), i[0]))},
        quotes=tuple(e.quote() for e in first.values()),
        n_segments=len(segments),
        segments=tuple(segments),
        needs=tuple(sorted(needs, key=lambda n: (-len(codes[n]), n)))[:1],
    )


@dataclass
class Study:
    """Hold a corpus, the machine's grouping of it, and what people decided."""

    codes: Codes = field(default_factory=usual_codes)
    groups: Sequence[Sequence[str]] | None = None
    coder: str = "local:a"
    people: int = 8
    silent: Sequence[int] = ()
    book: Codebook = BOOK
    group: Group | None = None
    log: list[Decision] = field(default_factory=list)
    _made: dict[object, tuple[Corpus, Draft]] = field(default_factory=dict)

    @property
    def corpus(self) -> Corpus:
        return self._machine[0]

    @property
    def found(self) -> Lookup:
        return Lookup(self.corpus, self.book, PERSONAS)

    @property
    def machine(self) -> Draft:
        """Return the draft without people: by default a group for each need."""
        return self._machine[1]

    @property
    def _machine(self) -> tuple[Corpus, Draft]:
        key = (repr(self.groups), self.coder, self.people, self.silent, repr(self.group))
        key = (*key, repr(self.codes), repr(self.book))
        if key not in self._made:
            self._made[key] = self._draw()
        return self._made[key]

    def _draw(self) -> tuple[Corpus, Draft]:
        corpus = corpus_of(self.codes, coder=self.coder, people=self.people, silent=self.silent)
        found = Lookup(corpus, self.book, PERSONAS)
        groups = self.groups
        if groups is None:
            groups = [[s for s, codes in self.codes.items() if need in codes] for need in NEEDS]
        made = [
            machine_criterion(sorted(g), f"Machine's words {at}.", found)
            for at, g in enumerate(groups)
            if g
        ]
        journey = build_journey(corpus, self.book, seed=1, group=self.group, participants=PERSONAS)
        drafted = CriteriaDraft(tuple(made), "" if made else "too few people")
        return corpus, Draft(drafted, journey)

    @property
    def standing(self) -> list[Decision]:
        gone = taken_back(self.log)
        return [d for d in self.log if d.undoes is None and d.id not in gone]

    @property
    def draft(self) -> Draft:
        return self.applied(self.machine)

    def applied(self, draft: Draft) -> Draft:
        return apply_edits(
            draft, self.standing, self.book, corpus=self.corpus, participants=PERSONAS
        )

    @property
    def criteria(self) -> CriteriaDraft:
        return self.draft.criteria

    def statements(self) -> list[str]:
        return [c.statement for c in self.criteria.criteria]

    # What people do.

    def decide(
        self, subject: str, target: str, action: str, value: Mapping[str, Any], by: str = "Ann"
    ) -> Decision:
        made = Decision(
            len(self.log) + 1,
            f"2026-03-{self.day():02d}T10:00:00Z",
            by,
            subject,
            target,
            action,
            value,
        )
        self.log.append(made)
        return made

    def day(self) -> int:
        return min(28, len(self.log) + 1)

    def undo(self, decision: Decision) -> Decision:
        made = Decision(
            len(self.log) + 1,
            "2026-03-28T11:00:00Z",
            "Ann",
            decision.subject,
            decision.target,
            "undo",
            undoes=decision.id,
        )
        self.log.append(made)
        return made

    def kept(self, criterion: DesignCriterion) -> dict[str, Any]:
        return snapshot(self.machine.criteria, criterion, self.standing, self.found)

    def criterion(
        self, at: int, action: str, statement: str | None = None, by: str = "Ann"
    ) -> Decision:
        """Decide on the criterion at a position: those that stand, then those set aside."""
        shown = self.criteria
        chosen = (*shown.criteria, *shown.set_aside)[at]
        value = self.kept(chosen) | {"statement": statement or chosen.statement}
        return self.decide("criterion", chosen.id, action, value, by)

    def move_need(self, need: str, to: int) -> Decision:
        chosen = self.criteria.criteria[to]
        value = {"need": need, "from": None, "to": chosen.id, "criterion": self.kept(chosen)}
        return self.decide("need", need, "move", value)

    def own_criterion(self, at: int, owner: str) -> Decision:
        chosen = self.criteria.criteria[at]
        value = {"owner": owner, "kind": "criterion", "criterion": self.kept(chosen)}
        return self.decide("owner", chosen.id, "set", value)

    def record(self, coding: str) -> dict[str, Any]:
        evidence = self.found.by_coding[coding]
        return quote_record(evidence.quote(), evidence.coding.family, evidence.coding.code)

    def pin(self, cell: str, coding: str) -> Decision:
        value = {"cell": cell, "coding_id": coding, "quote": self.record(coding)}
        return self.decide("quote", coding, "pin", value)

    def unpin(self, cell: str, coding: str) -> Decision:
        return self.decide("quote", coding, "unpin", {"cell": cell, "coding_id": coding})

    def swap(self, cell: str, old: str, new: str) -> Decision:
        value = {"cell": cell, "coding_id": new, "for": old}
        value |= {"quote": self.record(new), "for_quote": self.record(old)}
        return self.decide("quote", new, "swap", value)

    def hide(self, coding: str, reason: str = "private") -> Decision:
        value = {"coding_id": coding, "reason": reason, "quote": self.record(coding)}
        return self.decide("quote", coding, "hide", value)

    def show(self, coding: str) -> Decision:
        return self.decide("quote", coding, "show", {"coding_id": coding})

    def sign(self, *, agrees: bool = True, by: str = "Ann") -> Decision:
        value = {
            "role": "leader",
            "agrees": agrees,
            "note": "" if agrees else "no",
            "fingerprint": stages_fingerprint(self.book),
        }
        return self.decide("stages", "stages", "sign", value, by)

    def summary(self, lane: str, stage: str, action: str, text: str) -> Decision:
        value = {"text": text, "status": "written"}
        return self.decide("summary", f"{lane}/{stage}", action, value)

    def opportunity(self, stage: str, text: str, owner: str = "") -> Decision:
        value = {"stage": stage, "text": text, "owner": owner}
        return self.decide("opportunity", stage, "write", value)
