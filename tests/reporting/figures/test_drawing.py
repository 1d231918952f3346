"""The look of all figures: colours that the colour-blind tell apart, and a small palette."""

import itertools
from io import BytesIO

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.reporting.figures.drawing import (
    _INKS,
    _OWN_COLOURS,
    CLASS_COLOURS,
    CLASS_MARKERS,
    NETWORK_COLOURS,
    _as_picture,
    figure_style,
    new_figure,
)


def test_the_projects_colours_survive_the_palette() -> None:
    with figure_style():
        figure = new_figure(2)
        axes = figure.subplots()
        ramp = np.linspace(0, 1, 100 * 100 * 3).reshape(100, 100, 3) ** [0.5, 1, 2]
        axes.imshow(ramp)
        for i, colour in enumerate(_OWN_COLOURS):
            axes.bar(i, 5, color=colour)
        drawn = np.asarray(_as_picture(figure).convert("RGB")).reshape(-1, 3)
    present = {tuple(int(part) for part in pixel) for pixel in np.unique(drawn, axis=0)}
    for colour in _OWN_COLOURS:
        assert tuple(round(255 * part) for part in to_rgb(colour)) in present
    assert 200 < len(present) <= 256


def test_greys_differ_little_from_what_was_drawn() -> None:
    with figure_style():
        figure = new_figure(2)
        figure.subplots().imshow(np.tile(np.linspace(0, 1, 200), (50, 1)), cmap="gray")
        picture = np.asarray(_as_picture(figure).convert("RGB")).astype(int)
        with BytesIO() as file:
            figure.savefig(file, format="png")
            exact = np.asarray(Image.open(file).convert("RGB")).astype(int)
    assert np.abs(picture - exact).max() <= 8  # of 255: not seen


def luminance(colour: str) -> float:
    """Relative, as in WCAG 2.2."""
    coded = np.array(to_rgb(colour))
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("scheme", [0, 1])
def test_letters_and_lines_of_vector_figures_have_contrast(scheme: int) -> None:
    """WCAG AA, 4.5:1, in light and dark; grid and margin are background."""
    paper = luminance(_INKS["#ffffff"][scheme])
    for ink in {*_INKS} - {"#ffffff", "#e4e4e4", "#efefef"}:
        low, high = sorted([paper, luminance(_INKS[ink][scheme])])
        assert (high + 0.05) / (low + 0.05) >= 4.5, ink


def test_every_class_has_a_colour_and_a_marker_of_its_own() -> None:
    assert [*CLASS_COLOURS] == [*CLASS_MARKERS] == [*CLASS_NAMES]
    assert len({*CLASS_COLOURS.values()}) == len({*CLASS_MARKERS.values()}) == 4


def perceived(colour: str, blindness: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of a colour as seen; Machado et al., IEEE TVCG 15 (2009), full severity."""
    coded = np.array(to_rgb(colour))
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ np.clip(blindness @ linear, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize(
    "blindness",
    [
        np.eye(3),
        np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
        np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
        np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
    ],
    ids=["none", "deuteranopia", "protanopia", "tritanopia"],
)
def test_classes_and_networks_stay_apart_to_the_colour_blind(blindness: np.ndarray) -> None:
    for colours in (CLASS_COLOURS, NETWORK_COLOURS):
        seen = [perceived(colour, blindness) for colour in colours.values()]
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(one - other) > 37
