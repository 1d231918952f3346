"""What the attention maps cover, with intervals.

Table 2: do the attention maps lie on the tumours, the paper's numbers beside ours.
"""

from pathlib import Path

import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY
from hqcm.evaluation.overlap import SCALES, LocaliseParams, threshold_name
from hqcm.paper.claims import Claims
from hqcm.reporting.chart import Chart
from hqcm.reporting.charts import chart_thresholds
from hqcm.reporting.document import Paragraph, Section, Table
from hqcm.reporting.estimates import Row, tabulate_estimates
from hqcm.reporting.numbers import NOTHING, count, fraction, p_value, printed
from hqcm.reporting.pair import ROLES
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


def describe_localisation(
    results: Results, claims: Claims, figures: Path, params: LocaliseParams
) -> Section:
    """Jaccard index, Wilcoxon test, intervals, and both attention scales."""
    names = [threshold_name(threshold) for threshold in params.thresholds]
    return Section(
        "Table 2: localisation",
        [
            Paragraph(
                "Jaccard index between the tumour mask and the pixels where the attention map, "
                "enlarged to the size of the mask, is at least the threshold; mean over the test "
                f"slices with a tumour. Attention scale of the headline: `{params.attention_scale}`"
                f". An empty map against an empty mask: `{params.empty_mask}`. Intervals, 95 %: "
                "patients drawn anew, the trained networks as they are; of another seed they know "
                "nothing."
            ),
            tabulate_jaccard(results, claims, names),
            tabulate_jaccard_intervals(results, names),
            tabulate_wilcoxon(results, claims, names),
            picture_thresholds(results, figures),
            tabulate_classes(results, names),
            tabulate_healthy(results, names),
            tabulate_scales(results, names),
        ],
    )


def tabulate_jaccard(results: Results, claims: Claims, thresholds: list[str]) -> Table:
    """Mean Jaccard index of both networks."""
    header = ["threshold", *(f"{role}, {who}" for role in ROLES for who in ("paper", "here"))]
    rows = [
        [
            threshold,
            *(
                cell
                for role in ROLES
                for cell in (
                    printed(claims.find(role, f"localisation/{threshold}/jaccard")),
                    fraction(results.localisation[threshold][results.variant(role)], 4),
                )
            ),
        ]
        for threshold in thresholds
    ]
    return Table("Mean Jaccard index on slices with a tumour.", header, rows)


def tabulate_wilcoxon(results: Results, claims: Claims, thresholds: list[str]) -> Table:
    """The paired test between the two networks."""
    header = [
        *("threshold", "statistic, paper", "statistic, here", "p, paper", "p, here"),
        *("effect, here", "pairs, here", "ties, here"),
    ]
    rows = []
    for threshold in thresholds:
        test = results.localisation[threshold]["wilcoxon"]
        place = f"localisation/{threshold}/wilcoxon"
        rows.append(
            [
                threshold,
                printed(claims.find("pair", f"{place}/statistic")),
                fraction(test["statistic"], 1),
                printed(claims.find("pair", f"{place}/p_value")),
                p_value(test["p_value"]),
                fraction(test["effect"]),
                count(test["n"]),
                count(test["n_zero"]),
            ]
        )
    return Table(
        "Wilcoxon signed-rank test, two-sided, ties left out; the effect is the matched "
        "rank-biserial correlation, positive where the hybrid network is ahead.",
        header,
        rows,
    )


def tabulate_scales(results: Results, thresholds: list[str]) -> Table:
    """Both attention scales: Jaccard on tumours, activation on healthy slices."""
    header = [
        *("scale", "threshold"),
        *(f"{what}, {role}" for what in ("Jaccard", "area", "slices") for role in ROLES),
    ]
    rows = []
    for scale in SCALES:
        for threshold in thresholds:
            lines = {
                subset: [
                    results.overlap[scale, subset, threshold, name] for name in results.study.pair
                ]
                for subset in ("tumour", "healthy")
            }
            cells = [
                *(_cell(line["mean_jaccard"]) for line in lines["tumour"]),
                *(_cell(line["activated_fraction"], 4) for line in lines["healthy"]),
                *(_cell(line["activated_share"]) for line in lines["healthy"]),
            ]
            rows.append([scale, threshold, *cells])
    return Table(
        "Both ways to scale the map before the threshold: as it is, or each stretched to [0, 1]. "
        "Jaccard index on tumours; activated area and share of activated slices on healthy ones.",
        header,
        rows,
    )


def _cell(value: float, digits: int = 2) -> str:
    return NOTHING if pd.isna(value) else fraction(float(value), digits)
