"""Paint a lesion on a slice."""

from typing import NamedTuple

import numpy as np

from hqcm.contracts.labels import MENINGIOMA
from hqcm.sources.anatomy_volumes import Array
from hqcm.sources.lesions import Lesion

CSF = 0.22  # intensity of fluid on the template's scale
EDGE_MM = 1.5  # partial volume at a lesion's edge
OEDEMA_MM = 12.0  # water fades over about a centimetre
TAIL_MM = 9.0  # a meningioma's dural tail reaches so far beyond it
DURA_MM = 1.5


class Site(NamedTuple):
    """What is known about each pixel of a slice, or of a window of it.

    Shape:
        - points: ``(rows, cols, 3)``, mm in the MNI frame; all others ``(rows, cols)``:
        - depth: `Lesion.depth`, mm; outside_skull: distance to the inner skull, mm.
        - white: white minus grey matter, in [-1, 1].
    """

    points: Array
    depth: Array
    outside_skull: Array
    white: Array


def paint(image: Array, lesion: Lesion, site: Site) -> Array:
    """The healthy slice (before gamma, bias field and noise) with the lesion in it."""
    around = image * (1 - lesion.oedema * _oedema(site))
    body = lesion.brightness + lesion.texture.at(site.points)
    if lesion.core is not None:
        necrotic = _share(lesion.core.depth(site.points))
        body = necrotic * lesion.necrosis + (1 - necrotic) * body
    if lesion.label == MENINGIOMA:
        around = _dural_tail(_cleft(around, site), lesion, site)
    share = _share(site.depth)
    return around * (1 - share) + body * share


def _share(depth: Array) -> Array:
    return np.clip(depth / EDGE_MM + 0.5, 0, 1)


def _oedema(site: Site) -> Array:
    """Water spreads along white matter, within the skull."""
    near = np.exp(np.minimum(site.depth, 0) / OEDEMA_MM) * (site.outside_skull < 0)
    return near * np.clip(0.55 + 0.45 * site.white, 0, 1)


def _cleft(image: Array, site: Site) -> Array:
    """Fluid between a meningioma and the brain that it pushes away."""
    cleft = np.exp(-(((site.depth + 1.5) / 1.2) ** 2)) * (site.outside_skull < 0)
    return image * (1 - 0.6 * cleft)


def _dural_tail(image: Array, lesion: Lesion, site: Site) -> Array:
    near = np.clip((site.depth + TAIL_MM) / 3, 0, 1)
    tail = 0.8 * np.exp(-((site.outside_skull / DURA_MM) ** 2)) * near
    return image * (1 - tail) + lesion.brightness * tail
