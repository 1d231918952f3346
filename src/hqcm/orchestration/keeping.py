"""Runs that outlive their workspace: from DVC's outputs to what `hqcm.cross_validation.kept` keeps.

A run is kept with all that determines it, as DVC sees it: the MD5 of every dependency of the stage
that trains it, and the value of every parameter. A kept run of the same is not trained again, in
any clone.
"""

from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hqcm.cohort.converted import read_pseudonyms
from hqcm.cohort.families import read_cohort
from hqcm.contracts.params import View, check_section
from hqcm.contracts.study import Cell
from hqcm.cross_validation.kept import Course, Kept, read_course, write_run, write_slices
from hqcm.results.files import read_json
from hqcm.results.predictions import predictions_path, read_predictions


class _Variant(View):
    base: str | None = None


class _Params(View):
    variants: dict[str, _Variant]


class _Checkpoint(View):
    params: _Params
    best_epoch: int
    n_epochs: int
    learning_rate: float
    device: str
    precision: str


def describe_runs(workspace: Path, stages: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What determines each run: dependency -> MD5, parameter -> value.

    Args:
        workspace: in which all that training reads is there.
        stages: names of stages that train.
    """
    from dvc.repo import Repo  # noqa: PLC0415  (slow to load)
    from dvc.stage.serialize import (  # noqa: PLC0415
        to_single_stage_lockfile,
    )

    found = {}
    with chdir(workspace), Repo() as repo:  # DVC looks for parameters where the process stands
        for name in stages:
            (stage,) = repo.stage.collect(name)
            stage.save_deps()
            entry = to_single_stage_lockfile(stage)
            params = entry.get("params", {}).values()
            found[name] = {
                **{dep["path"]: dep["md5"] for dep in entry["deps"]},
                **{key: value for values in params for key, value in values.items()},
            }
    return found


def is_kept(folder: Path, cell: Cell, made_from: Mapping[str, Any]) -> bool:
    """Whether a run of exactly this is kept."""
    course = read_course(folder, cell)
    return course is not None and course.made_from == made_from


def keep_slices(workspace: Path, folder: Path) -> None:
    """Write the table of the cohort's slices; families are numbered, since names are identities."""
    data = workspace / "data/processed"
    cohort = read_cohort(data / "slices.h5", data / "duplicates.csv")
    pseudonyms = read_pseudonyms(data / "slices.pseudonyms.csv")
    table = cohort.assign(
        slice=cohort["slice_id"].map(pseudonyms), family=pd.factorize(cohort["family"])[0]
    )
    write_slices(folder, table)


def keep_run(workspace: Path, folder: Path, cell: Cell, made_from: Mapping[str, Any]) -> None:
    """Keep a run that has trained and predicted in the workspace.

    Raises:
        KeyError: it was tested on a slice that the cohort lacks.
    """
    data = workspace / "data"
    path = data / "checkpoints" / f"{cell.name}.json"
    run = check_section("run", _Checkpoint, {"run": read_json(path)}, str(path))
    curve = pd.read_csv(workspace / "reports/history" / f"{cell.name}.csv")
    best = curve[curve["epoch"] == run.best_epoch].iloc[0].to_dict()
    predictions = read_predictions(predictions_path(data / "predictions", cell))
    place = pd.Index(read_cohort_ids(workspace)).get_indexer(pd.Index(predictions.slice_id))
    if (place < 0).any():
        raise KeyError(f"{cell.name}: {(place < 0).sum()} test slices must be of the cohort")
    order = np.argsort(place)
    course = Course(
        **cell._asdict(),
        base=run.params.variants[cell.variant].base or cell.variant,
        learning_rate=run.learning_rate,
        best_epoch=run.best_epoch,
        n_epochs=run.n_epochs,
        validation_accuracy=float(best["validation_accuracy"]),
        validation_loss=float(best["validation_loss"]),
        device=run.device,
        precision=run.precision,
        made_from=dict(made_from),
    )
    write_run(folder, Kept(course, place[order], predictions.logits[order]))


def read_cohort_ids(workspace: Path) -> list[str]:
    """Ids of the cohort's slices, in the order of the table that `keep_slices` writes."""
    data = workspace / "data/processed"
    return read_cohort(data / "slices.h5", data / "duplicates.csv")["slice_id"].tolist()
