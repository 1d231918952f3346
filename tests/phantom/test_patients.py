"""Patients: everyone their own generator, the healthy ones without a lesion."""

import numpy as np
import pytest

from hqcm.contracts.labels import GLIOMA, HEALTHY, N_CLASSES
from hqcm.phantom.head import Head
from hqcm.phantom.patients import Patient, draw_patient, look_elsewhere, patient_rng


def someone(head: Head, label: int, number: int = 0) -> Patient:
    return draw_patient(head, label, patient_rng(0, 2, label, number))


def test_a_generator_of_ones_own() -> None:
    keys = [(0, 2, 1, 0), (1, 2, 1, 0), (0, 3, 1, 0), (0, 2, 2, 0), (0, 2, 1, 1)]
    first = [patient_rng(*key).integers(2**63) for key in keys]
    assert len(set(first)) == len(keys)
    assert first == [patient_rng(*key).integers(2**63) for key in keys]


@pytest.mark.parametrize("label", range(N_CLASSES))
def test_lesion_is_of_the_class(head: Head, label: int) -> None:
    patient = someone(head, label)
    if label == HEALTHY:
        assert patient.lesion is None
    else:
        assert patient.lesion is not None
        assert patient.lesion.label == label
        np.testing.assert_array_equal(patient.target_mm, patient.lesion.centre_mm)


def test_healthy_people_are_imaged_where_tumours_sit(head: Head) -> None:
    """On the midline over the sella, near the skull, and deep: the level betrays nothing."""
    targets = np.array([someone(head, HEALTHY, i).target_mm for i in range(40)])
    at_sella = np.linalg.norm(targets - [0, 4, -24], axis=1) < 15
    assert 0.15 < at_sella.mean() < 0.55


def test_looking_elsewhere_keeps_the_person(head: Head) -> None:
    person = someone(head, HEALTHY)
    other = look_elsewhere(person, np.random.default_rng(1))
    assert not np.array_equal(other.target_mm, person.target_mm)
    np.testing.assert_array_equal(other.pose, person.pose)
    assert (other.shape, other.gamma, other.lesion) == (person.shape, person.gamma, None)


def test_heads_differ_in_pose_and_shape_but_stay_heads(head: Head) -> None:
    poses = np.array([someone(head, GLIOMA, i).pose for i in range(20)])
    scales = np.linalg.norm(poses, axis=1)
    assert 0.9 < scales.min() < scales.max() < 1.1
    assert poses.std(axis=0).max() > 0.01
    corners = np.array([[-70, -100, -60], [70, 70, 70]])
    bent = someone(head, GLIOMA).bend(corners)
    assert 0 < np.abs(bent - corners).max() <= 4 * (1 + 1e-5)
