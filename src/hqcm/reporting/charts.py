"""ROC curves and the Jaccard index against the threshold, to read values off.

Fig. 7 to read values off: loss and accuracy of every run.
"""

import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.reporting.chart import Line, Panel
from hqcm.reporting.pair import ROLES, Role
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


PART_DASHES = {"train": "", "validation": "6 4"}
PARTS = {"train": "training", "validation": "validation"}


def chart_training(results: Results) -> list[Panel]:
    """Training solid, validation dashed; one line a seed."""
    loss, accuracy = (draw_lines(results, what) for what in ("loss", "accuracy"))
    return [
        Panel("Loss", "epoch", "loss, logarithmic", loss, is_log=True),
        Panel("Accuracy", "epoch", "accuracy, fraction of slices", accuracy),
    ]


def draw_lines(results: Results, what: str) -> list[Line]:
    """Role by role, part by part, seed by seed."""
    seeds = results.study.seeds
    return [
        Line(
            name=f"{role}, {PARTS[part]}",
            ink=role,
            x=curve["epoch"].tolist(),
            y=curve[f"{part}_{what}"].tolist(),
            run=f"seed {seed}" if results.n_seeds > 1 else "",
            dashes=dashes,
        )
        for role in ROLES
        for part, dashes in PART_DASHES.items()
        for seed, curve in zip(seeds, results.histories[role], strict=True)
    ]
