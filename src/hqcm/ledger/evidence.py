"""What was measured, and the way from a claim's quantity to the number that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.study import StudyParams
from hqcm.ledger.learning_curves import Curves, Measured, from_estimate, measure_end
from hqcm.paper.entries import Network
from hqcm.results.intervals import Estimate, Estimates, ProtocolEstimates

SIMULATED = "phantom"
"""The cohort that cannot speak about the paper."""

KINDS = ("metrics", "localisation", "separability", "history", "slices", "split")


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
        if kind not in KINDS:
            raise ValueError(f"quantity must start with {', '.join(KINDS)}; got {quantity}")
        if kind == "slices":
            return self._count(path)
        if kind == "split":
            return self._share(path)
        if network == "pair" and "/wilcoxon/" in quantity:
            return self._test(path)
        if network not in ("hybrid", "classical"):
            raise ValueError(f"{quantity} must be of hybrid or classical; got {network}")
        if kind == "history":
            return measure_end(getattr(self.curves, network), path)
        found = self._estimates_of(network).get(quantity)
        return None if found is None else from_estimate(found)

    def difference(self, quantity: str, protocol: str | None = None) -> Measured | None:
        """Hybrid minus classical; None where this run has no such number."""
        estimates = self._protocol(protocol or self.study.protocols[0])
        found = estimates.differences.get(quantity)
        return None if found is None else from_estimate(found)

    def effect(self, quantity: str) -> float | None:
        """Which network a paired test has ahead: above 0, the hybrid one."""
        threshold = quantity.split("/")[1]
        effect: float | None = self.tests[threshold]["wilcoxon"]["effect"]
        return effect

    def _protocol(self, name: str) -> ProtocolEstimates:
        return self.estimates.get(name, ProtocolEstimates(networks={}, differences={}))

    def _estimates_of(self, network: Network) -> dict[str, Estimate]:
        variant = dict(zip(("hybrid", "classical"), self.study.pair, strict=True))[network]
        return self._protocol(self.study.protocols[0]).networks.get(variant, {})

    def _test(self, path: str) -> Measured | None:
        threshold, _, name = path.split("/")
        test = self.tests.get(threshold, {}).get("wilcoxon", {})
        value = test.get(name)
        return None if value is None else Measured(float(value), None, test["n"], "pairs")

    def _count(self, path: str) -> Measured:
        source, _, name = path.partition("/")
        found = self.index
        if source != "all":
            found = found[found["source"] == source]
        if name:
            found = found[found["label"] == CLASS_NAMES.index(name)]
        return Measured(len(found), None, len(found), "slices")

    def _share(self, part: str) -> Measured:
        return Measured(float((self.part == part).mean()), None, len(self.part), "slices")
