"""The growing dataset: arrays end to end, across the borders of chunks, read by HDF5 itself."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hqcm.slices import writer as tape
from hqcm.slices.writer import _Tape

CHUNK = 8
LENGTHS = st.lists(st.integers(0, 3 * CHUNK), max_size=6)


def write(path: Path, arrays: list[NDArray[np.int16]], *, is_deflated: bool) -> list[int]:
    with h5py.File(path, "w") as file:
        written = _Tape(file, "values", "int16", is_deflated=is_deflated)
        starts = [written.append(array) for array in arrays]
        written.close()
    return starts


def read(path: Path) -> NDArray[np.int16]:
    with h5py.File(path) as file:
        values: NDArray[np.int16] = file["values"][:]
        return values


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(lengths=LENGTHS, is_deflated=st.booleans())
def test_arrays_lie_end_to_end(tmp_path: Path, *, lengths: list[int], is_deflated: bool) -> None:
    arrays = [np.arange(length, dtype=np.int16) + 100 * i for i, length in enumerate(lengths)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tape, "_CHUNK", CHUNK)
        starts = write(tmp_path / "tape.h5", arrays, is_deflated=is_deflated)
    assert starts == [sum(lengths[:i]) for i in range(len(lengths))]
    expected = np.concatenate([*arrays, np.zeros(0, np.int16)])
    np.testing.assert_array_equal(read(tmp_path / "tape.h5"), expected)


def test_rows_come_one_after_the_other_whatever_the_layout(tmp_path: Path) -> None:
    columns_first = np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3))
    swapped = columns_first.astype(">i2")
    write(tmp_path / "tape.h5", [columns_first, swapped, columns_first.T], is_deflated=False)
    assert read(tmp_path / "tape.h5").tolist() == [*range(6), *range(6), 0, 3, 1, 4, 2, 5]


def test_what_an_earlier_chunk_held_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tape, "_CHUNK", CHUNK)
    ones = np.ones(CHUNK + 1, np.int16)
    write(tmp_path / "tape.h5", [ones], is_deflated=False)
    with h5py.File(tmp_path / "tape.h5") as file:
        _, content = file["values"].id.read_direct_chunk((CHUNK,))
    assert np.frombuffer(content, np.int16).tolist() == [1, *[0] * (CHUNK - 1)]


def test_a_deflated_tape_is_small(tmp_path: Path) -> None:
    for is_deflated in (False, True):
        blank = np.zeros(1 << 18, np.int16)
        write(tmp_path / f"{is_deflated}.h5", [blank], is_deflated=is_deflated)
    plain, deflated = ((tmp_path / name).stat().st_size for name in ("False.h5", "True.h5"))
    assert deflated < plain / 50
