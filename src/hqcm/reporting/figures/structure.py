"""The hybrid network, one of its circuits, and what the trained circuits compute."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle
from numpy.typing import NDArray

from hqcm.contracts.labels import Role
from hqcm.hardware.structure import Block, Gate, Structure
from hqcm.reporting.figures.drawing import (
    MAP_COLOURS,
    NETWORK_COLOURS,
    NETWORK_DASHES,
    REFERENCE_COLOUR,
    hide_frame,
)
from hqcm.reporting.numbers import count

_WIDTH_IN = 4.0
# Of the figure of blocks, in inches.
_ROW, _BOX, _HEADS = 0.5, 0.4, 0.62
_LEFT, _WIDE, _HALF, _NUMBERS = 0.1, 2.2, 1.8, 2.45
_WIRE = 0.27
_MARK: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 4}

_STEPS = np.linspace(-1, 1, 63)
_SIGNS: Final = ListedColormap(
    [
        (*to_rgb(NETWORK_COLOURS["hybrid"] if step > 0 else MAP_COLOURS["attention"]), alpha)
        for step, alpha in zip(_STEPS, np.sqrt(np.abs(_STEPS)), strict=True)
    ]
)
"""Orange up, blue down, and the paper, light or dark, where a weight is 0."""


def draw_network(structure: Structure) -> Figure:
    """Blocks from slice to class, what each gives and how many parameters it has; one circuit."""
    at_head = [block.name for block in structure.blocks].index("quantum layer")
    heights = (
        0.1 + _ROW * len(structure.blocks) + _HEADS - _BOX,
        0.8 + _WIRE * structure.n_qubits,
    )
    figure = Figure(figsize=(_WIDTH_IN, sum(heights)))
    share = heights[1] / sum(heights)
    above, below = figure.add_axes((0, share, 1, 1 - share)), figure.add_axes((0, 0, 1, share))
    for axes in (above, below):
        hide_frame(axes)
    above.set(xlim=(0, _WIDTH_IN), ylim=(heights[0] - 0.05, -0.05))
    most = max(block.n_parameters for block in structure.blocks)
    for row, block in enumerate(structure.blocks):
        top = _ROW * row + (_HEADS - _BOX if row > at_head else 0)
        if row == at_head:
            _draw_heads(above, block, structure, top)
            continue
        _draw_box(above, (_LEFT, top, _WIDE, _BOX), [block.name, _say(block)])
        _draw_parameters(above, top, block.n_parameters, most)
        if row > 0:
            _draw_arrow(above, (0.9, top - _ROW + _BOX), (0.9, top))
        if row == at_head + 1 and structure.counterpart:
            _draw_arrow(above, (2.9, top - _ROW + _BOX), (2.1, top), "--")
    _draw_circuit(below, structure)
    return figure


def _draw_heads(axes: Axes, block: Block, structure: Structure, top: float) -> None:
    """The quantum layer and, beside it, what the classical network has there."""
    qubits, other = f"{structure.n_circuits} x {structure.n_qubits} qubits", structure.counterpart
    _draw_head(axes, block, (block.name, qubits), (_LEFT, top), "hybrid")
    _draw_arrow(axes, (0.9, top - _ROW + _BOX), (0.9, top))
    if other:
        place = (_LEFT + _HALF + 0.2, top)
        _draw_head(axes, other, (f"or: {other.name}", "classical"), place, "classical")
        _draw_arrow(axes, (2.1, top - _ROW + _BOX), (2.9, top), "--")


def _draw_head(
    axes: Axes, head: Block, told: tuple[str, str], place: tuple[float, float], role: Role
) -> None:
    values, parameters = f"{head.shape[0]} values", f"{count(head.n_parameters)} parameters"
    lines = [told[0], f"{told[1]}: {values}", parameters]
    look = NETWORK_COLOURS[role], NETWORK_DASHES[role]
    _draw_box(axes, (*place, _HALF, _HEADS), lines, *look)


def _draw_box(
    axes: Axes,
    box: tuple[float, float, float, float],
    lines: Sequence[str],
    ink: str = "black",
    line: str = "-",
) -> None:
    left, top, width, height = box
    style: dict[str, Any] = {
        "edgecolor": ink,
        "facecolor": "white",
        "linewidth": 1.4,
        "linestyle": line,
    }
    shape = "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch((left, top), width, height, boxstyle=shape, **style))
    for place, text in enumerate(lines):
        y = top + 0.02 + (place + 0.5) * (height - 0.04) / len(lines)
        weight = "normal" if place else "bold"
        size = 9.5 * min(1, 13.5 * width / len(text))  # so that a long name stays inside
        axes.text(left + 0.1, y, text, fontsize=size, fontweight=weight, va="center_baseline")


def _draw_parameters(axes: Axes, top: float, n_parameters: int, most: int) -> None:
    text = f"{count(n_parameters)} parameters"
    axes.text(_NUMBERS, top + 0.1, text, fontsize=9, va="center")
    width = (_WIDTH_IN - 0.1 - _NUMBERS) * n_parameters / most
    axes.add_patch(Rectangle((_NUMBERS, top + 0.22), width, 0.12, color=REFERENCE_COLOUR, lw=0))


def _draw_arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], line: str = "-"
) -> None:
    style = {"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0, "linestyle": line}
    axes.annotate("", end, start, arrowprops=style)


def _say(block: Block) -> str:
    """What a block gives, in words."""
    n, *edges = block.shape
    area = " x ".join(map(str, edges))
    if block.name == "attention":
        return f"attention map, {area}"
    if block.name == "classifier":
        return f"{n} classes"
    if not edges:
        return f"{n} values"
    return area if n == 1 else f"{n} maps, {area}"


def _draw_circuit(axes: Axes, structure: Structure) -> None:
    """Wires, gates in PennyLane's columns; layers beyond those listed are told, not drawn."""
    n_drawn = sum(column[0].name == "Rot" for column in structure.columns)
    step = (_WIDTH_IN - 0.5) / (len(structure.columns) - 0.4)
    axes.set(xlim=(0, _WIDTH_IN), ylim=(_WIRE * structure.n_qubits + 0.3, -0.5))
    more = f", {n_drawn} of {structure.depth} layers" if structure.depth > n_drawn else ""
    title = f"One of the {structure.n_circuits} circuits{more}"
    axes.text(_LEFT, -0.32, title, fontsize=9.5, fontweight="bold", va="center")
    says = f"z: {2**structure.n_qubits} values   R: rotation, 3 angles   Y: what is read"
    axes.text(_LEFT, _WIRE * structure.n_qubits + 0.08, says, fontsize=9, va="center")
    for wire in range(structure.n_qubits):
        ends = [_LEFT, _WIDTH_IN - _LEFT]
        axes.plot(ends, [wire * _WIRE] * 2, color=REFERENCE_COLOUR, linewidth=1, zorder=1)
    for place, column in enumerate(structure.columns):
        for gate in column:
            _draw_gate(axes, gate, 0.3 + place * step, min(0.115, 0.45 * step))


def _draw_gate(axes: Axes, gate: Gate, x: float, half: float) -> None:
    ys = [wire * _WIRE for wire in gate.wires]
    white: dict[str, Any] = {"facecolor": "white", "edgecolor": "black", "zorder": 3}
    if gate.name in {"CNOT", "CZ"}:
        axes.plot([x, x], ys, color="black", linewidth=1.2, zorder=2)
        dots = ys[:1] if gate.name == "CNOT" else ys
        axes.plot([x] * len(dots), dots, "o", color="black", markersize=4.5, zorder=4)
        if gate.name == "CNOT":
            axes.add_patch(Circle((x, ys[1]), 0.65 * half, **white))
            axes.plot(x, ys[1], "+", color="black", markersize=75 * half, zorder=4)
        return
    size = (2 * half, max(ys) - min(ys) + 0.2)
    axes.add_patch(Rectangle((x - half, min(ys) - 0.1), *size, **white))
    name = {"AmplitudeEmbedding": "z", "Rot": "R"}.get(gate.name, "Y")
    axes.text(x, (min(ys) + max(ys)) / 2, name, fontsize=9, **_MARK)


def draw_forms(structure: Structure) -> Figure:
    """A square an output: row i, column k has the weight of the product of values i and k."""
    n_circuits, n_qubits = structure.n_circuits, structure.n_qubits
    edge = (_WIDTH_IN - 0.35) / n_qubits
    figure = Figure(figsize=(_WIDTH_IN, edge * n_circuits + 0.75), layout="constrained")
    grid = figure.subplots(n_circuits, n_qubits, squeeze=False)
    forms = [[fill_form(form, 2**n_qubits) for form in own] for own in structure.forms]
    largest = max(float(np.abs(form).max()) for own in forms for form in own)
    limits = {"vmin": -largest, "vmax": largest}
    for line, own in zip(grid, forms, strict=True):
        for axes, form in zip(line, own, strict=True):
            hide_frame(axes)
            axes.spines[:].set_visible(True)
            axes.spines[:].set_color(REFERENCE_COLOUR)
            shown = axes.imshow(form, cmap=_SIGNS, interpolation="none", **limits)
    for place, axes in enumerate(grid[0], 1):
        axes.set_title(f"qubit {place}", fontsize=9, fontweight="normal")
    for place, axes in enumerate(grid[:, 0], 1):
        axes.set_ylabel(f"circuit {place}", fontsize=9)
    bar = figure.colorbar(shown, ax=grid, location="bottom", fraction=0.03, aspect=30, pad=0.01)
    bar.set_label("weight of the product of two values", fontsize=9)
    return figure


def fill_form(triangle: Sequence[float], size: int) -> NDArray[np.float64]:
    """The symmetric matrix, ``(size, size)``, of an upper triangle, row by row."""
    form = np.zeros((size, size))
    form[np.triu_indices(size)] = triangle
    return form + np.triu(form, 1).T
