"""Classes from the circuits' outputs, held against those of the exact simulation."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from hqcm.contracts.estimates import Estimate
from hqcm.contracts.predictions import Predictions
from hqcm.evaluation.bootstrap import Drawn, UncertaintyParams, draw_measure, estimate_network
from hqcm.evaluation.groups import Groups, count_groups, measure_means
from hqcm.evaluation.intervals import rounded
from hqcm.hardware.found import Score
from hqcm.networks.output import Network


class RunScore(NamedTuple):
    """As in `found.Point`."""

    accuracy: Score
    changed: Score
    error: float


class Scored(NamedTuple):
    """The exact simulation's accuracy, and what varies -> the score of each condition."""

    exact: Score
    found: dict[str, list[RunScore]]


def score_runs(
    network: Network,
    exact: Predictions,
    runs: Mapping[str, Sequence[NDArray[np.float64]]],
    groups: Groups,
    uncertainty: UncertaintyParams,
) -> Scored:
    """Score every run in the same draws of the groups.

    Shape:
        - runs: ``(n_draws, n, n_features)`` each, in place of `exact.features`.
    """
    shares = {"exact": (exact.y_pred == exact.y_true).astype(np.float64)}
    for name, listed in runs.items():
        for place, features in enumerate(listed):
            y_pred = classify(network, features)  # (n_draws, n)
            shares[f"{name}/{place}/accuracy"] = (y_pred == exact.y_true).mean(axis=0)
            shares[f"{name}/{place}/changed"] = (y_pred != exact.y_pred).mean(axis=0)
    drawn = draw_measure(measure_means(shares, groups), count_groups(groups), uncertainty)
    estimates = estimate_network(drawn)
    return Scored(
        _score("exact", drawn, estimates),
        {
            name: [
                RunScore(
                    _score(f"{name}/{place}/accuracy", drawn, estimates),
                    _score(f"{name}/{place}/changed", drawn, estimates),
                    rounded(np.sqrt(np.mean((features - exact.features) ** 2))),
                )
                for place, features in enumerate(listed)
            ]
            for name, listed in runs.items()
        },
    )


def classify(network: Network, features: NDArray[np.float64]) -> NDArray[np.int64]:
    """The class with the largest logit.

    Shape:
        - features: ``(..., n_features)``.
        - returns: ``(...)``, 0-3.
    """
    with torch.inference_mode():
        # Its weights are copied to the CPU: the network stays where the caller has it.
        weight, bias = network.classifier.weight.cpu(), network.classifier.bias.cpu()
        logits = F.linear(torch.as_tensor(features, dtype=weight.dtype), weight, bias)
    return logits.argmax(dim=-1).numpy().astype(np.int64)


def _score(name: str, drawn: Drawn, estimates: Mapping[str, Estimate]) -> Score:
    found = estimates.get(name)
    low, high = found.bounds if found else (None, None)
    return Score(value=rounded(drawn.values[name]), low=low, high=high)
