"""The network, drawn: its blocks, one of its circuits, and what the trained circuits compute."""

from pathlib import Path

from hqcm.hardware.structure import Structure
from hqcm.reporting.document import Paragraph, Picture, Section
from hqcm.reporting.numbers import count


def describe_network(structure: Structure, figures: Path) -> Section:
    """A picture of the network, and one of what its circuits compute if that can be looked at."""
    head = next(block for block in structure.blocks if block.name == "quantum layer")
    caption = (
        f"The hybrid network, {count(head.n_parameters)} of its {count(structure.n_parameters)} "
        "parameters in the quantum layer, and a circuit as PennyLane lays it out."
    )
    network = Picture(figures / "network.png", caption, tell_blocks(structure), is_narrow=True)
    forms = f"{count(structure.n_circuits * structure.n_qubits)} quadratic forms"
    if structure.forms:
        return Section("The network", [network, _picture_forms(structure, forms, figures)])
    told = f"The trained circuits are {forms}, of too many weights to draw."
    return Section("The network", [network, Paragraph(told)])


def tell_blocks(structure: Structure) -> str:
    """What the picture of the network shows, in the order of the data."""
    blocks = "; ".join(
        f"{block.name}, {' x '.join(map(str, block.shape))}, {count(block.n_parameters)} parameters"
        for block in structure.blocks
    )
    other = structure.counterpart
    instead = (
        f" The classical counterpart has {other.name}, {count(other.n_parameters)} parameters, in "
        "the quantum layer's place."
        if other
        else ""
    )
    gates = " then ".join(dict.fromkeys(column[0].name for column in structure.columns))
    return (
        f"Blocks from top to bottom: {blocks}.{instead} A circuit of depth "
        f"{structure.depth} on {structure.n_qubits} wires: {gates}."
    )


def _picture_forms(structure: Structure, forms: str, figures: Path) -> Picture:
    weights = [weight for own in structure.forms for form in own for weight in form]
    size = 2**structure.n_qubits
    return Picture(
        figures / "forms.png",
        f"The trained circuits are {forms}: an output sums all products of two of {size} values, "
        "weighted as in its picture, over the sum of squares.",
        f"{structure.n_circuits} rows, one a circuit, of {structure.n_qubits} pictures, one a "
        f"qubit, with {size} x {size} weights each, from {min(weights):.2f} to "
        f"{max(weights):.2f}; orange is positive, blue negative.",
        is_narrow=True,
    )
