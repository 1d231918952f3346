"""Beyond Table 1: ROC curves, calibration, a paired test, and how far apart the classes lie."""

from pathlib import Path
from typing import Any

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.calibration import N_BINS
from hqcm.evaluation.embedding import N_NEIGHBOURS, NEIGHBOURS, SILHOUETTE
from hqcm.reporting.chart import Chart
from hqcm.reporting.charts import chart_rocs
from hqcm.reporting.document import Block, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import Row, tabulate_estimates
from hqcm.reporting.numbers import count, p_value
from hqcm.reporting.pair import ROLES
from hqcm.reporting.results import Results

INTERVALS = (
    "In brackets the 95 % interval over patients drawn anew with all their slices: the same "
    "trained networks on other patients. It does not know another seed, another split or another "
    "hospital. Difference: hybrid minus classical, in the same draws. A dash: the test slices "
    "define none."
)


def describe_scores(results: Results, figures: Path) -> Section:
    """What the paper does not report and a reader of its Table 1 will ask."""
    blocks: list[Block] = [
        Paragraph(f"The paper reports none of these. {INTERVALS}"),
        tabulate_mcnemar(results),
        tabulate_areas(results),
        picture_rocs(results, figures),
        tabulate_calibration(results),
        picture_reliability(results, figures),
        tabulate_separability(results),
    ]
    return Section("Beyond Table 1: ROC, calibration, separability", blocks)


def tabulate_mcnemar(results: Results) -> Table:
    """The paired test of the two networks' hits, a row a seed."""
    rows = [
        [
            str(test["seed"]),
            count(test["n_only_hybrid"]),
            count(test["n_only_classical"]),
            p_value(test["p_value"]),
        ]
        for test in results.mcnemar
    ]
    return Table(
        "McNemar's exact test, two-sided, of the slices that one network alone gets right. It "
        "takes slices as independent; those of one patient are alike, so p may be too small.",
        ["seed", *(f"{role} alone" for role in ROLES), "p"],
        rows,
    )


def tabulate_areas(results: Results) -> Table:
    """Area under each class's ROC curve, and their mean."""
    places = {"mean of the classes": "macro"} | dict(zip(CLASS_NAMES, CLASS_NAMES, strict=True))
    rows = [
        Row(
            says,
            f"metrics/auroc/{place}",
            tuple(area_of(results.metrics[role], place) for role in ROLES),
        )
        for says, place in places.items()
    ]
    return tabulate_estimates(
        results, "Area under the ROC curve (AUROC), each class against the rest.", "class", rows
    )


def area_of(metrics: Any, place: str) -> float | None:  # noqa: ANN401  (as read from JSON)
    """The mean over seeds, None where it is undefined."""
    areas = {"macro": metrics["auroc"]["macro"], **metrics["auroc"]["per_class"]}
    area: float | None = areas[place]
    return area


def picture_rocs(results: Results, figures: Path) -> Chart:
    """The curves behind the areas."""
    return Chart(
        figures / "roc.png",
        "ROC curves, each class against the rest, run with seed "
        f"{results.study.seeds[0]}: hybrid solid, classical dashed, chance dotted.",
        "ROC curves of both networks, a panel a class; the table above holds the areas.",
        chart_rocs(results),
    )


def tabulate_calibration(results: Results) -> Table:
    """Calibration error and Brier score."""
    measures = {"calibration error (ECE)": "ece", "Brier score": "brier"}
    rows = [
        Row(says, f"metrics/{key}", tuple(results.metrics[role][key] for role in ROLES))
        for says, key in measures.items()
    ]
    return tabulate_estimates(
        results,
        "Calibration; less is better. ECE is the mean distance between confidence and accuracy "
        f"over {N_BINS} bins, and of few slices it comes out too large, so its interval may lie "
        "above it. The Brier score, 0 to 2, is the squared distance between probabilities and "
        "truth.",
        "measure",
        rows,
    )


def picture_reliability(results: Results, figures: Path) -> Picture:
    """Where the calibration error comes from."""
    seeds = f", {results.n_seeds} seeds pooled" if results.n_seeds > 1 else ""
    return Picture(
        figures / "reliability.png",
        f"Reliability diagram{seeds}: accuracy against confidence in {N_BINS} bins, the larger a "
        "dot the more slices it stands for; below, how many. On the diagonal a network is as sure "
        "as it is right, below it surer.",
        "Dots of accuracy against confidence around a diagonal, and bars of slices below, a column "
        "a network; the table above holds the calibration errors.",
    )


def tabulate_separability(results: Results) -> Table:
    """How far apart the classes lie in the features before the classifier."""
    rows = [
        Row("silhouette, -1 to 1", SILHOUETTE),
        Row(f"accuracy of {N_NEIGHBOURS} nearest neighbours", NEIGHBOURS),
    ]
    return tabulate_estimates(
        results,
        "Separability of the classes among the features in front of the classifier, not in the "
        "plane of t-SNE; more is better. Neighbours are slices of other patients.",
        "measure",
        rows,
    )
