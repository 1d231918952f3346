"""What the entries of `data/paper/claims.yaml` hold.

Printed numbers, how far ours may lie from them, which was fixed before anything was run, and what
the paper says about settings and elsewhere.
"""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, field_validator

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import Section

_Rule = Literal["within", "same side", "count"]


class Tolerance(Section):
    """An entry of `tolerances`: what must hold, and why it is neither more nor less."""

    rule: _Rule
    size: str = Field(pattern=r"^\d+(\.\d+)?$")
    reason: str

    @property
    def exact(self) -> Fraction:
        """The size, free of rounding."""
        return Fraction(self.size)

    @property
    def text(self) -> str:
        """± 0.03."""
        shown = {"within": f"± {self.size}", "same side": f"same side of {self.size}"}
        return shown.get(self.rule, "equal")


Network = Literal["hybrid", "classical", "pair", "none"]
Names = Annotated[tuple[str, ...], Field(strict=False)]
"""A list in the file; as a tuple, a claim can be the key of a dictionary."""


class Printed(Section):
    """A number as printed (percent as a fraction) and the quantity here that answers it.

    `tolerance` names an entry of the tolerances, `also` further places that print the number,
    `audit` the findings about this very number.
    """

    id: str
    says: str
    quantity: str
    printed: str = Field(pattern=r"^\d+(\.\d+)?$")
    tolerance: str
    also: Names = ()
    audit: Names = ()

    @property
    def value(self) -> float:
        return float(self.printed)

    @property
    def n_decimals(self) -> int:
        return len(self.printed.partition(".")[2])

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """The values that round to the printed digits, both ends among them."""
        half_unit = Fraction(1, 2 * 10**self.n_decimals)
        return Fraction(self.printed) - half_unit, Fraction(self.printed) + half_unit

    @property
    def percent(self) -> str:
        """The printed digits of a fraction, as percent: 96.48 %."""
        return f"{100 * self.value:.{max(self.n_decimals - 2, 0)}f} %"


class ClaimGroup(Section):
    """Claims of one place in the paper about one network."""

    place: str
    network: Network
    claims: list[Printed]


class Reading(Section):
    """What stands at one place."""

    place: str
    printed: str


class Setting(Section):
    """A row of Table 3; `keys` lead to how a network was trained, `fixed` is what no key sets."""

    says: str
    printed: str
    keys: list[str] = Field(default_factory=list)
    fixed: str = ""
    remark: str = ""
    elsewhere: Reading | None = None


class Statement(Section):
    """What the paper says in words, and where."""

    id: str
    says: str
    readings: list[Reading]


class Released(Section):
    """Test slices of each class, by the labels that the authors published."""

    place: str
    supports: dict[str, int]

    @field_validator("supports")
    @classmethod
    def _name_every_class(cls, supports: dict[str, int]) -> dict[str, int]:
        if tuple(supports) != CLASS_NAMES:
            raise ValueError(f"must name {', '.join(CLASS_NAMES)} in this order")
        return supports

    @property
    def counts(self) -> tuple[int, ...]:
        """The supports in the order of the labels."""
        return tuple(self.supports.values())


class Paper(Section):
    """The paper itself."""

    title: str
    authors: str
    version: str
    year: int
    url: str
