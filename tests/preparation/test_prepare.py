"""Native stores become one prepared store; nothing but pixels changes."""

import re
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from hqcm.cohort.converted import read_pseudonyms
from hqcm.contracts.params import load_params
from hqcm.preparation.prepare import PrepareParams, prepare_stores
from hqcm.slices.stacks import read_stack
from hqcm.slices.store import Slice, read_index, read_slices
from hqcm.slices.writer import SliceWriter
from native_files import ASYMMETRIC, Array

PARAMS = PrepareParams(image_size_px=16)


def make(slice_id: str, image: Array = ASYMMETRIC, mask: Array | None = None) -> Slice:
    source = slice_id.split("/", maxsplit=1)[0]
    return Slice(slice_id, source, f"{source}-7", 2, image, mask, "a note")


def write(path: Path, *items: Slice) -> Path:
    with SliceWriter(path) as store:
        for item in items:
            store.add(item)
    return path


@pytest.fixture
def stores(tmp_path: Path) -> list[Path]:
    first = [make("figshare/2", mask=ASYMMETRIC > 45), make("figshare/1")]
    second = make("akter/1", np.full((40, 30), 2.5), np.zeros((40, 30), np.bool_))
    return [write(tmp_path / "b.h5", *first), write(tmp_path / "a.h5", second)]


def test_every_slice_keeps_its_place_and_its_names(stores: list[Path], tmp_path: Path) -> None:
    prepare_stores(stores, PARAMS, tmp_path / "out.h5", tmp_path / "key.csv")
    index = read_index(tmp_path / "out.h5")
    assert index["slice_id"].tolist() == ["figshare/2", "figshare/1", "akter/1"]
    assert index["group_id"].tolist() == ["figshare-7", "figshare-7", "akter-7"]
    assert index["has_mask"].tolist() == [True, False, True]
    assert (index[["label", "note"]] == [2, "a note"]).all(axis=None)
    assert (index[["rows", "cols"]] == 16).all(axis=None)


def test_the_result_is_a_stack(stores: list[Path], tmp_path: Path) -> None:
    prepare_stores(stores, PARAMS, tmp_path / "out.h5", tmp_path / "key.csv")
    stack = read_stack(tmp_path / "out.h5", ["akter/1", "figshare/2"])
    assert not stack.images[0].any()
    assert not stack.masks[0].any()
    # Pixels 50 and 70 of the lower row.
    assert not stack.masks[1, :8].any()
    assert stack.masks[1, 8:, 6:].all()
    assert not stack.masks[1, 8:, :5].any()


def test_the_same_stores_give_the_same_bytes(stores: list[Path], tmp_path: Path) -> None:
    prepared = [tmp_path / name for name in ("first.h5", "second.h5")]
    for path in prepared:
        prepare_stores(stores, PARAMS, path, path.with_suffix(".csv"))
    assert prepared[0].read_bytes() == prepared[1].read_bytes()
    keys = [path.with_suffix(".csv").read_bytes() for path in prepared]
    assert keys[0] == keys[1]


def test_a_slice_in_two_stores_names_both(stores: list[Path], tmp_path: Path) -> None:
    copy = write(tmp_path / "copy.h5", make("akter/9"), make("akter/1"))
    with pytest.raises(
        ValueError,
        match=r"a slice must be in one store; got slice 2 of .*copy\.h5 in .*a\.h5 too$",
    ):
        prepare_stores([*stores, copy], PARAMS, tmp_path / "out.h5", tmp_path / "key.csv")
    assert not (tmp_path / "out.h5").exists()


def test_a_store_twice_is_refused(stores: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"got slice 1 of .*b\.h5 in .*b\.h5 too"):
        prepare_stores([stores[0]] * 2, PARAMS, tmp_path / "out.h5", tmp_path / "key.csv")


def test_a_store_of_nothing_is_refused(stores: list[Path], tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.h5")
    with pytest.raises(ValueError, match=r"empty\.h5 must hold a slice or more; got none"):
        prepare_stores([*stores, empty], PARAMS, tmp_path / "out.h5", tmp_path / "key.csv")


def test_of_a_slice_that_cannot_be_scaled_the_place_is_told(tmp_path: Path) -> None:
    items = [make("akter/1"), make("akter/2", np.array([[np.nan, 1.0]]))]
    store = write(tmp_path / "a.h5", *items)
    with pytest.raises(ValueError, match=r"a\.h5: slice 2: image must be finite; got NaN"):
        prepare_stores([store], PARAMS, tmp_path / "out.h5", tmp_path / "key.csv")


def name_all(folder: Path, *stores: Path, size: int = 16) -> list[str]:
    """The pseudonyms of all slices, in the order of the stores."""
    params = PrepareParams(image_size_px=size)
    prepare_stores(stores, params, folder / "out.h5", folder / "key.csv")
    names = read_pseudonyms(folder / "key.csv")
    assert names.index.tolist() == read_index(folder / "out.h5")["slice_id"].tolist()
    return names.tolist()


def test_a_pseudonym_is_made_of_the_native_pixels_alone(tmp_path: Path) -> None:
    told = sha256(b"uint16 (2, 3)\n" + ASYMMETRIC.astype("<u2").tobytes()).hexdigest()[:12]
    for number, (slice_id, size) in enumerate([("akter/a", 16), ("figshare/b", 24)]):
        for order in "<>":
            image = ASYMMETRIC.astype(f"{order}u2")
            store = write(tmp_path / f"{number}.h5", make(slice_id, image, image > 45))
            assert name_all(tmp_path, store, size=size) == [f"s{told}"]


def test_another_pixel_shape_or_type_is_another_pseudonym(tmp_path: Path) -> None:
    images = [ASYMMETRIC, ASYMMETRIC + 1, ASYMMETRIC.reshape(3, 2), ASYMMETRIC.astype("u8")]
    items = [make(f"akter/{number}", image) for number, image in enumerate(images)]
    names = name_all(tmp_path, write(tmp_path / "a.h5", *items))
    assert len({*names}) == 4
    assert all(re.fullmatch("s[0-9a-f]{12}", name) for name in names)


def test_the_same_picture_twice_has_a_number(stores: list[Path], tmp_path: Path) -> None:
    (first, second, other) = name_all(tmp_path, *stores)
    assert (second, len(first)) == (f"{first}-2", 13)
    assert not other.startswith(first)


@pytest.mark.parametrize("size", [8, 20, 0, -128, "128", 128.0])
def test_a_size_that_the_network_cannot_halve_is_refused(size: object) -> None:
    with pytest.raises(ValidationError, match="image_size_px"):
        PrepareParams.model_validate({"image_size_px": size})


def test_the_papers_size_is_the_default() -> None:
    params = Path(__file__).resolve().parents[2] / "params.yaml"
    assert load_params("prepare", PrepareParams, params).image_size_px == 128


def test_native_values_of_any_source_end_in_one_range(stores: list[Path], tmp_path: Path) -> None:
    prepare_stores(stores, PARAMS, tmp_path / "out.h5", tmp_path / "key.csv")
    for item in read_slices(tmp_path / "out.h5"):
        assert item.image.dtype == np.uint8
        assert item.image.min() == 0
        assert item.image.max() == (0 if item.source == "akter" else 255)
