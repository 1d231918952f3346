"""The split is read as it was written, whole or one part of it."""

from pathlib import Path

import pandas as pd
import pytest

from hqcm.slices.split_file import PARTS, read_part, read_split, write_split

SPLIT = pd.DataFrame(
    {"slice_id": ["07", "2", "1", "b"], "part": ["test", "train", "test", "excluded"]}
)


def test_a_split_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_split(tmp_path / "split.csv", SPLIT)
    text = "slice_id,part\n07,test\n2,train\n1,test\nb,excluded\n"
    assert (tmp_path / "split.csv").read_text() == text
    assert read_split(tmp_path / "split.csv").to_dict() == {
        "07": "test",
        "2": "train",
        "1": "test",
        "b": "excluded",
    }


def test_a_part_is_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    write_split(tmp_path / "split.csv", SPLIT)
    assert read_part(tmp_path / "split.csv", "test") == ["07", "1"]
    assert PARTS == ("train", "validation", "test")


def test_a_part_without_slices_is_an_error(tmp_path: Path) -> None:
    write_split(tmp_path / "split.csv", SPLIT)
    with pytest.raises(ValueError, match=r"split\.csv: part validation must hold a slice or more"):
        read_part(tmp_path / "split.csv", "validation")
