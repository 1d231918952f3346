"""What the protocols are told: section `split`."""

from math import isclose
from typing import Annotated

from pydantic import Field, field_validator

from hqcm.contracts.folds import N_FOLDS
from hqcm.contracts.params import Section
from hqcm.contracts.parts import PARTS
from hqcm.contracts.slices import SOURCES

Share = Annotated[float, Field(gt=0, lt=1)]


class SplitParams(Section):
    """Section `split`: fractions of the parts, seed of the draw, source or fold to test on."""

    fractions: Annotated[list[Share], Field(min_length=len(PARTS), max_length=len(PARTS))]
    seed: int = Field(ge=0, lt=1 << 32)  # what NumPy's RandomState takes
    held_out_source: str
    test_fold: int = Field(ge=1, le=N_FOLDS)

    @field_validator("held_out_source")
    @classmethod
    def _is_a_source(cls, source: str) -> str:
        if source not in SOURCES:
            raise ValueError(f"must be one of {', '.join(SOURCES)}")
        return source

    @field_validator("fractions")
    @classmethod
    def _sum_to_one(cls, fractions: list[float]) -> list[float]:
        if not isclose(sum(fractions), 1, abs_tol=1e-9):
            raise ValueError(f"must sum to 1, sum to {sum(fractions):g}")
        return fractions
