"""What the stage `hardware` leaves: scores under each condition, and what the circuits cost."""

from pathlib import Path

from pydantic import Field, FiniteFloat

from hqcm.contracts.params import Section, check_section
from hqcm.contracts.results import read_json


class Score(Section):
    """A share of the test slices and its 95 % interval over patients, None where there is none."""

    value: FiniteFloat
    low: FiniteFloat | None
    high: FiniteFloat | None


class Point(Section):
    """The network under one condition, mean over the draws.

    `changed`: slices whose class is not that of the exact simulation. `error`: root mean square
    deviation of the circuits' outputs from the exact ones, which lie in [-1, 1].
    """

    shots: int | None
    depolarising: float
    readout: float
    accuracy: Score
    changed: Score
    error: FiniteFloat


class GateCount(Section):
    """Gates of one circuit, and how many stand one after the other at most."""

    rz: int
    ry: int
    cnot: int
    depth: int

    @property
    def total(self) -> int:
        """All gates."""
        return self.rz + self.ry + self.cnot


class HardwareFound(Section):
    """One trained network under every condition of section `hardware`.

    `exact` is its accuracy without shots and noise, `constant` that of giving every slice the
    class that most have. In `shots`, `depolarising` and `readout` one thing varies and all else
    is exact, from the least to the largest; `machine` has everything at once.
    """

    network: str
    device: str
    n_slices: int = Field(ge=1)
    n_qubits: int
    n_circuits: int
    n_draws: int
    exact: Score
    constant: FiniteFloat
    shots: list[Point]
    depolarising: list[Point]
    readout: list[Point]
    machine: Point
    gates: dict[str, GateCount]


def read_hardware(path: Path) -> HardwareFound:
    """Read what the stage has written; raises `ValueError` where it is something else."""
    return check_section("file", HardwareFound, {"file": read_json(path)}, str(path))
