"""Figures without pyplot's hidden state, and as files that repeat byte for byte."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import KDTree

from hqcm.reporting.palette import OWN_COLOURS

WIDTH_IN = 8.0  # the page's text column


def figure_style() -> AbstractContextManager[None]:
    """Draw and save within this context."""
    return rc_context(
        {
            "font.size": 9,
            "axes.titlesize": 10,
            "axes.titleweight": "bold",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": "#E4E4E4",
            "hatch.linewidth": 0.6,
            "legend.frameon": False,
            "figure.dpi": 110,
            "figure.facecolor": "white",
        }
    )


def new_figure(height_in: float) -> Figure:
    """An empty figure as wide as the page."""
    return Figure(figsize=(WIDTH_IN, height_in), layout="constrained")


def hide_frame(axes: Axes) -> None:
    """An image needs no ticks, grid or frame."""
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def save_figures(folder: Path, figures: Mapping[str, Figure]) -> None:
    """Write each figure as PNG under its file name into a new folder."""
    folder.mkdir()
    with figure_style():
        for name, figure in figures.items():
            as_picture(figure).save(folder / name, optimize=True)


def as_picture(figure: Figure) -> Image.Image:
    """The figure in 256 colours, the project's own kept exactly: a third of the size."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[..., :3]
    palette = choose_palette(drawn)
    codes, place = np.unique(drawn @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)
    nearest = KDTree(palette).query(colours)[1].astype(np.uint8)
    picture = Image.fromarray(nearest[place], mode="P")
    picture.putpalette(palette.ravel().tolist())
    return picture


def choose_palette(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The project's own colours, then those that serve the picture best.

    Shape:
        - drawn: ``(rows, cols, 3)``.
        - returns: ``(up to 256, 3)``.
    """
    own = np.array([to_rgb(colour) for colour in OWN_COLOURS]) * 255
    found = Image.fromarray(drawn).quantize(256 - len(own), Image.Quantize.MEDIANCUT)
    free = np.array(found.getpalette(), np.uint8).reshape(-1, 3)
    return np.vstack([own.round().astype(np.uint8), free[: 256 - len(own)]])
