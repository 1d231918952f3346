"""Which slices train, validate and test: one function a protocol."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from math import ceil, isclose
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field, field_validator
from sklearn.model_selection import train_test_split

from hqcm.cohort.converted import N_FOLDS
from hqcm.cohort.families import find_families
from hqcm.contracts.params import ParamsError, Section
from hqcm.slices.split_file import EXCLUDED, PARTS
from hqcm.splitting.balancing import assign_families

FOLDED_SOURCE = "figshare"
"""The source whose author has published folds."""
_FOLD = re.compile(r"cv(?:_(?P<repeat>[1-9]\d{0,2})_(?P<fold>[1-9]\d{0,2}))?")
_Share = Annotated[float, Field(gt=0, lt=1)]


class SplitParams(Section):
    """Section `split`: fractions of the parts, seed of the draw, source or fold to test on.

    n_folds: of protocol `cv`, 2 to 20.
    """

    fractions: Annotated[list[_Share], Field(min_length=len(PARTS), max_length=len(PARTS))]
    seed: int = Field(ge=0, lt=1 << 32)  # what NumPy's RandomState takes
    held_out_source: str
    test_fold: int = Field(ge=1, le=N_FOLDS)
    n_folds: int = Field(ge=2, le=20)

    @field_validator("fractions")
    @classmethod
    def _sum_to_one(cls, fractions: list[float]) -> list[float]:
        if not isclose(sum(fractions), 1, abs_tol=1e-9):
            raise ValueError(f"must sum to 1, sum to {sum(fractions):g}")
        return fractions


def split_slices(
    index: pd.DataFrame,
    duplicates: pd.DataFrame,
    folds: pd.DataFrame,
    protocol: str,
    params: SplitParams,
) -> pd.DataFrame:
    """Assign every slice to a part.

    Args:
        index: the prepared store's, one row a slice.
        duplicates: the duplicate group of every slice.
        folds: the published fold of those slices that have one, ``slice_id, fold``.
        protocol: how the split is drawn, a name that `find_protocol` knows.
        params: fractions, seed, and the source left out or the fold to test on.

    Returns:
        Columns ``slice_id, part``, in the order of the index.

    Raises:
        ParamsError: the protocol is unknown, its source or fold is not there, or a part would be
            empty by the fractions.
        ValueError: there are too few families, or a slice has no group or no fold.
    """
    draw = find_protocol(protocol, params)
    cohort = index.assign(
        family=find_families(index, duplicates),
        fold=index["slice_id"].map(folds.set_index("slice_id")["fold"]),
    )
    part_of = draw(cohort, params)
    return pd.DataFrame({"slice_id": index["slice_id"], "part": index["slice_id"].map(part_of)})


def _draw_random(index: pd.DataFrame, params: SplitParams) -> dict[str, str]:
    """The paper's: slices at random, whoever they are of; not stratified.

    Two steps of scikit-learn's `train_test_split`, which rounds the part it holds out up:
    7,576 slices give the 5303, 1136 and 1137 of the released label file.
    """
    slice_ids = index["slice_id"].tolist()
    n_held_out, n_test = _held_out_sizes(len(slice_ids), params.fractions)
    train, held_out = train_test_split(slice_ids, test_size=n_held_out, random_state=params.seed)
    validation, test = train_test_split(held_out, test_size=n_test, random_state=params.seed)
    parts = zip(PARTS, (train, validation, test), strict=True)
    return {slice_id: part for part, members in parts for slice_id in members}


def _held_out_sizes(n_slices: int, fractions: list[float]) -> tuple[int, int]:
    """How many slices are held out from training, and how many of those are for the test."""
    # Exact decimals: in binary 1 - 0.7 of 1000 is a hair above 300 and would round up to 301.
    _, validation, test = (Fraction(str(fraction)) for fraction in fractions)
    n_held_out = ceil(n_slices * (validation + test))
    n_test = ceil(n_held_out * test / (validation + test))
    sizes = (n_slices - n_held_out, n_held_out - n_test, n_test)
    if min(sizes) < 1:
        named = ", ".join(f"{size} {part}" for size, part in zip(sizes, PARTS, strict=True))
        raise ParamsError(
            f"split.fractions must give every part a slice or more; "
            f"got {named} of {n_slices} slices"
        )
    return n_held_out, n_test


def _draw_patient(
    cohort: pd.DataFrame, params: SplitParams, parts: Sequence[str] = PARTS
) -> dict[str, str]:
    """Patients and duplicate groups whole, classes balanced as far as that allows."""
    shares = params.fractions[: len(parts)]
    part_of = _deal(cohort, shares, [params.seed], by=["label"]).map(dict(enumerate(parts)))
    return dict(zip(cohort["slice_id"], part_of, strict=True))


def _deal(
    cohort: pd.DataFrame, shares: Sequence[float], seed: Sequence[int], by: Sequence[str]
) -> "pd.Series[int]":
    """Each slice's place in `shares`: families whole, kinds of slices balanced."""
    counts = pd.crosstab(cohort["family"], [cohort[name] for name in by])
    wanted = np.array(shares) / sum(shares)
    chosen = assign_families(counts.to_numpy(), wanted, np.random.default_rng(seed))
    return cohort["family"].map(dict(zip(counts.index, chosen, strict=True)))


def _draw_source(cohort: pd.DataFrame, params: SplitParams) -> dict[str, str]:
    """One source is the test; the others, patients and duplicate groups whole, the rest.

    Whoever shares a patient or a picture with the source left out is excluded from the study.
    """
    is_held_out = cohort["source"] == params.held_out_source
    if not is_held_out.any():
        raise ParamsError(
            f"split.held_out_source must be a source of the cohort "
            f"({', '.join(cohort['source'].unique())}); got {params.held_out_source}"
        )
    is_related = _knows(cohort, is_held_out)
    return {
        **dict.fromkeys(cohort.loc[is_related, "slice_id"], EXCLUDED),
        **dict.fromkeys(cohort.loc[is_held_out, "slice_id"], PARTS[-1]),
        **_draw_patient(cohort[~is_related], params, PARTS[:-1]),
    }


def _draw_folds(cohort: pd.DataFrame, params: SplitParams) -> dict[str, str]:
    """One fold of source 2 is tested on, with the copies of its slices in other sources.

    Families of the other folds train and validate, copies included; a slice of theirs that shares
    a patient or a picture with the tested fold is excluded from the study. Families without a
    slice of source 2, the healthy ones among them, are divided as under `patient`.
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
        **_draw_patient(cohort[is_of_folds & ~is_related], params, PARTS[:-1]),
        **(_draw_patient(rest, params, parts) if parts else {}),
    }


def _draw_cross(
    cohort: pd.DataFrame, params: SplitParams, repeat: int, fold: int
) -> dict[str, str]:
    """A fold of cross-validation: families whole, classes and sources balanced.

    The others validate and train in the proportion of `fractions`. Another repeat has other folds.
    """
    tested_in = _deal_folds(cohort, params, repeat)
    is_tested = tested_in == fold - 1
    rest = cohort[~is_tested]
    shares, seed = params.fractions[: len(PARTS[:-1])], [params.seed, repeat, fold]
    part_of = _deal(rest, shares, seed, _KINDS).map(dict(enumerate(PARTS)))
    return {
        **dict.fromkeys(cohort.loc[is_tested, "slice_id"], PARTS[-1]),
        **dict(zip(rest["slice_id"], part_of, strict=True)),
    }


def _deal_folds(cohort: pd.DataFrame, params: SplitParams, repeat: int) -> "pd.Series[int]":
    """The fold that tests each slice, from 0.

    In the first repeat, the published fold of source 2 where that has as many: of a family whose
    slices are in several, the one that most are in.
    """
    shares, seed = [1.0] * params.n_folds, [params.seed, repeat]
    known = cohort["fold"].where(cohort["source"] == FOLDED_SOURCE)
    if repeat > 1 or params.n_folds != N_FOLDS or known.isna().all():
        return _deal(cohort, shares, seed, _KINDS)
    published = known.groupby(cohort["family"]).agg(lambda folds: folds.mode().min()) - 1
    tested_in = cohort["family"].map(published)
    is_open = tested_in.isna()
    if is_open.any():
        tested_in[is_open] = _deal(cohort[is_open], shares, seed, _KINDS)
    return tested_in.astype(int)


def _knows(cohort: pd.DataFrame, chosen: "pd.Series[bool]") -> "pd.Series[bool]":
    """Whether a slice is of a family with a chosen one."""
    return cohort["family"].isin(cohort.loc[chosen, "family"])


def _require_folds(folded: pd.DataFrame, params: SplitParams) -> None:
    missing = folded.loc[folded["fold"].isna(), "slice_id"]
    if len(missing):
        raise ValueError(
            f"protocol folds: every slice of {FOLDED_SOURCE} must have a fold; got none for "
            f"{len(missing)} of {len(folded)}: put its author's cvind.mat with its files "
            "(docs/data.md); one that cannot be used is listed among the rejected files"
        )
    known = sorted({int(fold) for fold in folded["fold"]})
    if params.test_fold not in known:
        raise ParamsError(
            f"split.test_fold must be a fold with slices of {FOLDED_SOURCE} "
            f"({', '.join(map(str, known)) or 'there is none'}); got {params.test_fold}"
        )


_Draw = Callable[[pd.DataFrame, SplitParams], dict[str, str]]
_KINDS = ["source", "label"]
PROTOCOLS: dict[str, _Draw] = {
    "random": _draw_random,
    "patient": _draw_patient,
    "source": _draw_source,
    "folds": _draw_folds,
}


def find_protocol(name: str, params: SplitParams) -> _Draw:
    """How a split is drawn, by the name that `--protocol` and `study.protocols` give it.

    ``cv_2_1`` is the first fold of the second repeat; ``cv`` alone the first of the first.

    Raises:
        ParamsError: there is no such protocol or no such fold.
    """
    if name in PROTOCOLS:
        return PROTOCOLS[name]
    found = _FOLD.fullmatch(name)
    if not found:
        raise ParamsError(
            f"protocol must be one of {', '.join(PROTOCOLS)}, cv or cv_<repeat>_<fold>; got {name}"
        )
    repeat, fold = int(found["repeat"] or 1), int(found["fold"] or 1)
    if fold > params.n_folds:
        raise ParamsError(f"protocol {name}: the fold must be 1 to {params.n_folds}, split.n_folds")
    return partial(_draw_cross, repeat=repeat, fold=fold)
