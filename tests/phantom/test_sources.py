"""How the phantom hands slices out to its sources, on a handful of them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread

from hqcm.contracts.labels import GLIOMA, HEALTHY, MENINGIOMA, PITUITARY
from hqcm.phantom.akter import _TOP, _copy_slices, write_akter
from hqcm.phantom.figshare import FigshareSlice, _cross_validation_folds, write_figshare
from hqcm.phantom.head import Head
from hqcm.phantom.trainingdatapro import write_trainingdatapro


def numbered(label: int, number: int) -> FigshareSlice:
    """A slice whose first row counts, so that a mirror shows."""
    image = np.tile(np.arange(4, dtype=np.int16) * 100, (4, 1))
    image[3, 0] = number
    mask = np.zeros((4, 4), np.bool_)
    mask[0, 0] = True
    return FigshareSlice(label, number, image, mask)


FIGSHARE = [numbered(label, n) for n, label in enumerate([1, 2, 1, 1, 2, 1, 3, 1])]


def test_every_second_copy_is_mirrored_with_its_mask() -> None:
    straight, mirrored = _copy_slices(FIGSHARE, MENINGIOMA, 2)
    assert (straight.is_mirrored, mirrored.is_mirrored) == (False, True)
    np.testing.assert_array_equal(straight.pixels[0], [0, 85, 170, 255])
    np.testing.assert_array_equal(mirrored.pixels[0], [255, 170, 85, 0])
    assert straight.mask[0, 0]
    assert mirrored.mask[0, 3]


def test_copies_are_spread_over_the_slices_of_their_class() -> None:
    assert [pair.figshare_id for pair in _copy_slices(FIGSHARE, MENINGIOMA, 2)] == [1, 4]
    assert [pair.figshare_id for pair in _copy_slices(FIGSHARE, PITUITARY, 1)] == [7]


@given(n_copies=st.integers(0, 20), label=st.sampled_from([MENINGIOMA, GLIOMA, PITUITARY]))
def test_no_slice_is_copied_twice(n_copies: int, label: int) -> None:
    copies = _copy_slices(FIGSHARE, label, n_copies)
    ids = [pair.figshare_id for pair in copies]
    own = [number for number, item in enumerate(FIGSHARE, start=1) if item.label == label]
    assert len(ids) == len(set(ids)) == min(n_copies, len(own))
    assert set(ids) <= set(own)


def test_healthy_slices_have_nothing_to_copy() -> None:
    assert _copy_slices(FIGSHARE, HEALTHY, 5) == []


@given(patients=st.lists(st.integers(0, 300), min_size=1, max_size=50))
def test_folds_are_a_function_of_the_patient(patients: list[int]) -> None:
    folds = _cross_validation_folds(patients)
    assert set(folds) <= {1, 2, 3, 4, 5}
    assert len(set(zip(patients, folds, strict=True))) == len(set(patients))


def test_more_patients_do_not_change_the_first(head: Head, tmp_path: Path) -> None:
    small, large = (
        write_figshare(tmp_path / str(n), head, n_patients=n, n_slices_per_patient=1, seed=1)
        for n in (3, 6)
    )
    # One axial slice of each class in the small cohort; its patients come first in the large.
    np.testing.assert_array_equal(small[0].image, large[0].image)
    np.testing.assert_array_equal(small[1].image, large[2].image)
    assert (small[1].label, large[2].label) == (GLIOMA, GLIOMA)


def test_another_seed_is_another_cohort(head: Head, tmp_path: Path) -> None:
    first, second = (
        write_figshare(tmp_path / str(seed), head, n_patients=3, n_slices_per_patient=1, seed=seed)
        for seed in (0, 1)
    )
    for one, other in zip(first, second, strict=True):
        assert not np.array_equal(one.image, other.image)


@pytest.mark.parametrize("n_slices", [1, 4])
def test_few_dicom_slices_are_enough(head: Head, tmp_path: Path, n_slices: int) -> None:
    write_trainingdatapro(tmp_path, head, n_slices=n_slices, seed=0)
    assert len(list(tmp_path.rglob("*.jpg"))) == n_slices
    assert len({path.parent for path in tmp_path.rglob("*.jpg")}) == n_slices
    images = [
        record for record in dcmread(tmp_path / "DICOMDIR").DirectoryRecordSequence
        if record.DirectoryRecordType == "IMAGE"
    ]  # fmt: skip
    assert len(images) == n_slices


def test_cohort_without_copies(head: Head, tmp_path: Path) -> None:
    write_akter(tmp_path, head, FIGSHARE, n_healthy=1, n_per_tumour=2, copied_fraction=0.0, seed=0)
    lines = (tmp_path / "provenance.csv").read_text().splitlines()
    assert lines == ["folder,file,figshare_id,mirrored,patient_id"]
    for folder in "0123":
        masks = [
            np.asarray(Image.open(path)) > 127
            for path in (tmp_path / _TOP / "mask" / folder).glob("[12]_m.jpg")
        ]
        assert all(mask.any() == (folder != "0") for mask in masks)


def test_cohort_of_copies_alone(head: Head, tmp_path: Path) -> None:
    many = [numbered(label, n) for label in (1, 2, 3) for n in range(3)]
    write_akter(tmp_path, head, many, n_healthy=1, n_per_tumour=2, copied_fraction=1.0, seed=0)
    assert len((tmp_path / "provenance.csv").read_text().splitlines()) == 1 + 3 * 2
