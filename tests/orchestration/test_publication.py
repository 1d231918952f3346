"""What is published: classes slice by slice, with what is drawn as one."""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from hqcm.orchestration.publication import _publish_predicted
from toy_study import N_TEST, STUDY, make_predictions, make_slice, write_study

NAMES = {"prepared.h5": "processed/slices.h5", "duplicates.csv": "processed/duplicates.csv"}


def publish(folder: Path) -> pd.DataFrame:
    """The table of a toy study, laid out as `make study` does."""
    data = folder / "workspace" / "data"
    (data / "processed").mkdir(parents=True)
    write_study(data)
    for name, place in NAMES.items():
        (data / name).rename(data / place)
    params = yaml.safe_dump({"study": STUDY.model_dump()})
    (folder / "workspace" / "params.yaml").write_text(params)
    _publish_predicted(folder / "workspace", folder / "predicted")
    assert [path.name for path in (folder / "predicted").iterdir()] == ["random.csv"]
    return pd.read_csv(folder / "predicted" / "random.csv")


def test_every_run_is_a_column_of_classes(tmp_path: Path) -> None:
    table = publish(tmp_path)
    runs = ["paper-0", "paper-1", "counterpart-0", "counterpart-1"]
    assert list(table) == ["slice_id", "family", "y_true", *runs]
    for variant, skill in (("paper", 0.9), ("counterpart", 0.6)):
        for seed in STUDY.seeds:
            expected = make_predictions(seed, skill=skill).logits.argmax(axis=1)
            np.testing.assert_array_equal(table[f"{variant}-{seed}"], expected)


def test_slices_stand_with_their_family_and_true_class(tmp_path: Path) -> None:
    table = publish(tmp_path)
    slices = [make_slice(position) for position in range(N_TEST)]
    assert table["slice_id"].tolist() == [item.slice_id for item in slices]
    assert table["y_true"].tolist() == [item.label for item in slices]
    # No two test slices of the toys are twins of one another: families are patients.
    assert table["family"].nunique() == len({item.group_id for item in slices})
    np.testing.assert_array_equal(table["family"], [item.group_id for item in slices])
