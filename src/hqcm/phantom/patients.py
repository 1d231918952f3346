"""Whom the phantom simulates: pose, shape and contrast of a head, and a lesion or none."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from hqcm.contracts.labels import HEALTHY, N_CLASSES
from hqcm.phantom.head import Head
from hqcm.phantom.lesions import Lesion, draw_lesion
from hqcm.phantom.volumes import Array, Rng, Vector, Waves


@dataclass(frozen=True)
class Patient:
    """One simulated person.

    `pose` ``(3, 3)`` turns and scales the scanner's axes to those of the MNI frame, `shape`
    bends them, three functions in mm. `fat`, `muscle` and `grey_white` (what contrast agent and
    protocol do to the difference of white and grey matter) are on the template's scale.
    Slices pass near `target_mm`, within half of `reach_mm`.
    """

    head: Head
    pose: Vector
    shift_mm: Vector
    shape: tuple[Waves, ...]
    fat: float
    muscle: float
    grey_white: float
    gamma: float
    lesion: Lesion | None
    target_mm: Vector
    reach_mm: float

    def bend(self, points: Array) -> Array:
        """Points of a plane to points of the MNI frame, ``(..., 3)`` mm."""
        return points + np.stack([waves.at(points) for waves in self.shape], axis=-1)


def patient_rng(seed: int, source: int, label: int, number: int) -> Rng:
    """A generator of a patient's own, so that counts do not change who is simulated."""
    return np.random.default_rng([seed, source, label, number])


def draw_patient(head: Head, label: int, rng: Rng) -> Patient:
    """Draw a patient of a class, 0 (healthy) to 3."""
    seen = _lesion_anywhere(head, rng) if label == HEALTHY else draw_lesion(label, head, rng)
    turn = Rotation.from_euler("xyz", rng.normal(0, 4, 3), degrees=True).as_matrix()
    return Patient(
        head=head,
        pose=turn / rng.uniform(0.94, 1.06, 3),
        shift_mm=rng.normal(0, 3, 3),
        shape=tuple(Waves.draw(rng, 3, height=4.0, wavelength=(80.0, 160.0)) for _ in range(3)),
        fat=rng.uniform(0.8, 1.15),
        muscle=rng.uniform(0.4, 0.65),
        grey_white=rng.uniform(-0.1, 0.05),
        gamma=rng.uniform(0.95, 1.3),
        lesion=None if label == HEALTHY else seen,
        target_mm=seen.centre_mm,
        reach_mm=seen.radius_mm,
    )


def look_elsewhere(patient: Patient, rng: Rng) -> Patient:
    """The same healthy person, imaged where a tumour of some class would sit.

    The level of a slice must not betray its class.
    """
    seen = _lesion_anywhere(patient.head, rng)
    return replace(patient, target_mm=seen.centre_mm, reach_mm=seen.radius_mm)


def _lesion_anywhere(head: Head, rng: Rng) -> Lesion:
    return draw_lesion(int(rng.integers(1, N_CLASSES)), head, rng)
