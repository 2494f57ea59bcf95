"""Measure how fast the embedded encoder is, and what it costs to load.

    python evals/encoder_speed.py [--threads N] [--texts N] [--out evals/results/encoder_speed.json]

Prints one JSON object. The texts are made here, of everyday words, so that the figure needs no
data and is the same work everywhere; other jobs on the machine lower it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from pathlib import Path

N_REPEATS = 3
# All of them single word pieces, so that a text's length in words is its length in pieces.
WORDS = (
    "the and i we they it was is that then after before when call phone form bill doctor office "
    "ticket train letter wait help ask tell find open close good bad slow fast new old right wrong "
    "day week hour year money friend mother child house street name number question answer"
)
N_PIECES = 40
MARKERS = 2


def resident_mib() -> float | None:
    """Return the memory the process holds now in MiB, None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--texts", type=int, default=600)
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args()

    import numpy as np
    import onnxruntime
    import tokenizers  # noqa: F401  imported now so that loading measures the model alone

    from qualcode.coders.local.encoder import Encoder

    before = resident_mib()
    started = time.perf_counter()
    encoder = Encoder(threads=args.threads)
    load_seconds = time.perf_counter() - started

    rng = random.Random(0)
    words = WORDS.split()
    texts = [" ".join(rng.choices(words, k=N_PIECES - MARKERS)) for _ in range(args.texts)]
    encoder.encode(texts[:20])
    speeds = []
    # Other jobs take wall-clock time away but hardly processor time.
    started_cpu = time.process_time()
    for _ in range(N_REPEATS):
        started = time.perf_counter()
        encoder.encode(texts)
        speeds.append(len(texts) / (time.perf_counter() - started))
    per_cpu_second = N_REPEATS * len(texts) / (time.process_time() - started_cpu)
    after = resident_mib()
    result = {
        "model_id": encoder.model_id,
        "threads": encoder.threads,
        "processors": os.cpu_count(),
        "word_pieces_per_text": N_PIECES,
        "texts_per_second": round(statistics.median(speeds), 1),
        "texts_per_second_best": round(max(speeds), 1),
        "texts_per_cpu_second": round(per_cpu_second, 1),
        "load_seconds": round(load_seconds, 3),
        "rss_mib": None if after is None else round(after, 1),
        "rss_added_by_model_mib": None if after is None else round(after - (before or 0), 1),
        "onnxruntime": onnxruntime.__version__,
        "numpy": np.__version__,
        "python": sys.version.split()[0],
    }
    text = json.dumps(result, indent=2)
    print(text)
    if args.out:
        args.out.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
