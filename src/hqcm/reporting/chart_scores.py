"""ROC curves and the Jaccard index against the threshold, to read values off."""

import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.reporting.chart import Line, Panel
from hqcm.reporting.compared import ROLES, Role
from hqcm.reporting.results import Results

DASHES: dict[Role, str] = {"hybrid": "", "classical": "7 3"}
CHANCE = Line("chance", "quiet", [0, 1], [0, 1], dashes="2 4")


def chart_rocs(results: Results) -> list[Panel]:
    """A panel for each class that has a curve."""
    return [
        Panel(
            f"ROC, {name}",
            "false positive rate",
            "true positive rate",
            [*lines, CHANCE],
            x_range=(0, 1),
            y_range=(0, 1),
        )
        for name in CLASS_NAMES
        if (lines := draw_class(results, name))
    ]


def draw_class(results: Results, name: str) -> list[Line]:
    """One class against the rest, both networks, first seed."""
    chosen = {role: table[table["class"] == name] for role, table in results.roc.items()}
    return [
        Line(
            role,
            role,
            chosen[role]["false_positive_rate"].tolist(),
            chosen[role]["true_positive_rate"].tolist(),
            dashes=DASHES[role],
        )
        for role in ROLES
        if len(chosen[role])
    ]


def chart_thresholds(results: Results) -> list[Panel]:
    """Both networks, each with its interval where every point has one."""
    lines = [draw_curve(role, results.jaccard[role]) for role in ROLES]
    return [
        Panel("Jaccard index", "threshold", "Jaccard index, tumour slices", lines, x_range=(0, 1))
    ]


def draw_curve(role: Role, curve: pd.DataFrame) -> Line:
    """The line of one network."""
    bounds = curve[["low", "high"]]
    band = None if bounds.isna().any(axis=None) else (bounds.low.tolist(), bounds.high.tolist())
    places, values = curve["threshold"].tolist(), curve["jaccard"].tolist()
    return Line(role, role, places, values, dashes=DASHES[role], band=band)
