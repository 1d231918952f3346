"""One look for every figure, and files that repeat byte for byte.

A colour a class and a colour a network, all safe for the colour-blind: the class colours stay at
least 38 apart (CIE 1976) under each kind of colour blindness; they are taken from the palettes of
Okabe and Ito (2008) and of Tol (2021). Figures are drawn without pyplot's hidden state.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial import KDTree

from hqcm.contracts.labels import CLASS_NAMES

CLASS_COLOURS: Final = dict(
    zip(CLASS_NAMES, ("#56B4E9", "#E69F00", "#882255", "#332288"), strict=True)
)
CLASS_MARKERS: Final = dict(zip(CLASS_NAMES, ("o", "^", "s", "D"), strict=True))
NETWORK_COLOURS: Final = {"hybrid": "#D55E00", "classical": "#444444"}
NETWORK_DASHES: Final = {"hybrid": "-", "classical": "--"}
REFERENCE_COLOUR: Final = "#8A8A8A"
"""Of what a curve is held against."""
MAP_COLOURS: Final = {
    "attention": "#0072B2",
    "grad_cam": "#CC79A7",
    "random": REFERENCE_COLOUR,
    "tumour_mask": "#009E73",
}
MAP_DASHES: Final = {"attention": "-", "grad_cam": "--", "random": ":", "tumour_mask": "-."}
MASK_COLOUR: Final = "#F0E442"
THRESHOLD_COLOUR: Final = "#00FFFF"
ATTENTION_MAP: Final = "magma"
OPACITY: Final = 0.6
"""Of a map laid over a slice where the map is 1, so that the slice shows through."""
FRACTION_MAP: Final = "Blues"

_OWN_COLOURS: Final = (
    *("#FFFFFF", "#000000", MASK_COLOUR, THRESHOLD_COLOUR),
    *CLASS_COLOURS.values(),
    *NETWORK_COLOURS.values(),
    *MAP_COLOURS.values(),
)
"""Those that carry a meaning, and the paper's black on white."""

_WIDTH_IN = 8.0  # the page's text column


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
    return Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")


def hide_frame(axes: Axes) -> None:
    """An image needs no ticks, grid or frame."""
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def show_slice(axes: Axes, image: NDArray[np.uint8]) -> None:
    """Black is 0 and white 255, whatever the slice holds."""
    axes.imshow(image, cmap="gray", vmin=0, vmax=255)


def outline_mask(axes: Axes, mask: NDArray[np.bool_]) -> None:
    """Draw the border of a mask that is not empty."""
    if mask.any():
        axes.contour(mask, levels=[0.5], colors=MASK_COLOUR, linewidths=1)


def save_figures(folder: Path, figures: Mapping[str, Figure]) -> None:
    """Write each figure as PNG under its file name into a new folder."""
    folder.mkdir()
    with figure_style():
        for name, figure in figures.items():
            _as_picture(figure).save(folder / name, optimize=True)


def _as_picture(figure: Figure) -> Image.Image:
    """The figure in 256 colours, the project's own kept exactly: a third of the size."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[..., :3]
    palette = _choose_palette(drawn)
    codes, place = np.unique(drawn @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)
    nearest = KDTree(palette).query(colours)[1].astype(np.uint8)
    picture = Image.fromarray(nearest[place], mode="P")
    picture.putpalette(palette.ravel().tolist())
    return picture


def _choose_palette(drawn: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The project's own colours, then those that serve the picture best."""
    own = np.array([to_rgb(colour) for colour in _OWN_COLOURS]) * 255
    found = Image.fromarray(drawn).quantize(256 - len(own), Image.Quantize.MEDIANCUT)
    free = np.array(found.getpalette(), np.uint8).reshape(-1, 3)
    return np.vstack([own.round().astype(np.uint8), free[: 256 - len(own)]])
