"""8-bit pictures and masks, read with Pillow alone."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hqcm.phantom.write_images import to_8_bit, write_image, write_mask

RAMP = np.tile(np.arange(0, 256, 4, dtype=np.uint8), (64, 1))


def test_stretch_reaches_both_ends() -> None:
    stretched = to_8_bit(np.array([[-3.0, 0.0, 1.0]]))
    np.testing.assert_array_equal(stretched, [[0, 191, 255]])  # 3/4 of 255 is 191.25
    assert stretched.dtype == np.uint8


def test_stretch_does_not_overflow_int16() -> None:
    np.testing.assert_array_equal(to_8_bit(np.array([[0, 6364, 12728]], np.int16)), [[0, 128, 255]])


@pytest.mark.parametrize(
    ("mode", "content"), [("L", "JPEG"), ("RGB", "JPEG"), ("RGBA", "PNG"), ("P", "PNG")]
)
def test_modes_and_what_is_really_in_the_file(tmp_path: Path, mode: str, content: str) -> None:
    path = tmp_path / "1.jpg"
    write_image(path, RAMP, mode)
    with Image.open(path) as picture:
        assert (picture.mode, picture.format) == (mode, content)
        grey = np.asarray(picture.convert("L")).astype(int)
    assert np.abs(grey - RAMP).max() <= (0 if content == "PNG" else 4)


@pytest.mark.parametrize("size_px", [64, 40])
def test_mask_is_not_quite_binary_and_halves_to_itself(tmp_path: Path, size_px: int) -> None:
    rows, columns = np.indices((64, 64))
    mask = np.hypot(rows - 20, columns - 40) < 13
    write_mask(tmp_path / "1_m.jpg", mask, size_px)
    drawn = np.asarray(Image.open(tmp_path / "1_m.jpg"))
    assert drawn.shape == (size_px, size_px)
    assert len(np.unique(drawn)) > 2
    again = np.asarray(Image.fromarray(drawn).resize((64, 64))) > 127
    assert (again & mask).sum() / (again | mask).sum() > (0.99 if size_px == 64 else 0.9)


def test_same_bytes_twice(tmp_path: Path) -> None:
    for mode in ("L", "RGB", "RGBA", "P"):
        write_image(tmp_path / "a.jpg", RAMP, mode)
        write_image(tmp_path / "b.jpg", RAMP, mode)
        assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
