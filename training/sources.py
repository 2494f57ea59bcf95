"""Read the data sets into labelled texts, and say what is held back.

Every reader returns `Example` rows; a label that a source cannot tell is None. The shipped weights
must stay blind to banking77 and to every NHS theme: nothing here opens the one or reads the other.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qualcode.coders.local.heads import EMOTION_LABELS

__all__ = [
    "HELD_BACK_SERVICE",
    "Example",
    "feelings",
    "goemotions",
    "held_back_texts",
    "jupyter",
    "nhs_sentiment",
    "speech_check",
    "spoken",
    "text_key",
    "unlike",
    "without",
    "xed",
]

HELD_BACK_SERVICE = "See and Convey"

# What each GoEmotions label says about an experience, -2 to 2. Labels that go with good and bad
# news alike (confusion, curiosity, desire, realization, surprise) say nothing.
EMOTION_VALENCE = {
    "admiration": 1.5,
    "amusement": 0.8,
    "anger": -1.8,
    "annoyance": -1.2,
    "approval": 0.8,
    "caring": 0.6,
    "disappointment": -1.3,
    "disapproval": -1.0,
    "disgust": -1.6,
    "embarrassment": -1.0,
    "excitement": 1.5,
    "fear": -1.4,
    "gratitude": 1.5,
    "grief": -1.8,
    "joy": 1.7,
    "love": 1.7,
    "nervousness": -1.0,
    "optimism": 0.8,
    "pride": 1.4,
    "relief": 1.2,
    "remorse": -1.1,
    "sadness": -1.5,
    "neutral": 0.0,
}
PRAISE_EMOTIONS = frozenset(
    ["admiration", "approval", "excitement", "gratitude", "joy", "love", "pride", "relief"]
)

# In the order of the data set's readme: Plutchik's eight, numbered from 1.
XED_NEGATIVE = frozenset({1, 3, 4, 6})  # anger, disgust, fear, sadness
XED_POSITIVE = frozenset({5, 8})  # joy, trust
XED_JOY = 5

# "What hinders you?" - "Nothing." is an answer, but not a hindrance; and answers of a word or two
# name a topic without telling an experience.
_NO_HINDRANCE = re.compile(r"\W*(none|nothing|no|n/?a|not)\b", re.IGNORECASE)
_MIN_JUPYTER_WORDS = 4

# From so large a share of common word triples on, two texts are nearly the same.
_NEARLY = 0.7


@dataclass(frozen=True)
class Example:
    """A text and what is known about it.

    Attributes:
        text: As it stands in the source.
        source: Name of the data set.
        emotions: Indices into `EMOTION_LABELS`, None where not labelled.
        pain: Whether it tells of a difficulty, None where the source cannot tell.
        praise: Whether it tells of something that worked well, None likewise.
        valence: -2 (very negative) to 2, None likewise.
    """

    text: str
    source: str
    emotions: tuple[int, ...] | None = None
    pain: bool | None = None
    praise: bool | None = None
    valence: float | None = None


def text_key(text: str) -> str:
    """Return what two texts share that differ only in case, spaces or punctuation."""
    return re.sub(r"\W+", " ", text.casefold()).strip()


def goemotions(data_dir: Path, split: str) -> list[Example]:
    """Read a split of GoEmotions; pain, praise and valence follow from the emotions."""
    examples = []
    with (data_dir / f"goemotions/{split}.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            text, ids, _ = line.rstrip("\n").split("\t")
            emotions = tuple(int(i) for i in ids.split(","))
            names = {EMOTION_LABELS[i] for i in emotions}
            known = [EMOTION_VALENCE[name] for name in names if name in EMOTION_VALENCE]
            negative = any(value < 0 for value in known)
            examples.append(
                Example(
                    text,
                    "goemotions",
                    emotions=emotions,
                    pain=negative if known else None,
                    praise=bool(names & PRAISE_EMOTIONS),
                    valence=float(np.mean(known)) if known else None,
                )
            )
    return examples


def nhs_sentiment(data_dir: Path, *, held_back: bool) -> list[Example]:
    """Read NHS comments with their sentiment, each different text once.

    Sentiment 1-2 is praise, 4-5 pain; 3 means neutral or mixed, so it gives a valence only. Where
    equal texts were coded differently, their mean counts. Texts that occur in both parts are left
    out of the held-back one, most of them "nothing" and "no".

    Args:
        data_dir: Folder of the data sets.
        held_back: Return the one service that training never sees, instead of the others.
    """
    groups: dict[bool, dict[str, list[tuple[str, int]]]] = {True: {}, False: {}}
    path = data_dir / "nhs_comments/comments_coded.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["sentiment"] and row["text"].strip():
                group = groups[row["service"] == HELD_BACK_SERVICE]
                group.setdefault(text_key(row["text"]), []).append(
                    (row["text"], int(row["sentiment"]))
                )
    examples = []
    for key, rows in groups[held_back].items():
        if held_back and key in groups[False]:
            continue
        sentiment = float(np.mean([value for _, value in rows]))
        mixed = 2.5 < sentiment < 3.5
        examples.append(
            Example(
                rows[0][0],
                "nhs_comments",
                pain=None if mixed else sentiment > 3,
                praise=None if mixed else sentiment < 3,
                valence=3 - sentiment,
            )
        )
    return examples


def jupyter(data_dir: Path) -> list[Example]:
    """Read the 2015 survey answers whose question tells their tone.

    Only pain is taken: what people find pleasant is mostly a list of features, and learning praise
    from it made praise worse on every other source. Wishes are left out, being neither.
    """
    pain_of = {
        "hindrances": True,
        "difficult_aspects": True,
        "pleasant_aspects": False,
        "needs_addressed": False,
    }
    path = data_dir / "jupyter_surveys/clean_2015_ux_long.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Example(row["text"], "jupyter_surveys", pain=pain_of[row["question"]])
            for row in csv.DictReader(file)
            if row["question"] in pain_of
            and len(row["text"].split()) >= _MIN_JUPYTER_WORDS
            and not _NO_HINDRANCE.match(row["text"])
        ]


def xed(data_dir: Path) -> list[Example]:
    """Read film subtitles with Plutchik's emotions, the neutral lines included."""
    examples = []
    with (data_dir / "xed_en/en-annotated.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            text, ids = line.rstrip("\n").rsplit("\t", 1)
            emotions = {int(i) for i in ids.split(",")}
            negative, positive = bool(emotions & XED_NEGATIVE), bool(emotions & XED_POSITIVE)
            clear = negative != positive
            examples.append(
                Example(
                    text,
                    "xed_en",
                    pain=negative if clear else None,
                    praise=not negative and XED_JOY in emotions,
                    valence=(-1.2 if negative else 1.2) if clear else None,
                )
            )
    with (data_dir / "xed_en/neu_en.txt").open(encoding="utf-8") as lines:
        for line in lines:
            text = line.rstrip("\n").split("\t", 1)[1]
            examples.append(Example(text, "xed_en", pain=False, praise=False, valence=0.0))
    return examples


def spoken(path: Path) -> list[Example]:
    """Read the sentences that were written for this project in the manner of interviews."""
    valence = {"pain": -1.2, "praise": 1.3, "both": 0.0, "neither": 0.0}
    examples = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            label, text = line.rstrip("\n").split("\t")
            examples.append(
                Example(
                    text,
                    "spoken",
                    pain=label in ("pain", "both"),
                    praise=label in ("praise", "both"),
                    valence=valence[label],
                )
            )
    return examples


def feelings(path: Path) -> list[Example]:
    """Read the turns and comments that were written for this project with all their labels."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Example(
                row["text"],
                "feelings",
                emotions=tuple(sorted(EMOTION_LABELS.index(e) for e in row["emotion"].split(";"))),
                pain=bool(int(row["pain"])),
                praise=bool(int(row["praise"])),
                valence=float(row["valence"]),
            )
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def speech_check(labels: Path, data_dir: Path) -> dict[str, list[Example]]:
    """Read the labelled stretches of real talks; never for training.

    Args:
        labels: `speech_check.csv`, offsets in characters of the markdown file (LF).
        data_dir: Folder of the data sets.

    Returns:
        Examples by part: `captions` (raw, unpunctuated) and `tidied`.
    """
    texts: dict[str, str] = {}
    parts: dict[str, list[Example]] = {}
    with labels.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["file"]
            if name not in texts:
                texts[name] = (data_dir / "otel_interviews" / name).read_text(encoding="utf-8")
            words = texts[name][int(row["start_char"]) : int(row["end_char"])].split()
            parts.setdefault(row["part"], []).append(
                Example(
                    " ".join(words),
                    "otel_interviews",
                    pain=_flag(row["pain"]),
                    praise=_flag(row["praise"]),
                )
            )
    return parts


def without(examples: Iterable[Example], held_back: Iterable[Example]) -> list[Example]:
    """Return the examples whose text is not among the held-back ones."""
    keys = {text_key(example.text) for example in held_back}
    return [example for example in examples if text_key(example.text) not in keys]


def held_back_texts(data_dir: Path) -> list[str]:
    """Return every text that figures are made of: nothing that is trained on may be nearly one.

    banking77 is opened for this alone.
    """
    texts = [e.text for split in ("dev", "test") for e in goemotions(data_dir, split)]
    texts += [e.text for e in nhs_sentiment(data_dir, held_back=True)]
    tables = {
        "nhs_comments/comments_earlier_framework.csv": "feedback",
        "banking77/train.csv": "text",
        "banking77/test.csv": "text",
    }
    for name, column in tables.items():
        with (data_dir / name).open(encoding="utf-8", newline="") as file:
            texts += [row[column] for row in csv.DictReader(file)]
    return texts


def unlike(held_back: Iterable[str]) -> Callable[[Iterable[Example]], list[Example]]:
    """Return what keeps the examples that are no held-back text, nor nearly one.

    Nearly: the same words but for case and punctuation, or 70 % of the word triples of both in
    common (Jaccard).
    """
    keys: set[str] = set()
    sizes: list[int] = []
    holding: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for text in held_back:
        key = text_key(text)
        if key in keys:
            continue
        keys.add(key)
        triples = _triples(key)
        for triple in triples:
            holding[triple].append(len(sizes))
        sizes.append(len(triples))

    def near(key: str) -> bool:
        triples = _triples(key)
        common = Counter(at for triple in triples for at in holding.get(triple, ()))
        return any(n / (len(triples) + sizes[at] - n) >= _NEARLY for at, n in common.items())

    def kept(examples: Iterable[Example]) -> list[Example]:
        return [
            e for e in examples if (key := text_key(e.text)) and key not in keys and not near(key)
        ]

    return kept


def _triples(key: str) -> set[tuple[str, ...]]:
    words = key.split()
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def _flag(cell: str) -> bool | None:
    return bool(int(cell)) if cell else None
