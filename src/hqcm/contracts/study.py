"""Which networks are trained: variants x protocols x seeds, and what each cell is called."""

from typing import NamedTuple

from pydantic import Field

from hqcm.contracts.params import Section


class Cell(NamedTuple):
    """One training run of the study."""

    variant: str
    protocol: str
    seed: int

    @property
    def name(self) -> str:
        """The file stem of everything this run leaves, ``<variant>-<protocol>-<seed>``."""
        return f"{self.variant}-{self.protocol}-{self.seed}"


class StudyParams(Section):
    """Section `study`: the lists the matrix stages run over."""

    hybrid: list[str] = Field(min_length=1)
    classical: list[str] = Field(min_length=1)
    protocols: list[str] = Field(min_length=1)
    seeds: list[int] = Field(min_length=1)

    @property
    def variants(self) -> list[str]:
        """Hybrid first, then classical."""
        return [*self.hybrid, *self.classical]

    @property
    def pair(self) -> tuple[str, str]:
        """The hybrid and the classical network that the paper compares."""
        return self.hybrid[0], self.classical[0]

    def cells(self) -> list[Cell]:
        """Every run, protocol by protocol."""
        return [
            Cell(variant, protocol, seed)
            for protocol in self.protocols
            for variant in self.variants
            for seed in self.seeds
        ]
