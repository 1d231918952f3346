"""Classification of the test slices, all that the stage `evaluate` leaves: Table 1 and Fig. 9."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.calibration import tabulate_reliability
from hqcm.evaluation.roc import tabulate_curves
from hqcm.evaluation.scores import score_run
from hqcm.evaluation.statistics import mcnemar_exact
from hqcm.results.files import Tables, tabulate_each
from hqcm.results.predictions import Predictions, StudyPredictions


def summarise_study(predictions: StudyPredictions) -> dict[str, dict[str, Any]]:
    """Protocol -> variant -> metrics, in the order of the study: `reports/metrics.json`."""
    return {
        protocol: {variant: _summarise_runs(runs) for variant, runs in variants.items()}
        for protocol, variants in predictions.items()
    }


def _summarise_runs(runs: Sequence[Predictions]) -> dict[str, Any]:
    """Mean and spread of one network's scores over its seeds.

    Fractions, and the Brier score from 0 to 2, nested as `score_run` names them: ``accuracy``,
    ``macro`` with ``precision`` and so on, ``per_class`` with ``glioma`` and so on and there
    the ``support`` in test slices. Then ``n_test``, ``n_seeds`` and ``spread``, nested alike:
    the sample standard deviation, None for a single seed.
    """
    each = [score_run(run) for run in runs]
    metrics = _fold(each, _mean)
    for label, name in enumerate(CLASS_NAMES):
        metrics["per_class"][name]["support"] = int(np.count_nonzero(runs[0].y_true == label))
    return {
        **metrics,
        "n_test": len(runs[0].y_true),
        "n_seeds": len(runs),
        "spread": _fold(each, _deviation),
    }


def _fold(each: Sequence[Mapping[str, Any]], fold: Callable[[Any], float | None]) -> dict[str, Any]:
    """None stays: seeds share their slices, so what is undefined for one is so for all."""
    return _nest(
        {
            name: None if value is None else fold([scores[name] for scores in each])
            for name, value in each[0].items()
        }
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _deviation(values: Sequence[float]) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _nest(scores: Mapping[str, float | None]) -> dict[str, Any]:
    """`metrics/macro/f1` under ``macro``, ``f1``."""
    tree: dict[str, Any] = {}
    for path, value in scores.items():
        _, *branches, leaf = path.split("/")
        node = tree
        for branch in branches:
            node = node.setdefault(branch, {})
        node[leaf] = value
    return tree


def compare_hits(predictions: StudyPredictions, study: StudyParams) -> dict[str, list[Any]]:
    """Protocol -> McNemar's test of the compared pair for each seed, a run of each at a time."""
    return {
        protocol: [
            {"seed": seed, **_compare_runs(hybrid, classical)}
            for seed, hybrid, classical in zip(
                study.seeds, *(variants[name] for name in study.pair), strict=True
            )
        ]
        for protocol, variants in predictions.items()
    }


def _compare_runs(hybrid: Predictions, classical: Predictions) -> dict[str, float]:
    n_hybrid, n_classical, p_value = mcnemar_exact(
        *(run.y_true == run.y_pred for run in (hybrid, classical))
    )
    return {"n_only_hybrid": n_hybrid, "n_only_classical": n_classical, "p_value": p_value}


def tabulate_confusion(predictions: StudyPredictions) -> Tables:
    """Columns `actual` and `predicted`, class names, one row a test slice and seed."""
    names = np.array(CLASS_NAMES)

    def tabulate(runs: Sequence[Predictions]) -> pd.DataFrame:
        rows = [{"actual": names[run.y_true], "predicted": names[run.y_pred]} for run in runs]
        return pd.concat([pd.DataFrame(columns) for columns in rows])

    return tabulate_each(predictions, tabulate)


def tabulate_roc(predictions: StudyPredictions) -> Tables:
    """The ROC curves of each network's first seed, see `roc.tabulate_curves`."""
    return tabulate_each(
        predictions, lambda runs: tabulate_curves(runs[0].probabilities, runs[0].y_true)
    )


def tabulate_calibration(predictions: StudyPredictions) -> Tables:
    """The reliability of each network, seeds pooled, see `calibration.tabulate_reliability`."""

    def tabulate(runs: Sequence[Predictions]) -> pd.DataFrame:
        probabilities = np.concatenate([run.probabilities for run in runs])
        return tabulate_reliability(probabilities, np.concatenate([run.y_true for run in runs]))

    return tabulate_each(predictions, tabulate)
