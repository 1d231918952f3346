"""The slice store: what goes in comes out, of any size and type, and the same bytes twice."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hqcm.slices.stacks import read_stack
from hqcm.slices.store import Slice, read_index, read_slice, read_slice_ids, read_slices
from hqcm.slices.writer import SliceWriter

IMAGE = np.array([[10, 20, 30], [40, 50, 70]], np.int16)
MASK = IMAGE > 45


BLOCK_ROWS = 256


def make(slice_id: str = "figshare/1.mat", **fields: Any) -> Slice:
    usual = {"source": "figshare", "group_id": "figshare-7", "label": 1, "image": IMAGE}
    return Slice(**{"slice_id": slice_id, "mask": MASK, **usual, **fields})


def write(path: Path, *items: Slice) -> Path:
    with SliceWriter(path) as store:
        for item in items:
            store.add(item)
    return path


def assert_same(first: Slice, second: Slice) -> None:
    for name in ("slice_id", "source", "group_id", "label", "note"):
        assert getattr(first, name) == getattr(second, name)
    np.testing.assert_array_equal(first.image, second.image)
    assert first.image.dtype == second.image.dtype
    assert (first.mask is None) == (second.mask is None)
    if first.mask is not None and second.mask is not None:
        np.testing.assert_array_equal(first.mask, second.mask)
        assert second.mask.dtype == np.bool_


DTYPES = ["uint8", "int16", "uint16", "int32", "float32", "float64"]
SHAPES = st.tuples(st.integers(1, 7), st.integers(1, 7))


@st.composite
def slices(draw: st.DrawFn) -> list[Slice]:
    items = []
    for number in range(draw(st.integers(1, 5))):
        shape = draw(SHAPES)
        dtype = np.dtype(draw(st.sampled_from(DTYPES)))
        items.append(
            make(
                f"figshare/{number}",
                image=draw(arrays.arrays(dtype, shape)),
                mask=draw(st.none() | arrays.arrays(np.bool_, shape)),
                label=draw(st.integers(0, 3)),
                note=draw(st.text(st.characters(exclude_categories=["C"]))),
            )
        )
    return items


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(slices())
def test_what_goes_in_comes_out(tmp_path: Path, items: list[Slice]) -> None:
    path = write(tmp_path / "store.h5", *items)
    for given_item, one, found in zip(
        items, read_slices(path), read_index(path).itertuples(), strict=True
    ):
        assert_same(given_item, one)
        assert_same(given_item, read_slice(path, given_item.slice_id))
        assert (found.slice_id, found.label) == (given_item.slice_id, given_item.label)
        assert (found.rows, found.cols) == given_item.image.shape
        assert found.has_mask == (given_item.mask is not None)


def test_the_index_has_the_promised_columns(tmp_path: Path) -> None:
    index = read_index(write(tmp_path / "store.h5", make()))
    assert list(index) == [
        *("slice_id", "source", "group_id", "label", "has_mask", "rows", "cols", "note"),
    ]


def test_the_same_slices_give_the_same_bytes(tmp_path: Path) -> None:
    items = [make("figshare/2"), make("figshare/1", mask=None, image=IMAGE.astype(float))]
    stores = [write(tmp_path / name, *items) for name in ("first.h5", "second.h5")]
    assert stores[0].read_bytes() == stores[1].read_bytes()
    assert read_index(stores[0])["slice_id"].tolist() == ["figshare/2", "figshare/1"]
    assert list(read_slice_ids(stores[0])) == ["figshare/2", "figshare/1"]


def test_the_byte_order_of_the_first_slice_does_not_stay(tmp_path: Path) -> None:
    items = [make("figshare/1", image=IMAGE.astype(">i2")), make("figshare/2")]
    for item in read_slices(write(tmp_path / "store.h5", *items)):
        np.testing.assert_array_equal(item.image, IMAGE)
        assert item.image.dtype.isnative


def test_an_index_of_many_blocks_comes_out_whole(tmp_path: Path) -> None:
    n = 2 * BLOCK_ROWS + 1
    items = [make(f"figshare/{i}", label=i % 4, note=f"{i % 3}") for i in range(n)]
    path = write(tmp_path / "store.h5", *items)
    for given_item, found in zip(items, read_slices(path), strict=True):
        assert_same(given_item, found)
    assert list(read_slice_ids(path)) == [item.slice_id for item in items]


def test_an_empty_store_can_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "store.h5")
    assert read_index(path).empty
    assert list(read_slices(path)) == []


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "source": ({"source": "A/b"}, "source must be of small letters, digits and _, .*; got 'A/b'"),
    "label": ({"label": 4}, r"label must be one of 0 to 3; got 4"),
    "volume": ({"image": np.zeros((2, 3, 4))}, r"image must be \(rows, cols\), not empty; got"),
    "empty": ({"image": np.zeros((0, 3))}, r"image must be \(rows, cols\), not empty; got \(0, 3"),
    "mask shape": ({"mask": MASK.T}, r"mask must be bool of shape \(2, 3\); got bool \(3, 2\)"),
    "mask type": ({"mask": MASK.astype(np.uint8)}, r"mask must be bool .*; got uint8"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_slice_that_is_none_is_refused(name: str) -> None:
    fields, said = BROKEN[name]
    with pytest.raises(ValueError, match=rf"^{said}"):
        make(**fields)


def test_an_id_comes_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"slice_id must be unique in the store; got one of"):
        write(tmp_path / "store.h5", make(), make())


def test_an_unknown_id_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "store.h5", make())
    with pytest.raises(KeyError, match=r"store\.h5: holds no slice 'figshare/9'"):
        read_slice(path, "figshare/9")
    with pytest.raises(KeyError, match=r"store\.h5: must hold all of 2 slices; lacks 1"):
        read_stack(path, ["figshare/1.mat", "figshare/9"])


def test_what_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("slice_id,part")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["y_true"] = 1
    for name in ("text.h5", "other.h5", "absent.h5"):
        with pytest.raises(ValueError, match=rf"{name} must be a slice store, as a converter"):
            read_index(tmp_path / name)


def test_a_store_that_was_broken_off_is_none(tmp_path: Path) -> None:
    path = tmp_path / "store.h5"

    def break_off() -> None:
        with SliceWriter(path) as store:
            store.add(make())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    with pytest.raises(ValueError, match="must be a slice store"):
        read_index(path)


def prepared(slice_id: str, value: int, **fields: Any) -> Slice:
    return make(slice_id, image=np.full((2, 3), value, np.uint8), **fields)


def test_a_stack_is_in_the_order_asked_for(tmp_path: Path) -> None:
    path = write(
        tmp_path / "store.h5",
        prepared("figshare/1", 1, label=3),
        prepared("figshare/2", 2, mask=None),
        prepared("figshare/3", 3),
    )
    stack = read_stack(path, ["figshare/3", "figshare/2"])
    assert stack.images[:, 0, 0].tolist() == [3, 2]
    assert stack.labels.tolist() == [1, 1]
    assert stack.has_mask.tolist() == [True, False]
    np.testing.assert_array_equal(stack.masks[0], MASK)
    assert not stack.masks[1].any()
    assert (stack.images.dtype.name, stack.masks.dtype.name) == ("uint8", "bool")


@pytest.mark.parametrize("image", [IMAGE, np.zeros((3, 3), np.uint8)])
def test_slices_of_other_types_or_sizes_are_no_stack(tmp_path: Path, image: Any) -> None:
    odd = make("figshare/2", image=image, mask=None)
    path = write(tmp_path / "store.h5", prepared("figshare/1", 1), odd)
    with pytest.raises(ValueError, match="slices must be uint8 of one size; got"):
        read_stack(path, ["figshare/1", "figshare/2"])


def test_a_native_store_is_no_stack_even_of_one_size(tmp_path: Path) -> None:
    path = write(tmp_path / "store.h5", make("figshare/1"), make("figshare/2"))
    with pytest.raises(ValueError, match="slices must be uint8 of one size; got"):
        read_stack(path, ["figshare/1", "figshare/2"])
