"""What the compared networks are made of, as the stage `hardware` leaves it for the report.

Blocks, the layout of a circuit, and the quadratic forms that the trained circuits are.
"""

from pathlib import Path

from pydantic import Field

from hqcm.contracts.params import Section, check_section
from hqcm.results.files import read_json


class Block(Section):
    """A part of a network, and the shape of what it gives for one slice."""

    name: str
    shape: list[int]
    n_parameters: int = Field(ge=0)


class Gate(Section):
    """A gate by PennyLane's name, or a measurement; the first wire of a CNOT controls."""

    name: str
    wires: list[int] = Field(min_length=1)


class Structure(Section):
    r"""The first hybrid network, and the head that the first classical one has in its place.

    `n_parameters`: of the hybrid network; those of `blocks`, in the order of the data, add up to
    it. `counterpart`: None where the classical network has another body. `columns`:
    gates of a circuit from left to right, those of a column side by side; of `depth` layers the
    first two. `forms`: what the circuits compute, output :math:`j` of circuit :math:`c` being
    :math:`z^T S_{cj} z / z^T z`; the upper triangle of each :math:`S_{cj}`, row by row; empty
    where there are too many numbers to look at.
    """

    network: str
    blocks: list[Block]
    n_parameters: int
    counterpart: Block | None
    n_qubits: int
    n_circuits: int
    depth: int
    columns: list[list[Gate]]
    forms: list[list[list[float]]]


def read_structure(path: Path) -> Structure:
    """Read what the stage has written; raises `ValueError` where it is something else."""
    return check_section("file", Structure, {"file": read_json(path)}, str(path))
