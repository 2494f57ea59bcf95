"""The embedded coder: drafts codes for every family it knows, offline."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qualcode.codebook import FAMILIES, Code, Codebook
from qualcode.coders.base import Task
from qualcode.coders.local.difficulty import PAIN, PRAISE, DifficultyJudge
from qualcode.coders.local.duration import DurationJudge
from qualcode.coders.local.emotion import EmotionJudge, with_feeling
from qualcode.coders.local.encoder import Encoded, Encoder, Pieces
from qualcode.coders.local.explain import carrying_words
from qualcode.coders.local.findings import Finding, Judge, Opinion
from qualcode.coders.local.heads import Heads
from qualcode.coders.local.known import KNOWN_RULE, known_codes
from qualcode.coders.local.learning import Learnt, fingerprint
from qualcode.coders.local.matcher import Matcher
from qualcode.coders.local.need import NeedJudge
from qualcode.coders.local.odds import Rule, load_rules
from qualcode.coders.local.own_family import OwnFamilyJudge
from qualcode.coders.local.passages import (
    NO_ANSWER,
    Passage,
    Passages,
    is_non_answer,
    read_passages,
)
from qualcode.coders.local.readings import N_ANSWERS, answers
from qualcode.coders.local.stage import StageJudge
from qualcode.coders.local.taught import Grounds, TaughtJudge, grounds
from qualcode.coders.local.touchpoint import TouchpointJudge
from qualcode.coders.local.weights import Weights
from qualcode.records import TAUGHT, Coding, Judgement, Rationale, StepResult, Verdict, stable_id
from qualcode.spans import Span

__all__ = ["LOGIC_VERSION", "LocalCoder", "VectorStore"]

LOGIC_VERSION = "5"
"""Grows whenever the same weights and codebook could lead to other judgements."""

JUDGED = ("stage", "emotion", "pain_point", "need", "strength", "touchpoint", "duration")
"""Known families that this coder judges; the others are for people and LLMs."""

Vector = NDArray[np.float32]
_Read = tuple[NDArray[np.float64], NDArray[np.float32]]

_SURROGATE = re.compile("[\ud800-\udfff]")


class VectorStore(Protocol):
    """Keep unit vectors by the SHA-256 of their text, as `qualcode.store.vectors` does."""

    def get(self, keys: Sequence[str], model: str) -> Mapping[str, Vector]:
        """Return the vectors that are there."""

    def add(self, vectors: Mapping[str, Vector], model: str) -> None:
        """Save vectors; one that is there already is left."""


class LocalCoder:
    """Judge segments by sentence vectors, trained heads and the words of the codebook.

    Attributes:
        name: "local:" and the model's id.
        families: Those of `JUDGED` that the book has, and the book's own.
    """

    def __init__(
        self,
        codebook: Codebook,
        *,
        store: VectorStore | None = None,
        encoder: Encoder | None = None,
        heads: Heads | None = None,
        learnt: Mapping[str, Learnt] | None = None,
    ) -> None:
        """Load the weights unless they are given.

        Args:
            codebook: What there is to propose.
            store: Where vectors of segments and of the codebook's texts are kept.
            encoder: Another one than the package's own.
            heads: Trained on that encoder.
            learnt: What people's judgements taught, by code id.

        Raises:
            ModelError: The weights are missing or altered.
        """
        self._codebook = codebook
        self._store = store
        self._encoder = encoder or Encoder()
        self._heads = heads or Heads()
        self._rules = load_rules()
        weights = Weights()
        self._heads_id = weights.sha256("heads.npz")[:12]
        self._rules_id = weights.sha256("odds.json")[:12]
        self._known_id = weights.sha256("known.npz")[:12]
        self._learnt = dict(learnt or {})
        self._judges: dict[str, Judge] = {}
        self.name = f"local:{self._encoder.model_id}"
        self.families = tuple(
            family
            for family in codebook.families
            if (family in JUDGED or family not in FAMILIES) and codebook.family(family)
        )

    def basis(self, family: str) -> str:
        """Return a fingerprint of weights, logic and what was learnt, all but the codebook."""
        parts = (
            *(self._encoder.model_id, self._heads_id, self._rules_id, self._known_id),
            *(family, LOGIC_VERSION),
        )
        untaught = hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()[:12]
        learnt = self._learnt_of(family)
        return f"{untaught}{TAUGHT}{fingerprint(learnt)}" if learnt else untaught

    def code(self, tasks: Sequence[Task], families: Sequence[str]) -> StepResult[Judgement]:
        """Return one judgement for every segment that is not an interviewer's, and family.

        Raises:
            ValueError: A family is not one of `families`.
        """
        for family in families:
            if family not in self.families:
                raise ValueError(f"not judged here: {family!r}")
        apart: dict[str, Pieces] = {}
        passages = self._passages(tasks, apart)
        heard = passages.heard
        if not heard:
            return StepResult(())
        opinions = {f: self._judge(f).judge(passages) for f in dict.fromkeys(families)}
        explained = _Words(self._encoder, apart)
        judgements = [
            self._judgement(passage, family, opinions[family][row], explained)
            for row, passage in enumerate(heard)
            for family in opinions
        ]
        return StepResult(tuple(judgements), usage={"segments": float(len(heard))})

    def opinions(self, tasks: Sequence[Task], family: str) -> list[tuple[Passage, Opinion]]:
        """Return what the family's judge thinks of every passage heard, in their order."""
        passages = self._passages(tasks, {})
        return list(zip(passages.heard, self._judge(family).judge(passages), strict=True))

    def grounds(self, tasks: Sequence[Task], family: str) -> Grounds:
        """Return what learning starts from, as if nothing had been learnt yet."""
        passages = self._passages(tasks, {})
        return grounds(self._judge(family), passages, self._codebook.family(family))

    @property
    def untaught(self) -> LocalCoder | None:
        """Return this coder as it was before it learnt, None where it has learnt nothing."""
        if not self._learnt:
            return None
        return LocalCoder(
            self._codebook, store=self._store, encoder=self._encoder, heads=self._heads
        )

    def has_learnt(self, family: str) -> bool:
        """Say whether something was learnt of a code of the family."""
        return bool(self._learnt_of(family))

    def _learnt_of(self, family: str) -> dict[str, Learnt]:
        ids = [code.id for code in self._codebook.family(family)]
        return {code: self._learnt[code] for code in ids if code in self._learnt}

    def _passages(self, tasks: Sequence[Task], apart: dict[str, Pieces]) -> Passages:
        return read_passages(tasks, lambda texts: self._read_segments(texts, apart), self._read)

    def _judge(self, family: str) -> Judge:
        """Return the judge of a family; made once, because it embeds the family's texts."""
        if family not in self._judges:
            self._judges[family] = self._made(family, self._codebook.family(family))
        return self._judges[family]

    def _made(self, family: str, codes: Sequence[Code]) -> Judge:
        matcher = Matcher(codes, self._read_kept, self._rules, known_codes(family, codes))
        judge, learnt = self._untaught(family, matcher), self._learnt_of(family)
        if not learnt:
            return judge
        return TaughtJudge(judge, matcher, learnt, with_feeling if family == "emotion" else None)

    def _untaught(self, family: str, matcher: Matcher) -> Judge:
        rules = rules_for(self._rules, matcher)
        if family in ("pain_point", "strength"):
            tone = PAIN if family == "pain_point" else PRAISE
            return DifficultyJudge(matcher, tone, rules(family), rules(f"{family}:code"))
        if family == "emotion":
            thresholds = self._heads.emotion_thresholds.astype(np.float64)
            return EmotionJudge(matcher, thresholds, rules(family))
        if family == "need":
            return NeedJudge(matcher, rules(family))
        by_family: dict[str, Callable[[Matcher], Judge]] = {
            "stage": StageJudge,
            "touchpoint": TouchpointJudge,
            "duration": DurationJudge,
        }
        return by_family.get(family, OwnFamilyJudge)(matcher)

    def _judgement(
        self, passage: Passage, family: str, opinion: Opinion, words: _Words
    ) -> Judgement:
        if passage.alone and is_non_answer(passage.text):
            return Judgement(passage.segment.id, family, self.name, Verdict.NONE, NO_ANSWER)
        codings = tuple(
            self._coding(passage, family, finding, words) for finding in opinion.findings
        )
        return Judgement(
            passage.segment.id, family, self.name, opinion.verdict, opinion.reason, codings
        )

    def _coding(self, passage: Passage, family: str, finding: Finding, words: _Words) -> Coding:
        segment, span = passage.segment, finding.span
        # A judge names cues of the whole passage; those outside the span carried something else.
        carried = tuple(word for word in finding.words if span.contains(word))
        carried = carried or words.of(passage.text, finding)
        return Coding(
            # Offsets in the segment: a name masked elsewhere later leaves the id as it is.
            id=stable_id(
                *("cod", segment.id, family, finding.code.id, self.name),
                *(str(span.start_char), str(span.end_char)),
            ),
            document_id=segment.document_id,
            segment_id=segment.id,
            start_char=segment.start_char + span.start_char,
            end_char=segment.start_char + span.end_char,
            family=family,
            code=finding.code.id,
            coder=self.name,
            score=round(min(max(finding.score, 0.0), 1.0), 4),
            rationale=Rationale(
                basis=finding.basis,
                reference=finding.reference,
                similarity=None if finding.similarity is None else round(finding.similarity, 4),
                words=tuple(_moved(word, segment.start_char) for word in carried),
                note=finding.note,
            ),
            intensity=finding.intensity,
            valence=finding.valence,
        )

    def _read(self, texts: Sequence[str]) -> _Read:
        encoded = self._encoder.read([_readable(text) for text in texts])
        return encoded.vectors.astype(np.float64), answers(self._heads, encoded)

    def _read_segments(self, texts: Sequence[str], apart: dict[str, Pieces]) -> _Read:
        """Read segments, and note what the vectors are made of for the words behind codings."""

        def read(missing: Sequence[str]) -> Encoded:
            encoded, pieces = self._encoder.read_apart([_readable(text) for text in missing])
            apart.update(zip(missing, pieces, strict=True))
            return encoded

        return self._kept(texts, read)

    def _read_kept(self, texts: Sequence[str]) -> _Read:
        """Read the codebook's texts, which the next run needs again."""
        return self._kept(texts, self._encoder.read)

    def _kept(self, texts: Sequence[str], read: Callable[[Sequence[str]], Encoded]) -> _Read:
        """Return what the store has; read and keep the others.

        Vectors and answers are kept apart: the one serves search and clusters as well.
        """
        if self._store is None or not texts:
            encoded = read(texts)
            return encoded.vectors.astype(np.float64), answers(self._heads, encoded)
        keys = [_text_key(text) for text in texts]
        of_heads = f"{self._encoder.model_id}+{self._heads_id}"
        vectors = dict(self._store.get(keys, self._encoder.model_id))
        given = dict(self._store.get(keys, of_heads))
        missing = {
            key: text
            for key, text in zip(keys, texts, strict=True)
            if key not in vectors or key not in given
        }
        if missing:
            encoded = read(list(missing.values()))
            fresh = dict(zip(missing, encoded.vectors, strict=True))
            said = dict(zip(missing, answers(self._heads, encoded), strict=True))
            self._store.add(fresh, self._encoder.model_id)
            self._store.add(said, of_heads)
            vectors |= fresh
            given |= said
        return (
            np.array([vectors[key] for key in keys], np.float64),
            np.array([given[key] for key in keys], np.float32).reshape(len(keys), N_ANSWERS),
        )


def rules_for(rules: Mapping[str, Rule], matcher: Matcher) -> Callable[[str], Rule]:
    """Return how to get the rule of a name: the one for known codes, where the matcher has such."""
    ending = "" if matcher.known is None else KNOWN_RULE
    return lambda name: rules.get(name + ending, rules[name])


class _Words:
    """Find the words that carried findings, taking each text apart only once."""

    def __init__(self, encoder: Encoder, apart: dict[str, Pieces]) -> None:
        self._encoder = encoder
        self._apart = apart

    def of(self, text: str, finding: Finding) -> tuple[Span, ...]:
        """Return spans from the start of the text, strongest first."""
        if finding.direction is None:
            return ()
        if text not in self._apart:  # its vector came from the store
            self._apart[text] = self._encoder.pieces(_readable(text))
        return carrying_words(self._apart[text], text, finding.direction, finding.span)


def _moved(span: Span, by: int) -> Span:
    return Span(span.start_char + by, span.end_char + by)


def _readable(text: str) -> str:
    """Replace half characters, which no tokenizer takes; offsets stay."""
    return _SURROGATE.sub("\ufffd", text)


def _text_key(text: str) -> str:
    # The same as in the store, which coders do not know.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
