"""Image one plane of a patient as a scanner would: pose, contrast, bias field, noise."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from hqcm.sources.anatomy import Head
from hqcm.sources.anatomy_volumes import Array, Plane, Vector, Volume
from hqcm.sources.lesions import Lesion
from hqcm.sources.lesions_painting import CSF, lesion_depth, paint

Rng = np.random.Generator

ACQUIRED_PX = 256  # scanners acquire about this many and interpolate to the stored matrix

# Direction of a step to the next row and to the next column of the display: radiological
# convention (patient's right on the left), sagittal slices look to the left.
VIEWS = {
    "axial": ((0, -1, 0), (-1, 0, 0)),
    "coronal": ((0, 0, -1), (-1, 0, 0)),
    "sagittal": ((0, 0, -1), (0, -1, 0)),
}


class Rendered(NamedTuple):
    """A slice: image ``(n, n)`` float32, not negative; mask ``(n, n)`` bool."""

    image: Array
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class Patient:
    """One simulated person: a pose of the head, its contrasts, and a lesion or none.

    `pose` maps the scanner's axes to MNI axes, ``(3, 3)``; `shift_mm` ``(3,)``;
    `surroundings` is the volume of all that is not brain at this patient's contrast.
    """

    head: Head
    pose: Vector
    shift_mm: Vector
    gamma: float
    grey_white: float
    surroundings: Volume
    lesion: Lesion | None
    target_mm: Vector
    reach_mm: float


def draw_patient(head: Head, lesion: Lesion | None, seen: Lesion, rng: Rng) -> Patient:
    """Draw a patient.

    Args:
        head: the anatomy everyone shares.
        lesion: the patient's tumour, None for a healthy one.
        seen: slices pass where this lesion is or, in a healthy patient, would be: the level
            of a slice must not betray its class.
        rng: the patient's own generator.
    """
    turn = Rotation.from_euler("xyz", rng.normal(0, 4, 3), degrees=True).as_matrix()
    shell = head.shell
    fat, soft, vessel = rng.uniform((0.85, 0.4, 0.6), (1.15, 0.6, 1.0))
    around = fat * shell.fat.voxels + soft * shell.soft.voxels + vessel * shell.vessel.voxels
    return Patient(
        head=head,
        pose=turn / rng.uniform(0.94, 1.06, 3),
        shift_mm=rng.normal(0, 3, 3),
        gamma=rng.uniform(0.9, 1.4),
        grey_white=rng.uniform(-0.12, 0.06),
        surroundings=Volume(around, shell.fat.origin_mm, shell.fat.spacing_mm),
        lesion=lesion,
        target_mm=seen.centre_mm,
        reach_mm=seen.radius_mm,
    )


def render(patient: Patient, view: str, size_px: int, rng: Rng) -> Rendered:
    """Image one slice of a patient.

    Returns:
        Image and mask of ``(size_px, size_px)``; the image is in arbitrary units.
    """
    plane = _plane(patient, view, rng)
    outside = patient.head.shell.outside_skull.cut(plane)
    white = patient.head.white_minus_grey.cut(plane)
    image = _healthy(patient, plane, outside, white)
    depth = np.full_like(image, -1)
    if patient.lesion is not None:
        depth = lesion_depth(patient.lesion, plane.points(), outside)
        image = paint(image, patient.lesion, depth, outside, white)
    image = _scan(image**patient.gamma, rng)
    return Rendered(np.maximum(_resize(image, size_px), 0), _resize(depth, size_px) > 0)


def _plane(patient: Patient, view: str, rng: Rng) -> Plane:
    row, column = (np.array(step, np.float64) for step in VIEWS[view])
    normal = np.cross(row, column)
    # The centre of the picture: the head's own, moved along the normal to the target.
    target = np.linalg.solve(patient.pose, patient.target_mm)
    middle = np.array([0.0, -18.0, -5.0 if view == "axial" else -20.0]) + patient.shift_mm
    along = (target - middle) @ normal + patient.reach_mm * rng.uniform(-0.5, 0.5)
    centre = middle + along * normal + rng.normal(0, 2) * row + rng.normal(0, 2) * column
    step = rng.uniform(215, 245) / ACQUIRED_PX
    corner = centre - (ACQUIRED_PX - 1) / 2 * step * (row + column)
    pose = patient.pose
    return Plane(pose @ corner, pose @ row * step, pose @ column * step, ACQUIRED_PX)


def _healthy(patient: Patient, plane: Plane, outside: Array, white: Array) -> Array:
    brain = patient.head.brain.cut(plane)
    tissue = np.clip(brain / CSF, 0, 1)
    cavity = np.clip(0.5 - outside / 2, 0, 1)
    within = np.maximum(brain + patient.grey_white * white * tissue, CSF * cavity)
    return np.clip(within, 0, None) + patient.surroundings.cut(plane) * np.where(tissue > 0.5, 0, 1)


def _scan(image: Array, rng: Rng) -> Array:
    """Coil sensitivity and Rician noise."""
    u, v = np.meshgrid(*2 * [np.linspace(-1, 1, len(image), dtype=np.float32)], indexing="ij")
    tilt = rng.normal(0, 0.12, 5)
    bias = np.exp(tilt @ np.stack([u, v, u * v, u**2, v**2]).reshape(5, -1)).reshape(u.shape)
    noise = rng.uniform(0.015, 0.04) * rng.standard_normal((2, *image.shape), np.float32)
    return np.hypot(image * bias + noise[0], noise[1]).astype(np.float32)


def _resize(image: Array, size_px: int) -> Array:
    """Bilinear, pixel centres kept: along the rows, then along the columns."""
    for _ in range(2):
        at = (np.arange(size_px) + 0.5) * len(image) / size_px - 0.5
        low = np.clip(np.floor(at).astype(int), 0, len(image) - 2)
        share = np.clip(at - low, 0, 1).astype(np.float32)[:, None]
        image = (image[low] * (1 - share) + image[low + 1] * share).T
    return image
