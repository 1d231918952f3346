"""Native stores become one prepared store; nothing but pixels changes."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from hqcm.contracts.params import load_params
from hqcm.preparation.prepare import PrepareParams, _prepare_slice, prepare_stores
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
    prepare_stores(stores, PARAMS, tmp_path / "out.h5")
    index = read_index(tmp_path / "out.h5")
    assert index["slice_id"].tolist() == ["figshare/2", "figshare/1", "akter/1"]
    assert index["group_id"].tolist() == ["figshare-7", "figshare-7", "akter-7"]
    assert index["has_mask"].tolist() == [True, False, True]
    assert (index[["label", "note"]] == [2, "a note"]).all(axis=None)
    assert (index[["rows", "cols"]] == 16).all(axis=None)


def test_the_result_is_a_stack(stores: list[Path], tmp_path: Path) -> None:
    prepare_stores(stores, PARAMS, tmp_path / "out.h5")
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
        prepare_stores(stores, PARAMS, path)
    assert prepared[0].read_bytes() == prepared[1].read_bytes()


def test_a_slice_in_two_stores_names_both(stores: list[Path], tmp_path: Path) -> None:
    copy = write(tmp_path / "copy.h5", make("akter/9"), make("akter/1"))
    with pytest.raises(
        ValueError,
        match=r"slice akter/1: must be in one store; got it in .*a\.h5 and in .*copy\.h5",
    ):
        prepare_stores([*stores, copy], PARAMS, tmp_path / "out.h5")
    assert not (tmp_path / "out.h5").exists()


def test_a_store_twice_is_refused(stores: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"got it in .*b\.h5 and in .*b\.h5"):
        prepare_stores([stores[0], stores[0]], PARAMS, tmp_path / "out.h5")


def test_a_store_of_nothing_is_refused(stores: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"empty\.h5 must hold a slice or more; got none"):
        prepare_stores([*stores, write(tmp_path / "empty.h5")], PARAMS, tmp_path / "out.h5")


def test_a_slice_that_cannot_be_scaled_is_named() -> None:
    with pytest.raises(ValueError, match="slice akter/1: image must be finite; got NaN"):
        _prepare_slice(make("akter/1", np.array([[np.nan, 1.0]])), 16)


@pytest.mark.parametrize("size", [8, 20, 0, -128, "128", 128.0])
def test_a_size_that_the_network_cannot_halve_is_refused(size: object) -> None:
    with pytest.raises(ValidationError, match="image_size_px"):
        PrepareParams.model_validate({"image_size_px": size})


def test_the_papers_size_is_the_default() -> None:
    params = Path(__file__).resolve().parents[2] / "params.yaml"
    assert load_params("prepare", PrepareParams, params).image_size_px == 128


def test_native_values_of_any_source_end_in_one_range(stores: list[Path], tmp_path: Path) -> None:
    prepare_stores(stores, PARAMS, tmp_path / "out.h5")
    for item in read_slices(tmp_path / "out.h5"):
        assert item.image.dtype == np.uint8
        assert item.image.min() == 0
        assert item.image.max() == (0 if item.source == "akter" else 255)
