"""The network, drawn: its blocks, one of its circuits, and what the trained circuits compute."""

from pathlib import Path

from hqcm.hardware.structure import Structure
from hqcm.reporting.document import Block, Paragraph, Picture, Section
from hqcm.reporting.numbers import count


def describe_network(structure: Structure, figures: Path) -> Section:
    """A picture of the network, a sentence on its circuits, and a picture of what they compute."""
    head = next(block for block in structure.blocks if block.name == "quantum layer")
    caption = (
        f"The hybrid network: {count(structure.n_parameters)} parameters, "
        f"{count(head.n_parameters)} of them in the quantum layer. Below, a circuit as PennyLane "
        "lays it out."
    )
    size, n_forms = 2**structure.n_qubits, structure.n_circuits * structure.n_qubits
    told = (
        f"Once trained, the quantum layer is {count(n_forms)} quadratic forms: "
        f"{count(n_forms * size * (size + 1) // 2)} fixed weights, set by "
        f"{count(head.n_parameters)} angles."
    )
    blocks: list[Block] = [
        Picture(figures / "network.png", caption, tell_blocks(structure), is_narrow=True),
        Paragraph(told if structure.forms else f"{told} That is too many to draw."),
    ]
    if structure.forms:
        blocks.append(_picture_forms(structure, figures))
    return Section("The network", blocks)


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


def _picture_forms(structure: Structure, figures: Path) -> Picture:
    weights = [weight for own in structure.forms for form in own for weight in form]
    size = 2**structure.n_qubits
    return Picture(
        figures / "forms.png",
        "What the trained circuits compute. An output adds up all products of two of its circuit's "
        f"{size} values, each times the weight in that row and column of its picture, and divides "
        "by the sum of the squared values.",
        f"{structure.n_circuits} rows, one a circuit, of {structure.n_qubits} pictures, one a "
        f"qubit, with {size} x {size} weights each, from {min(weights):.2f} to "
        f"{max(weights):.2f}; orange is positive, blue negative.",
        is_narrow=True,
    )
