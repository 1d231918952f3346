"""What the paper claims, in numbers and in words; all of it stands in `data/paper/claims.yaml`.

A claim in words has a criterion that decides it here: `quantity` is what it compares, `bound` the
number that decides.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import Section, check_section, read_yaml
from hqcm.paper.entries import (
    ClaimGroup,
    Names,
    Network,
    Paper,
    Printed,
    Released,
    Setting,
    Statement,
    Tolerance,
)

_Share = Annotated[float, Field(gt=0, le=1)]


class Differences(Section):
    """Every quantity, hybrid minus classical on the same test slices, lies above `above`."""

    kind: Literal["differences"]
    quantities: list[str] = Field(min_length=1)
    bound: float = Field(alias="above")
    protocol: str | None = None

    @property
    def quantity(self) -> str:
        return ", ".join(self.quantities)

    @property
    def each(self) -> list[str]:
        """The quantities with every class named."""
        named = [[q.replace("*", name) for name in CLASS_NAMES] for q in self.quantities]
        return [name for names in named for name in dict.fromkeys(names)]


class Limit(Section):
    """The quantity of the claim's network lies below `below`."""

    kind: Literal["limit"]
    quantity: str
    bound: float = Field(alias="below")


class Convergence(Section):
    """The hybrid needs fewer epochs to a share of the lower of both networks' best."""

    kind: Literal["convergence"]
    column: str
    bound: _Share = Field(alias="share_of_best")

    @property
    def quantity(self) -> str:
        return f"history/epochs/{self.column}"


class Throughout(Section):
    """The hybrid is ahead in more than a share of the epochs that both networks ran."""

    kind: Literal["throughout"]
    lower: list[str]
    higher: list[str]
    bound: _Share = Field(alias="share")

    @property
    def quantity(self) -> str:
        return ", ".join(f"history/share/{column}" for column in (*self.lower, *self.higher))


_Criterion = Annotated[Differences | Limit | Convergence | Throughout, Field(discriminator="kind")]


class WordedClaim(Section):
    """A sentence of the paper, the test of it in words, and its criterion in numbers."""

    id: str
    place: str
    also: Names = ()
    network: Network
    says: str
    printed: str
    test: str
    criterion: _Criterion
    audit: Names = ()


class PlacedClaim(NamedTuple):
    """A claim with where it stands and whom it is about."""

    place: str
    network: Network
    claim: Printed


class Claims(Section):
    """The whole file."""

    paper: Paper
    tolerances: dict[str, Tolerance]
    claims: list[ClaimGroup]
    in_words: list[WordedClaim]
    settings: list[Setting]
    statements: list[Statement]
    released: Released

    @model_validator(mode="after")
    def _check_ids(self) -> "Claims":
        ids = [placed.claim.id for placed in self.each()] + [claim.id for claim in self.in_words]
        twice = {name for name in ids if ids.count(name) > 1}
        if twice:
            raise ValueError(f"claims must have ids of their own; got twice: {min(twice)}")
        return self

    @model_validator(mode="after")
    def _check_tolerances(self) -> "Claims":
        used = {placed.claim.tolerance for placed in self.each()}
        odd = used ^ set(self.tolerances)
        if odd:
            how = "undefined" if min(odd) in used else "unused"
            raise ValueError(f"each tolerance must be defined and used; got {min(odd)} {how}")
        return self

    def each(self) -> Iterator[PlacedClaim]:
        """Every claim in the order of the file."""
        for group in self.claims:
            for claim in group.claims:
                yield PlacedClaim(group.place, group.network, claim)

    def find(self, network: Network, quantity: str) -> Printed | None:
        """What the paper prints for a quantity of a network; None where it prints nothing."""
        found = (c for _, about, c in self.each() if (about, c.quantity) == (network, quantity))
        return next(found, None)

    def get(self, network: Network, quantity: str) -> Printed:
        """What the paper prints for a quantity of a network.

        Raises:
            ValueError: it prints nothing.
        """
        claim = self.find(network, quantity)
        if claim is None:
            raise ValueError(f"claims of {network} must hold {quantity}; got none")
        return claim

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
    return check_section("paper", Claims, {"paper": read_yaml(path)}, str(path))
