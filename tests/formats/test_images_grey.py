"""Grey values, orientation and masks of picture files."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from hqcm.formats.images import _find_tumour, _fit_mask, _read_grey, _read_levels
from native_files import ASYMMETRIC, ELLIPSE, Array, save_picture

GREY = ASYMMETRIC.astype(np.uint8)
COLOUR = np.stack([GREY, GREY[::-1], GREY + 100], axis=-1)


def luminance(colour: Array) -> Array:
    """ITU-R 601-2 in floats."""
    return colour[..., :3].astype(float) @ [0.299, 0.587, 0.114]


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


TUMOUR = (ELLIPSE > 9000) & (ELLIPSE < 15000)
Draw = Callable[[Path], Path]


def in_two(tumour: int, other: int = 0, dtype: str = "uint8", **options: Any) -> Draw:
    pixels = np.where(TUMOUR, tumour, other).astype(dtype)

    def draw(folder: Path) -> Path:
        path = folder / "1.png"
        Image.fromarray(pixels).save(path, **{"format": "PNG", **options})
        return path

    return draw


def in_channels(*channels: int, suffix: str = "png") -> Draw:
    """A tumour of one colour; a fourth channel is its alpha, on what is transparent."""
    pixels = np.where(TUMOUR[..., None], channels, 0).astype(np.uint8)
    return lambda folder: save_picture(folder / f"1.{suffix}", pixels)


def in_palette(colours: list[int]) -> Draw:
    def draw(folder: Path) -> Path:
        picture = Image.fromarray(TUMOUR.astype(np.uint8), "P")
        picture.putpalette(colours)
        picture.save(folder / "1.png")
        return folder / "1.png"

    return draw


ENCODINGS: dict[str, Draw] = {
    "0 and 1": in_two(1),
    "0 and 2": in_two(2),
    "0 and 1 of 16 bits": in_two(1, dtype="uint16"),
    "0 and 2 of 16 bits": in_two(2, dtype="uint16"),
    "0 and 255 of 16 bits": in_two(255, dtype="uint16"),
    "0 and 1 of 32 bits": in_two(1, dtype="int32", format="TIFF"),
    "0 and 1 in floats": in_two(1, dtype="float32", format="TIFF"),
    "bilevel": lambda folder: save_picture(folder / "1.png", TUMOUR, "1"),
    "grey 100": in_two(100),
    "grey 127": in_two(127),
    "white": in_two(255),
    "1 and 2": in_two(2, 1),
    "two bright greys": in_two(255, 200),
    "red": in_channels(255, 0, 0),
    "blue": in_channels(0, 0, 255),
    "dark blue": in_channels(0, 0, 90),
    "red, of a codec": in_channels(255, 0, 0, suffix="jpg"),
    "blue, of a codec": in_channels(0, 0, 255, suffix="jpg"),
    "white on what is transparent": in_channels(255, 255, 255, 255),
    "black on what is transparent": in_channels(0, 0, 0, 255),
    "palette of VOC": in_palette([0, 0, 0, 128, 0, 0]),
    "palette of one colour": in_palette([0, 0, 0, 0, 0, 0]),
}


def read_mask(path: Path) -> Array:
    levels, is_exact = _read_levels(path)
    return _find_tumour(levels, is_exact=is_exact)


@pytest.mark.parametrize("name", ENCODINGS)
def test_two_values_are_a_mask_in_whatever_they_are_written(tmp_path: Path, name: str) -> None:
    mask = read_mask(ENCODINGS[name](tmp_path))
    if "codec" in name:  # which halves the resolution of a colour: a pixel along the border
        assert (mask != TUMOUR).mean() < 0.02
    else:
        np.testing.assert_array_equal(mask, TUMOUR)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_blurred_mask_is_what_is_brighter_than_half_of_white(dtype: str) -> None:
    half = np.iinfo(dtype).max // 2
    levels = np.array([[0, half, half + 1, 2 * half + 1]], dtype)
    for is_exact in (True, False):
        mask = _find_tumour(levels, is_exact=is_exact)
        np.testing.assert_array_equal(mask, [[False, False, True, True]])


BLACK = np.zeros((2, 3), np.uint8)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P"])
def test_black_is_a_mask_without_a_tumour(tmp_path: Path, mode: str) -> None:
    assert not read_mask(save_picture(tmp_path / "1.png", BLACK, mode)).any()


NO_MASKS: dict[str, tuple[Array, bool, str]] = {
    "noise": (BLACK + np.array([0, 3, 0]), False, "got 2 values, 0 to 3"),
    "grey of a codec": (BLACK + np.array([0, 99, 100]), False, "brighter than 127 on what is dark"),
    "labels": (BLACK + np.array([0, 1, 2]), True, "mask must have two values without loss"),
    "all tumour": (BLACK + 255, True, "got 1 values, 255 to 255"),
    "nearly": (BLACK + np.array([253, 254, 255]), True, "got 3 values, 253 to 255"),
    "floats": (
        np.array([[0, 0.5, 1]]),
        True,
        "must be of 1, 8 or 16 bits, or have two values; got",
    ),
}


@pytest.mark.parametrize("name", NO_MASKS)
def test_what_is_neither_is_no_mask(name: str) -> None:
    levels, is_exact, said = NO_MASKS[name]
    levels = levels if levels.dtype.kind == "f" else levels.astype(np.uint8)
    with pytest.raises(ValueError, match=said):
        _find_tumour(levels, is_exact=is_exact)


def save_png_of_16_bits(path: Path, colour: Array) -> Path:
    """Colour of 16 bits a channel, which Pillow does not write."""
    rows, cols, _ = colour.shape
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in colour)
    header = struct.pack(">IIBBBBB", cols, rows, 16, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        content += struct.pack(">I", len(data)) + kind + data
        content += struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(content)
    return path


def test_a_mask_in_what_pillow_leaves_out_is_no_empty_one(tmp_path: Path) -> None:
    colour = np.dstack([TUMOUR * 65535, TUMOUR * 0, TUMOUR * 0])
    np.testing.assert_array_equal(
        read_mask(save_png_of_16_bits(tmp_path / "1.png", colour)), TUMOUR
    )
    with pytest.raises(ValueError, match="mask must have 8 bits a colour; got 16, the upper 8 wi"):
        _read_levels(save_png_of_16_bits(tmp_path / "2.png", colour // 65535))


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
