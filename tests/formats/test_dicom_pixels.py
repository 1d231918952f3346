"""Intensities and orientation, after PS3.3 and PS3.4 of the standard; decoders by catalogue."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom.data
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import RLELossless

from hqcm.cohort.converted import Rejection
from hqcm.formats.dicom import FORMAT as DICOM
from hqcm.formats.dicom import _read_frames
from hqcm.formats.native_format import Item, RawFile, Task
from hqcm.formats.reading import _read_task
from hqcm.slices.store import Slice
from native_files import ASYMMETRIC, Array, dicom, rescaling, save_dicom

STORED = ASYMMETRIC.astype(np.uint16)


def frames(stored: Array, **elements: Any) -> list[Array]:
    return list(_read_frames(dicom(stored, **elements)))


def frame(stored: Array, **elements: Any) -> Array:
    (image,) = frames(stored, **elements)
    return image


def shipped(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    assert path is not None
    return Path(str(path))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32"])
def test_stored_integers_keep_their_type(dtype: str) -> None:
    image = frame(ASYMMETRIC.astype(dtype))
    np.testing.assert_array_equal(image, ASYMMETRIC)
    assert image.dtype == dtype


def test_signed_values_stay_below_zero() -> None:
    np.testing.assert_array_equal(frame((ASYMMETRIC - 60).astype(np.int16)), ASYMMETRIC - 60)


def test_signed_values_of_12_bits_are_extended() -> None:
    packed = (np.array([[-1, -2048, 2047]]) & 0xFFF).astype(np.uint16)
    image = frame(packed, BitsStored=12, HighBit=11, PixelRepresentation=1)
    np.testing.assert_array_equal(image, [[-1, -2048, 2047]])


def test_slope_and_intercept_give_float32() -> None:
    image = frame(STORED, RescaleSlope="2.5", RescaleIntercept="-7")
    np.testing.assert_array_equal(image, ASYMMETRIC * 2.5 - 7)
    assert image.dtype == np.float32


@pytest.mark.parametrize("elements", [{"RescaleSlope": 2}, {"RescaleIntercept": 5}])
def test_one_without_the_other_has_the_neutral_partner(elements: dict[str, int]) -> None:
    expected = ASYMMETRIC * elements.get("RescaleSlope", 1) + elements.get("RescaleIntercept", 0)
    np.testing.assert_array_equal(frame(STORED, **elements), expected)


def test_a_neutral_modality_lut_leaves_the_integers() -> None:
    assert frame(STORED, RescaleSlope="1.0", RescaleIntercept="0").dtype == np.uint16


def lut(first: int, values: list[int]) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(values), first, 16])
    item.add_new("LUTData", "US", values)
    return item


@pytest.mark.parametrize("first", [-5, 0, 20])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
def test_a_modality_lut_sequence_maps_each_value(first: int, dtype: str) -> None:
    values = [(7 * i * i) % 1000 for i in range(40)]
    image = frame(ASYMMETRIC.astype(dtype), ModalityLUTSequence=[lut(first, values)])
    # PS3.3, C.11.1.1: below the first mapped value the first entry, above the last the last.
    expected = [[values[min(max(v - first, 0), 39)] for v in row] for row in ASYMMETRIC.tolist()]
    np.testing.assert_array_equal(image, expected)
    assert image.dtype == np.float32


SLOPES = [(2.0, 1.0), (0.5, -3.0), (1.0, 0.0)]


def test_each_frame_has_its_own_slope() -> None:
    groups = [rescaling(*pair) for pair in SLOPES]
    images = frames(
        np.stack([STORED] * 3),
        PerFrameFunctionalGroupsSequence=groups,
        SharedFunctionalGroupsSequence=[rescaling(100, 100)],
        RescaleSlope=7,
        RescaleIntercept=7,
    )
    for image, (slope, intercept) in zip(images, SLOPES, strict=True):
        np.testing.assert_array_equal(image, ASYMMETRIC * slope + intercept)


def test_frames_may_share_a_slope() -> None:
    shared = {"SharedFunctionalGroupsSequence": [rescaling(3, 4)]}
    for extra in ({}, {"PerFrameFunctionalGroupsSequence": [Dataset(), Dataset()]}):
        for image in frames(np.stack([STORED] * 2), **shared, **extra):
            np.testing.assert_array_equal(image, ASYMMETRIC * 3 + 4)


@pytest.mark.parametrize("modality", [{}, {"RescaleSlope": "2.5", "RescaleIntercept": "-7"}])
@pytest.mark.parametrize(("bits", "dtype"), [(8, "uint8"), (12, "uint16"), (16, "uint16")])
def test_monochrome1_is_the_twin_of_its_complement(
    bits: int, dtype: str, modality: dict[str, str]
) -> None:
    shared = {"BitsStored": bits, "HighBit": bits - 1, **modality}
    plain = frame(ASYMMETRIC.astype(dtype), **shared)
    complement = (2**bits - 1 - ASYMMETRIC).astype(dtype)
    inverted = frame(complement, PhotometricInterpretation="MONOCHROME1", **shared)
    np.testing.assert_array_equal(inverted, plain)
    assert inverted.dtype == plain.dtype


def test_signed_monochrome1_is_inverted_about_its_own_range() -> None:
    image = frame((-1 - ASYMMETRIC).astype(np.int16), PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(image, ASYMMETRIC)


def test_a_lut_comes_before_the_inversion() -> None:
    values = [0, 10, 11, 100]
    stored = np.array([[0, 1, 2, 3]], np.uint8)
    elements = {"ModalityLUTSequence": [lut(0, values)], "BitsStored": 2, "HighBit": 1}
    image = frame(stored, PhotometricInterpretation="MONOCHROME1", **elements)
    np.testing.assert_array_equal(image, [[100, 90, 89, 0]])


@given(
    arrays.arrays(st.sampled_from(["uint8", "int8", "uint16", "int16", "uint32", "int32"]), (2, 4))
)
def test_inversion_reverses_every_difference(stored: Array) -> None:
    image = frame(stored, PhotometricInterpretation="MONOCHROME1").astype(np.int64)
    wide = stored.astype(np.int64)
    np.testing.assert_array_equal(image - image[0, 0], wide[0, 0] - wide)


def test_float_pixel_data_is_read() -> None:
    header = dicom(STORED, BitsAllocated=32)
    del header.PixelData
    header.FloatPixelData = (ASYMMETRIC / 4).astype(np.float32).tobytes()
    for photometric, expected in (("MONOCHROME2", ASYMMETRIC), ("MONOCHROME1", 80 - ASYMMETRIC)):
        header.PhotometricInterpretation = photometric
        (image,) = _read_frames(header)
        np.testing.assert_array_equal(image, expected / 4)


def test_frames_before_a_broken_one_are_kept(tmp_path: Path) -> None:
    good = dicom(STORED)
    good.compress(RLELossless, generate_instance_uid=False)
    (fragment,) = generate_frames(good.PixelData, number_of_frames=1)
    header = dicom(np.stack([STORED] * 3))
    header.file_meta.TransferSyntaxUID = RLELossless
    header.PixelData = encapsulate([fragment, b"broken..", fragment])
    header["PixelData"].VR = "OB"
    header["PixelData"].is_undefined_length = True
    path = save_dicom(tmp_path / "1.dcm", header)
    first, rejection = _read_task(DICOM, "trainingdatapro", Task(RawFile("1.dcm", path)))
    assert isinstance(first, Slice)
    np.testing.assert_array_equal(first.image, ASYMMETRIC)
    assert isinstance(rejection, Rejection)
    assert rejection.reason.startswith("after slice 1: RuntimeError: Unable to decode")


def test_a_promise_of_a_billion_frames_ends_at_once() -> None:
    with pytest.raises(ValueError, match="The number of bytes of pixel data is less"):
        frames(STORED, NumberOfFrames=2**31 - 1)


def test_a_value_that_is_not_finite_is_refused() -> None:
    header = dicom(STORED, BitsAllocated=32)
    del header.PixelData
    header.FloatPixelData = np.full((2, 3), np.nan, np.float32).tobytes()
    with pytest.raises(ValueError, match="values must be finite; got NaN or infinity"):
        list(_read_frames(header))


def test_a_slope_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="RescaleSlope must not be 0: it erases the image"):
        frames(STORED, RescaleSlope=0, RescaleIntercept=0)


LOSSLESS = [
    *("MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_expb.dcm"),
    *("MR_small_implicit.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm"),
    "MR_small_padded.dcm",
]


def read_shipped(name: str) -> list[Item]:
    return list(_read_task(DICOM, "trainingdatapro", Task(RawFile(name, shipped(name)))))


@pytest.mark.parametrize("name", LOSSLESS)
def test_one_slice_in_every_lossless_encoding_is_one_array(name: str) -> None:
    plain = dcmread(shipped("MR_small.dcm"))
    expected = np.frombuffer(plain.PixelData, "<i2").reshape(plain.Rows, plain.Columns)
    (item,) = read_shipped(name)
    assert isinstance(item, Slice)
    np.testing.assert_array_equal(item.image, expected)


def test_computed_tomography_is_in_hounsfield_units() -> None:
    plain = dcmread(shipped("CT_small.dcm"))
    stored = np.frombuffer(plain.PixelData, "<i2").reshape(plain.Rows, plain.Columns)
    (item,) = read_shipped("CT_small.dcm")
    assert isinstance(item, Slice)
    np.testing.assert_array_equal(item.image, stored.astype(int) - 1024)


CATALOGUE = {
    "MR_truncated.dcm": "The number of bytes of pixel data is less than expected",
    # JPEG Extended of 12 bits, as no decoder of ours takes it.
    "JPEG-lossy.dcm": "RuntimeError: Unable to decode as exceptions were raised by all",
    "JPEG2000-embedded-sequence-delimiter.dcm": "RuntimeError: Unable to decode",
    "SC_rgb_rle_2frame.dcm": "got RGB",
    "examples_palette.dcm": "got PALETTE COLOR",
    "examples_ybr_color.dcm": "got YBR_FULL_422",
    "liver_1frame.dcm": "Modality must be of intensities, not labels or doses; got SEG",
    "rtdose_rle.dcm": "Modality must be of intensities, not labels or doses; got RTDOSE",
    "rtplan.dcm": "PixelData must be present",
    "test-SR.dcm": "PixelData must be present",
    "meta_missing_tsyntax.dcm": "PhotometricInterpretation must be",
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_outcome_of_a_file_that_is_no_slice_is_known(name: str) -> None:
    (item,) = read_shipped(name)
    assert isinstance(item, Rejection), item
    assert CATALOGUE[name] in item.reason


def test_every_file_that_pydicom_ships_has_an_outcome() -> None:
    folder = Path(pydicom.data.__file__).parent / "test_files"
    outcomes = {}
    for path in sorted(folder.glob("*.dcm")):
        items = list(_read_task(DICOM, "trainingdatapro", Task(RawFile(path.name, path))))
        outcomes[path.name] = {type(item) for item in items}
    assert all(len(kinds) == 1 for kinds in outcomes.values())
    assert sum(kinds == {Slice} for kinds in outcomes.values()) >= 17
