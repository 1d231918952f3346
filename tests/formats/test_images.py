"""Source 3: folders to classes, images to their masks, and what has no partner."""

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from hqcm.cohort.converted import Rejection
from hqcm.formats.convert import convert
from hqcm.formats.images import FORMAT as IMAGES
from hqcm.formats.images import _plan_images
from hqcm.formats.native_format import find_files
from hqcm.slices.store import Slice, read_index, read_slices
from native_files import ASYMMETRIC, ELLIPSE, Array, save_picture
from toy_format import sort_out

GREY = np.kron(ASYMMETRIC, np.ones((8, 8))).astype(np.uint8)
WHITE = ((GREY > 45) * 255).astype(np.uint8)


def write(raw: Path, *names: str) -> Path:
    """Images and masks by their names, `mask` in the name making it a mask."""
    for name in names:
        pixels = WHITE if name.lower().split("/")[-3] == "mask" else GREY
        save_picture(raw / name, pixels)
    return raw


def slices_of(raw: Path, folder: Path) -> tuple[dict[str, Slice], list[Rejection]]:
    rejections = convert("akter", raw, IMAGES, folder / "out.h5")
    return {item.slice_id: item for item in read_slices(folder / "out.h5")}, rejections


def test_an_image_and_its_mask_are_one_slice_upright(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", "image/1/7.png", "mask/1/7_m.png")
    slices, rejections = slices_of(raw, tmp_path)
    assert (list(slices), rejections) == (["akter/image/1/7.png"], [])
    item = slices["akter/image/1/7.png"]
    np.testing.assert_array_equal(item.image, GREY)
    assert item.mask is not None
    np.testing.assert_array_equal(item.mask, GREY > 45)
    assert (item.source, item.group_id, item.note) == ("akter", item.slice_id, "")


@pytest.mark.parametrize(
    ("folder", "label"),
    [("0", 0), ("1", 2), ("2", 1), ("3", 3)],  # healthy, GLIOMA, MENINGIOMA, pituitary
)
def test_the_folders_are_in_their_own_order(tmp_path: Path, folder: str, label: int) -> None:
    slices, _ = slices_of(write(tmp_path / "raw", f"image/{folder}/1.png"), tmp_path)
    assert [item.label for item in slices.values()] == [label]


@pytest.mark.parametrize(
    ("image", "mask"),
    [("7.jpg", "7_m.jpg"), ("7.JPG", "7_m.png"), ("7.jpeg", "7_m.JPEG"), ("a_m.png", "a_m_m.png")],
)
def test_partners_are_found_by_stem_whatever_their_suffix(
    tmp_path: Path, image: str, mask: str
) -> None:
    raw = write(tmp_path / "raw", f"image/2/{image}", f"mask/2/{mask}")
    slices, rejections = slices_of(raw, tmp_path)
    assert rejections == []
    assert [item.mask is not None for item in slices.values()] == [True]


def test_a_missing_mask_is_not_an_empty_one(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", "image/1/7.png", "image/0/7.png")
    save_picture(raw / "mask/0/7_m.png", np.zeros_like(GREY))
    slices, rejections = slices_of(raw, tmp_path)
    assert rejections == []
    assert slices["akter/image/1/7.png"].mask is None
    empty = slices["akter/image/0/7.png"].mask
    assert empty is not None
    assert not empty.any()


def test_a_mask_of_another_class_or_set_is_no_partner(tmp_path: Path) -> None:
    raw = write(
        tmp_path / "raw", "image/1/7.png", "mask/2/7_m.png", "more/mask/1/7_m.png", "mask/1/8_m.png"
    )
    slices, rejections = slices_of(raw, tmp_path)
    assert [item.mask for item in slices.values()] == [None]
    said = "must have an image of its name; got none"
    assert sorted(rejections) == [
        Rejection(name, said)
        for name in ("mask/1/8_m.png", "mask/2/7_m.png", "more/mask/1/7_m.png")
    ]


def test_images_of_one_stem_are_two_slices(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", "image/1/7.jpg", "image/1/7.png", "mask/1/7_m.png")
    slices, rejections = slices_of(raw, tmp_path)
    assert rejections == []
    assert [item.mask is not None for item in slices.values()] == [True, True]


def test_the_folder_above_gives_the_same_slices(tmp_path: Path) -> None:
    write(tmp_path / "raw/Brain Tumor Segmentation Dataset", "image/1/7.png", "mask/1/7_m.png")
    slices, _ = slices_of(tmp_path / "raw", tmp_path)
    assert list(slices) == ["akter/Brain Tumor Segmentation Dataset/image/1/7.png"]
    assert [item.label for item in slices.values()] == [2]


def test_a_mask_of_another_size_is_fitted_and_noted(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", "image/1/7.png")
    save_picture(raw / "mask/1/7_m.png", WHITE[::4, ::4])
    slices, _ = slices_of(raw, tmp_path)
    (item,) = slices.values()
    assert item.mask is not None
    np.testing.assert_array_equal(item.mask, GREY > 45)
    assert item.note == "mask resized from 4 x 6"


# A picture of 48 x 64 and what EXIF says must be done with it to show it, by its orientation.
DRAWN = (ELLIPSE / 80).astype(np.uint8)
SHOWN = {
    2: DRAWN[:, ::-1],
    3: DRAWN[::-1, ::-1],
    4: DRAWN[::-1],
    5: DRAWN.T,
    6: np.rot90(DRAWN, -1),
    7: np.rot90(DRAWN, 2).T,
    8: np.rot90(DRAWN),
}
ON_ITS_SIDE = (5, 6, 7, 8)


def save_turned(path: Path, pixels: Array, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    save_picture(path, pixels, exif=exif, quality=100)


def is_tumour(grey: Array) -> Array:
    return grey > 100


@pytest.mark.parametrize("orientation", SHOWN)
@pytest.mark.parametrize("drawn_on", ["stored", "shown", "stored, and it says so"])
def test_a_mask_lies_as_its_image_or_is_listed(
    tmp_path: Path, orientation: int, drawn_on: str
) -> None:
    raw = tmp_path / "raw"
    save_turned(raw / "image/1/7.jpg", DRAWN, orientation)
    pixels = is_tumour(SHOWN[orientation] if drawn_on == "shown" else DRAWN) * np.uint8(255)
    said = orientation if "says so" in drawn_on else 1
    save_turned(raw / "mask/1/7_m.png", np.ascontiguousarray(pixels), said)
    slices, rejections = slices_of(raw, tmp_path)
    (item,) = slices.values()
    np.testing.assert_allclose(item.image, SHOWN[orientation], atol=4)  # JPEG's own loss
    if said != 1 or orientation in ON_ITS_SIDE:
        assert rejections == []
        np.testing.assert_array_equal(item.mask, is_tumour(SHOWN[orientation]))
    else:  # 48 x 64 either way
        assert item.mask is None
        (rejection,) = rejections
        assert (
            f"got the EXIF orientations 1, {orientation}, 48 x 64 for 48 x 64" in rejection.reason
        )


def test_a_turned_mask_of_an_image_that_is_none_lies_as_its_proportions_say(tmp_path: Path) -> None:
    for number, orientation in enumerate((6, 3)):
        save_picture(tmp_path / f"raw/image/1/{number}.png", DRAWN)
        mask = is_tumour(DRAWN) * np.uint8(255)
        save_turned(tmp_path / f"raw/mask/1/{number}_m.png", mask, orientation)
    slices, rejections = slices_of(tmp_path / "raw", tmp_path)
    by_proportions, ambiguous = slices.values()
    np.testing.assert_array_equal(by_proportions.mask, is_tumour(DRAWN))
    assert ambiguous.mask is None
    assert [file for file, _ in rejections] == ["mask/1/1_m.png"]


@pytest.mark.parametrize("ending", ["_m", "_M", "_mask"])
def test_a_mask_beside_its_image_is_no_image(tmp_path: Path, ending: str) -> None:
    raw = write(tmp_path / "raw", "image/1/7.png", f"image/1/7{ending}.png")
    slices, rejections = slices_of(raw, tmp_path)
    assert list(slices) == ["akter/image/1/7.png"]
    said = "must lie in mask/N, being named as a mask; got image/N"
    assert rejections == [Rejection(f"image/1/7{ending}.png", said)]


def test_an_accent_is_one_character_or_two(tmp_path: Path) -> None:
    """As macOS and others write it: the mask may come from another machine than the image."""
    composed, decomposed = "t\u00eate", "te\u0302te"
    raw = write(
        tmp_path / "raw",
        *(f"image/1/{composed}.png", f"mask/1/{decomposed}_m.png"),
        *(f"image/2/{decomposed}.png", f"mask/2/{composed}_m.png"),
    )
    slices, rejections = slices_of(raw, tmp_path)
    assert rejections == []
    assert list(slices) == [f"akter/image/1/{composed}.png", f"akter/image/2/{decomposed}.png"]
    assert all(item.mask is not None for item in slices.values())


def test_what_lies_elsewhere_is_listed_and_the_provenance_is_not(tmp_path: Path) -> None:
    names = ["image/4/1.jpg", "image/1/sub/1.jpg", "1.jpg", "image/1/1.txt", "mask/1/1.jpg"]
    for name in (*names, "provenance.csv", "sub/Provenance.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    plan = sort_out(_plan_images(find_files(tmp_path)))
    assert plan.tasks == []
    assert sorted(file for file, _ in plan.rejections) == sorted(names)
    assert plan.rejections[0].reason == (
        "must lie in image/N or mask/N, N one of 0, 1, 2, 3, "
        "and end in one of .jpg, .jpeg, .png; a mask is named X_m"
    )


def test_the_provenance_is_never_opened(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", "image/1/7.png")
    (raw / "provenance.csv").symlink_to(tmp_path / "absent")
    assert slices_of(raw, tmp_path)[1] == []


def test_the_real_files(clinical: Path, tmp_path: Path) -> None:
    slices, rejections = slices_of(clinical / "akter", tmp_path)
    assert len(slices) == 478
    index = read_index(tmp_path / "out.h5")
    # Folders 1 and 2 exchange their places.
    assert index.groupby("label").size().to_dict() == {0: 190, 1: 96, 2: 96, 3: 96}
    assert index["has_mask"].all()
    assert [reason for _, reason in rejections] == ["must have an image of its name; got none"] * 2
    for item in slices.values():
        assert item.mask is not None
        assert item.mask.any() == (item.label != 0)
