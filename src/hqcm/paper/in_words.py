"""What the paper claims without a number, and the criterion that decides it here."""

from typing import Annotated, Literal

from pydantic import Field

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import Section
from hqcm.paper.entries import Names, Network

EVERY_CLASS = "*"
Share = Annotated[float, Field(gt=0, le=1)]


class Differences(Section):
    """Every quantity, hybrid minus classical on the same test slices, lies above `above`."""

    kind: Literal["differences"]
    quantities: list[str] = Field(min_length=1)
    above: float
    protocol: str | None = None

    @property
    def bound(self) -> float:
        """The number that decides."""
        return self.above

    @property
    def quantity(self) -> str:
        """What is compared."""
        return ", ".join(self.quantities)

    @property
    def each(self) -> list[str]:
        """The quantities with every class named."""
        return [
            name
            for quantity in self.quantities
            for name in dict.fromkeys(quantity.replace(EVERY_CLASS, c) for c in CLASS_NAMES)
        ]


class Limit(Section):
    """The quantity of the claim's network lies below `below`."""

    kind: Literal["limit"]
    quantity: str
    below: float

    @property
    def bound(self) -> float:
        """The number that decides."""
        return self.below


class Convergence(Section):
    """The hybrid needs fewer epochs to a share of the lower of both networks' best."""

    kind: Literal["convergence"]
    column: str
    share_of_best: Share

    @property
    def bound(self) -> float:
        """The number that decides."""
        return self.share_of_best

    @property
    def quantity(self) -> str:
        """What is compared."""
        return f"history/epochs/{self.column}"


class Throughout(Section):
    """The hybrid is ahead in more than a share of the epochs that both networks ran."""

    kind: Literal["throughout"]
    lower: list[str]
    higher: list[str]
    share: Share

    @property
    def bound(self) -> float:
        """The number that decides."""
        return self.share

    @property
    def quantity(self) -> str:
        """What is compared."""
        return ", ".join(f"history/share/{column}" for column in (*self.lower, *self.higher))


Criterion = Annotated[Differences | Limit | Convergence | Throughout, Field(discriminator="kind")]


class WordedClaim(Section):
    """A sentence of the paper, the test of it in words, and its criterion in numbers."""

    id: str
    place: str
    also: Names = ()
    network: Network
    says: str
    printed: str
    test: str
    criterion: Criterion
    audit: Names = ()
