"""What each network of a study took each test slice for: whoever doubts a number counts anew."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from hqcm.contracts.params import check_section, read_yaml
from hqcm.contracts.predictions import Predictions, StudyPredictions, read_study_predictions
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.families import read_cohort


def publish_predicted(workspace: Path, published: Path) -> None:
    """Write a table for each protocol, ``<protocol>.csv``.

    Args:
        workspace: of a study whose networks have predicted.
        published: folder of the tables.
    """
    study = check_section("study", StudyParams, read_yaml(workspace / "params.yaml"))
    data = workspace / "data"
    predictions = read_study_predictions(data / "predictions", study)
    cohort = read_cohort(data / "processed/slices.h5", data / "processed/duplicates.csv")
    published.mkdir()
    for protocol, table in tabulate_predicted(predictions, cohort, study).items():
        table.to_csv(published / f"{protocol}.csv", index=False)


def tabulate_predicted(
    predictions: StudyPredictions, cohort: pd.DataFrame, study: StudyParams
) -> dict[str, pd.DataFrame]:
    """The test slices of each protocol: id, family, true class, then a column a run.

    Args:
        predictions: protocol -> variant -> runs, classes as labels (0-3).
        cohort: with the columns ``slice_id`` and ``family``, what is drawn as one in intervals.
        study: whose seeds the runs have.

    Returns:
        Protocol -> table; runs are called ``<variant>-<seed>``.
    """
    family = cohort.set_index("slice_id")["family"]
    return {
        protocol: _tabulate(variants, family, study) for protocol, variants in predictions.items()
    }


def _tabulate(
    variants: Mapping[str, list[Predictions]], family: "pd.Series[str]", study: StudyParams
) -> pd.DataFrame:
    first = variants[study.variants[0]][0]
    slices = {
        "slice_id": first.slice_id,
        "family": family.loc[first.slice_id].to_numpy(),
        "y_true": first.y_true,
    }
    runs = {
        f"{variant}-{seed}": run.y_pred
        for variant, runs in variants.items()
        for seed, run in zip(study.seeds, runs, strict=True)
    }
    return pd.DataFrame(slices | runs)
