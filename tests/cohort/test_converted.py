"""The tables beside a store are read as they were written, empty or not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hqcm.cohort.converted import (
    Fold,
    Pseudonym,
    Rejection,
    hide_slices,
    read_folds,
    read_pseudonyms,
    read_rejections,
    requirement,
    write_table,
)


@pytest.mark.parametrize("rows", [[], [Fold("figshare/set/1.mat", 5), Fold("figshare/2.mat", 1)]])
def test_folds_are_read_as_they_were_written(tmp_path: Path, rows: list[Fold]) -> None:
    write_table(tmp_path / "folds.csv", Fold, rows)
    folds = read_folds(tmp_path / "folds.csv")
    assert list(folds.itertuples(index=False, name=None)) == rows
    assert list(folds) == ["slice_id", "fold"]
    assert folds["fold"].dtype == np.int64


def test_rejections_come_back_whatever_they_say(tmp_path: Path) -> None:
    given = [Rejection("b, c", 'said "no"'), Rejection("NA", "null"), Rejection("a", "two\nlines")]
    write_table(tmp_path / "rejected.csv", Rejection, given)
    found = read_rejections(tmp_path / "rejected.csv")
    assert [tuple(row) for row in found.to_numpy()] == given


def test_rejections_are_the_bytes_that_pandas_writes(tmp_path: Path) -> None:
    given = [
        Rejection("ä, b.png", 'said "no"'),
        Rejection("b", "two\nlines\rthree"),
        Rejection("c", ""),
    ]
    write_table(tmp_path / "rejected.csv", Rejection, given)
    pd.DataFrame(given).to_csv(tmp_path / "pandas.csv", index=False)
    assert (tmp_path / "rejected.csv").read_bytes() == (tmp_path / "pandas.csv").read_bytes()


def test_no_rejections_are_an_empty_table(tmp_path: Path) -> None:
    write_table(tmp_path / "rejected.csv", Rejection, [])
    assert (tmp_path / "rejected.csv").read_text() == "file,reason\n"
    assert list(read_rejections(tmp_path / "rejected.csv")) == ["file", "reason"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("must be a .mat file", "must be a .mat file"),
        ("Rows x Columns must be 1 to 9; got 0 x ANN", "Rows x Columns must be 1 to 9"),
        ("after slice 3: PixelData must be decodable; got E: ANN", "PixelData must be decodable"),
        ("slice_id must be unique; got another's", "slice_id must be unique"),
        ("must be the only mask; image/1/ANN_m.png was taken", "must be the only mask"),
        ("is no DICOM file: begins with 'ANN', a zip archive", "is no DICOM file"),
        ("OSError: cannot identify ANN", "must be readable; got OSError"),
        ("ANN: 12.07.1961", "must be readable; got something else"),
        ("could not convert string to float: 'ANN'", "must be readable; got something else"),
        ("scan of ANN, 12.07.1961 must be kept", "must be readable; got something else"),
        ("", "must be readable; got something else"),
    ],
)
def test_of_a_reason_what_was_got_is_left_out(reason: str, said: str) -> None:
    assert requirement(reason) == said


def test_a_published_table_has_pseudonyms_for_ids(tmp_path: Path) -> None:
    key = [Pseudonym("akter/A\nnn, 1.jpg", "s1"), Pseudonym("figshare/NA", "s2")]
    write_table(tmp_path / "key.csv", Pseudonym, key)
    names = read_pseudonyms(tmp_path / "key.csv")
    table = pd.DataFrame({"slice_id": [row.slice_id for row in key], "x": [1, 2]})
    table = table.assign(twin_id=table["slice_id"][::-1].to_numpy())
    hidden = hide_slices(table, names)
    assert hidden.to_dict("list") == {"slice": ["s1", "s2"], "x": [1, 2], "twin": ["s2", "s1"]}
    assert hide_slices(table[["x"]], names).equals(table[["x"]])


def test_a_slice_without_a_pseudonym_is_not_published() -> None:
    names = pd.Series(["s1"], ["akter/1"])
    table = pd.DataFrame({"slice_id": ["akter/1", "akter/Ann"]})
    with pytest.raises(ValueError, match="must have a pseudonym; got none for 1 of 2 rows: run"):
        hide_slices(table, names)
