"""Draw the texts whose feelings a reader judged, and write the blank sheet.

    python -m evals.gold.emotion_draw --data ../shared/data --out sheet.csv [--text]

190 comments of the NHS service that training holds back, spread over their coded sentiment, and
150 stretches of tidied talk, half of them told in the first person, spread over the files. Chance
comes from hashes, as in `evals.gold.draw`. `--text` adds the words for the reader; that sheet is
not for the repository.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from evals.gold.draw import ordered
from training.sources import HELD_BACK_SERVICE, text_key

SEED = "20260412"
KEPT_OUT = Path(__file__).parents[2] / "training/speech_check.csv"
COMMENT_WORDS = range(12, 151)
COMMENTS_BY_SENTIMENT = {"45": 85, "12": 76, "3": 29}
STRETCH_WORDS = range(30, 91)
N_STRETCHES = 150
N_FIRST_PERSON = 3
ADDED_TO = 65  # a stretch ends at a number of words from the least up to this, or a little above

_FIRST_PERSON = re.compile(r"\b(I|my|me|we|our)\b", re.IGNORECASE)
_SPEAKER = re.compile(r"(?:[-*] +)?(?:\*\*[^*]+\*\*:? *|[A-Z][\w.’']*(?: [A-Z][\w.’']*){0,2}: +)?")
_BETWEEN_SENTENCES = re.compile(r"""[.!?]["”)*]*(\s+)(?=["“(*]*[A-Z])""")


class Row(NamedTuple):
    source: str
    key: str
    start_char: int
    end_char: int
    text: str


def comments(data: Path) -> list[Row]:
    """Return comments in the order of the file, each different text once."""
    with (data / "nhs_comments/comments_coded.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seen = {text_key(row["text"]) for row in rows if row["service"] != HELD_BACK_SERVICE}
    sentiments: dict[str, str] = {}
    for row in rows:
        key, size = text_key(row["text"]), len(row["text"].split())
        if row["service"] == HELD_BACK_SERVICE and size in COMMENT_WORDS and key not in seen:
            seen.add(key)
            sentiments[row["comment_id"]] = row["sentiment"]
    taken: set[str] = set()
    for wanted, n in COMMENTS_BY_SENTIMENT.items():
        fit = [key for key, value in sentiments.items() if value and value in wanted]
        taken.update(ordered(fit, SEED)[:n])
    texts = {row["comment_id"]: row["text"] for row in rows if row["comment_id"] in taken}
    return [Row("nhs_comments", key, 0, len(text), text) for key, text in texts.items()]


def stretches(data: Path) -> list[Row]:
    """Return stretches of talk, taken from the files in turn, in the order of file and place."""
    with KEPT_OUT.open(encoding="utf-8", newline="") as file:
        out = [(r["file"], int(r["start_char"]), int(r["end_char"])) for r in csv.DictReader(file)]
    queues: list[list[Row]] = []
    for path in sorted((data / "otel_interviews").glob("*.md")):
        found = {
            f"{path.name}:{row.start_char}": row
            for row in _stretches_of(path.name, path.read_text(encoding="utf-8"))
            if not any(n == row.key and a < row.end_char and row.start_char < b for n, a, b in out)
        }
        queues.append([found[name] for name in ordered(found, SEED)])
    taken: list[Row] = []
    while len(taken) < N_STRETCHES:
        for queue in queues:
            # The first half takes only what is told in the first person, the second half anything.
            least = N_FIRST_PERSON if len(taken) < N_STRETCHES // 2 else 0
            fit = [row for row in queue if len(_FIRST_PERSON.findall(row.text)) >= least]
            if fit and len(taken) < N_STRETCHES:
                taken.append(fit[0])
                queue.remove(fit[0])
    return sorted(taken, key=lambda row: (row.key, row.start_char))


def _stretches_of(name: str, text: str) -> Iterator[Row]:
    """Cut tidied paragraphs at sentence ends into stretches that do not overlap."""
    begin = text.index("\n# ", text.index("\n## Summary"))
    end = text.index("\n## Raw YouTube Transcript")
    for line in re.compile(r"^[^#\n].*", re.MULTILINE).finditer(text, begin + 1, end):
        speaker = _SPEAKER.match(text, line.start(), line.end())
        start = speaker.end() if speaker else line.start()
        cuts = [cut.span(1) for cut in _BETWEEN_SENTENCES.finditer(text, start, line.end())]
        for last, after in [*cuts, (line.end(), line.end())]:
            stop = start + len(text[start:last].rstrip())
            size = len(text[start:stop].split())
            least = int(ordered(map(str, range(STRETCH_WORDS[0], ADDED_TO)), f"{name}:{start}")[0])
            if size >= least or (last == line.end() and size in STRETCH_WORDS):
                if size in STRETCH_WORDS:
                    yield Row("otel_interviews", name, start, stop, text[start:stop])
                start = after


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--text", action="store_true")
    args = parser.parse_args()
    with args.out.open("w", encoding="utf-8", newline="") as file:
        writer, n = csv.writer(file, lineterminator="\n"), 5 if args.text else 4
        writer.writerow([*Row._fields[:n], "emotion"])
        for row in comments(args.data) + stretches(args.data):
            writer.writerow([*row[:n], ""])


if __name__ == "__main__":
    main()
