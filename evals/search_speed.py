"""Measure search: exact comparison beside the search index, in one run, with the index's recall.

    python evals/search_speed.py [--comments 20000] [--queries 200]
    python evals/search_speed.py --rows 200000

The first makes a study of comments, each of two sentences drawn from the bundled corpora, embeds
and indexes them, and searches. The second leaves the study away and compares the two ways over made
vectors (200 middles with noise around them), which need no embedding. Prints JSON; times are of one
search each, the median of all; `cli` is the whole command, start-up included; `cpu` is the
processor time of this process alone, which other work on the machine does not change much.
`recall_at_10` is the share of the ten nearest by exact comparison that a search through the index
finds too.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.workflow.study import Study

SOURCES = Path(__file__).resolve().parents[1] / "corpora" / "rollwell" / "sources"
SEED = 20260101
QUERIES = (
    "nobody answered the phone",
    "delivery came late",
    "the price went up",
    "brakes that squeal",
    "afraid of riding in traffic",
    "they charged me for damage that was there before",
    "lovely mechanic",
    "logged out of the app again",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--rows", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QUALCODE_DATA_HOME"] = str(Path(folder) / "private")
        work = Path(folder)
        if options.rows:
            figures = of_vectors(work, options.rows, options.queries)
        else:
            figures = of_comments(work, options.comments, options.queries)
    machine = {
        "processors": os.cpu_count(),
        "load_average": [round(load, 1) for load in os.getloadavg()]
        if hasattr(os, "getloadavg")
        else None,
        "python": platform.python_version(),
    }
    print(json.dumps({**figures, **machine}, indent=1))


def of_comments(folder: Path, n_comments: int, n_queries: int) -> dict[str, Any]:
    from qualcode.settings import Charter
    from qualcode.workflow.index import IndexUse, reindex
    from qualcode.workflow.ingest import IngestOptions, ingest
    from qualcode.workflow.search import search, similar
    from qualcode.workflow.study import create_study

    comments(folder / "comments.csv", n_comments)
    with create_study(folder / "study", name="Speed", charter=Charter()) as study:
        ingest(study, [folder / "comments.csv"], IngestOptions(text_cols=("comment",)))
        done, seconds = timed(lambda: reindex(study))
        figures: dict[str, Any] = {
            "comments": n_comments,
            "texts_indexed": done.n_rows,
            "embed_and_index_seconds": round(seconds, 1),
            "index_mb": round(done.n_bytes / 1e6, 1),
        }
        segments = study.repository.segment_texts.all()
        asked = random.Random(SEED).sample(segments, n_queries)
        figures["recall_at_10"] = recall(study, [text.text for text in asked])
        for name, more in (
            ("words", {"meaning": False}),
            ("exact", {"use": IndexUse.EXACT}),
            ("chroma", {"use": IndexUse.CHROMA}),
        ):
            works = [partial(search, study, query, **more) for query in QUERIES]
            figures |= of_each(f"{name}_search", works)
        figures |= of_each("similar", [partial(similar, study, t.segment.id) for t in asked[:8]])
    command = [sys.executable, "-m", "qualcode"]
    figures["cli_version_seconds"] = whole_command([*command, "--version"])
    for use_name in ("exact", "chroma"):
        words = ["search", QUERIES[0], "--study", str(folder / "study"), "--index", use_name]
        figures[f"cli_{use_name}_seconds"] = whole_command([*command, *words])
    return figures


def of_vectors(folder: Path, n_rows: int, n_queries: int) -> dict[str, Any]:
    import numpy as np

    from qualcode.store.index.vector_index import VectorIndex
    from qualcode.store.repository import Repository

    rng = np.random.default_rng(SEED)
    middles = rng.normal(size=(200, 384))

    def made(n: int) -> Any:
        rows = middles[rng.integers(0, len(middles), n)] + rng.normal(size=(n, 384))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    keys = [f"{row:064x}" for row in range(n_rows)]
    queries = made(n_queries)
    found: dict[str, list[list[int]]] = {"exact": [], "chroma": []}
    spent: dict[str, list[float]] = {"exact": [], "chroma": []}
    with Repository(folder / "rows.db", create=True) as repository:
        for first in range(0, n_rows, 10_000):
            some = keys[first : first + 10_000]
            repository.vectors.add(dict(zip(some, made(len(some)), strict=True)), "made")
        index = VectorIndex(
            folder / "vectors", lambda wanted: repository.vectors.matrix(wanted, "made")
        )
        built = index.build(
            keys, "made", b"key", is_current=lambda: True, progress=lambda done, total: None
        )
        for query in queries[: min(n_queries, 12)]:
            began = time.perf_counter()
            scores = repository.vectors.matrix(keys, "made") @ query
            found["exact"].append(np.argsort(-scores)[:10].tolist())
            spent["exact"].append(time.perf_counter() - began)
            began = time.perf_counter()
            with index.open(keys, "made", b"key") as opened:
                (near,) = opened.nearest(query[None, :], 200)
                scores = repository.vectors.matrix([keys[row] for row in near], "made") @ query
                found["chroma"].append([near[at] for at in np.argsort(-scores)[:10]])
            spent["chroma"].append(time.perf_counter() - began)
    hits = sum(len(set(a) & set(b)) for a, b in zip(found["exact"], found["chroma"], strict=True))
    return {
        "rows": n_rows,
        "index_seconds": round(built.seconds, 1),
        "index_mb": round(built.n_bytes / 1e6, 1),
        "exact_seconds": median(spent["exact"]),
        "chroma_seconds": median(spent["chroma"]),
        "recall_at_10": round(hits / (10 * len(found["exact"])), 4),
    }


def recall(study: Study, texts: Sequence[str]) -> float:
    """Return the mean share of the ten exactly nearest that the index finds as well."""
    import numpy as np

    from qualcode.coders.local.weights import model_id
    from qualcode.store.index.vector_index import VectorIndex
    from qualcode.workflow.embed import vectors_of

    def vectors(wanted: Sequence[str]) -> Any:
        return study.repository.vectors.matrix(wanted, model_id())

    keys = sorted({text.key for text in study.repository.segment_texts.all()})
    queries = np.stack(list(vectors_of(study, texts).values()))
    index = VectorIndex(study.path / "vectors", vectors)
    with index.open(keys, model_id(), study.private.index_key()) as opened:
        found = opened.nearest(queries, 200)
    exact = np.argsort(-(queries @ vectors(keys).T), axis=1)[:, :10].tolist()
    shares = [len(set(one) & set(many)) / 10 for one, many in zip(exact, found, strict=True)]
    return round(statistics.mean(shares), 4)


def comments(path: Path, n_comments: int) -> None:
    """Write a survey of different comments."""
    with (SOURCES / "survey.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["comment"] for row in csv.DictReader(file)]
    for talk in sorted(SOURCES.glob("interview-*.txt")):
        texts += talk.read_text(encoding="utf-8").splitlines()
    sentences = sorted(
        {part.strip() for text in texts for part in re.split(r"(?<=[.!?])\s+|\n", text)}
    )
    sentences = [sentence for sentence in sentences if 20 <= len(sentence) <= 200]
    rng = random.Random(SEED)
    pairs: dict[tuple[str, str], None] = {}
    while len(pairs) < n_comments:
        one, two = rng.sample(sentences, 2)
        pairs[one, two] = None
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "comment"])
        writer.writerows([f"c{n}", f"{one} {two}"] for n, (one, two) in enumerate(pairs))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def of_each(name: str, works: Sequence[Callable[[], Any]]) -> dict[str, float]:
    wall, cpu = [], []
    for work in works:
        began = time.process_time()
        wall.append(timed(work)[1])
        cpu.append(time.process_time() - began)
    return {f"{name}_seconds": median(wall), f"{name}_cpu_seconds": median(cpu)}


def whole_command(command: Sequence[str]) -> float:
    def run() -> None:
        subprocess.run(command, check=True, capture_output=True)

    return median([timed(run)[1] for _ in range(5)])


def median(seconds: Sequence[float]) -> float:
    return round(statistics.median(seconds), 3)


if __name__ == "__main__":
    main()
