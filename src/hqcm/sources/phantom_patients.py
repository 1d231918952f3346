"""Whom the phantom simulates: one generator a patient, so that counts do not disturb others."""

from dataclasses import replace

import numpy as np

from hqcm.contracts.labels import HEALTHY, N_CLASSES
from hqcm.sources.anatomy import Head
from hqcm.sources.lesions import Lesion, draw_lesion
from hqcm.sources.rendering import Patient, Rng, draw_patient


def patient_rng(seed: int, source: int, label: int, number: int) -> Rng:
    """The generator of one patient."""
    return np.random.default_rng([seed, source, label, number])


def simulate_patient(head: Head, label: int, rng: Rng) -> Patient:
    """Draw a patient of a class."""
    if label == HEALTHY:
        return look_elsewhere(draw_patient(head, None, _anywhere(head, rng), rng), rng)
    lesion = draw_lesion(label, head, rng)
    return draw_patient(head, lesion, lesion, rng)


def look_elsewhere(patient: Patient, rng: Rng) -> Patient:
    """The same healthy person, imaged where a tumour of another class might sit."""
    seen = _anywhere(patient.head, rng)
    return replace(patient, target_mm=seen.centre_mm, reach_mm=seen.radius_mm)


def _anywhere(head: Head, rng: Rng) -> Lesion:
    return draw_lesion(int(rng.integers(1, N_CLASSES)), head, rng)
