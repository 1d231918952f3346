"""What was measured, and the way from a claim's quantity to the number that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.study import StudyParams
from hqcm.ledger.learning_curves import Curves, measure_end
from hqcm.ledger.rules import Measured, Unit
from hqcm.paper.entries import Network
from hqcm.results.intervals import Estimate, Estimates, ProtocolEstimates

SIMULATED = "phantom"
"""The cohort that cannot speak about the paper."""

_KINDS = ("metrics", "localisation", "separability", "history", "slices", "split")


@dataclass(frozen=True)
class Evidence:
    """The compared pair under the first protocol; `estimates` of every protocol.

    `tests` goes from threshold to the entry of `reports/localisation.json`, `part` from slice to
    the part of the split that it is in.
    """

    cohort: str
    study: StudyParams
    estimates: Estimates
    tests: Mapping[str, Any]
    curves: Curves
    index: pd.DataFrame
    part: "pd.Series[str]"

    @property
    def is_simulated(self) -> bool:
        """Whether the patients are made up."""
        return self.cohort == SIMULATED

    def look_up(self, network: Network, quantity: str) -> Measured | None:
        """What was found for a quantity; None where this run has no such number.

        Raises:
            ValueError: no quantity starts like this, or not for this network.
        """
        kind, _, path = quantity.partition("/")
        if kind not in _KINDS:
            raise ValueError(f"quantity must start with {', '.join(_KINDS)}; got {quantity}")
        if kind == "slices":
            return self._count(path)
        if kind == "split":
            return _alone(float((self.part == path).mean()), len(self.part), "slices")
        if network == "pair" and "/wilcoxon/" in quantity:
            return self._test(path)
        if network not in ("hybrid", "classical"):
            raise ValueError(f"{quantity} must be of hybrid or classical; got {network}")
        if kind == "history":
            return measure_end(getattr(self.curves, network), path)
        variant = dict(zip(("hybrid", "classical"), self.study.pair, strict=True))[network]
        return _over_slices(self._protocol().networks.get(variant, {}).get(quantity))

    def difference(self, quantity: str, protocol: str | None = None) -> Measured | None:
        """Hybrid minus classical; None where this run has no such number."""
        return _over_slices(self._protocol(protocol).differences.get(quantity))

    def effect(self, quantity: str) -> float | None:
        """Which network a paired test has ahead: above 0, the hybrid one."""
        threshold = quantity.split("/")[1]
        return self.tests[threshold]["wilcoxon"]["effect"]

    def _protocol(self, name: str | None = None) -> ProtocolEstimates:
        nothing = ProtocolEstimates(networks={}, differences={})
        return self.estimates.get(name or self.study.protocols[0], nothing)

    def _test(self, path: str) -> Measured | None:
        threshold, _, name = path.split("/")
        test = self.tests.get(threshold, {}).get("wilcoxon", {})
        value = test.get(name)
        return None if value is None else _alone(float(value), test["n"], "pairs")

    def _count(self, path: str) -> Measured:
        source, _, name = path.partition("/")
        found = self.index
        if source != "all":
            found = found[found["source"] == source]
        if name:
            found = found[found["label"] == CLASS_NAMES.index(name)]
        return _alone(len(found), len(found), "slices")


def _alone(value: float, n: int, unit: Unit) -> Measured:
    return Measured(value=value, low=None, high=None, n=n, unit=unit)


def _over_slices(found: Estimate | None) -> Measured | None:
    if found is None:
        return None
    return Measured(**found.model_dump(exclude={"n_groups"}), unit="slices")
