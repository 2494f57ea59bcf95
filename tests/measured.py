"""Read files in a process of its own, and tell what each took: seconds, megabytes, the outcome.

`python -m tests.measured STUDY` reads names of files from standard input, ingests each into the
study, and prints a line of JSON for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Measured", "measured"]

_ROOT = Path(__file__).resolve().parents[1]
_RESET_PEAK = "5"


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold what an ingest of one file came to.

    Attributes:
        status: "read", "failed", …, or "crashed" where the process ended over it.
        reason: What a person is told of it.
        hint: What a person is told to do.
        notes: What the reader noticed.
        seconds: Of processor time, as other processes may be at work.
        megabytes: Most memory that the process had; 0 where the system does not tell.
    """

    status: str
    reason: str = ""
    hint: str = ""
    notes: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0


def measured(study: Path, files: Sequence[tuple[Path, str]]) -> list[Measured]:
    """Ingest files, each with its encoding ("" to find it), one after the other.

    One over which the process ends is told as "crashed", and the next begins a new process.
    """
    found: list[Measured] = []
    while len(found) < len(files):
        left = files[len(found) :]
        found += _in_one_process(study, left)
        if len(found) < len(files):
            found.append(Measured("crashed"))
    return found


def _in_one_process(study: Path, files: Sequence[tuple[Path, str]]) -> Iterator[Measured]:
    wanted = "".join(json.dumps([str(file), encoding]) + "\n" for file, encoding in files)
    done = subprocess.run(
        [sys.executable, "-m", "tests.measured", str(study)],
        cwd=_ROOT,
        input=wanted,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=300,
        check=False,
        env={**os.environ, "QUALCODE_DATA_HOME": str(study.parent / "data")},
    )
    yield from (Measured(**json.loads(line)) for line in done.stdout.splitlines())


def _reset_peak() -> None:
    if Path("/proc/self/clear_refs").is_file():
        Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")


def _peak_megabytes() -> float:
    # Not `getrusage`, whose peak is that of the process which started this one, if that had more.
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0.0
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _ingested(study: Path, file: Path, encoding: str) -> Measured:
    from qualcode.workflow.ingest import IngestOptions, ingest
    from qualcode.workflow.study import Study

    with Study(study) as opened:
        opened.load_key()
        _reset_peak()
        started = time.process_time()
        report = ingest(opened, [file], IngestOptions(encoding=encoding or None))
        seconds = time.process_time() - started
    (outcome,) = report.outcomes
    notes = "\n".join(outcome.notes)
    return Measured(outcome.status, outcome.reason, outcome.hint, notes, seconds, _peak_megabytes())


def _main(study: str) -> None:
    for line in sys.stdin:
        file, encoding = json.loads(line)
        found = _ingested(Path(study), Path(file), encoding)
        print(json.dumps({name: getattr(found, name) for name in Measured.__slots__}), flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
