"""Compare pain points and strengths with people's sentiment on comments of one NHS service.

    python -m evals.nhs_sentiment --data ../shared/data [--out evals/results/nhs_sentiment.json]

700 different comments of "See and Convey", whose labels the heads never saw, in the order of the
file; the text alone. A comment is negative where its coded sentiment is 4 or 5, positive at 1 or 2;
3 is left out. The rules of the coder were adjusted while looking at these figures: a development
figure, no test. Which code was proposed is not checked.
"""

from __future__ import annotations

import argparse
from pathlib import Path, PurePath

from evals.measures import scores
from evals.output import emit
from qualcode.codebook import load_codebook
from qualcode.coders.base import Task
from qualcode.coders.local.coder import LocalCoder
from qualcode.ingest.columns import Profile
from qualcode.ingest.segmentation import segment
from qualcode.ingest.survey import read_survey
from qualcode.ingest.table import read_table
from qualcode.records import Document, Verdict
from qualcode.resources import default_codebook_path

FILE = PurePath("nhs_comments") / "comments_coded.csv"
SERVICE = "See and Convey"
N_COMMENTS = 700


def comments(data: Path) -> list[Document]:
    table = read_table((data / FILE).read_bytes(), FILE)
    profile = Profile("comment_id", ("text",), ("service", "sentiment"))
    reading = read_survey(table, profile, path=FILE.name, source_id="src", source_sha256="nhs")
    different: dict[str, Document] = {}
    for document in reading.documents:
        known = document.attributes
        judged = known.get("sentiment") in ("1", "2", "4", "5")
        if document.text and known.get("service") == SERVICE and judged:
            different.setdefault(document.text, document)
    return list(different.values())[:N_COMMENTS]


def measured(documents: list[Document]) -> dict[str, object]:
    book = load_codebook(default_codebook_path())
    coder = LocalCoder(book)
    tasks = [Task(document, segment(document)) for document in documents]
    found: dict[str, object] = {"coder": coder.name, "n_comments": len(documents)}
    for family, meant in (("pain_point", "45"), ("strength", "12")):
        judgements = coder.code(tasks, (family,)).items
        coded = {j.segment_id for j in judgements if j.verdict is Verdict.CODED}
        proposed = [any(s.id in coded for s in task.segments) for task in tasks]
        labelled = [d.attributes["sentiment"] in meant for d in documents]
        right = sum(p and y for p, y in zip(proposed, labelled, strict=True))
        found[family] = {
            "basis": f"{coder.basis(family)}/{book.meaning(family)}",
            **scores(right, sum(proposed), sum(labelled)),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    emit(measured(comments(options.data)), options.out, indent=1)


if __name__ == "__main__":
    main()
