"""Fig. 7 to read values off: loss and accuracy of every run."""

from hqcm.reporting.chart import Line, Panel
from hqcm.reporting.compared import ROLES
from hqcm.reporting.results import Results

DASHES = {"train": "", "validation": "6 4"}
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
        for part, dashes in DASHES.items()
        for seed, curve in zip(seeds, results.histories[role], strict=True)
    ]
