"""Kill a run that asks a model again and again, and say what that cost.

    python -m evals.llm_kills [--units 1000] [--kills 9] [--workers 8] [--latency 0.3]
                              [--out evals/results/llm_kills.json]

`qualcode code --coder llm` asks a server on loopback about that many comments. It is killed (-9) at
random moments and started again with the same command until it comes through. Some kills fall into
the start, before anything is sent; the others after a random number of requests and a random part
of a second. Moments are drawn with a seed, but what is under way at one depends on the machine.
Prints JSON; `Told` says what each figure counts.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evals.gold.sheet import homes_in
from evals.machine import load_average
from evals.output import emit

if TYPE_CHECKING:
    from qualcode.store.ledger import SentRequest
    from qualcode.workflow.study import Study
    from tests.llm_server import LlmServer

SEED = 20260101
STARTING_SECONDS = 2.0
SAID = (
    "I waited forty minutes on hold and was furious",
    "the app crashed and nobody called back",
    "the nurse was so kind and the parcel came on the same day",
    "the bill was wrong although they had promised to tell me when it comes",
)
_NEVER = 120.0


@dataclass(frozen=True, slots=True)
class Told:
    """Say what became of a run that was killed.

    Attributes:
        units: Segments to be asked about; no two are equal.
        units_a_request: At most so many went into one.
        kills: So often it was killed while it ran.
        kills_at_start: Of those, before it had sent anything.
        least_requests: What an undisturbed run needs.
        requests: What the server got.
        repeated: The difference.
        most_repeated: Workers × kills, the most that is allowed.
        most_by_one_kill: Of what one run had sent, so much was sent again later.
        units_without_reply: Segments without a kept answer.
        replies_twice: Kept answers beyond one a segment.
        judgements_missing: Segment and family without a judgement.
        judgements_twice: Judgements beyond one for each segment and family.
        unprocessed: Judgements that only say why there is none.
        integrity: SQLite's own word on the file.
        listed: Rows of `qualcode log --egress`.
        not_listed: Requests that the server got and no row holds, word for word.
        seconds: All starts together.
    """

    units: int
    units_a_request: int
    workers: int
    kills: int
    kills_at_start: int
    least_requests: int
    requests: int
    repeated: int
    most_repeated: int
    most_by_one_kill: int
    units_without_reply: int
    replies_twice: int
    judgements_missing: int
    judgements_twice: int
    unprocessed: int
    integrity: str
    listed: int
    not_listed: int
    seconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=9)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--latency", type=float, default=0.3, help="seconds")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    options = parser.parse_args()
    load_before = load_average()
    with tempfile.TemporaryDirectory() as folder, homes_in(Path(folder)):
        told = killed_until_done(
            Path(folder),
            n_units=options.units,
            n_kills=options.kills,
            workers=options.workers,
            latency=options.latency,
            seed=options.seed,
        )
    machine = {
        "latency_seconds": options.latency,
        "seed": options.seed,
        "load_before": load_before,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }
    emit({**asdict(told), **machine}, options.out, indent=1)


def killed_until_done(
    folder: Path, *, n_units: int, n_kills: int, workers: int, latency: float, seed: int = SEED
) -> Told:
    """Make a study, code it with a run that is killed `n_kills` times, and look at what is there.

    Raises:
        RuntimeError: A run ended otherwise than by being killed, or came through too early.
    """
    from qualcode.coders.llm.coding_step import MOST_UNITS
    from qualcode.settings import Charter
    from qualcode.workflow.ingest import IngestOptions, ingest
    from qualcode.workflow.study import Study, create_study
    from tests.llm_server import LlmServer
    from tests.llm_server.obedient import Obedient

    survey = folder / "comments.csv"
    lines = [f"{SAID[n % len(SAID)]}, case {n}" for n in range(n_units)]
    survey.write_text("comment\n" + "\n".join(f'"{line}"' for line in lines) + "\n", "utf-8")
    with create_study(folder / "study", name="Stormy", charter=Charter()) as study:
        ingest(study, [survey], IngestOptions(text_cols=("comment",)))
    rng = random.Random(seed)
    least = math.ceil(n_units / MOST_UNITS)
    ends, began = [0], time.monotonic()
    with LlmServer(Obedient(), latency=latency) as server:
        command = [
            *(sys.executable, "-m", "qualcode", "code", "--coder", "llm", "--yes"),
            *("--model", "compatible:loopback", "--base-url", server.openai_url),
            *("--study", str(folder / "study")),
        ]
        for number in range(n_kills):
            # So few that all kills together leave something to do; every third one at the start.
            n_more = 0 if number % 3 == 2 else rng.randint(1, workers + least // (2 * n_kills))
            _kill(command, server, n_more, latency, workers, rng)
            ends.append(server.n_requests)
        _through(command, workers)
        seconds = time.monotonic() - began
        with Study(folder / "study") as study:
            return Told(
                units=n_units,
                units_a_request=MOST_UNITS,
                workers=workers,
                kills=n_kills,
                kills_at_start=sum(begin == end for begin, end in pairwise(ends)),
                least_requests=least,
                requests=server.n_requests,
                repeated=server.n_requests - least,
                most_repeated=workers * n_kills,
                most_by_one_kill=max(_sent_again(server, ends)),
                seconds=round(seconds, 1),
                **_standing(study),
                **_egress(study, server),
            )


def _kill(
    command: list[str],
    server: LlmServer,
    n_more: int,
    latency: float,
    workers: int,
    rng: random.Random,
) -> None:
    """Start a run and kill it after so many requests and a moment."""
    before = server.n_requests
    with _started(command, workers) as run:
        until = time.monotonic() + _NEVER
        while n_more and server.n_requests < before + n_more and time.monotonic() < until:
            if run.poll() is not None:
                break
            time.sleep(0.002)
        time.sleep(rng.uniform(0, latency) if n_more else rng.uniform(0, STARTING_SECONDS))
        if run.poll() is not None:
            raise RuntimeError(f"a run ended with {run.returncode} before it was killed")
        run.kill()
        run.wait()


def _sent_again(server: LlmServer, ends: list[int]) -> Iterator[int]:
    """Yield, for each run that was killed, how many of its requests came again in a later one."""
    said = [one.said.user for one in server.log if one.said is not None]
    for begin, end in pairwise(ends):
        later = set(said[end:])
        yield sum(one in later for one in said[begin:end])


def _through(command: list[str], workers: int) -> None:
    with _started(command, workers) as run:
        if run.wait() != 0:
            raise RuntimeError(f"the last run ended with {run.returncode}")


def _started(command: list[str], workers: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env={**os.environ, "QUALCODE_LLM_CONCURRENCY": str(workers)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).resolve().parents[1],
    )


def _standing(study: Study) -> dict[str, Any]:
    """Count what is in the store, row by row: what stands twice would not show otherwise."""
    database = study.path / "qualcode.db"
    n_segments = len(study.repository.segment_texts.all())
    n_families = len(study.codebook.families)
    with closing(sqlite3.connect(database)) as connection:

        def count(query: str) -> int:
            return int(connection.execute(query).fetchone()[0])

        replies = count("SELECT count(*) FROM reply WHERE is_valid")
        answered = count("SELECT count(DISTINCT content) FROM reply WHERE is_valid")
        judgements = count("SELECT count(*) FROM judgement")
        different = count(
            "SELECT count(*) FROM (SELECT DISTINCT segment_id, family, coder FROM judgement)"
        )
        return {
            "units_without_reply": n_segments - answered,
            "replies_twice": replies - answered,
            "judgements_missing": n_segments * n_families - different,
            "judgements_twice": judgements - different,
            "unprocessed": count("SELECT count(*) FROM judgement WHERE verdict = 'unprocessed'"),
            "integrity": str(connection.execute("PRAGMA integrity_check").fetchone()[0]),
        }


def _egress(study: Study, server: LlmServer) -> dict[str, int]:
    """Compare what the server got with what `qualcode log --egress` lists."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "qualcode", "log", "--egress", "--json"),
            *("--study", str(study.path)),
        ],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=Path(__file__).resolve().parents[1],
    )
    listed = {row["id"] for row in json.loads(done.stdout)}
    rows = [row for row in study.repository.ledger.all() if row.id in listed]
    held = Counter(said for row in rows for said in _said(study, row))
    seen = Counter(one.said.user for one in server.log if one.said is not None)
    return {"listed": len(listed), "not_listed": (seen - held).total()}


def _said(study: Study, row: SentRequest) -> Iterator[str]:
    """Yield what a request told the model besides the instructions; nothing where none is kept."""
    from qualcode.store.ledger import BodyState

    body = study.repository.ledger.body(row.id)
    if body is None:
        return
    text = body.decode("utf-8")
    if row.body_state is BodyState.EXACT:
        messages = json.loads(text)["messages"]
        yield "\n".join(one["content"] for one in messages if one["role"] != "system")
    else:
        yield text.rpartition("\n\n[user]\n")[2]


if __name__ == "__main__":
    main()
