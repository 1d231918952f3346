"""Grey values, orientation and masks of picture files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from hqcm.formats.images import _fit_mask, _read_grey, _threshold_mask
from native_files import ASYMMETRIC, Array, save_picture

GREY = ASYMMETRIC.astype(np.uint8)
COLOUR = np.stack([GREY, GREY[::-1], GREY + 100], axis=-1)


def luminance(colour: Array) -> Array:
    """ITU-R 601-2 in floats."""
    return colour[..., :3].astype(float) @ [0.299, 0.587, 0.114]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_grey_in_any_mode_is_the_same_grey(tmp_path: Path, mode: str) -> None:
    image = _read_grey(save_picture(tmp_path / "1.png", GREY, mode))
    np.testing.assert_array_equal(image, GREY)
    assert image.dtype == np.uint8


def test_bilevel_is_black_and_white(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "1.png", GREY > 25, "1")
    np.testing.assert_array_equal(_read_grey(path), (GREY > 25) * 255)


def test_colour_becomes_luminance(tmp_path: Path) -> None:
    image = _read_grey(save_picture(tmp_path / "1.png", COLOUR))
    np.testing.assert_allclose(image, luminance(COLOUR), atol=1)  # rounding to integers


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "L"])
def test_jpeg_of_any_mode_is_grey_upright(tmp_path: Path, mode: str) -> None:
    blocks = np.kron(GREY, np.ones((16, 16), np.uint8))
    path = save_picture(tmp_path / "1.jpg", blocks, mode, quality=100)
    np.testing.assert_allclose(_read_grey(path), blocks, atol=3)  # JPEG's own loss


def test_what_is_transparent_lies_on_black(tmp_path: Path) -> None:
    alpha = np.array([[255, 0, 255], [0, 255, 0]], np.uint8)
    pixels = np.dstack([GREY, GREY, GREY, alpha])
    expected = np.where(alpha == 255, GREY, 0)
    np.testing.assert_array_equal(_read_grey(save_picture(tmp_path / "1.png", pixels)), expected)
    np.testing.assert_array_equal(
        _read_grey(save_picture(tmp_path / "2.png", pixels, "LA")), expected
    )


def test_a_transparent_grey_level_lies_on_black(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "1.png", GREY, transparency=40)
    np.testing.assert_array_equal(_read_grey(path), np.where(GREY == 40, 0, GREY))


@pytest.mark.parametrize(
    ("dtype", "suffix"), [("uint16", "png"), ("int32", "tiff"), ("float32", "tiff")]
)
def test_grey_of_more_bits_keeps_its_values(tmp_path: Path, dtype: str, suffix: str) -> None:
    pixels = (ASYMMETRIC * 900).astype(dtype)
    path = tmp_path / "1.jpg"  # the content counts, not the suffix
    Image.fromarray(pixels).save(path, format=suffix)
    image = _read_grey(path)
    np.testing.assert_array_equal(image, pixels)
    assert image.dtype == dtype


TURNED = {1: GREY, 3: GREY[::-1, ::-1], 6: np.rot90(GREY, -1), 8: np.rot90(GREY)}


@pytest.mark.parametrize("orientation", TURNED)
def test_a_camera_turned_is_turned_back(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation  # EXIF's tag of the orientation
    path = save_picture(tmp_path / "1.png", GREY, exif=exif)
    np.testing.assert_array_equal(_read_grey(path), TURNED[orientation])


def test_of_an_animation_the_first_frame_counts(tmp_path: Path) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(GREY + 9)]
    frames[0].save(tmp_path / "1.png", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(_read_grey(tmp_path / "1.png"), GREY)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    Image.new("1", (8193, 8192)).save(tmp_path / "1.png")
    with pytest.raises(ValueError, match="must have 67108864 pixels or fewer; got 8193 x 8192"):
        _read_grey(tmp_path / "1.png")


def test_what_is_not_finite_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((2, 3), np.nan, np.float32)).save(tmp_path / "1.tiff")
    with pytest.raises(ValueError, match="picture must be finite; got NaN or infinity"):
        _read_grey(tmp_path / "1.tiff")


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_truncated_picture_is_refused(tmp_path: Path, suffix: str) -> None:
    noise = (np.arange(4096).reshape(64, 64) * 37 % 251).astype(np.uint8)
    path = save_picture(tmp_path / f"1.{suffix}", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(OSError, match="truncated"):
        _read_grey(path)


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"


@pytest.mark.parametrize("content", [EPS, b"GIF", b"text"])
def test_no_other_program_is_started(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "1.jpg").write_bytes(content)
    with pytest.raises(OSError, match="cannot identify image file"):
        _read_grey(tmp_path / "1.jpg")


def test_a_mask_is_what_is_brighter_than_half_of_white() -> None:
    mask, note = _threshold_mask(np.array([[0, 127, 128, 255]], np.uint8))
    np.testing.assert_array_equal(mask, [[False, False, True, True]])
    wide, _ = _threshold_mask(np.array([[0, 32767, 32768, 65535]], np.uint16))
    np.testing.assert_array_equal(wide, mask)
    assert note == ""


def test_noise_of_jpeg_on_a_black_mask_is_no_tumour() -> None:
    mask, note = _threshold_mask(np.array([[0, 3]], np.uint8))
    assert not mask.any()
    assert note == "mask is empty, its brightest value 3 is dark"
    assert _threshold_mask(np.zeros((2, 2), np.uint8))[1] == ""


def test_a_mask_without_a_known_white_is_refused() -> None:
    with pytest.raises(ValueError, match="mask must be of 1, 8 or 16 bits; got float32"):
        _threshold_mask(np.ones((2, 2), np.float32))


MASK = ASYMMETRIC > 35


@pytest.mark.parametrize("factor", [1, 2, 5])
def test_a_mask_grows_and_shrinks_back(factor: int) -> None:
    grown = _fit_mask(MASK, (2 * factor, 3 * factor))
    np.testing.assert_array_equal(grown, np.kron(MASK, np.ones((factor, factor))) > 0)
    np.testing.assert_array_equal(_fit_mask(grown, MASK.shape), MASK)


@given(
    arrays.arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 40))),
    st.tuples(st.integers(1, 20), st.integers(1, 20)),
)
@example(np.arange(13)[:, None] == 6, (6, 1))  # which no sample of Pillow's box meets
def test_a_mask_is_empty_after_fitting_only_if_it_was(mask: Any, shape: tuple[int, int]) -> None:
    fitted = _fit_mask(mask, shape)
    assert fitted.shape == shape
    assert fitted.any() == mask.any()
