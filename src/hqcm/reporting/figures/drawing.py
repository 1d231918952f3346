"""One look for every figure, and files that repeat byte for byte.

A colour a class and a colour a network, all safe for the colour-blind: the class colours stay at
least 38 apart (CIE 1976) under each kind of colour blindness; they are taken from the palettes of
Okabe and Ito (2008) and of Tol (2021). Figures are drawn without pyplot's hidden state.
"""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from io import StringIO
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
SLICE_MAP: Final = "gray"
OPACITY: Final = 0.6
"""Of a map laid over a slice where the map is 1, so that the slice shows through."""
FRACTION_MAP: Final = "Blues"

_INKS: Final = {
    "#000000": ("#1d2125", "#e6e9ec"),
    "#ffffff": ("#ffffff", "#15181b"),
    "#444444": ("#444444", "#b9c0c6"),
    "#e4e4e4": ("#e4e4e4", "#343b41"),
    "#efefef": ("#ececec", "#2a3136"),
    "#8a8a8a": ("#6e6e6e", "#9aa2a9"),
    "#332288": ("#332288", "#a394f0"),
    "#882255": ("#882255", "#dd7fae"),
    "#0072b2": ("#0072b2", "#5eb3e4"),
    "#d55e00": ("#c25500", "#ff8a3d"),
}
"""Of vector figures: light and dark, each at least 4.5:1 against its paper where it is a line."""

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
            "svg.hashsalt": "hqcm",
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
    axes.imshow(image, cmap=SLICE_MAP, vmin=0, vmax=255)


def outline_mask(axes: Axes, mask: NDArray[np.bool_]) -> None:
    """Draw the border of a mask that is not empty."""
    if mask.any():
        axes.contour(mask, levels=[0.5], colors=MASK_COLOUR, linewidths=1)


def save_figures(folder: Path, figures: Mapping[str, Figure]) -> None:
    """Write each figure as PNG under its file name into a new folder.

    Beside it, if it shows no slices, the same as SVG, which follows a reader's dark mode.
    """
    folder.mkdir()
    with figure_style():
        for name, figure in figures.items():
            _as_picture(figure).save(folder / name, optimize=True)
            images = [image for axes in figure.axes for image in axes.images]
            if all(image.get_cmap().name != SLICE_MAP for image in images):
                save_vector((folder / name).with_suffix(".svg"), figure)


def save_vector(path: Path, figure: Figure, description: str = "") -> None:
    """Write one SVG whose ink and paper are those of the reader's colour scheme.

    Args:
        path: of the file.
        figure: without slices, whose grey must stay as it is.
        description: put into the file's metadata.
    """
    buffer = StringIO()
    metadata = {"Date": None, "Description": description or None}
    figure.savefig(buffer, format="svg", metadata=metadata)
    drawn = buffer.getvalue()
    for ink in _INKS:
        drawn = re.sub(ink, f"var(--c{ink[1:]})", drawn, flags=re.IGNORECASE)
    names = {
        scheme: ";".join(f"--c{ink[1:]}:{pair[i]}" for ink, pair in _INKS.items())
        for i, scheme in enumerate(("light", "dark"))
    }
    style = (
        f"<style>svg{{fill:var(--c000000);{names['light']}}}"
        f"@media (prefers-color-scheme:dark){{svg{{{names['dark']}}}}}</style>"
    )
    head, defs, rest = drawn.partition("<defs>")
    path.write_text(f"{head}{style}{defs}{rest}", encoding="utf-8")


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
