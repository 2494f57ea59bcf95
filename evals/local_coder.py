"""Measure the embedded coder on its small development set.

    python -m evals.local_coder [--data ../shared/data] [--out evals/results/FILE.json]

The labels in `evals/dev/` are one reader's, made by reading before the coder had ever run on these
segments. Thresholds were then chosen on them, so these figures say how well the choice went, not
how the coder does on new text: they are optimistic, and no gold.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from evals.measures import scores
from evals.output import write
from qualcode.codebook import load_codebook
from qualcode.coders.base import Task
from qualcode.coders.local.coder import JUDGED, LocalCoder
from qualcode.ingest.columns import detect
from qualcode.ingest.interview import build_document, read_interview
from qualcode.ingest.segmentation import segment
from qualcode.ingest.speakers import guess_roles
from qualcode.ingest.survey import read_survey
from qualcode.ingest.table import read_table
from qualcode.records import (
    Document,
    DocumentKind,
    Judgement,
    Role,
    Segment,
    Speaker,
    Turn,
    Verdict,
    stable_id,
)
from qualcode.resources import corpus_path, default_codebook_path

EVALS_DIR = Path(__file__).resolve().parent
DEV_DIR = EVALS_DIR / "dev"
SOMETHING = "?"
"""Label: a difficulty is there, and no code of the book fits."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Hold one segment with the codes that the reader gave it, by family."""

    segment: Segment
    labels: Mapping[str, frozenset[str]]


def _codes(cell: str) -> frozenset[str]:
    return frozenset(code for code in cell.split(";") if code)


def _rows(name: str) -> list[dict[str, str]]:
    with (DEV_DIR / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rollwell() -> tuple[list[Task], list[Labelled]]:
    """Return the two interviews and sixty comments of the bundled corpus that are labelled."""
    rows = _rows("rollwell.csv")
    sources = corpus_path("rollwell") / "sources"
    documents: dict[str, Document] = {}
    for name in sorted({row["document"] for row in rows if "." in row["document"]}):
        data = (sources / name).read_bytes()
        reading = read_interview(data, PurePath(name))
        document = build_document(
            reading, path=name, source_id="dev", source_sha256=hashlib.sha256(data).hexdigest()
        )
        documents[name] = replace(document, speakers=guess_roles(document))
    data = (sources / "survey.csv").read_bytes()
    table = read_table(data, PurePath("survey.csv"))
    profile, _ = detect(table)
    survey = read_survey(
        table,
        profile,
        path="survey.csv",
        source_id="dev",
        source_sha256=hashlib.sha256(data).hexdigest(),
    )
    wanted = {row["document"] for row in rows}
    documents |= {d.external_id: d for d in survey.documents if d.external_id in wanted}
    tasks = {name: Task(document, segment(document)) for name, document in documents.items()}
    labelled: list[Labelled] = []
    for row in rows:
        task = tasks[row["document"]]
        if not task.segments:
            continue  # "n/a" and its like, which are no answers
        held = next(
            s
            for s in task.segments
            if s.start_char == int(row["start_char"]) or task.document.kind is DocumentKind.COMMENT
        )
        labels = {family: _codes(row[family]) for family in JUDGED}
        labelled.append(Labelled(held, labels))
    return list(tasks.values()), labelled


def otel(data: Path) -> tuple[list[Task], list[Labelled]]:
    """Return single segments of talks; offsets are those of the files as they are."""
    tasks: list[Task] = []
    labelled: list[Labelled] = []
    for row in _rows("otel.csv"):
        text = (data / "otel_interviews" / row["document"]).read_text(encoding="utf-8")
        start, end = int(row["start_char"]), int(row["end_char"])
        document = Document(
            id=stable_id("doc", row["document"], row["start_char"]),
            source_id="dev",
            path=row["document"],
            kind=DocumentKind.INTERVIEW,
            text=text[start:end],
            turns=(Turn(0, 0, end - start),),
            speakers=(Speaker(None, Role.PARTICIPANT, "P1"),),
        )
        segments = segment(document)
        whole = replace(segments[0], end_char=end - start)
        tasks.append(Task(document, (whole,)))
        families = [family for family in JUDGED if family in row]
        labelled.append(Labelled(whole, {family: _codes(row[family]) for family in families}))
    return tasks, labelled


def measure(
    judgements: Iterable[Judgement], labelled: Sequence[Labelled]
) -> dict[str, dict[str, object]]:
    """Return, for each labelled family, scores by code and for “any code at all”."""
    by_key = {(j.segment_id, j.family): j for j in judgements}
    result: dict[str, dict[str, object]] = {}
    for family in labelled[0].labels:
        code, anything = Counter[str](), Counter[str]()
        verdicts: Counter[str] = Counter()
        for item in labelled:
            judgement = by_key[item.segment.id, family]
            wanted = item.labels[family]
            proposed = {coding.code for coding in judgement.codings}
            verdicts[judgement.verdict.value] += 1
            code.update(
                right=len(proposed & wanted),
                proposed=len(proposed),
                wanted=len(wanted - {SOMETHING}),
            )
            anything.update(
                right=int(bool(proposed) and bool(wanted)),
                proposed=int(bool(proposed)),
                wanted=int(bool(wanted)),
            )
        result[family] = {
            "code": scores(code["right"], code["proposed"], code["wanted"]),
            "any": scores(anything["right"], anything["proposed"], anything["wanted"]),
            "verdicts": {verdict.value: verdicts[verdict.value] for verdict in Verdict},
        }
    return result


def density(judgements: Iterable[Judgement]) -> float:
    """Return the median number of codings a segment."""
    counts: Counter[str] = Counter()
    for judgement in judgements:
        counts[judgement.segment_id] += len(judgement.codings)
    return statistics.median(counts.values())


def main() -> None:
    """Print a table and, with --out, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    book = load_codebook(default_codebook_path())
    coder = LocalCoder(book)
    sets = {"rollwell": rollwell()}
    if (args.data / "otel_interviews").is_dir():
        sets["otel_interviews"] = otel(args.data)
    report: dict[str, object] = {
        "coder": coder.name,
        "labels": "one reader; thresholds were chosen on these segments",
        "basis": {family: f"{coder.basis(family)}/{book.meaning(family)}" for family in JUDGED},
    }
    for name, (tasks, labelled) in sets.items():
        families = list(labelled[0].labels)
        judgements = coder.code(tasks, families).items
        figures = measure(judgements, labelled)
        median = density(judgements)
        report[name] = {"n_segments": len(labelled), "median_codings": median, **figures}
        print(f"{name}: {len(labelled)} segments, {median:g} codings a segment in the median")
        print(
            f"  {'family':<12}{'':<6}{'P':>7}{'R':>7}{'F1':>7}{'right':>7}{'prop.':>7}{'lab.':>6}"
        )
        for family, parts in figures.items():
            for kind in ("code", "any"):
                row = parts[kind]
                assert isinstance(row, dict)
                rates = "".join(
                    f"{'–' if row[k] is None else format(row[k], '.2f'):>7}"
                    for k in ("precision", "recall", "f1")
                )
                counts = f"{row['n_right']:>7}{row['n_proposed']:>7}{row['n_labelled']:>6}"
                print(f"  {family:<12}{kind:<6}{rates}{counts}")
            print(f"  {'':<12}{parts['verdicts']}")
    if args.out:
        write(report, args.out)


if __name__ == "__main__":
    main()
