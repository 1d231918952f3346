"""What the attention maps cover, with intervals."""

from pathlib import Path

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
from hqcm.reporting.chart import Chart
from hqcm.reporting.chart_scores import chart_thresholds
from hqcm.reporting.document import Table
from hqcm.reporting.estimated import Row, tabulate_estimates
from hqcm.reporting.results import Results


def tabulate_jaccard_intervals(results: Results, thresholds: list[str]) -> Table:
    """The same with intervals and difference."""
    rows = [
        Row(
            threshold,
            f"localisation/{threshold}/jaccard",
            tuple(results.localisation[threshold][name] for name in results.study.pair),
        )
        for threshold in thresholds
    ]
    caption = "The same with intervals; difference: hybrid minus classical on the same slices."
    return tabulate_estimates(results, caption, "threshold", rows)


def tabulate_classes(results: Results, thresholds: list[str]) -> Table:
    """Mean Jaccard index class by class."""
    rows = [
        Row(f"{name}, {threshold}", f"localisation/{threshold}/jaccard/{name}")
        for name in CLASS_NAMES[HEALTHY + 1 :]
        for threshold in thresholds
    ]
    caption = "Mean Jaccard index of each class of tumour at each threshold."
    return tabulate_estimates(results, caption, "class, threshold", rows)


def tabulate_healthy(results: Results, thresholds: list[str]) -> Table:
    """False activation."""
    measures = {"activated_fraction": "area", "activated_share": "slices"}
    rows = [
        Row(f"{says}, {threshold}", f"localisation/{threshold}/{key}/healthy")
        for key, says in measures.items()
        for threshold in thresholds
    ]
    return tabulate_estimates(
        results,
        "False activation on healthy slices, where nothing should light up: mean fraction of the "
        "area at or above the threshold, and fraction of slices with any such pixel. Where none "
        "has, the upper bound is Wilson's for that many patients.",
        "what, threshold",
        rows,
        digits=4,
    )


def picture_thresholds(results: Results, figures: Path) -> Chart:
    """What the index does between the paper's thresholds and below."""
    return Chart(
        figures / "thresholds.png",
        "Jaccard index against the threshold: hybrid solid, classical dashed, shade the 95 % "
        "interval over patients.",
        "Two lines of the mean Jaccard index over thresholds from 0.05 to 0.99; the values stand "
        "in a table on the page.",
        chart_thresholds(results),
    )
