"""What `reports/metrics.json` holds of a network."""

from typing import Any, TypedDict


class Averages(TypedDict):
    """Precision, recall and F1, averaged over classes."""

    precision: float
    recall: float
    f1: float


class ClassScores(Averages):
    """Those of one class, and how many test slices it has."""

    support: int


class Areas(TypedDict):
    """Area under each class's ROC curve against the rest; None where it is undefined."""

    macro: float | None
    per_class: dict[str, float | None]


class RunMetrics(TypedDict):
    """What one run reaches on the test slices: fractions, and the Brier score from 0 to 2."""

    accuracy: float
    balanced_accuracy: float
    macro: Averages
    weighted: Averages
    per_class: dict[str, ClassScores]
    ece: float
    brier: float
    auroc: Areas


class Metrics(RunMetrics):
    """Means over seeds; `spread` is their sample standard deviation, null for a single seed."""

    n_test: int
    n_seeds: int
    spread: dict[str, Any]
