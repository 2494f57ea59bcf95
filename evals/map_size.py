"""Measure the map's page for 60 interviews and for 20,000 comments.

    python evals/map_size.py [--interviews 60] [--comments 20000]
                             [--out evals/results/map_size.json]

The texts are the bundled corpora's own, repeated; each repetition ends with its number, so no two
are equal, and is another person's. They are read, coded with the default codebook and drawn as a
user would; the page is then opened in headless Chromium (CHROMIUM, /usr/bin/chromium or on PATH).
Prints JSON:

* `map_bytes`, `other_pages_bytes`: the page and what lies beside it;
* `draw_seconds`: from the codings in the store to the files on disk;
* `interactive_seconds`: from the navigation until all of the page is read and its script has run;
* `first_cell_seconds`: from the navigation until a click on the first cell has opened its quotes;
  medians of several openings.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evals.gold.sheet import homes_in, read_corpus
from evals.machine import load_average, peak_rss_mib
from evals.output import emit
from qualcode.records import Document, DocumentKind, Role
from qualcode.resources import corpora

N_OPENINGS = 3
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
CLICK_LIMIT_MS = 60_000


def chromium() -> str | None:
    """Return the path of a Chromium, None when there is none."""
    for named in (os.environ.get("CHROMIUM"), "/usr/bin/chromium"):
        if named and Path(named).exists():
            return named
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")


def corpora_documents() -> list[tuple[Document, str]]:
    """Return every document of the bundled corpora with the persona it belongs to."""
    found = []
    for name in sorted(corpora()):
        corpus, people = read_corpus(name)
        for document in corpus.documents:
            ids = [document.participant_id, *(v.participant_id for v in document.speakers)]
            persona = next((people[i]["persona"] for i in ids if i and "persona" in people[i]), "")
            found.append((document, persona))
    return found


def transcript(document: Document, n: int) -> str:
    """Return an interview as text with labels, its number after each participant's turn."""
    participants = [v.label for v in document.speakers if v.role is Role.PARTICIPANT]
    lines = []
    for turn in document.turns:
        words = " ".join(turn.span.of(document.text).split())
        if not turn.is_speech:
            continue
        if document.speaker(turn.speaker).role is not Role.PARTICIPANT:
            lines.append(f"Interviewer: {words}")
            continue
        which = participants.index(turn.speaker) + 1
        label = "Participant" if which == 1 else f"Participant {which}"
        lines.append(f"{label}: {words} ({n})")
    return "\n\n".join(lines) + "\n"


def write_interviews(folder: Path, documents: Sequence[tuple[Document, str]], n: int) -> None:
    """Write `n` interviews and their roster."""
    talks = [item for item in documents if item[0].kind is DocumentKind.INTERVIEW]
    with (folder / "participants.csv").open("w", encoding="utf-8", newline="") as file:
        roster = csv.writer(file)
        roster.writerow(["source", "persona"])
        for number in range(n):
            document, persona = talks[number % len(talks)]
            text = transcript(document, number)
            name = f"talk-{number:04}"
            (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
            roster.writerow([name, persona])


def write_comments(folder: Path, documents: Sequence[tuple[Document, str]], n: int) -> None:
    """Write a survey of `n` different comments, each by somebody else."""
    comments = [
        (document.text, persona)
        for document, persona in documents
        if document.kind is DocumentKind.COMMENT and document.text.strip()
    ]
    with (folder / "comments.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "persona", "comment"])
        for number in range(n):
            text, persona = comments[number % len(comments)]
            writer.writerow([f"c{number}", persona, f"{text} ({number})"])


def opened(page_path: Path) -> dict[str, Any]:
    """Open a map several times in a fresh browser and return the medians.

    Raises:
        SystemExit: There is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        raise SystemExit("no Chromium: apt-get install chromium, or set CHROMIUM to one")
    ready, first_cell = [], []
    with sync_playwright() as playwright:
        for _ in range(N_OPENINGS):
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1500, "height": 900})
            began = time.perf_counter()
            page.goto(page_path.as_uri(), wait_until="commit", timeout=CLICK_LIMIT_MS)
            page.locator("table button[data-key]").first.click(timeout=CLICK_LIMIT_MS)
            page.locator("#panel[open] blockquote").first.wait_for(timeout=CLICK_LIMIT_MS)
            first_cell.append(time.perf_counter() - began)
            ready.append(
                page.evaluate(
                    "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
                )
                / 1000
            )
            n_elements = page.evaluate("document.querySelectorAll('*').length")
            version = browser.version
            browser.close()
    return {
        "interactive_seconds": round(statistics.median(ready), 2),
        "first_cell_seconds": round(statistics.median(first_cell), 2),
        "elements": n_elements,
        "chromium": version,
    }


def measured(sources: Path, folder: Path) -> dict[str, Any]:
    """Read, code and draw what lies in a folder; return the figures."""
    from qualcode.settings import Charter
    from qualcode.workflow.code import code, local_coder
    from qualcode.workflow.ingest import IngestOptions, ingest
    from qualcode.workflow.map import write_map
    from qualcode.workflow.study import create_study

    with create_study(folder, name="Size", charter=Charter()) as study:
        report = ingest(study, [sources], IngestOptions())
        if not report.is_clean:
            raise RuntimeError("not every file was read")
        n_participants = len(study.repository.people.participants())
        coded = code(study, local_coder(study))
        began = time.perf_counter()
        paths = write_map(study, folder / "map.html").paths
        drawn = time.perf_counter()
    return {
        "participants": n_participants,
        "segments": coded.n_segments,
        "codings": coded.n_codings,
        "code_seconds": round(coded.seconds, 1),
        "draw_seconds": round(drawn - began, 2),
        "map_bytes": paths[0].stat().st_size,
        "other_pages_bytes": {path.name: path.stat().st_size for path in paths[1:]},
        **opened(paths[0]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--interviews", type=int, default=60)
    parser.add_argument("--comments", type=int, default=20_000)
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    options = parser.parse_args()
    documents = corpora_documents()
    result: dict[str, Any] = {"load_before": load_average()}
    wanted = {"interviews": options.interviews, "comments": options.comments}
    for kind, n in wanted.items():
        with tempfile.TemporaryDirectory() as folder, homes_in(Path(folder)):
            sources = Path(folder) / "sources"
            sources.mkdir()
            write = write_interviews if kind == "interviews" else write_comments
            write(sources, documents, n)
            result[f"{n}_{kind}"] = measured(sources, Path(folder) / "study")
    result |= {
        "peak_rss_mib": peak_rss_mib(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }
    emit(result, options.out)


if __name__ == "__main__":
    main()
