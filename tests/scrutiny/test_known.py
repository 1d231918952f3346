"""Which test slices training knows, in the order of the predictions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from hqcm.scrutiny.leakage import read_known
from toy_study import N_TEST, make_predictions, write_study

RUN = make_predictions(0, skill=0.9)


def test_a_near_duplicate_in_training_counts_and_one_in_validation_does_not(tmp_path: Path) -> None:
    write_study(tmp_path)
    backwards = replace(RUN, slice_id=RUN.slice_id[::-1])
    files = (tmp_path / "prepared.h5", tmp_path / "twins.csv", tmp_path / "split")
    found = read_known(*files, {"random": {"paper": [backwards]}})["random"]
    assert found.dtype == np.bool_
    assert (N_TEST - 1 - np.flatnonzero(found)).tolist() == [2, 1]


def test_another_slice_of_the_patient_in_training_counts(tmp_path: Path) -> None:
    write_study(tmp_path)
    twins = pd.read_csv(tmp_path / "twins.csv", dtype=str)
    twins[:0].to_csv(tmp_path / "twins.csv", index=False)
    split = pd.read_csv(tmp_path / "split" / "random.csv", dtype=str)
    parts = [*split["part"][:39], "train", *split["part"][40:]]  # 32 to 39 are one patient's
    split.assign(part=parts).to_csv(tmp_path / "split" / "random.csv", index=False)
    run = replace(RUN, slice_id=RUN.slice_id[:39])
    files = (tmp_path / "prepared.h5", tmp_path / "twins.csv", tmp_path / "split")
    found = read_known(*files, {"random": {"paper": [run]}})["random"]
    assert np.flatnonzero(found).tolist() == list(range(32, 39))
