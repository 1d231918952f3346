"""What the paper says in numbers; `data/paper/claims.yaml` is the only place they stand."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal, NamedTuple

import yaml
from pydantic import Field, field_validator, model_validator

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import Section, check_section

Network = Literal["hybrid", "classical", "pair", "none"]


class Printed(Section):
    """A number as printed (percent as a fraction) and the quantity here that answers it."""

    id: str
    says: str
    quantity: str
    printed: str = Field(pattern=r"^\d+(\.\d+)?$")

    @property
    def value(self) -> float:
        """The number."""
        return float(self.printed)

    @property
    def n_decimals(self) -> int:
        """Digits behind the point."""
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


class Paper(Section):
    """The paper itself."""

    title: str
    authors: str
    version: str
    year: int
    url: str


class PlacedClaim(NamedTuple):
    """A claim with where it stands and whom it is about."""

    place: str
    network: Network
    claim: Printed


class Claims(Section):
    """The whole file."""

    paper: Paper
    claims: list[ClaimGroup]
    settings: list[Setting]
    statements: list[Statement]
    released: Released

    @model_validator(mode="after")
    def _check_ids(self) -> "Claims":
        ids = [placed.claim.id for placed in self.each()]
        twice = {name for name in ids if ids.count(name) > 1}
        if twice:
            raise ValueError(f"claims must have ids of their own; got twice: {min(twice)}")
        return self

    def each(self) -> Iterator[PlacedClaim]:
        """Every claim in the order of the file."""
        for group in self.claims:
            for claim in group.claims:
                yield PlacedClaim(group.place, group.network, claim)

    def find(self, network: Network, quantity: str) -> Printed | None:
        """What the paper prints for a quantity of a network; None where it prints nothing."""
        for _, about, claim in self.each():
            if about == network and claim.quantity == quantity:
                return claim
        return None

    def statement(self, name: str) -> Statement:
        """A statement by its id.

        Raises:
            ValueError: there is none of that id.
        """
        for statement in self.statements:
            if statement.id == name:
                return statement
        known = ", ".join(statement.id for statement in self.statements)
        raise ValueError(f"statements must hold {name}; got {known}")


def load_claims(path: Path) -> Claims:
    """Load and check the file.

    Raises:
        ValueError: a key is unknown, missing or mistyped, or an id stands twice.
    """
    return check_section("paper", Claims, {"paper": yaml.safe_load(path.read_text())}, str(path))
