"""In which order the pixels of a slice are deleted or inserted.

Deletion and insertion: what a network still believes while a slice vanishes or appears.
"""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field

from hqcm.contracts.params import Section
from hqcm.evaluation.overlap import upsample
from hqcm.explanation.areas import Direction
from hqcm.training.inference import Examined

Ranks = NDArray[np.int32]
"""``(n, size * size)``, row by row: 0 is the pixel that comes first."""


def rank_pixels(maps: NDArray[np.floating], noise: NDArray[np.float64]) -> Ranks:
    """By falling value; among equal ones by falling noise, then row by row.

    So a map without any difference is as good as the random one, and no better.

    Shape:
        - maps, noise: ``(n, size, size)``.
    """
    return np.stack([_rank(*each) for each in zip(maps, noise, strict=True)])


def draw_noise(n: int, cells: int, size: int, seed: int) -> NDArray[np.float64]:
    """Random maps as coarse as the attention maps: lone pixels would be another experiment.

    Shape:
        - returns: ``(n, size, size)``, [0, 1].
    """
    return upsample(np.random.default_rng(seed).random((n, cells, cells)), size)


def _rank(values: NDArray[np.floating], noise: NDArray[np.float64]) -> Ranks:
    order = np.lexsort((-noise.ravel(), -values.ravel()))  # the last key counts first; stable
    ranks = np.empty(order.shape, np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return ranks


Canvas = Literal["black", "blurred"]
Images = NDArray[np.float32]
"""``(n, size, size)``, [0, 1]."""
Values = NDArray[np.float64]
"""Probabilities, [0, 1]; a row a slice."""


class ExplainParams(Section):
    """Section `explain`."""

    n_steps: int = Field(ge=2)
    deleted_into: Canvas
    inserted_into: Canvas
    blur: float = Field(gt=0)
    seed: int = Field(ge=0)


def count_pixels(n_pixels: int, n_steps: int) -> NDArray[np.int64]:
    """Pixels deleted or inserted after each step: the fractions 0, 1, 4, 9 ... of n_steps².

    A tumour covers a few hundredths of a slice, so the first steps are the small ones.

    Shape:
        - returns: ``(n_steps + 1,)``, from 0 to n_pixels.
    """
    steps = np.arange(n_steps + 1)
    return np.rint(n_pixels * steps**2 / n_steps**2).astype(np.int64)


def paint_canvas(images: Images, canvas: Canvas, blur: float) -> Images:
    """What stands where a pixel is absent: nothing, or the slice without its detail.

    Args:
        images: the slices.
        canvas: which of the two.
        blur: standard deviation of the Gaussian, fraction of the edge.
    """
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415  (slow to load)

    if canvas == "black":
        return np.zeros_like(images)
    sigma = blur * images.shape[-1]
    blurred: Images = gaussian_filter(images, (0, sigma, sigma), mode="nearest")
    return blurred


class Vanishing:
    """Slices on their way to an empty canvas and back.

    Shape:
        - images: ``(n, size, size)``, 0-255 standing for [0, 1].
        - classes: ``(n,)``, 0-3, those predicted on the whole slices.

    Source:
        Petsiuk et al., RISE, BMVC 2018 (arXiv:1806.07421), section 4.3: black for deletion, a
        blurred canvas for insertion.
    """

    def __init__(
        self,
        examined: Examined,
        images: NDArray[np.uint8],
        classes: NDArray[np.int64],
        params: ExplainParams,
    ) -> None:
        self._examined, self._classes = examined, classes
        self._counts = count_pixels(images[0].size, params.n_steps)
        whole = np.divide(images, 255, dtype=np.float32)
        black, blurred = (
            paint_canvas(whole, canvas, params.blur)
            for canvas in (params.deleted_into, params.inserted_into)
        )
        self._ways: dict[Direction, tuple[Images, Images]] = {
            "deletion": (whole, black),
            "insertion": (blurred, whole),
        }
        at_ends = [ask_slices(examined, values, classes) for values in (whole, black, blurred)]
        self._ends: dict[Direction, tuple[Values, Values]] = {
            "deletion": (at_ends[0], at_ends[1]),
            "insertion": (at_ends[2], at_ends[0]),
        }

    def trace(self, direction: Direction, ranks: Ranks) -> Values:
        """Probability of each slice's class after every step.

        Deletion takes the pixels of the slice away, the first of the order first; insertion
        brings them onto the canvas in that order.

        Shape:
            - returns: ``(n, n_steps + 1)``.
        """
        first, last = self._ends[direction]
        between = ask_mixed(
            self._examined, self._ways[direction], ranks, self._counts[1:-1], self._classes
        )
        return np.concatenate([first, between, last], axis=1)


def ask_slices(examined: Examined, images: Images, classes: NDArray[np.int64]) -> Values:
    """The probability of one class of each slice, ``(n, 1)``."""
    nowhere = np.zeros((len(images), images[0].size), np.int32)
    return ask_mixed(examined, (images, images), nowhere, np.zeros(1, np.int64), classes)


def ask_mixed(
    examined: Examined,
    images: tuple[Images, Images],
    ranks: Ranks,
    counts: NDArray[np.int64],
    classes: NDArray[np.int64],
) -> Values:
    """The same with the first pixels, so many in turn, already those of the second images.

    Shape:
        - counts: ``(n_counts,)``.
        - returns: ``(n, n_counts)``.
    """
    tensors = (*images, ranks.reshape(images[0].shape), counts, classes)
    before, after, order, limits, wanted = (
        torch.from_numpy(np.ascontiguousarray(values)).to(examined.device) for values in tensors
    )
    asked = torch.arange(len(before) * len(limits), device=examined.device)
    found = []
    for chosen in asked.split(examined.batch_size):
        i, step = chosen // len(limits), chosen % len(limits)
        changed = order[i] < limits[step, None, None]  # (batch, size, size)
        with torch.inference_mode():
            logits = examined.ask(torch.where(changed, after[i], before[i]).unsqueeze(1)).logits
            probabilities = torch.softmax(logits.double(), dim=1)
        found.append(probabilities.gather(1, wanted[i].unsqueeze(1)))
    return torch.cat(found).reshape(len(before), len(limits)).cpu().numpy()
