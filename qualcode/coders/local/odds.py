"""How likely a code applies to a text: log odds from likeness and from what the heads hear.

A raw cosine says little: definitions lie closer to any text in one code than in another, and a
family of near sisters closer than one of strangers. So every cosine is also seen beside those of
the sister codes, and what the heads hear in the text beside what they hear in the code's own words.
A linear rule over these features, fitted on codebooks that the encoder never saw (`training/
fit_odds.py`), turns them into log odds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qualcode.codebook import Code
from qualcode.coders.local.contrast import Contrast, log_softmax, regression
from qualcode.coders.local.heads import EMOTION_LABELS
from qualcode.coders.local.readings import Readings, read_answers
from qualcode.coders.local.weights import Weights

__all__ = ["FEATURES", "CodeOdds", "Read", "Rule", "load_rules"]

Floats = NDArray[np.float64]
Read = Callable[[Sequence[str]], tuple[Floats, NDArray[np.float32]]]
"""Returns unit rows and the heads' answers of texts."""

FEATURES = (
    "cosine",
    "above_mean",
    "above_best_other",
    "log_share",
    "above_sisters",
    "same_emotion",
    "same_pain",
    "same_praise",
    "same_valence",
    "examples",
    "examples_above_mean",
    "examples_above_best_other",
    "contrast",
    "counter",
)
"""What the rule adds up; those of examples are 0 in a family without any."""

BACKGROUND = (
    "Small talk. Greetings, thanks and pleasantries between the people who talk.",
    "Filler. Yes, no, okay: a short answer that says nothing by itself.",
    "The person. Who somebody is, what they do, where they live.",
    "Explanation. How something works or is set up, told as a plain fact.",
    "The conversation. What the people in it just said, or will talk about next.",
    "Other matters. Something that has nothing to do with the subject.",
    "An episode. What somebody did, one thing after the other.",
    "Opinion. What somebody thinks of things in general.",
)
"""What any text may be about instead: a code must be nearer than these too, which a family of one
or two codes could not tell otherwise."""
NAME_SHARE, DEFINITION_SHARE, BOTH_SHARE = 0.5, 1.0, 2.0
"""What name, definition and both together count in a code's vector."""
LOG_SHARE_SCALE = 20.0
NEAREST_SHARE = 0.7
"""What the nearest example counts beside the second."""
MANY_EXAMPLES = 5
"""From so many a code on, examples themselves say how much they count beside definitions."""
CONTRAST_FLOOR = -6.0

# Matrix products round differently with the number of rows, by about 1e-16. Rounding far above
# gives a segment the same odds in whatever batch it comes.
_DECIMALS = 6
_NEUTRAL = EMOTION_LABELS.index("neutral")


@dataclass(frozen=True, slots=True)
class Rule:
    """Add up features to log odds.

    Attributes:
        features: Their names.
        weights: (n_features,), in the same order.
        bias: Log odds where all features are 0.
        cut: The chance from which on the judge that uses the rule says yes.
    """

    features: tuple[str, ...]
    weights: Floats
    bias: float
    cut: float = 0.5

    def odds(self, features: Floats) -> Floats:
        """Return log odds, (...,), of features (..., n_features)."""
        result: Floats = np.round(features @ self.weights + self.bias, _DECIMALS)
        return result


def load_rules(weights: Weights | None = None) -> Mapping[str, Rule]:
    """Return every rule that was fitted, by name.

    `definitions`, `examples` and `many` are for families without, with and with many examples, the
    others belong to the judges whose families they are called by.

    Raises:
        ModelError: `odds.json` is missing or altered.
    """
    given = json.loads((weights or Weights()).load("odds.json"))
    return {
        name: Rule(
            tuple(rule["weights"]),
            np.array(list(rule["weights"].values()), float),
            float(rule["bias"]),
            float(rule["cut"]),
        )
        for name, rule in given["rules"].items()
    }


class CodeOdds:
    """Say of texts how likely each code of one family applies."""

    def __init__(self, codes: Sequence[Code], read: Read, rules: Mapping[str, Rule]) -> None:
        """Read the family's texts.

        Args:
            codes: At least one.
            read: Returns unit rows and answers.
            rules: From `load_rules`; without one for `many`, many examples are as a few.
        """
        # The first name, so that a code that is called otherwise now still fits the same words.
        names = [code.first_name.replace("_", " ") for code in codes]
        definitions = [c.definition or name for name, c in zip(names, codes, strict=True)]
        described = [f"{n}. {c.definition}".strip() for n, c in zip(names, codes, strict=True)]
        examples = [(j, text) for j, code in enumerate(codes) for text in code.examples]
        counters = [(j, text) for j, code in enumerate(codes) for text in code.counter_examples]
        parts: list[Sequence[str]] = [names, definitions, described]
        parts += [[t for _, t in examples], [t for _, t in counters], BACKGROUND]
        vectors, answers = read([text for part in parts for text in part])
        ends = np.cumsum([len(part) for part in parts])[:-1]
        name, definition, both, self._examples, self._counters, background = np.split(vectors, ends)
        total = NAME_SHARE * name + DEFINITION_SHARE * definition + BOTH_SHARE * both
        self.vectors: Floats = total / np.linalg.norm(total, axis=1, keepdims=True)
        """(n_codes, 384), unit rows."""
        self.references: Floats = np.concatenate([both, self._examples])
        """(n_codes + n_examples, 384): each code's name with definition, then all examples."""
        self._background = background
        self._heard = read_answers(answers[ends[1] : ends[2]])
        self._owners = np.array([j for j, _ in examples], int)
        self.owners = np.concatenate([np.arange(len(codes)), self._owners])
        """(n_codes + n_examples,), the place of the code that each reference is of."""
        self._of_code = [np.flatnonzero(self._owners == j) for j in range(len(codes))]
        against = np.array([j for j, _ in counters], int)
        self._against = [np.flatnonzero(against == j) for j in range(len(codes))]
        between = self.vectors @ np.concatenate([self.vectors, background]).T
        np.fill_diagonal(between, 0)
        self._level = between.sum(axis=1) / (len(codes) - 1 + len(background))
        # A few codes without examples among many with them go by their definition.
        self._has_examples = 2 * sum(map(bool, map(len, self._of_code))) > len(codes)
        self._contrast: Callable[[Floats], Floats] | None = None
        self.rule = rules["definitions"]
        many = rules.get("many")
        if many and self._has_examples and len(self._owners) >= MANY_EXAMPLES * len(codes):
            self._contrast = Contrast(self.vectors, self._examples, self._owners)
            self.rule = many
        elif self._has_examples:
            self._contrast = self._fitted()
            self.rule = rules["examples"]

    def __call__(self, units: Floats, readings: Readings) -> tuple[Floats, Floats]:
        """Return log odds and plain similarity of unit rows; (n_units, n_codes) each."""
        features, similarity = self.features(units, readings)
        return self.rule.odds(features), np.round(similarity, _DECIMALS)

    def features(self, units: Floats, readings: Readings) -> tuple[Floats, Floats]:
        """Return (n_units, n_codes, n_features) and (n_units, n_codes) plain similarity."""
        cosines = units @ self.vectors.T
        elsewhere = units @ self._background.T
        heard = self._heard
        own, theirs = _feelings(readings), _feelings(heard)
        columns = [
            cosines,
            *_beside(cosines, elsewhere),
            _log_share(cosines, elsewhere),
            cosines - self._level,
            own @ theirs.T,
            np.outer(np.tanh(readings.pain), np.tanh(heard.pain)),
            np.outer(np.tanh(readings.praise), np.tanh(heard.praise)),
            np.outer(readings.valence, heard.valence) / 4,
        ]
        nearest = cosines.copy()
        if self._has_examples:
            to_examples = units @ self._examples.T
            for j, rows in enumerate(self._of_code):
                if len(rows):
                    two = np.sort(to_examples[:, rows], axis=1)[:, -2:]
                    near = NEAREST_SHARE * two[:, -1] + (1 - NEAREST_SHARE) * two[:, 0]
                    nearest[:, j] = np.maximum(cosines[:, j], near)
            columns += [nearest, *_beside(nearest, elsewhere), self._contrasted(units)]
        else:
            columns += [np.zeros_like(cosines)] * 4
        columns.append(self._countered(units, nearest))
        return np.stack(columns, axis=2), nearest

    def _countered(self, units: Floats, best: Floats) -> Floats:
        """Return (n_units, n_codes): by how much a counter-example is nearer than the code."""
        nearer = np.zeros_like(best)
        for j, rows in enumerate(self._against):
            if len(rows):
                opposed = (units @ self._counters[rows].T).max(axis=1)
                nearer[:, j] = np.maximum(opposed - best[:, j], 0)
        return nearer

    def _fitted(self) -> Callable[[Floats], Floats]:
        """Fit a regression on the family's texts; name and definition stand in it as an example."""
        texts = np.concatenate([self.vectors, self._examples])
        weights = regression(texts, self.owners, len(self.vectors))
        chance = np.log(len(self.vectors))
        return lambda units: log_softmax(units @ weights[:-1] + weights[-1]) + chance

    def _contrasted(self, units: Floats) -> Floats:
        """Return (n_units, n_codes): log of how many times as likely as by chance a code is."""
        if self._contrast is None:
            return np.zeros((len(units), len(self.vectors)))
        return np.maximum(self._contrast(units), CONTRAST_FLOOR)


def _feelings(readings: Readings) -> Floats:
    """Return (n, 27): how loud each feeling is, neutral left out."""
    return np.delete(np.sqrt(readings.emotion), _NEUTRAL, axis=1)


def _beside(values: Floats, elsewhere: Floats) -> tuple[Floats, Floats]:
    """Return how far each value lies above the mean of its row, and above the best other one.

    Args:
        values: (n_units, n_codes).
        elsewhere: (n_units, n_background), counted with them.
    """
    every = np.concatenate([values, elsewhere], axis=1)
    two = np.sort(every, axis=1)[:, -2:]
    best_other = np.where(values == two[:, 1:], two[:, :1], two[:, 1:])
    return values - every.mean(axis=1, keepdims=True), values - best_other


def _log_share(values: Floats, elsewhere: Floats) -> Floats:
    every = LOG_SHARE_SCALE * np.concatenate([values, elsewhere], axis=1)
    top = every.max(axis=1, keepdims=True)
    total = np.log(np.exp(every - top).sum(axis=1, keepdims=True)) + top
    result: Floats = LOG_SHARE_SCALE * values - total
    return result
