"""Under which conditions the circuits are run, and what the stage `hardware` leaves of each."""

from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field, FiniteFloat

from hqcm.contracts.params import Section, check_section
from hqcm.results.files import read_json
from hqcm.results.intervals import Interval

_Shots = Annotated[int, Field(ge=1, le=10_000_000)]
# At most X, Y, Z and nothing alike, when nothing is left of the wire's state; and a coin thrown.
_Depolarising = Annotated[float, Field(gt=0, le=0.75)]
_Readout = Annotated[float, Field(gt=0, le=0.5)]


class Condition(NamedTuple):
    """How the circuits are run: shots a circuit (None: exact expectations), error probabilities."""

    shots: int | None
    depolarising: float = 0.0
    readout: float = 0.0

    @property
    def is_noisy(self) -> bool:
        return self.depolarising > 0 or self.readout > 0  # it takes density matrices


class _Machine(Section):
    shots: _Shots
    depolarising: _Depolarising
    readout: _Readout


class HardwareParams(Section):
    """Section `hardware`: 1 to 10,000,000 shots, 1 to 1,000 draws."""

    device: str
    shots: list[_Shots] = Field(min_length=1)
    n_draws: int = Field(ge=1, le=1000)
    depolarising: list[_Depolarising] = Field(min_length=1)
    readout: list[_Readout] = Field(min_length=1)
    machine: _Machine
    seed: int = Field(ge=0)


class Point(Section):
    """The network under one condition, mean over the draws.

    `changed`: slices whose class is not that of the exact simulation. `error`: root mean square
    deviation of the circuits' outputs from the exact ones, which lie in [-1, 1].
    """

    shots: int | None
    depolarising: float
    readout: float
    accuracy: Interval
    changed: Interval
    error: FiniteFloat


class GateCount(Section):
    """Gates of one circuit, and how many stand one after the other at most."""

    rz: int
    ry: int
    cnot: int
    depth: int

    @property
    def total(self) -> int:
        return self.rz + self.ry + self.cnot


class HardwareScores(Section):
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
    exact: Interval
    constant: FiniteFloat
    shots: list[Point]
    depolarising: list[Point]
    readout: list[Point]
    machine: Point
    gates: dict[str, GateCount]


def read_hardware(path: Path) -> HardwareScores:
    """Read what the stage has written; raises `ValueError` where it is something else."""
    return check_section("file", HardwareScores, {"file": read_json(path)}, str(path))
