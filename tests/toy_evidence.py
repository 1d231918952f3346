"""Evidence made up for the ledger: a run that measures just what the paper prints."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from hqcm.contracts.study import StudyParams
from hqcm.ledger.evidence import Evidence
from hqcm.ledger.learning_curves import Curves
from hqcm.paper.claims import Claims
from hqcm.paper.findings import Audit, Finding, Verdict
from hqcm.results.intervals import Estimate, ProtocolEstimates

STUDY = StudyParams(hybrid=["paper"], classical=["counterpart"], protocols=["random"], seeds=[0])
HALF = 0.001
"""Half the width of every interval: narrower than any tolerance."""

IMPOSSIBLE: dict[str, Verdict] = {
    "any-supports-classical": "impossible as printed",
    "both-accuracies": "impossible as printed",
    "allowed-accuracy-classical": "contradiction",
    "weighted-recall-classical": "contradiction",
    "wilcoxon-0.99": "impossible as printed",
    "wilcoxon-0.90": "impossible as printed",
    "wilcoxon-0.75": "impossible as printed",
    "superior-scores": "contradiction",
}
"""The findings that the claims cite, as the audit has them."""


def audit_of(verdicts: Mapping[str, Verdict]) -> Audit:
    """An audit of these findings, without their calculations."""
    findings = [
        Finding(
            id=name,
            question=f"Is {name} so?",
            printed=[],
            calculation=[],
            result=f"What {name} gives.",
            verdict=verdict,
            figures={},
        )
        for name, verdict in verdicts.items()
    ]
    return Audit(n_test=40, supports={}, findings=findings)


def estimate(value: float, half: float = HALF) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half, n=1137, n_groups=200)


def curve(
    accuracies: list[float], losses: list[float], validation: list[float] | None = None
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "epoch": range(1, len(accuracies) + 1),
            "train_loss": losses,
            "train_accuracy": accuracies,
            "validation_accuracy": validation or accuracies,
        }
    )


def index_of(counts: Mapping[tuple[str, int], int]) -> pd.DataFrame:
    """So many slices of each source and label."""
    rows = [(source, label) for (source, label), n in counts.items() for _ in range(n)]
    return pd.DataFrame(rows, columns=["source", "label"])


def agree_with(claims: Claims, cohort: str = "clinical") -> Evidence:
    """A run in which every claim with a number holds."""
    value = {(n, claim.quantity): claim.value for _, n, claim in claims.each()}
    networks = {
        variant: {
            quantity: estimate(number)
            for (about, quantity), number in value.items()
            if about == role and not quantity.startswith("history/")
        }
        for role, variant in (("hybrid", "paper"), ("classical", "counterpart"))
    }
    tests: dict[str, Any] = {
        t: {
            "wilcoxon": {
                **{n: value["pair", f"localisation/{t}/wilcoxon/{n}"] for n in TEST_NUMBERS},
                "n": 857,
                "n_zero": 3,
                "effect": 0.2,
            }
        }
        for t in ("0.99", "0.90", "0.75")
    }
    ends = {
        role: (value[role, "history/first/train_loss"], value[role, "history/last/train_accuracy"])
        for role in ("hybrid", "classical")
    }
    parts = ["train"] * 5303 + ["validation"] * 1136 + ["test"] * 1137
    return Evidence(
        cohort=cohort,
        study=STUDY,
        estimates={"random": ProtocolEstimates(networks=networks, differences={})},
        tests=tests,
        curves=Curves(
            *([curve([0.3, last], [first, 0.1])] for first, last in ends.values()),
        ),
        index=index_of(
            {
                ("trainingdatapro", 0): 275,
                ("figshare", 1): 708,
                ("figshare", 2): 1426,
                ("figshare", 3): 930,
                ("akter", 0): 4237,
            }
        ),
        part=pd.Series(parts),
    )


TEST_NUMBERS = ("statistic", "p_value")


def with_differences(
    evidence: Evidence, found: Mapping[str, Estimate], protocol: str = "random"
) -> Evidence:
    """The same run with these differences under one protocol."""
    estimates = evidence.estimates.get(protocol, ProtocolEstimates(networks={}, differences={}))
    changed = ProtocolEstimates(networks=estimates.networks, differences=dict(found))
    return replace(evidence, estimates={**evidence.estimates, protocol: changed})


def with_estimate(evidence: Evidence, variant: str, quantity: str, found: Estimate) -> Evidence:
    """The same run with another number of one network."""
    random = evidence.estimates["random"]
    networks = {**random.networks, variant: {**random.networks[variant], quantity: found}}
    changed = ProtocolEstimates(networks=networks, differences=random.differences)
    return replace(evidence, estimates={**evidence.estimates, "random": changed})
