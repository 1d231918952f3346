"""Which slices train, validate and test: one function a protocol."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, isclose
from typing import Annotated

import pandas as pd
from pydantic import Field, field_validator
from sklearn.model_selection import train_test_split

from hqcm.contracts.params import Section
from hqcm.contracts.parts import PARTS

Share = Annotated[float, Field(gt=0, lt=1)]


class SplitParams(Section):
    """Section `split`: fractions of train, validation and test, and the seed of the draw."""

    fractions: Annotated[list[Share], Field(min_length=len(PARTS), max_length=len(PARTS))]
    seed: int = Field(ge=0, lt=1 << 32)  # what NumPy's RandomState takes

    @field_validator("fractions")
    @classmethod
    def _sum_to_one(cls, fractions: list[float]) -> list[float]:
        if not isclose(sum(fractions), 1, abs_tol=1e-9):
            raise ValueError(f"must sum to 1, sum to {sum(fractions):g}")
        return fractions


def split_slices(index: pd.DataFrame, protocol: str, params: SplitParams) -> pd.DataFrame:
    """Assign every slice to a part.

    Args:
        index: the prepared store's, one row a slice.
        protocol: how the split is drawn, a key of `PROTOCOLS`.
        params: fractions and seed.

    Returns:
        Columns ``slice_id, part``, in the order of the index.

    Raises:
        ValueError: the protocol is unknown, or a part would be empty.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol must be one of {', '.join(PROTOCOLS)}; got {protocol}")
    part_of = PROTOCOLS[protocol](index, params)
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
}
"""How a split is drawn, by the name that `--protocol` and `study.protocols` give it."""
