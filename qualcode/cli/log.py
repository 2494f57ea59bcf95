"""qualcode log: tell the runs."""

from __future__ import annotations

from dataclasses import asdict

from qualcode.cli.common import JsonOption, StudyOption, open_study, print_json, print_table

__all__ = ["log"]


def log(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Tell what was run on the study.

    One line a run, with its coder and codebook, oldest first.
    """
    with open_study(study) as opened:
        runs = opened.repository.judgements.runs()
    if as_json:
        print_json([asdict(run) for run in runs])
        return
    rows = []
    for run in runs:
        status = "killed before its end" if run.status == "running" else run.status
        counts = ", ".join(f"{count} {name}" for name, count in run.counts.items())
        rows.append(
            (run.id, run.started_at, run.step, run.coder, run.codebook_fingerprint, status, counts)
        )
    print_table(
        ("run", "started (UTC)", "step", "coder", "codebook", "status", "counts"), rows, data=True
    )
