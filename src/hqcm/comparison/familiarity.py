"""What the stage `compare` says of the test slices that training knows: the schema."""

from pydantic import Field, FiniteFloat

from hqcm.contracts.params import Section


class Familiarity(Section):
    """Accuracy of one network on the test slices that training knows, and on the others.

    Known: a near-duplicate, or another slice of the patient, is in training. The two kinds are
    different slices, of other sources and classes; the difference is not what knowing does.
    low, high: of the difference, 95 %, over seeds and groups; none where one group holds all
        slices of a kind, or where more than a tenth of the draws lack a kind.
    """

    protocol: str
    variant: str
    n_seeds: int = Field(ge=1)
    known_value: FiniteFloat
    known_n_slices: int = Field(ge=1)
    known_n_groups: int = Field(ge=1)
    other_value: FiniteFloat
    other_n_slices: int = Field(ge=1)
    other_n_groups: int = Field(ge=1)
    difference: FiniteFloat
    low: FiniteFloat | None
    high: FiniteFloat | None
