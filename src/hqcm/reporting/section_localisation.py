"""Table 2: do the attention maps lie on the tumours, the paper's numbers beside ours."""

from pathlib import Path

import pandas as pd

from hqcm.evaluation.overlap import SCALES, LocaliseParams, threshold_name
from hqcm.paper.claims import Claims
from hqcm.reporting.compared import ROLES
from hqcm.reporting.document import Paragraph, Section, Table
from hqcm.reporting.formats import NOTHING, count, fraction, p_value
from hqcm.reporting.overlap_estimates import (
    picture_thresholds,
    tabulate_classes,
    tabulate_healthy,
    tabulate_jaccard_intervals,
)
from hqcm.reporting.printed import printed
from hqcm.reporting.results import Results


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
