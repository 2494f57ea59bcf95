"""Measure the main job's speed: ingest, code and map of survey comments in a fresh study.

    python evals/coding_speed.py [--comments 5000] [--csv FILE --text-col COL]

Without a file the bundled survey's comments are repeated, each with its number appended so that no
text is equal to another and every one has to be encoded. Prints JSON; segments a minute count the
coder's own time, the codebook's texts included.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import tempfile
import time
from pathlib import Path

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
    parser.add_argument("--comments", type=int, default=5000)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--text-col", default="comment")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QUALCODE_DATA_HOME"] = str(Path(folder) / "private")
        source = options.csv or Path(folder) / "comments.csv"
        if options.csv is None:
            repeated(source, options.comments)
        print(json.dumps(measured(Path(folder) / "study", source, options.text_col), indent=1))


def measured(folder: Path, source: Path, text_col: str) -> dict[str, object]:
    from qualcode.settings import Charter
    from qualcode.workflow.code import code, local_coder
    from qualcode.workflow.ingest import IngestOptions, ingest
    from qualcode.workflow.map import write_map
    from qualcode.workflow.study import create_study

    with create_study(folder, name="Speed", charter=Charter()) as study:
        began = time.perf_counter()
        ingest(study, [source], IngestOptions(text_cols=(text_col,)))
        read = time.perf_counter()
        report = code(study, local_coder(study))
        coded = time.perf_counter()
        write_map(study, folder / "map.html")
        drawn = time.perf_counter()
    return {
        "segments": report.n_segments,
        "codings": report.n_codings,
        "median_codings_a_segment": report.median_codings,
        "ingest_seconds": round(read - began, 2),
        "code_seconds": round(coded - read, 2),
        "map_seconds": round(drawn - coded, 2),
        "total_seconds": round(drawn - began, 2),
        "segments_a_minute": round(60 * report.n_judged / report.seconds),
        "peak_rss_mib": peak_rss_mib(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }


def peak_rss_mib() -> float | None:
    """Return the process's peak memory, None on Windows, which has no `resource`."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if platform.system() == "Darwin" else 2**10), 1)


if __name__ == "__main__":
    main()
