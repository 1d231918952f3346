"""Paint a lesion on a slice, and say exactly where it is."""

import numpy as np

from hqcm.contracts.labels import GLIOMA, MENINGIOMA
from hqcm.sources.anatomy_volumes import Array
from hqcm.sources.lesions import Lesion

CSF = 0.22  # intensity of the fluid on the slice's scale


def lesion_depth(lesion: Lesion, points: Array, outside_skull: Array) -> Array:
    """Signed depth inside the lesion, mm; the mask is where it is positive.

    A meningioma is flattened by the skull it grows from, a glioma stays within the brain; a
    pituitary tumour stands in the sella, which lies outside the brain's hull.
    """
    depth = np.max([ball.depth(points) for ball in lesion.balls], axis=0)
    if lesion.label == MENINGIOMA:
        return np.minimum(depth, -outside_skull)
    if lesion.label == GLIOMA:
        return np.minimum(depth, -outside_skull - 2)
    return depth


def paint(image: Array, lesion: Lesion, depth: Array, outside_skull: Array, white: Array) -> Array:
    """The slice with the lesion in it.

    Args:
        image: the healthy slice, before bias field and noise.
        lesion: the tumour.
        depth: `lesion_depth` on the slice.
        outside_skull: distance to the inner skull, mm.
        white: white minus grey matter, in [-1, 1].
    """
    inside = outside_skull < 0
    swollen = image * (1 - lesion.oedema * _oedema(depth, white) * inside)
    level = lesion.brightness
    if lesion.label == GLIOMA:
        wall = (1 - lesion.core) * lesion.radius_mm
        ring = np.exp(-(((depth - wall / 2) / (0.55 * wall)) ** 2))
        filling = _ring_filling(depth, wall)
        body = filling * CSF + (1 - filling) * (0.6 + (level - 0.6) * ring)
    else:
        body = np.full_like(image, level)
    if lesion.label == MENINGIOMA:
        cleft = np.exp(-(((depth + 1.5) / 1.2) ** 2)) * inside
        swollen = swollen * (1 - 0.6 * cleft)
        tail = np.exp(-((outside_skull / 1.5) ** 2)) * (depth > -9)
        swollen = swollen * (1 - tail) + level * tail
    share = np.clip(depth / 1.5 + 0.5, 0, 1)
    return (swollen * (1 - share) + body * share).astype(np.float32)


def _oedema(depth: Array, white: Array) -> Array:
    """Water spreads along white matter, fading over about a centimetre."""
    return np.where(depth < 0, np.exp(depth / 9), 0) * np.clip(0.65 + 0.35 * white, 0, 1)


def _ring_filling(depth: Array, wall: float) -> Array:
    return np.clip((depth - wall) / 2 + 0.5, 0, 1)
