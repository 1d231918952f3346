"""One look for every figure: a colour a class, a colour a network, all safe for the colour-blind.

The class colours stay at least 38 apart (CIE 1976) under each kind of colour blindness; they are
taken from the palettes of Okabe and Ito (2008) and of Tol (2021).
"""

from typing import Final

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

OWN_COLOURS: Final = (
    *("#FFFFFF", "#000000", MASK_COLOUR, THRESHOLD_COLOUR),
    *CLASS_COLOURS.values(),
    *NETWORK_COLOURS.values(),
    *MAP_COLOURS.values(),
)
"""Those that carry a meaning, and the paper's black on white."""

LIGHT_INKS: Final = {**NETWORK_COLOURS, **CLASS_COLOURS}
DARK_INKS: Final = {
    "hybrid": "#FF8B3D",
    "classical": "#C4CBD2",
    **dict(zip(CLASS_NAMES, ("#99DDFF", "#FFD166", "#C4446F", "#6A5ACD"), strict=True)),
}
"""Of the page's charts, on light and on dark paper."""
