"""Write the blank sheet on which a reader judges the gold sample of a bundled corpus.

    python -m evals.gold.sheet CORPUS --out FILE.csv

The corpus is read as `qualcode demo` reads it, names masked, in a study that is thrown away; no
coder runs. One row a participant's segment, in the order of the documents. `document` and the two
offsets name the segment; `before` is what a reader needs to understand it.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from qualcode.records import Corpus, Document, DocumentKind, Role, Segment, Turn
from qualcode.resources import corpora, corpus_path

if TYPE_CHECKING:
    from qualcode.workflow.study import Study

SAMPLES = Path(__file__).resolve().parent / "samples.toml"
COLUMNS = ("document", "row", "start_char", "end_char", "before", "text")
JUDGED = ("stage", "emotion", "pain_point", "note")
CONTEXT_CHARS = 300
LEAST_CHARS = 40
"""An earlier turn is not begun for fewer characters."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Name what is judged: whole interviews by file, comments by the survey's own ids."""

    interviews: frozenset[str]
    comments: Mapping[str, frozenset[str]]

    def holds(self, document: Document) -> bool:
        if document.kind is DocumentKind.INTERVIEW:
            return document.path in self.interviews
        return document.external_id in self.comments.get(document.path, frozenset())


def sample_of(corpus: str, path: Path = SAMPLES) -> Sample:
    """Return the fixed sample of a corpus."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))[corpus]
    comments = {survey: frozenset(ids) for survey, ids in listed["comments"].items()}
    return Sample(frozenset(listed["interviews"]), comments)


@contextmanager
def homes_in(folder: Path) -> Iterator[None]:
    """Keep keys and settings of the person who runs this out of it, and its own away from them."""
    before = {name: value for name, value in os.environ.items() if name.startswith("QUALCODE_")}
    for name in before:
        del os.environ[name]
    os.environ["QUALCODE_DATA_HOME"] = str(folder / "private")
    os.environ["QUALCODE_CONFIG"] = str(folder / "config.toml")
    try:
        yield
    finally:
        del os.environ["QUALCODE_DATA_HOME"], os.environ["QUALCODE_CONFIG"]
        os.environ.update(before)


@contextmanager
def read_study(name: str) -> Iterator[Study]:
    """Give a study that holds a bundled corpus, its names masked, and throw it away afterwards.

    Raises:
        RuntimeError: One of its files could not be read whole.
    """
    from qualcode.workflow.demo import corpus_study
    from qualcode.workflow.ingest import ingest

    with (
        tempfile.TemporaryDirectory() as folder,
        homes_in(Path(folder)),
        corpus_study(Path(folder) / "study", name) as study,
    ):
        report = ingest(study, [corpus_path(name) / "sources"])
        if not report.is_clean:
            raise RuntimeError(f"not every file of corpus {name} was read")
        yield study


def read_corpus(name: str) -> tuple[Corpus, Mapping[str, Mapping[str, str]]]:
    """Read a bundled corpus and return it with its participants' attributes.

    Raises:
        RuntimeError: One of its files could not be read whole.
    """
    with read_study(name) as study:
        return study.corpus(), study.repository.people.participants()


def sheet_rows(corpus: Corpus, sample: Sample) -> Iterator[tuple[str, str, int, int, str, str]]:
    """Yield a row for each segment of the sample that an interviewer did not say."""
    documents = {document.id: document for document in corpus.documents}
    for segment in corpus.segments:
        document = documents[segment.document_id]
        if segment.role is Role.INTERVIEWER or not sample.holds(document):
            continue
        yield (
            document.path,
            document.external_id or "",
            segment.start_char,
            segment.end_char,
            words_before(document, segment),
            segment.span.of(document.text),
        )


def words_before(document: Document, segment: Segment) -> str:
    """Return about the last `CONTEXT_CHARS` characters before a segment, a line a turn.

    Each line begins with who speaks: INT, P, or P2 for a second participant. The last line is the
    segment's own turn, so it is the mark alone where the segment begins the turn. What stands
    before a segment of a comment is the comment's own beginning.
    """
    mark = _marks(document)
    lines: list[str] = []
    room = CONTEXT_CHARS
    for turn in reversed(document.turns[: segment.turn_index + 1]):
        words = document.text[turn.start_char : min(turn.end_char, segment.start_char)].strip()
        is_cut = len(words) > room
        if is_cut:
            words = "… " + words[-room:].partition(" ")[2]
        lines.append(f"{mark(turn)}{words}".rstrip())
        room -= len(words)
        if is_cut or room < LEAST_CHARS:
            break
    return "\n".join(reversed(lines)).strip()


def _marks(document: Document) -> Callable[[Turn], str]:
    if document.kind is DocumentKind.COMMENT:
        return lambda _turn: ""
    names: dict[str | None, str] = {}
    for role, sign in ((Role.INTERVIEWER, "INT"), (Role.PARTICIPANT, "P"), (Role.UNKNOWN, "?")):
        voices = [voice.label for voice in document.speakers if voice.role is role]
        names |= {v: sign if n == 1 else f"{sign}{n}" for n, v in enumerate(voices, start=1)}
    return lambda turn: f"{names[turn.speaker]}: " if turn.is_speech else ""


def write_sheet(rows: Sequence[Sequence[str | int]], out: TextIO) -> None:
    """Write rows with empty cells for the judgements."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *JUDGED])
    writer.writerows([*row, *("" for _ in JUDGED)] for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", choices=corpora())
    parser.add_argument("--out", type=Path, required=True, help="a file that is not there yet")
    options = parser.parse_args()
    if options.out.exists():  # judgements that somebody wrote never give way to a blank sheet
        parser.error(f"{options.out} exists already")
    corpus, _ = read_corpus(options.corpus)
    rows = list(sheet_rows(corpus, sample_of(options.corpus)))
    with options.out.open("x", encoding="utf-8", newline="") as out:
        write_sheet(rows, out)
    heard = sum(segment.role is not Role.INTERVIEWER for segment in corpus.segments)
    print(f"{len(rows)} of {heard} segments: {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
