"""The numbers behind the curves of a figure, as tables that a reader opens.

Every function takes `results` and gives a fold to stand below its figure.
"""

from collections.abc import Mapping

import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES, ROLES
from hqcm.reporting.document import Folded, Table
from hqcm.reporting.numbers import NOTHING
from hqcm.reporting.results import Results

_PARTS = {"train": "training", "validation": "validation"}


def fold_training(results: Results) -> Folded:
    """Loss and accuracy of every run after each epoch."""
    several = results.n_seeds > 1
    tables = []
    for what in ("loss", "accuracy"):
        curves = {
            f"{role}, {says}" + (f", seed {seed}" if several else ""): curve[f"{part}_{what}"]
            for role in ROLES
            for part, says in _PARTS.items()
            for seed, curve in zip(
                results.study.seeds,
                [history.set_index("epoch") for history in results.histories[role]],
                strict=True,
            )
        }
        tables.append(_tabulate_curves(f"{what.capitalize()}.", "epoch", curves))
    return Folded("Values: loss and accuracy", [*tables])


def fold_rocs(results: Results) -> Folded:
    """The corners of each class's curves; where one rises upright, the upper end."""
    tables = []
    for name in CLASS_NAMES:
        rates = {role: table[table["class"] == name] for role, table in results.roc.items()}
        curves: dict[str, pd.Series[float]] = {
            role: table.groupby("false_positive_rate")["true_positive_rate"].last()
            for role, table in rates.items()
            if len(table)
        }
        if curves:
            caption = f"True positive rate, {name}."
            tables.append(_tabulate_curves(caption, "false positive rate", curves))
    return Folded("Values: ROC", [*tables])


def fold_thresholds(results: Results) -> Folded:
    """The Jaccard index of both networks and its interval."""
    headers = {"jaccard": "", "low": ", from", "high": ", to"}
    curves = {
        f"{role}{header}": table.set_index("threshold")[column]
        for role, table in results.jaccard.items()
        for column, header in headers.items()
    }
    caption = "Mean Jaccard index of the slices with a tumour, with 95 % intervals."
    return Folded("Values: Jaccard index", [_tabulate_curves(caption, "threshold", curves)])


def _tabulate_curves(caption: str, x: str, curves: Mapping[str, "pd.Series[float]"]) -> Table:
    """A row for each x of any curve, with a dash where a curve has no point.

    Args:
        caption: of the table.
        x: what the curves run over.
        curves: header -> values, the index is x.
    """
    table = pd.DataFrame(curves).sort_index()
    rows = [
        [f"{place:g}", *(NOTHING if pd.isna(value) else f"{value:.4g}" for value in values)]
        for place, values in zip(table.index, table.to_numpy(), strict=True)
    ]
    return Table(caption, [x, *table.columns], rows)
