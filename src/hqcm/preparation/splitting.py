"""Which slices train, validate and test: one function a protocol."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil

import pandas as pd
from sklearn.model_selection import train_test_split

from hqcm.contracts.parts import PARTS
from hqcm.preparation.grouping import find_families
from hqcm.preparation.split_params import SplitParams
from hqcm.preparation.whole_families import draw_folds, draw_patient, draw_source


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
        protocol: how the split is drawn, a key of `PROTOCOLS`.
        params: fractions, seed, and the source left out or the fold to test on.

    Returns:
        Columns ``slice_id, part``, in the order of the index.

    Raises:
        ValueError: the protocol is unknown, a part would be empty, or a slice has no group.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol must be one of {', '.join(PROTOCOLS)}; got {protocol}")
    cohort = index.assign(
        family=find_families(index, duplicates),
        fold=index["slice_id"].map(folds.set_index("slice_id")["fold"]),
    )
    part_of = PROTOCOLS[protocol](cohort, params)
    return pd.DataFrame({"slice_id": index["slice_id"], "part": index["slice_id"].map(part_of)})


def draw_random(index: pd.DataFrame, params: SplitParams) -> dict[str, str]:
    """The paper's: slices at random, whoever they are of; not stratified.

    Two steps of scikit-learn's `train_test_split`, which rounds the part it holds out up:
    7,576 slices give the 5303, 1136 and 1137 of the released label file.
    """
    slice_ids = index["slice_id"].tolist()
    n_held_out, n_test = held_out_sizes(len(slice_ids), params.fractions)
    train, held_out = train_test_split(slice_ids, test_size=n_held_out, random_state=params.seed)
    validation, test = train_test_split(held_out, test_size=n_test, random_state=params.seed)
    parts = zip(PARTS, (train, validation, test), strict=True)
    return {slice_id: part for part, members in parts for slice_id in members}


def held_out_sizes(n_slices: int, fractions: list[float]) -> tuple[int, int]:
    """How many slices are held out from training, and how many of those are for the test.

    Raises:
        ValueError: a part would be empty.
    """
    # Exact decimals: in binary 1 - 0.7 of 1000 is a hair above 300 and would round up to 301.
    _, validation, test = (Fraction(str(fraction)) for fraction in fractions)
    n_held_out = ceil(n_slices * (validation + test))
    n_test = ceil(n_held_out * test / (validation + test))
    sizes = (n_slices - n_held_out, n_held_out - n_test, n_test)
    if min(sizes) < 1:
        named = ", ".join(f"{size} {part}" for size, part in zip(sizes, PARTS, strict=True))
        raise ValueError(f"every part must get a slice or more; got {named} of {n_slices} slices")
    return n_held_out, n_test


PROTOCOLS: dict[str, Callable[[pd.DataFrame, SplitParams], dict[str, str]]] = {
    "random": draw_random,
    "patient": draw_patient,
    "source": draw_source,
    "folds": draw_folds,
}
"""How a split is drawn, by the name that `--protocol` and `study.protocols` give it."""
