"""Protocols that keep together what patients and duplicate groups join."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hqcm.contracts.parts import EXCLUDED, PARTS
from hqcm.preparation.balancing import assign_families
from hqcm.preparation.split_params import SplitParams

FOLDED_SOURCE = "figshare"
"""The source whose author has published folds."""


def draw_patient(cohort: pd.DataFrame, params: SplitParams) -> dict[str, str]:
    """Patients and duplicate groups whole, classes balanced as far as that allows."""
    return balance(cohort, PARTS, params)


def draw_source(cohort: pd.DataFrame, params: SplitParams) -> dict[str, str]:
    """One source is the test; the others, patients and duplicate groups whole, the rest.

    Whoever shares a patient or a picture with the source left out is excluded from the study.

    Raises:
        ValueError: the source left out has no slice.
    """
    is_held_out = cohort["source"] == params.held_out_source
    if not is_held_out.any():
        raise ValueError(
            f"split.held_out_source must be a source of the cohort "
            f"({', '.join(cohort['source'].unique())}); got {params.held_out_source}"
        )
    is_related = _knows(cohort, is_held_out)
    return {
        **dict.fromkeys(cohort.loc[is_related, "slice_id"], EXCLUDED),
        **dict.fromkeys(cohort.loc[is_held_out, "slice_id"], PARTS[-1]),
        **balance(cohort[~is_related], PARTS[:-1], params),
    }


def draw_folds(cohort: pd.DataFrame, params: SplitParams) -> dict[str, str]:
    """One fold of source 2 is tested on, with the copies of its slices in other sources.

    Families of the other folds train and validate, copies included; a slice of theirs that shares
    a patient or a picture with the tested fold is excluded from the study. Families without a
    slice of source 2, the healthy ones among them, are divided as under `patient`.

    Raises:
        ValueError: a slice of source 2 has no fold, or none of them has the one to test on.
    """
    is_folded = cohort["source"] == FOLDED_SOURCE
    _require_folds(cohort[is_folded], params)
    is_tested = is_folded & (cohort["fold"] == params.test_fold)
    is_related, is_of_folds = _knows(cohort, is_tested), _knows(cohort, is_folded)
    rest = cohort[~is_of_folds]
    # With too few families for every part, training comes first.
    parts = PARTS[: rest["family"].nunique()]
    return {
        **dict.fromkeys(cohort.loc[is_related, "slice_id"], PARTS[-1]),
        **dict.fromkeys(cohort.loc[is_related & is_folded & ~is_tested, "slice_id"], EXCLUDED),
        **balance(cohort[is_of_folds & ~is_related], PARTS[:-1], params),
        **(balance(rest, parts, params) if parts else {}),
    }


def balance(cohort: pd.DataFrame, parts: Sequence[str], params: SplitParams) -> dict[str, str]:
    """A part for each slice, families whole; `balancing` says how."""
    counts = pd.crosstab(cohort["family"], cohort["label"])
    shares = np.array(params.fractions[: len(parts)])
    generator = np.random.default_rng(params.seed)
    chosen = assign_families(counts.to_numpy(), shares / shares.sum(), generator)
    part_of = {family: parts[k] for family, k in zip(counts.index, chosen, strict=True)}
    return dict(zip(cohort["slice_id"], cohort["family"].map(part_of), strict=True))


def _knows(cohort: pd.DataFrame, chosen: "pd.Series[bool]") -> "pd.Series[bool]":
    """Whether a slice is of a family with a chosen one."""
    return cohort["family"].isin(cohort.loc[chosen, "family"])


def _require_folds(folded: pd.DataFrame, params: SplitParams) -> None:
    missing = folded.loc[folded["fold"].isna(), "slice_id"]
    if len(missing):
        raise ValueError(
            f"protocol folds: slice {missing.iloc[0]} must have a fold; got none, and none for "
            f"{len(missing)} of {len(folded)} slices of {FOLDED_SOURCE}: put its author's "
            f"cvind.mat with its files (docs/data.md); one that cannot be used is listed among "
            f"the rejected files"
        )
    known = sorted({int(fold) for fold in folded["fold"]})
    if params.test_fold not in known:
        raise ValueError(
            f"split.test_fold must be a fold with slices of {FOLDED_SOURCE} "
            f"({', '.join(map(str, known)) or 'there is none'}); got {params.test_fold}"
        )
