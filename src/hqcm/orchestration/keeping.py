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
from hqcm.comparison.learning_rates import read_family, read_kept
from hqcm.contracts.params import View, check_section
from hqcm.contracts.study import Cell
from hqcm.cross_validation.kept import Course, Kept, read_course, write_run, write_slices
from hqcm.results.files import read_json
from hqcm.results.predictions import predictions_path, read_predictions


class _Checkpoint(View):
    best_epoch: int
    n_epochs: int
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


def find_cell(stage: str) -> Cell:
    """The run that a stage trains; protocols of folds have no hyphen."""
    variant, protocol, seed = stage.partition("@")[2].rsplit("-", 2)
    return Cell(variant, protocol, int(seed))


def find_missing(folder: Path, made_from: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Stages whose run is not kept, or is kept of something else, in the order given."""
    return [name for name, made in made_from.items() if not _is_kept(folder, name, made)]


def _is_kept(folder: Path, stage: str, made_from: Mapping[str, Any]) -> bool:
    course = read_course(folder, find_cell(stage))
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
    best = read_kept(workspace / "reports/history" / f"{cell.name}.csv")
    predictions = read_predictions(predictions_path(data / "predictions", cell))
    cohort = read_cohort(data / "processed/slices.h5", data / "processed/duplicates.csv")
    place = pd.Index(cohort["slice_id"]).get_indexer(pd.Index(predictions.slice_id))
    if (place < 0).any():
        raise KeyError(f"{cell.name}: {(place < 0).sum()} test slices must be of the cohort")
    order = np.argsort(place)
    course = Course(
        **cell._asdict(),
        base=read_family(path, cell.variant),
        learning_rate=best.learning_rate,
        best_epoch=run.best_epoch,
        n_epochs=run.n_epochs,
        validation_accuracy=best.accuracy,
        validation_loss=best.loss,
        device=run.device,
        precision=run.precision,
        made_from=dict(made_from),
    )
    write_run(folder, Kept(course, place[order], predictions.logits[order]))
