"""A kept run comes back as it went in, in the same bytes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hqcm.contracts.study import Cell
from hqcm.cross_validation.kept import (
    read_course,
    read_runs,
    read_slices,
    write_run,
    write_slices,
)
from toy_runs import make_run, make_slices

SLICES = make_slices()
RUN = make_run(SLICES, "paper", 2, lambda rows: rows % 2 == 0, seed=3)


def test_runs_come_back(tmp_path: Path) -> None:
    other = make_run(SLICES, "counterpart", 1, lambda rows: rows > 5)
    for run in (RUN, other):
        write_run(tmp_path, run)
    back = read_runs(tmp_path)
    assert [run.course for run in back] == [other.course, RUN.course]
    np.testing.assert_array_equal(back[1].rows, RUN.rows)
    np.testing.assert_array_equal(back[1].logits, RUN.logits)
    assert read_course(tmp_path, Cell("paper", "cv_1_2", 3)) == RUN.course
    assert read_course(tmp_path, Cell("paper", "cv_1_2", 4)) is None


def test_the_same_run_gives_the_same_bytes_and_leaves_nothing_else(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_run(tmp_path / name, RUN)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["paper-cv_1_2-3.json", "paper-cv_1_2-3.npz"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_slices_come_back(tmp_path: Path) -> None:
    write_slices(tmp_path / "runs", SLICES.assign(extra="not kept"))
    pd.testing.assert_frame_equal(read_slices(tmp_path / "runs"), SLICES, check_dtype=False)


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    write_run(tmp_path, RUN)
    path = tmp_path / "paper-cv_1_2-3.json"
    path.write_text(path.read_text().replace('"seed"', '"sed"'))
    with pytest.raises(ValueError, match=r"paper-cv_1_2-3\.json.*seed"):
        read_runs(tmp_path)
