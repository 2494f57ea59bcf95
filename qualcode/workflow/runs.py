"""Record each step that changes a study, for `qualcode log`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from qualcode import __version__
from qualcode.workflow.study import Study

__all__ = ["RecordedRun", "recorded"]


@dataclass(slots=True)
class RecordedRun:
    """Hold the run's number, and what it counted so far."""

    id: int
    counts: dict[str, int] = field(default_factory=dict)


@contextmanager
def recorded(
    study: Study,
    step: str,
    *,
    coder: str = "",
    parameters: Mapping[str, object] | None = None,
    codebook_fingerprint: str = "",
) -> Iterator[RecordedRun]:
    """Begin a run and end it as "done", or "interrupted" when the step does not come through.

    A killed process leaves it as "running", which `qualcode log` tells as that.
    """
    judgements = study.repository.judgements
    run = RecordedRun(
        judgements.begin_run(
            step,
            coder=coder,
            parameters=parameters,
            codebook_fingerprint=codebook_fingerprint,
            code_version=__version__,
        )
    )
    status = "interrupted"
    study.run_id = run.id
    try:
        yield run
        status = "done"
    finally:
        study.run_id = None
        judgements.end_run(run.id, status, run.counts)
