"""Draw the stretches of real talks that `otel_pain.csv` labels; offsets only, no text.

    python -m evals.gold.otel_draw --data ../shared/data > otel_drawn.csv

Chance comes from hashes, as in `draw.py`. Tidied stretches are whole sentences of one turn. Left
out: summaries, headings, the last paragraph (a goodbye), and whatever shares characters or five
words in a row with a stretch of `training/speech_check.csv` or with one already drawn.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SEED = 20260417
WANTED = {"tidied": (220, 4), "captions": (110, 3)}  # in all; of each file before the rest
SHORTEST, LONGEST = 40, 90  # words
LINE, WORD = re.compile(r".*\S.*"), re.compile(r"(?<!\S)[^\s\[]+(?!\S)")
BREAK = re.compile(r"#|-{3}|\[|\*\*\[|\*\*[^*]+\*\*:?\s*$")
LABEL = re.compile(r"\s*(?:(?:[-*]|\d+\.) )?(?:\*\*[^*]+(?::\*\*|\*\*:)|[A-Z][\w.]*(?: \w+)?:)\s*")
SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"”’)*]*(?=\s)|$)", re.MULTILINE)


class Stretch(NamedTuple):
    """Say where a stretch lies, in characters of the markdown file read with LF."""

    file: str
    start: int
    end: int
    part: str


def chance(*salt: object) -> int:
    """Return a number that only the seed and the salt decide."""
    return int(hashlib.sha256(":".join(map(str, (SEED, *salt))).encode()).hexdigest(), 16)


def runs_of_words(text: str, n: int = 5) -> set[str]:
    """Return all runs of `n` words, casefolded and without punctuation."""
    words = re.sub(r"[^\w\s]", "", text.casefold()).split()
    return {" ".join(words[at : at + n]) for at in range(len(words) - n + 1)}


def turns(text: str, start: int, end: int) -> Iterator[list[tuple[int, int]]]:
    """Yield the sentences of each turn of the tidied part."""
    sentences: list[tuple[int, int]] = []
    for line in list(LINE.finditer(text, start, end))[:-1]:
        label, no_speech = LABEL.match(line[0]), BREAK.match(line[0].strip())
        if label or no_speech:
            yield sentences
            sentences = []
        if not no_speech:
            at = line.start() + (label.end() if label else 0)
            sentences += [m.span() for m in SENTENCE.finditer(text, at, line.end())]
    yield sentences


def packed(pieces: list[tuple[int, int]], text: str, file: str, part: str) -> Iterator[Stretch]:
    """Put pieces together until a length that chance names is reached; drop what is too short."""
    at, n = 0, 0
    for i, (start, end) in enumerate(pieces):
        at, n = at if n else start, n + len(text[start:end].split())
        target = SHORTEST + (i + 1 < len(pieces)) * (chance(file, part, at) % 40)
        if n >= target:
            if n <= LONGEST:
                yield Stretch(file, at, end, part)
            n = 0


def candidates(file: str, text: str) -> Iterator[Stretch]:
    """Yield all stretches of a file that could be drawn."""
    tidied, raw = text.index("\n# ", text.index("## Summary")), text.index("## Raw YouTube")
    for sentences in turns(text, tidied, raw):
        yield from packed(sentences, text, file, "tidied")
    words = WORD.finditer(text, text.index("\n", raw))
    yield from packed([m.span() for m in words], text, file, "captions")


def draw(texts: dict[str, str], seen: list[Stretch]) -> list[Stretch]:
    """Draw by part, each file's floor first, and return in order of file and place."""
    used = {file: set[str]() for file in texts}
    for s in seen:
        used[s.file] |= runs_of_words(texts[s.file][s.start : s.end])
    taken = {(s.file, at) for s in seen for at in range(s.start, s.end)}
    free = [s for file, text in texts.items() for s in candidates(file, text)]
    free = [s for s in free if taken.isdisjoint((s.file, at) for at in range(s.start, s.end))]
    free.sort(key=lambda s: chance("draw", s.file, s.start))
    drawn, count = set[Stretch](), Counter[tuple[str, str]]()
    for limited, s in itertools.product((True, False), free):
        words = runs_of_words(texts[s.file][s.start : s.end])
        wanted, floor = WANTED[s.part]
        full = count[s.part, ""] >= wanted or (limited and count[s.part, s.file] >= floor)
        if not full and words.isdisjoint(used[s.file]):
            drawn.add(s)
            used[s.file] |= words
            count.update([(s.part, s.file), (s.part, "")])
    return sorted(drawn)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args().data / "otel_interviews"
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(data.glob("*.md"))}
    with Path("training/speech_check.csv").open(encoding="utf-8", newline="") as file:
        seen = [Stretch(r[0], int(r[1]), int(r[2]), r[3]) for r in list(csv.reader(file))[1:]]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows([("file", "start_char", "end_char", "part"), *draw(texts, seen)])


if __name__ == "__main__":
    main()
