"""Curves and Grad-CAM maps made up from arithmetic, as if a network had been asked."""

import numpy as np

from hqcm.evaluation.overlap import with_tumour
from hqcm.explanation.areas import Direction, Explanation, Kind, Maps
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

FRACTIONS = np.linspace(0, 1, 5) ** 2
SPEED: dict[Kind, float] = {"attention": 6, "grad_cam": 3, "random": 3, "tumour_mask": 12}


def explain_toy(run: Predictions, stack: Stack) -> Explanation:
    """Confidence that falls and rises, each slice and map at a speed of its own."""
    has_tumour = with_tumour(stack)
    n = int(has_tumour.sum())
    curves: dict[tuple[Direction, Kind], np.ndarray] = {}
    for kind, speed in SPEED.items():
        each = speed + np.sin(np.arange(n) * speed)[:, None]  # (n, 1)
        curves["deletion", kind] = np.exp(-each * FRACTIONS)
        curves["insertion", kind] = 1 - np.exp(-(each / 2) * FRACTIONS)
    grad_cams = np.roll(run.attention, 1, axis=2)  # a cell to the right
    maps: Maps = {"grad_cam": grad_cams, "attention": run.attention}
    return Explanation(maps, FRACTIONS, curves, has_tumour)
