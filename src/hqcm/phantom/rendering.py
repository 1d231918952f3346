"""Image one plane of a patient as a scanner would: pose, contrast, bias field, noise."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hqcm.phantom.lesions import CSF, Lesion, Site, paint
from hqcm.phantom.patients import Patient
from hqcm.phantom.volumes import Array, Plane, Rng

_ACQUIRED_PX = 256  # scanners acquire about this many and interpolate to the stored matrix
_FIELD_OF_VIEW_MM = (215, 245)
_MARGIN_MM = 25.0  # how far beyond its largest radius a lesion changes the slice
_FAR_MM = -99.0  # depth where no lesion is near
_PUSHED = 0.35  # tissue at a lesion's edge came from this fraction nearer to its centre
_PUSH_MM = 20.0  # and this far from the edge nothing is pushed

# Step to the next row and to the next column of the display: radiological convention (the
# patient's right on the left); sagittal slices look to the left.
_VIEWS = {
    "axial": ((0, -1, 0), (-1, 0, 0)),
    "coronal": ((0, 0, -1), (-1, 0, 0)),
    "sagittal": ((0, 0, -1), (0, -1, 0)),
}


class Rendered(NamedTuple):
    """A slice: image ``(n, n)``, not negative, any unit; mask ``(n, n)`` bool."""

    image: Array
    mask: NDArray[np.bool_]


def render(patient: Patient, view: str, size_px: int, rng: Rng) -> Rendered:
    """Image one slice of a patient, near the patient's target."""
    shell, lesion = patient.head.shell, patient.lesion
    points = patient.bend(_plane(patient, view, rng).points())
    outside = _doubled(shell.outside_skull.at(_halved(points)))
    depth = np.full(outside.shape, _FAR_MM)
    if lesion is None:
        image, _ = _healthy(patient, points, points, outside)
    else:
        # The rows and columns the lesion can change.
        reach = max(float(ball.radii_mm.max()) for ball in lesion.balls) * 1.5 + _MARGIN_MM
        near = _box(np.all(np.abs(points - lesion.centre_mm) < reach, axis=-1))
        depth[near] = lesion.depth(points[near], outside[near])
        pushed = points.copy()
        pushed[near] = _before_push(lesion, points[near])
        image, white = _healthy(patient, points, pushed, outside)
        site = Site(points[near], depth[near], outside[near], white[near])
        image[near] = paint(image[near], lesion, site)
    scanned = _scan(image**patient.gamma, rng)
    return Rendered(_resized(scanned, size_px), _resized(depth, size_px) > 0)


def _plane(patient: Patient, view: str, rng: Rng) -> Plane:
    row, column = (np.array(step, np.float64) for step in _VIEWS[view])
    normal = np.cross(row, column)
    pose = patient.pose
    target = np.linalg.solve(pose, patient.target_mm)
    middle = patient.shift_mm + np.array([0, -18, -5 if view == "axial" else -20])  # of the head
    along = (target - middle) @ normal + patient.reach_mm * rng.uniform(-0.5, 0.5)
    step = rng.uniform(*_FIELD_OF_VIEW_MM) / _ACQUIRED_PX
    corner = middle + along * normal - (_ACQUIRED_PX - 1) / 2 * step * (row + column)
    return Plane(pose @ corner, pose @ row * step, pose @ column * step, _ACQUIRED_PX)


def _box(where: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The smallest box of rows and columns that holds all pixels of `where`."""
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _before_push(lesion: Lesion, points: Array) -> Array:
    """Where the tissue now at `points` was before the lesion made room for itself."""
    share = _PUSHED * np.clip(1 + lesion.free_depth(points) / _PUSH_MM, 0, 1)
    return points - share[..., None] * (points - lesion.centre_mm)


def _healthy(patient: Patient, points: Array, pushed: Array, outside: Array) -> tuple[Array, Array]:
    """The head without a lesion's own signal, and white minus grey matter."""
    head = patient.head
    within_skull = _box(outside < 0)
    brain = np.zeros_like(outside)
    brain[within_skull] = head.brain.at(pushed[within_skull])
    # What is smooth or known at 2 mm only is sampled at half the resolution: a third of the time.
    coarse = _halved(points)
    white = _doubled(head.white_minus_grey.at(_halved(pushed)))
    tissue = np.clip(brain / CSF, 0, 1) * (outside < 0)
    fluid = CSF * np.clip(0.5 - outside / 2, 0, 1)
    within = np.maximum((brain + patient.grey_white * white) * tissue, fluid)
    bright, soft = (_doubled(part.at(coarse)) for part in (head.shell.bright, head.shell.soft))
    around = patient.fat * bright + patient.muscle * soft
    return within + around * (1 - tissue), white


def _scan(image: Array, rng: Rng) -> Array:
    """Coil sensitivity and Rician noise."""
    u, v = np.meshgrid(*2 * [np.linspace(-1, 1, len(image))], indexing="ij")
    tilt = rng.normal(0, 0.12, 5)
    bias = np.exp(np.tensordot(tilt, np.stack([u, v, u * v, u**2, v**2]), axes=1))
    sigma = rng.uniform(0.02, 0.05)
    noise = sigma * rng.standard_normal((2, *image.shape), np.float32)
    return np.hypot(image * bias + noise[0], noise[1])


def _halved(points: Array) -> Array:
    """Centres of blocks of 2 x 2 pixels."""
    return (points[::2, ::2] + points[1::2, 1::2]) / 2


def _doubled(image: Array) -> Array:
    return _resized(image, 2 * len(image))


def _resized(image: Array, size_px: int) -> Array:
    """Bilinear, pixel centres kept: along the rows, then along the columns."""
    at = (np.arange(size_px) + 0.5) * len(image) / size_px - 0.5
    low = np.clip(np.floor(at).astype(int), 0, len(image) - 2)
    share = np.clip(at - low, 0, 1)[:, None]
    for _ in range(2):
        image = (image[low] * (1 - share) + image[low + 1] * share).T
    return image
