"""Intensities and orientation, after PS3.3 and PS3.4 of the standard; decoders by catalogue."""

from pathlib import Path
from typing import Any

import numpy as np
import pydicom.data
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import RLELossless

from hqcm.formats.convert import convert
from hqcm.formats.dicom import FORMAT as DICOM
from hqcm.formats.dicom import _read_frames, _require_length
from hqcm.formats.native_format import Item, RawFile, Task
from hqcm.formats.reading import _read_task
from hqcm.preparation.scaling import scale_image
from hqcm.slices.store import Slice, read_slices
from native_files import ASYMMETRIC, ELLIPSE, Array, dicom, rescaling, save_dicom

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


def test_a_promise_of_a_billion_frames_ends_at_once() -> None:
    header = dicom(STORED, NumberOfFrames=2**31 - 1)
    with pytest.raises(ValueError, match="PixelData must have 25769803764 bytes, Rows x Columns"):
        _require_length(header, 2**31 - 1)
    with pytest.raises(ValueError, match="The number of bytes of pixel data is less"):
        list(_read_frames(header))


GROUPS = "PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"


@pytest.mark.parametrize("name", ["RescaleSlope", "RescaleIntercept"])
def test_a_slope_or_intercept_of_zero_length_is_none(name: str) -> None:
    """In the header and in a functional group, where the other one counts all the same."""
    other = {"RescaleSlope": {"RescaleIntercept": 5}, "RescaleIntercept": {"RescaleSlope": 2}}[name]
    expected = ELLIPSE.astype(float) * other.get("RescaleSlope", 1)
    expected += other.get("RescaleIntercept", 0)
    np.testing.assert_array_equal(frame(ELLIPSE, **{name: None}), ELLIPSE)
    np.testing.assert_array_equal(frame(ELLIPSE, **{name: None, **other}), expected)
    for groups in GROUPS:
        group = rescaling(1, 0)
        for changed, value in {name: None, **other}.items():
            setattr(group.PixelValueTransformationSequence[0], changed, value)
        image = frame(ELLIPSE, RescaleSlope=7, RescaleIntercept=7, **{groups: [group]})
        np.testing.assert_array_equal(image, expected)


def padded(border: int, dtype: str = "int16", shift: int = 0) -> tuple[Array, NDArray[np.bool_]]:
    """The ellipse shifted, in a border of padding, and where that lies."""
    stored = (ELLIPSE.astype(np.int64) + shift).astype(dtype)
    is_border = np.ones(stored.shape, np.bool_)
    is_border[4:-2, 3:-7] = False
    stored[is_border] = border
    return stored, is_border


PADDED: dict[str, tuple[int, str, int, dict[str, Any]]] = {
    "far below": (-32768, "int16", 0, {"PixelPaddingValue": -32768}),
    "above": (65535, "uint16", 0, {"PixelPaddingValue": 65535}),
    "below zero": (-2000, "int16", -1000, {"PixelPaddingValue": -2000}),
    "a range": (
        -1500,
        "int16",
        -1000,
        {"PixelPaddingValue": -2000, "PixelPaddingRangeLimit": -1400},
    ),
    "a range downwards": (
        *(-1500, "int16", -1000),
        {"PixelPaddingValue": -1400, "PixelPaddingRangeLimit": -2000},
    ),
    "with a slope": (
        *(-32768, "int16", 0),
        {"PixelPaddingValue": -32768, "RescaleSlope": "-0.5", "RescaleIntercept": "3"},
    ),
    "inverted": (
        *(-32768, "int16", 0),
        {"PixelPaddingValue": -32768, "PhotometricInterpretation": "MONOCHROME1"},
    ),
}


@pytest.mark.parametrize("name", PADDED)
def test_padding_is_background_and_the_rest_is_as_without_it(name: str) -> None:
    border, dtype, shift, elements = PADDED[name]
    stored, is_border = padded(border, dtype, shift)
    image = frame(stored, **elements)
    unpadded = {key: value for key, value in elements.items() if "Padding" not in key}
    rest = stored[~is_border].reshape(42, 54)
    expected = frame(rest, **unpadded)
    assert (image[is_border] == image[~is_border].min()).all()
    if "PhotometricInterpretation" not in unpadded:  # inversion is about another number
        np.testing.assert_array_equal(image[~is_border].reshape(42, 54), expected)
    np.testing.assert_array_equal(scale_image(image[4:-2, 3:-7], 32), scale_image(expected, 32))
    assert (scale_image(image, 64)[:2] == 0).all()
    assert np.ptp(scale_image(image, 64)) == 255


def test_padding_wider_than_the_bits_stored_is_known_by_those() -> None:
    """Of what scanners pad 16 bits with, pydicom gives the lowest 12: 0xF830 is -2000."""
    stored, is_border = padded(0xF830, "uint16")
    stored[~is_border] %= 2000
    elements = {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": 1}
    image = frame(stored, PixelPaddingValue=-2000, **elements)
    assert (image[is_border] == stored[~is_border].min()).all()
    np.testing.assert_array_equal(image[~is_border], stored[~is_border])


def test_float_pixels_have_a_padding_of_their_own() -> None:
    stored, is_border = padded(-1, "float32")
    stored[is_border] = -1e30
    header = dicom(ELLIPSE, BitsAllocated=32)
    del header.PixelData
    header.FloatPixelData, header.FloatPixelPaddingValue = stored.tobytes(), -1e30
    (image,) = _read_frames(header)
    assert image[is_border].max() == 0
    np.testing.assert_array_equal(image[~is_border], stored[~is_border])


def test_a_frame_of_nothing_but_padding_keeps_its_values() -> None:
    stored = np.full((2, 3), -2000, np.int16)
    np.testing.assert_array_equal(frame(stored, PixelPaddingValue=-2000), stored)


def test_padding_of_zero_length_is_none() -> None:
    elements = {"PixelPaddingValue": None, "PixelPaddingRangeLimit": None}
    np.testing.assert_array_equal(frame(ELLIPSE, **elements), ELLIPSE)
    np.testing.assert_array_equal(frame(ELLIPSE, PixelPaddingRangeLimit=3), ELLIPSE)


@pytest.mark.parametrize("n_frames", [None, 0, 2])
@pytest.mark.parametrize("encoding", ["native", "RLE"])
def test_frames_that_are_not_announced_are_numbered_all_the_same(
    tmp_path: Path, n_frames: int | None, encoding: str
) -> None:
    stored = np.stack([ELLIPSE, ELLIPSE[::-1], ELLIPSE[:, ::-1]])
    header = dicom(stored)
    if encoding == "RLE":
        header.compress(RLELossless, generate_instance_uid=False)
    header.NumberOfFrames = n_frames
    if n_frames is None:
        del header.NumberOfFrames
    save_dicom(tmp_path / "raw/1.dcm", header)
    save_dicom(tmp_path / "raw/2.dcm", dicom(ELLIPSE))
    store = tmp_path / "out.h5"
    assert convert("trainingdatapro", tmp_path / "raw", DICOM, store) == []
    items = list(read_slices(store))
    assert [item.slice_id for item in items] == [
        *(f"trainingdatapro/1.dcm#{number}" for number in (1, 2, 3)),
        "trainingdatapro/2.dcm",
    ]
    for item, image in zip(items, [*stored, ELLIPSE], strict=True):
        np.testing.assert_array_equal(item.image, image)


def read_shipped(name: str) -> list[Item]:
    return list(_read_task(DICOM, "trainingdatapro", Task(RawFile(name, shipped(name)))))


def test_computed_tomography_is_in_hounsfield_units() -> None:
    plain = dcmread(shipped("CT_small.dcm"))
    stored = np.frombuffer(plain.PixelData, "<i2").reshape(plain.Rows, plain.Columns)
    (item,) = read_shipped("CT_small.dcm")
    assert isinstance(item, Slice)
    np.testing.assert_array_equal(item.image, stored.astype(int) - 1024)


def test_every_file_that_pydicom_ships_has_an_outcome() -> None:
    folder = Path(pydicom.data.__file__).parent / "test_files"
    outcomes = {}
    for path in sorted(folder.glob("*.dcm")):
        items = list(_read_task(DICOM, "trainingdatapro", Task(RawFile(path.name, path))))
        outcomes[path.name] = {type(item) for item in items}
    assert all(len(kinds) == 1 for kinds in outcomes.values())
    assert sum(kinds == {Slice} for kinds in outcomes.values()) >= 17
