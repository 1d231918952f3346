"""Deletion and insertion: what a network still believes while a slice vanishes or appears.

The pixels of a slice are ranked by a map. Deletion takes them away, the first of the order
first; insertion brings them onto a canvas in that order. After every step the network says how
likely the class is that it named for the whole slice.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field

from hqcm.contracts.params import Section
from hqcm.evaluation.overlap import upsample
from hqcm.explanation.areas import Curves, Direction, Kind
from hqcm.training.inference import Examined

_Canvas = Literal["black", "blurred"]
_Images = NDArray[np.float32]
"""``(n, size, size)``, [0, 1]."""
_Ranks = NDArray[np.int32]
"""``(n, size * size)``, row by row: 0 is the pixel that comes first."""
_Probabilities = NDArray[np.float64]
"""``(n, n_steps)``, [0, 1], of each slice's class."""


class ExplainParams(Section):
    """Section `explain`: 2 to 1,000 steps; a blur of 1e-6 to 1, fraction of the slice's edge."""

    n_steps: int = Field(ge=2, le=1000)
    n_slices: int = Field(ge=1)
    deleted_into: _Canvas
    inserted_into: _Canvas
    blur: float = Field(ge=1e-6, le=1)
    seed: int = Field(ge=0)


def rank_pixels(maps: NDArray[np.floating], noise: NDArray[np.float64]) -> _Ranks:
    """By falling value; among equal ones by falling noise, then row by row.

    So a map without any difference is as good as the random one, and no better.

    Shape:
        - maps, noise: ``(n, size, size)``.
    """
    n = len(maps)
    order = np.lexsort((-noise.reshape(n, -1), -maps.reshape(n, -1)))  # the last key counts first
    return order.argsort(axis=1).astype(np.int32)


def draw_noise(n: int, cells: int, size: int, seed: int) -> NDArray[np.float64]:
    """Random maps as coarse as the attention maps: lone pixels would be another experiment.

    Shape:
        - returns: ``(n, size, size)``, [0, 1].
    """
    return upsample(np.random.default_rng(seed).random((n, cells, cells)), size)


def count_pixels(n_pixels: int, n_steps: int) -> NDArray[np.int64]:
    """Pixels deleted or inserted after each step: the fractions 0, 1, 4, 9 ... of n_steps².

    A tumour covers a few hundredths of a slice, so the first steps are the small ones.

    Shape:
        - returns: ``(n_steps + 1,)``, from 0 to n_pixels.
    """
    steps = np.arange(n_steps + 1)
    return np.rint(n_pixels * steps**2 / n_steps**2).astype(np.int64)


def _paint_canvas(images: _Images, canvas: _Canvas, blur: float) -> _Images:
    """What stands where a pixel is absent: nothing, or the slice without its detail."""
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415  (slow to load)

    if canvas == "black":
        return np.zeros_like(images)
    sigma = blur * images.shape[-1]  # standard deviation of the Gaussian
    return gaussian_filter(images, (0, sigma, sigma), mode="nearest")


def trace_curves(
    network: Examined,
    images: NDArray[np.uint8],
    classes: NDArray[np.int64],
    ranks: Mapping[Kind, _Ranks],
    params: ExplainParams,
) -> Curves:
    """Probability of each slice's class after every step, both ways and for every order.

    Where an order has no say, at both ends, the network is asked once for all orders.

    Shape:
        - images: ``(n, size, size)``, 0-255 standing for [0, 1].
        - classes: ``(n,)``, 0-3, those predicted on the whole slices.
        - returns: ``(n, n_steps + 1)`` each.

    Source:
        Petsiuk et al., RISE, BMVC 2018 (arXiv:1806.07421), section 4.3: black for deletion, a
        blurred canvas for insertion.
    """
    whole = np.divide(images, 255, dtype=np.float32)
    emptied = _paint_canvas(whole, params.deleted_into, params.blur)
    canvas = _paint_canvas(whole, params.inserted_into, params.blur)
    no_pixels, any_order = np.zeros(1, np.int64), next(iter(ranks.values()))
    of_whole, of_emptied, of_canvas = (
        _ask(network, (slices, slices), any_order, no_pixels, classes)
        for slices in (whole, emptied, canvas)
    )
    ways: dict[Direction, tuple[tuple[_Images, _Images], _Probabilities, _Probabilities]] = {
        "deletion": ((whole, emptied), of_whole, of_emptied),
        "insertion": ((canvas, whole), of_canvas, of_whole),
    }
    between = count_pixels(images[0].size, params.n_steps)[1:-1]
    return {
        (direction, kind): np.hstack([first, _ask(network, way, order, between, classes), last])
        for direction, (way, first, last) in ways.items()
        for kind, order in ranks.items()
    }


def _ask(
    network: Examined,
    images: tuple[_Images, _Images],
    ranks: _Ranks,
    counts: NDArray[np.int64],
    classes: NDArray[np.int64],
) -> _Probabilities:
    """With the first pixels, so many in turn, already those of the second images."""
    arrays = (*images, ranks.reshape(images[0].shape), counts, classes)
    before, after, order, limits, wanted = (
        torch.from_numpy(np.ascontiguousarray(values)).to(network.device) for values in arrays
    )
    questions = torch.arange(len(before) * len(limits), device=network.device)
    answers = []
    for chosen in questions.split(network.batch_size):
        i, step = chosen // len(limits), chosen % len(limits)
        is_changed = order[i] < limits[step, None, None]  # (batch, size, size)
        with torch.inference_mode():
            mixed = torch.where(is_changed, after[i], before[i]).unsqueeze(1)
            probabilities = torch.softmax(network.ask(mixed).logits.double(), dim=1)
        answers.append(probabilities.gather(1, wanted[i].unsqueeze(1)))
    return torch.cat(answers).reshape(len(before), len(limits)).cpu().numpy()
