"""Measure the main job's speed: ingest, code and map of survey comments in a fresh study.

    python evals/coding_speed.py [--comments 10000] [--csv FILE --text-col COL]
                                 [--out evals/results/coding_speed.json]

Without a file the bundled survey's comments are repeated, each with its number appended so that no
text is equal to another and every one has to be encoded. Prints JSON; segments a minute count the
coder's own time, the codebook's texts included. `load_before` says how much else was running.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evals.gold.sheet import homes_in
from evals.machine import load_average, peak_rss_mib
from evals.output import emit

CORPUS = Path(__file__).resolve().parents[1] / "corpora" / "rollwell" / "sources" / "survey.csv"


def repeated(path: Path, n_comments: int) -> None:
    """Write a survey of `n_comments` different comments."""
    with CORPUS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["comment"].strip()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "nps", "comment"])
        for n in range(n_comments):
            row = rows[n % len(rows)]
            writer.writerow([f"c{n}", row["nps"], f"{row['comment']} ({n})"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=10_000)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--text-col", default="comment")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, homes_in(Path(folder)):
        source = options.csv or Path(folder) / "comments.csv"
        if options.csv is None:
            repeated(source, options.comments)
        emit(measured(Path(folder) / "study", source, options.text_col), options.out, indent=1)


def measured(folder: Path, source: Path, text_col: str) -> dict[str, object]:
    from qualcode.settings import Charter
    from qualcode.workflow.code import code, local_coder
    from qualcode.workflow.ingest import IngestOptions, ingest
    from qualcode.workflow.map import write_map
    from qualcode.workflow.study import create_study

    load_before = load_average()
    with create_study(folder, name="Speed", charter=Charter()) as study:
        began = time.perf_counter()
        ingest(study, [source], IngestOptions(text_cols=(text_col,)))
        read = time.perf_counter()
        report = code(study, local_coder(study))
        coded = time.perf_counter()
        write_map(study, folder / "map.html")
        drawn = time.perf_counter()
        n_comments = len(study.repository.sources.documents())
    return {
        "coder": report.coder,
        "comments": n_comments,
        "segments": report.n_segments,
        "codings": report.n_codings,
        "median_codings_a_segment": report.median_codings,
        "ingest_seconds": round(read - began, 2),
        "code_seconds": round(coded - read, 2),
        "map_seconds": round(drawn - coded, 2),
        "total_seconds": round(drawn - began, 2),
        "segments_a_minute": round(60 * report.n_judged / report.seconds),
        "peak_rss_mib": peak_rss_mib(),
        "load_before": load_before,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    main()
