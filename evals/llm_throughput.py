"""Measure how near asking a model comes to the best that its server's latency allows.

    python -m evals.llm_throughput [--requests 1000] [--few 200] [--runs 3] [--latency 1]
                                   [--family pain_point] [--out evals/results/llm_throughput.json]

The server answers on loopback from a process of its own, each request after the latency and as
many at once as come. The asking process opens a study of comments (the bundled survey's, each with
a number) and asks about each segment alone, with the default codebook, some 70 kB a request:
prompt, pool, HTTP, checks of the reply, ledger and kept answers are all in it. One more request
goes first: what a first one imports is told apart. The ideal is requests / at once × latency; as
there are whole rounds only, nobody reaches more than 97.7 % of it with 1,000 requests, 64 at once.
`--family` asks about some families only, with a shorter prompt. Beside it a bare client sends one
request's bytes as often, to see what machine and server cost. Prints JSON: of `runs` measurements
all, and the median.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evals.coding_speed import repeated
from evals.gold.sheet import homes_in
from evals.machine import load_average, peak_rss_mib
from evals.output import emit

AT_ONCE = (64, 8)
REQUIRED = {"share_of_ideal": 0.95, "peak_rss_mib": 300}
MODEL = "compatible:loopback"
STUDY = "study"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000, help="with 64 at once")
    parser.add_argument("--few", type=int, default=200, help="with 8 at once")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds")
    parser.add_argument("--family", nargs="+", default=[], help="ask about these families only")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    # What the processes of one measurement are told; this one stays small, because what a process
    # held counts as what its children held.
    parser.add_argument("--serve", nargs=3, metavar=("FOLDER", "N", "SECONDS"))
    parser.add_argument("--ask", nargs=4, metavar=("FOLDER", "URL", "N", "SECONDS"))
    parser.add_argument("--bare", nargs=3, metavar=("URL", "N", "AT_ONCE"))
    options = parser.parse_args()
    if options.serve:
        serve(Path(options.serve[0]), int(options.serve[1]), float(options.serve[2]))
        return
    if options.ask:
        folder, url, n, latency = options.ask
        print(json.dumps(asked(Path(folder), url, int(n), float(latency), options.family)))
        return
    if options.bare:
        url, n, at_once = options.bare
        print(json.dumps(sent_bare(url, int(n), int(at_once))))
        return
    load_before = load_average()
    told: dict[str, Any] = {}
    for at_once, n in zip(AT_ONCE, (options.requests, options.few), strict=True):
        runs = [measured(n, at_once, options.latency, options.family) for _ in range(options.runs)]
        told[f"{at_once}_at_once"] = {
            "requests": n,
            "ideal_seconds": round(n / at_once * options.latency, 2),
            "median": {key: round(median(run[key] for run in runs), 4) for key in runs[0]},
            "runs": runs,
        }
    result = {
        "latency_seconds": options.latency,
        "families": options.family or "all",
        **told,
        "required": REQUIRED,
        "load_before": load_before,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }
    emit(result, options.out, indent=1)


def measured(
    n: int, at_once: int, latency: float, families: Sequence[str] = ()
) -> dict[str, float]:
    """Measure once, and beside it the bare client; return the figures of both."""
    ideal = n / at_once * latency
    n_rounds = -(-n // at_once)
    ask = ["--ask", str(n), str(latency), *(["--family", *families] if families else [])]
    told = served(ask, n + 1, at_once, latency)
    bare = served(["--bare", str(n), str(at_once)], n, at_once, latency)
    return {
        "share_of_ideal": round(ideal / told["seconds"], 4),
        "share_of_whole_rounds": round(n_rounds * latency / told["seconds"], 4),
        "bare_share_of_ideal": round(ideal / bare["seconds"], 4),
        **told,
    }


def served(client: list[str], n: int, at_once: int, latency: float) -> dict[str, float]:
    """Have one process serve and another one ask; return what the latter measured.

    Raises:
        RuntimeError: The latter failed, or the former got another number of requests than `n`.
    """
    with tempfile.TemporaryDirectory() as folder, homes_in(Path(folder)):
        os.environ["QUALCODE_LLM_CONCURRENCY"] = str(at_once)
        with subprocess.Popen(
            [sys.executable, __file__, "--serve", folder, str(n), str(latency)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        ) as server:
            assert server.stdin is not None and server.stdout is not None
            url = server.stdout.readline().strip()
            kind, *numbers = client
            places = [folder, url] if kind == "--ask" else [url]
            done = subprocess.run(
                [sys.executable, __file__, kind, *places, *numbers],
                stdout=subprocess.PIPE,
                encoding="utf-8",
                check=False,
            )
            seen = json.loads(server.communicate("")[0])
        del os.environ["QUALCODE_LLM_CONCURRENCY"]
    if done.returncode or seen["requests"] != n:
        raise RuntimeError(f"{kind} ended with {done.returncode}; served: {seen}")
    told: dict[str, float] = json.loads(done.stdout)
    return {**told, "most_at_once": seen["most_at_once"]}


def serve(folder: Path, n: int, latency: float) -> None:
    """Make a study, serve until standard input ends, then say what was served."""
    from evals.late_server import LateServer
    from qualcode.settings import Charter
    from qualcode.workflow.ingest import IngestOptions, ingest
    from qualcode.workflow.study import create_study

    survey = folder / "comments.csv"
    repeated(survey, n + n // 5)
    with create_study(folder / STUDY, name="Throughput", charter=Charter()) as study:
        ingest(study, [survey], IngestOptions(text_cols=("comment",)))
    gc.freeze()  # its pauses would come on top of the latency
    with LateServer(latency) as server:
        print(server.url, flush=True)
        sys.stdin.read()
        print(json.dumps({"requests": server.n_requests, "most_at_once": server.most_at_once}))


def asked(
    folder: Path, url: str, n: int, latency: float, families: Sequence[str] = ()
) -> dict[str, float]:
    """Ask about `n` segments of a study, a request each; return seconds, memory and work."""
    from qualcode.workflow.code import pendings
    from qualcode.workflow.llm import LlmOptions, LlmSession, chosen_model
    from qualcode.workflow.llm_code import llm_coder
    from qualcode.workflow.runs import recorded
    from qualcode.workflow.study import Study

    options = LlmOptions(MODEL, url)
    with Study(folder / STUDY) as study:
        choice = chosen_model(study, options)
        if isinstance(choice, str):
            raise RuntimeError(choice)
        with LlmSession(study, choice, options) as session:
            coder = llm_coder(session)
            found = pendings(study, coder)
            step = coder.step(families or found.families)
            step.most_units = 1
            # Equal segments are asked once; some parts of the comments are equal.
            asked_once = {unit.content: unit for unit in coder.units(found.tasks, found.segments)}
            first, *units = list(asked_once.values())[: n + 1]
            with recorded(study, "code", coder=session.coder):
                _, first_seconds, _ = timed(lambda: list(session.answers(step, [first])))
                answered, seconds, cpu = timed(lambda: list(session.answers(step, units)))
    n_bad = sum(each.answer is None for each in answered)
    if len(answered) != len(units) or n_bad:
        raise RuntimeError(f"{len(answered)} of {len(units)} answered, {n_bad} without an answer")
    return {
        "seconds": round(seconds, 3),
        "cpu_ms_a_request": round(1000 * cpu / len(units), 2),
        "peak_rss_mib": peak_rss_mib() or 0.0,
        "first_request_seconds": round(first_seconds - latency, 2),
    }


def sent_bare(url: str, n: int, at_once: int) -> dict[str, float]:
    """Send the bytes of a request `n` times, by threads that do nothing else; return the seconds.

    No client in this language is much faster: what is missing here, machine and server cost.
    """
    from concurrent.futures import ThreadPoolExecutor
    from http.client import HTTPConnection
    from threading import local
    from urllib.parse import urlsplit

    from qualcode.codebook import load_codebook
    from qualcode.coders.llm.coding_step import CodingStep
    from qualcode.prompts import load_prompt
    from qualcode.resources import default_codebook_path

    book = load_codebook(default_codebook_path())
    step = CodingStep(
        book, book.families, (), {name: load_prompt(name, None) for name in ("code", "repair")}
    )
    body = json.dumps(
        {
            "model": "loopback",
            "messages": [
                {"role": "system", "content": step.system},
                {"role": "user", "content": "Said:\n@@0 item s1\n1: I waited.\n@@0 end"},
            ],
            "max_tokens": 4_500,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "codings", "schema": step.schema, "strict": True},
            },
        }
    ).encode()
    place, own = urlsplit(url), local()

    def send(_: int) -> None:
        if not hasattr(own, "line"):
            own.line = HTTPConnection(place.netloc)
        own.line.request(
            "POST", f"{place.path}/chat/completions", body, {"Content-Type": "application/json"}
        )
        answer = own.line.getresponse()
        if answer.status != 200 or not answer.read():
            raise RuntimeError(f"HTTP {answer.status}")

    def all_sent() -> list[None]:
        with ThreadPoolExecutor(at_once) as threads:
            return list(threads.map(send, range(n)))

    return {"seconds": timed(all_sent)[1]}


def timed(work: Any) -> tuple[Sequence[Any], float, float]:
    """Return what some work gives, its seconds on the clock and of this process's processor."""
    began, cpu = time.perf_counter(), time.process_time()
    done = work()
    return done, time.perf_counter() - began, time.process_time() - cpu


if __name__ == "__main__":
    main()
