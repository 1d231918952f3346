"""Table 2: do the attention maps lie on the tumours, the paper's numbers beside ours."""

from pathlib import Path

import pandas as pd

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY, ROLES
from hqcm.evaluation.overlap import SCALES, LocaliseParams, threshold_name
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import (
    PAPER_AND_HERE,
    show_beside_paper,
    tabulate_curves,
    tabulate_estimates,
)
from hqcm.reporting.numbers import NOTHING, count, fraction, p_value, printed
from hqcm.reporting.results import Results


def describe_localisation(
    results: Results, claims: Claims, figures: Path, params: LocaliseParams
) -> Section:
    """Jaccard index, Wilcoxon test, intervals, and both attention scales."""
    thresholds = [threshold_name(threshold) for threshold in params.thresholds]
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
            *_tabulate_jaccard(results, claims, thresholds),
            _tabulate_wilcoxon(results, claims, thresholds),
            Picture(
                figures / "thresholds.png",
                "Jaccard index against the threshold: hybrid solid, classical dashed, shade the "
                "95 % interval over patients.",
                "Two lines of the mean Jaccard index over thresholds from 0.05 to 0.99; the values "
                "stand in the table below.",
            ),
            _fold_thresholds(results),
            _tabulate_classes(results, thresholds),
            _tabulate_healthy(results, thresholds),
            _tabulate_scales(results, thresholds),
        ],
    )


def _tabulate_jaccard(results: Results, claims: Claims, thresholds: list[str]) -> list[Table]:
    quantities = {threshold: f"localisation/{threshold}/jaccard" for threshold in thresholds}
    ours = {
        threshold: [results.localisation[threshold][name] for name in results.study.pair]
        for threshold in thresholds
    }
    rows = [[t, *show_beside_paper(claims, quantities[t], ours[t])] for t in thresholds]
    caption = "The same with intervals; difference: hybrid minus classical on the same slices."
    return [
        Table("Mean Jaccard index on slices with a tumour.", ["threshold", *PAPER_AND_HERE], rows),
        tabulate_estimates(results, caption, "threshold", quantities, values=ours),
    ]


def _tabulate_wilcoxon(results: Results, claims: Claims, thresholds: list[str]) -> Table:
    rows = []
    for threshold in thresholds:
        test = results.localisation[threshold]["wilcoxon"]
        paper = {
            name: printed(claims.find("pair", f"localisation/{threshold}/wilcoxon/{name}"))
            for name in ("statistic", "p_value")
        }
        rows.append(
            [
                *(threshold, paper["statistic"], fraction(test["statistic"], 1)),
                *(paper["p_value"], p_value(test["p_value"]), fraction(test["effect"])),
                *(count(test["n"]), count(test["n_zero"])),
            ]
        )
    header = ["threshold", "statistic, paper", "statistic, here", "p, paper", "p, here"]
    return Table(
        "Wilcoxon signed-rank test, two-sided, ties left out; the effect is the matched "
        "rank-biserial correlation, positive where the hybrid network is ahead.",
        [*header, "effect, here", "pairs, here", "ties, here"],
        rows,
    )


def _fold_thresholds(results: Results) -> Folded:
    """The Jaccard index of both networks and its interval."""
    headers = {"jaccard": "", "low": ", from", "high": ", to"}
    curves = {
        f"{role}{header}": table.set_index("threshold")[column]
        for role, table in results.jaccard.items()
        for column, header in headers.items()
    }
    caption = "Mean Jaccard index of the slices with a tumour, with 95 % intervals."
    return Folded("Values: Jaccard index", [tabulate_curves(caption, "threshold", curves)])


def _tabulate_classes(results: Results, thresholds: list[str]) -> Table:
    quantities = {
        f"{name}, {threshold}": f"localisation/{threshold}/jaccard/{name}"
        for name in CLASS_NAMES[HEALTHY + 1 :]
        for threshold in thresholds
    }
    caption = "Mean Jaccard index of each class of tumour at each threshold."
    return tabulate_estimates(results, caption, "class, threshold", quantities)


def _tabulate_healthy(results: Results, thresholds: list[str]) -> Table:
    measures = {"area": "activated_fraction", "slices": "activated_share"}
    return tabulate_estimates(
        results,
        "False activation on healthy slices, where nothing should light up: mean fraction of the "
        "area at or above the threshold, and fraction of slices with any such pixel. Where none "
        "has, the upper bound is Wilson's for that many patients.",
        "what, threshold",
        {
            f"{says}, {threshold}": f"localisation/{threshold}/{measure}/healthy"
            for says, measure in measures.items()
            for threshold in thresholds
        },
        digits=4,
    )


def _tabulate_scales(results: Results, thresholds: list[str]) -> Table:
    columns = {
        "Jaccard": ("tumour", "mean_jaccard", 2),
        "area": ("healthy", "activated_fraction", 4),
        "slices": ("healthy", "activated_share", 2),
    }
    rows = [
        [
            *(scale, threshold),
            *(
                _cell(results.overlap[scale, subset, threshold, name][measure], digits)
                for subset, measure, digits in columns.values()
                for name in results.study.pair
            ),
        ]
        for scale in SCALES
        for threshold in thresholds
    ]
    return Table(
        "Both ways to scale the map before the threshold: as it is, or each stretched to [0, 1]. "
        "Jaccard index on tumours; activated area and share of activated slices on healthy ones.",
        ["scale", "threshold", *(f"{what}, {role}" for what in columns for role in ROLES)],
        rows,
    )


def _cell(value: float, digits: int) -> str:
    return NOTHING if pd.isna(value) else fraction(float(value), digits)
