"""Section `hardware` of the parameters: under which conditions the circuits are run."""

from typing import Annotated, Final, NamedTuple

from pydantic import Field

from hqcm.contracts.params import Section

MAX_DEPOLARISING: Final = 0.75  # X, Y, Z and nothing alike: of the wire's state, nothing is left
MAX_READOUT: Final = 0.5  # a coin is thrown

Shots = Annotated[int, Field(ge=1)]
Depolarising = Annotated[float, Field(gt=0, le=MAX_DEPOLARISING)]
Readout = Annotated[float, Field(gt=0, le=MAX_READOUT)]


class Condition(NamedTuple):
    """How the circuits are run: shots a circuit (None: exact expectations), error probabilities."""

    shots: int | None
    depolarising: float = 0.0
    readout: float = 0.0

    @property
    def is_noisy(self) -> bool:
        """Whether it takes density matrices."""
        return self.depolarising > 0 or self.readout > 0


class Machine(Section):
    """Everything at once."""

    shots: Shots
    depolarising: Depolarising
    readout: Readout


class HardwareParams(Section):
    """Section `hardware`."""

    device: str
    shots: list[Shots] = Field(min_length=1)
    n_draws: int = Field(ge=1)
    depolarising: list[Depolarising] = Field(min_length=1)
    readout: list[Readout] = Field(min_length=1)
    machine: Machine
    seed: int = Field(ge=0)
