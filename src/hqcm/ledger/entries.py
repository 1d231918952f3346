"""What the ledger says of a claim; `reports/claims.json` is a list of these."""

from typing import Literal

from hqcm.contracts.params import Section
from hqcm.ledger.measured import Measured, Unit
from hqcm.ledger.verdicts import Verdict
from hqcm.paper.entries import Network


class Allowed(Section):
    """The tolerance: its name, as people read it, and the number in it.

    Of a claim in words: the kind of its criterion, the test, and the number that decides.
    """

    name: str
    text: str
    size: float


class Entry(Section):
    """One claim, and what became of it.

    `comparison` is what the rule says of the numbers of this run, whatever the cohort;
    `verdict` is what that says of the paper. `value` is None where this run has no such number,
    `low` and `high` where it has no interval; `n` counts what it rests on, in `unit`.
    """

    id: str
    kind: Literal["number", "words"]
    place: str
    also: list[str]
    network: Network
    says: str
    quantity: str
    printed: str
    tolerance: Allowed
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    unit: Unit | None
    comparison: Verdict
    verdict: Verdict
    reason: str
    audit: list[str]

    @property
    def found(self) -> Measured | None:
        """The number of this run."""
        if self.value is None or self.n is None or self.unit is None:
            return None
        bounds = None if self.low is None or self.high is None else (self.low, self.high)
        return Measured(self.value, bounds, self.n, self.unit)


class Ledger(Section):
    """Every claim: numbers in the order of `data/paper/claims.yaml`, then those in words."""

    cohort: str
    n_by_verdict: dict[Verdict, int]
    claims: list[Entry]

    def get(self, name: str) -> Entry:
        """A claim by its id.

        Raises:
            ValueError: there is none of that id.
        """
        for entry in self.claims:
            if entry.id == name:
                return entry
        raise ValueError(f"the ledger must hold {name}; got {len(self.claims)} others")
