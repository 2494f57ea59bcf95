"""From which score on the codings of a code may be accepted without a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qualcode.analysis.estimates.auto_accept import AutoAccept, lowest_threshold
from qualcode.codebook import Code
from qualcode.workflow.blind_units import blind_sample
from qualcode.workflow.study import Study

__all__ = ["Calibrated", "calibrate"]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Hold what one code's blind judgements allow.

    Attributes:
        n_judged: Codings of the machine that people judged blind, at random places.
        n_wrong: Those that they did not give.
    """

    code: Code
    n_judged: int
    n_wrong: int
    result: AutoAccept


def calibrate(
    study: Study,
    *,
    rate: float,
    families: Sequence[str] = (),
    codes: Sequence[str] = (),
    machine: str | None = None,
) -> tuple[str, tuple[Calibrated, ...]]:
    """Return the machine's name, and for each code the lowest threshold that keeps errors rare.

    Args:
        rate: The share of wrong ones among codings accepted unseen, to stay below; in (0, 1).
        families: Only codes of these; all when neither these nor `codes` are given.
        codes: Only these, by id.
        machine: Whose codings; see `blind_units.machine_of`.

    Raises:
        UsageError: No machine has coded here, or not the one named.
    """
    sample = blind_sample(study, families=families, codes=codes, machine=machine)
    return sample.machine, tuple(
        Calibrated(
            one.code,
            len(one.proposed),
            sum(not is_right for _, is_right in one.proposed),
            lowest_threshold(one.proposed, rate=rate, seed=study.settings.coding.seed),
        )
        for one in sample.codes
    )
