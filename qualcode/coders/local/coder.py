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
from qualcode.coders.local.difficulty import (
    DIFFICULTY_CONTRAST,
    PAIN,
    PRAISE,
    DifficultyJudge,
)
from qualcode.coders.local.duration import DurationJudge
from qualcode.coders.local.emotion import EmotionJudge
from qualcode.coders.local.encoder import Encoder, Pieces
from qualcode.coders.local.explain import carrying_words
from qualcode.coders.local.findings import Finding, Judge, Opinion
from qualcode.coders.local.heads import Heads
from qualcode.coders.local.matcher import Matcher
from qualcode.coders.local.need import NeedJudge
from qualcode.coders.local.own_family import OwnFamilyJudge
from qualcode.coders.local.passages import (
    Passage,
    Passages,
    is_non_answer,
    read_passages,
)
from qualcode.coders.local.readings import Readings, read_heads
from qualcode.coders.local.stage import StageJudge
from qualcode.coders.local.touchpoint import TouchpointJudge
from qualcode.coders.local.weights import Weights
from qualcode.records import Coding, Judgement, Rationale, StepResult, Verdict, stable_id
from qualcode.spans import Span

__all__ = ["LOGIC_VERSION", "LocalCoder", "VectorStore"]

LOGIC_VERSION = "3"
"""Grows whenever the same weights and codebook could lead to other judgements."""

JUDGED = ("stage", "emotion", "pain_point", "need", "strength", "touchpoint", "duration")
"""Known families that this coder judges; the others are for people and LLMs."""

Vector = NDArray[np.float32]

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
    ) -> None:
        """Load the weights unless they are given.

        Args:
            codebook: What there is to propose.
            store: Where vectors of segments and of the codebook's texts are kept.
            encoder: Another one than the package's own.
            heads: Trained on that encoder.

        Raises:
            ModelError: The weights are missing or altered.
        """
        self._codebook = codebook
        self._store = store
        self._encoder = encoder or Encoder()
        self._heads = heads or Heads()
        self._heads_id = Weights().sha256("heads.npz")[:12]
        self._judges: dict[str, Callable[[Passages, Readings], list[Opinion]]] = {}
        self.name = f"local:{self._encoder.model_id}"
        self.families = tuple(
            family
            for family in codebook.families
            if (family in JUDGED or family not in FAMILIES) and codebook.family(family)
        )

    def basis(self, family: str) -> str:
        """Return a fingerprint of weights and logic, which are all that is not the codebook's."""
        parts = (self._encoder.model_id, self._heads_id, family, LOGIC_VERSION)
        return hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()[:12]

    def code(self, tasks: Sequence[Task], families: Sequence[str]) -> StepResult[Judgement]:
        """Return one judgement for every segment that is not an interviewer's, and family.

        Raises:
            ValueError: A family is not one of `families`.
        """
        for family in families:
            if family not in self.families:
                raise ValueError(f"not judged here: {family!r}")
        apart: dict[str, Pieces] = {}
        passages = read_passages(
            tasks, lambda texts: self._embed_segments(texts, apart), self._embed
        )
        heard = passages.heard
        if not heard:
            return StepResult(())
        readings = read_heads(self._heads, passages)
        opinions = {f: self._judge(f)(passages, readings) for f in dict.fromkeys(families)}
        explained = _Words(self._encoder, apart)
        judgements = [
            self._judgement(passage, family, opinions[family][row], explained)
            for row, passage in enumerate(heard)
            for family in opinions
        ]
        return StepResult(tuple(judgements), usage={"segments": float(len(heard))})

    def _judge(self, family: str) -> Callable[[Passages, Readings], list[Opinion]]:
        """Return the judge of a family; made once, because it embeds the family's texts."""
        if family not in self._judges:
            self._judges[family] = self._made(family, self._codebook.family(family))
        return self._judges[family]

    def _made(
        self, family: str, codes: Sequence[Code]
    ) -> Callable[[Passages, Readings], list[Opinion]]:
        if family in ("pain_point", "strength"):
            tone = PAIN if family == "pain_point" else PRAISE
            matcher = Matcher(codes, self._embed_kept, contrast_share=DIFFICULTY_CONTRAST)
            return DifficultyJudge(matcher, tone).judge
        matcher = Matcher(codes, self._embed_kept)
        if family == "emotion":
            limits = self._heads.emotion_thresholds.astype(np.float64)
            return EmotionJudge(matcher, limits).judge
        by_family: dict[str, Callable[[Matcher], Judge]] = {
            "stage": StageJudge,
            "need": NeedJudge,
            "touchpoint": TouchpointJudge,
            "duration": DurationJudge,
        }
        judge = by_family.get(family, OwnFamilyJudge)(matcher)
        return lambda passages, _: judge.judge(passages)

    def _judgement(
        self, passage: Passage, family: str, opinion: Opinion, words: _Words
    ) -> Judgement:
        if passage.alone and is_non_answer(passage.text):
            return Judgement(
                passage.segment.id, family, self.name, Verdict.NONE, "no answer was given"
            )
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

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        return self._encoder.encode([_readable(text) for text in texts]).astype(np.float64)

    def _embed_segments(
        self, texts: Sequence[str], apart: dict[str, Pieces]
    ) -> NDArray[np.float64]:
        """Embed segments, and note what the vectors are made of for the words behind codings."""

        def encode(missing: Sequence[str]) -> NDArray[np.float32]:
            vectors, pieces = self._encoder.encode_apart([_readable(text) for text in missing])
            apart.update(zip(missing, pieces, strict=True))
            return vectors

        return self._kept(texts, encode)

    def _embed_kept(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Embed the codebook's texts, which the next run needs again."""
        return self._kept(texts, self._encoder.encode)

    def _kept(
        self, texts: Sequence[str], encode: Callable[[Sequence[str]], NDArray[np.float32]]
    ) -> NDArray[np.float64]:
        """Return vectors from the store where it has them; compute and keep the others."""
        if self._store is None or not texts:
            return encode(texts).astype(np.float64)
        model = self._encoder.model_id
        keys = [_text_key(text) for text in texts]
        found = dict(self._store.get(keys, model))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            fresh = dict(zip(missing, encode(list(missing.values())), strict=True))
            self._store.add(fresh, model)
            found |= fresh
        return np.array([found[key] for key in keys], np.float64)


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
