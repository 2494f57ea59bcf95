"""What is judged: units with a machine's answer, some of them with a person's as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Columns", "Floats", "Integers", "Judged", "Unit"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int_]

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold one segment, comment, row or participant, for one code.

    Attributes:
        id: Only for people who read a message.
        machine: The machine's answer: 1 or 0, or a score between.
        human: A person's blind verdict; None where the unit was not sampled.
        participant: Whose words these are; None counts as a participant of its own.
        probability: The chance in (0, 1] that this unit was sampled; None where every unit had the
            same. Only sampled units need one.
        attributes: Segment, wave and the like, by which shares are broken down.
    """

    id: str
    machine: float
    human: bool | None = None
    participant: str | None = None
    probability: float | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Hold the sampled units, one value a unit.

    Attributes:
        human: 1 or 0.
        machine: The machine's answers on the same units.
        weight: Inverse inclusion probabilities, scaled to add up to the number of all units. So
            weights that are right only up to a factor will do, and equal ones make no difference.
        cluster: Numbers of participants, as in `Columns.cluster`.
    """

    human: Floats
    machine: Floats
    weight: Floats
    cluster: Integers

    @property
    def probability(self) -> Floats:
        """Return inclusion probabilities, 1 at most."""
        return np.minimum(1.0, 1.0 / self.weight)

    @property
    def effective_n(self) -> float:
        """Return how many equally weighted units are worth as much (L. Kish, Survey Sampling)."""
        squares = float(self.weight @ self.weight)
        return float(self.weight.sum()) ** 2 / squares if squares else 0.0

    @property
    def n_errors(self) -> int:
        """Return how often machine and person differ; scores are taken as yes from a half on."""
        return int((np.abs(self.human - self.machine) >= 0.5).sum())

    @property
    def has_equal_weights(self) -> bool:
        return bool(np.ptp(self.weight) <= _SAME * self.weight[0]) if len(self.weight) else True


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Hold all units as columns, each (n_units,).

    Attributes:
        machine: Answers in [0, 1].
        human: 1, 0 or nan where the unit was not sampled.
        weight: Inverse inclusion probabilities; nan counts as 1 and is of no account where the
            unit was not sampled.
        cluster: The participant of each unit, numbered from 0 without a gap.
        is_clustered: False where nobody said whose the units are: each is its own participant.
        has_weights: Whether somebody gave weights.
    """

    machine: Floats
    human: Floats
    weight: Floats
    cluster: Integers
    is_clustered: bool = True
    has_weights: bool = True

    @classmethod
    def of(cls, units: Sequence[Unit]) -> Columns:
        """Return units as columns.

        Raises:
            ValueError: An answer or a probability is out of range, or only some have one.
        """
        for unit in units:
            if not 0 <= unit.machine <= 1:
                raise ValueError(f"{unit.id}: the machine's answer {unit.machine} is not in [0, 1]")
            if unit.probability is not None and not 0 < unit.probability <= 1:
                raise ValueError(f"{unit.id}: {unit.probability} is not a chance of being sampled")
        sampled = [unit for unit in units if unit.human is not None]
        weighted = sum(unit.probability is not None for unit in sampled)
        if weighted not in (0, len(sampled)):
            raise ValueError("only some sampled units have a chance of being sampled")
        people = [unit.participant for unit in units]
        return cls(
            machine=np.array([unit.machine for unit in units], np.float64),
            human=np.array(
                [np.nan if unit.human is None else float(unit.human) for unit in units], np.float64
            ),
            weight=np.array([1 / (unit.probability or 1.0) for unit in units], np.float64),
            cluster=_numbered(
                ("alone", at) if person is None else ("person", person)
                for at, person in enumerate(people)
            ),
            is_clustered=any(person is not None for person in people),
            has_weights=weighted > 0,
        )

    @property
    def n_units(self) -> int:
        return len(self.machine)

    @property
    def n_clusters(self) -> int:
        return int(self.cluster.max()) + 1 if len(self.cluster) else 0

    def judged(self) -> Judged:
        """Return the sampled units."""
        at = ~np.isnan(self.human)
        weight = np.where(np.isnan(self.weight[at]), 1.0, self.weight[at])
        if len(weight):
            weight = weight * (self.n_units / weight.sum())
        return Judged(self.human[at], self.machine[at], weight, self.cluster[at])

    def cluster_sizes(self) -> Integers:
        """Return how many units each participant has."""
        return np.bincount(self.cluster, minlength=self.n_clusters)


def _numbered(keys: Iterable[object]) -> Integers:
    """Number keys in order of appearance."""
    seen: dict[object, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], np.int_)
