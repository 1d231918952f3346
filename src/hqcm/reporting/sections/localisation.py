"""Table 2: do the attention maps lie on the tumours, the paper's numbers beside ours."""

from functools import partial
from pathlib import Path

from hqcm.contracts.labels import CLASS_NAMES, HEALTHY, ROLES
from hqcm.evaluation.overlap import LocaliseParams, threshold_name
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import (
    PAPER_AND_HERE,
    tabulate_estimates,
)
from hqcm.reporting.numbers import count, estimate, fraction, p_value, printed, signed
from hqcm.reporting.results import Results


def describe_localisation(
    results: Results, claims: Claims, figures: Path, params: LocaliseParams
) -> Section:
    """How the Jaccard index goes with the threshold; Table 2 and the tests in a fold."""
    thresholds = [threshold_name(threshold) for threshold in params.thresholds]
    tables: list[Block] = [
        _tabulate_jaccard(results, claims, thresholds),
        _tabulate_wilcoxon(results, claims, thresholds),
    ]
    others: list[Block] = [
        _tabulate_classes(results, thresholds),
        _tabulate_healthy(results, thresholds),
    ]
    return Section(
        "Attention maps",
        [
            Paragraph(_tell_trend(results, claims, params)),
            Picture(
                figures / "thresholds.png",
                "Jaccard index of attention map and tumour mask against the threshold: hybrid "
                "solid, classical dashed, shade the 95 % interval over patients.",
                "Two lines of the mean Jaccard index over thresholds from 0.05 to 0.99.",
            ),
            Folded("Table 2 beside the paper's", tables),
            Folded("By class, on healthy slices", others),
            Folded("Fig. 10: some slices", [_picture_attention(figures, params)]),
        ],
    )


def _tell_trend(results: Results, claims: Claims, params: LocaliseParams) -> str:
    """From the lowest threshold to the highest, here and in the paper."""
    low, high = (threshold_name(pick(params.thresholds)) for pick in (min, max))
    told = []
    for role in ROLES:
        ends = [results.localisation[name][results.variant(role)] for name in (low, high)]
        told.append(f"{role} {_change(*ends)}")
    first, last = (claims.find("hybrid", f"localisation/{name}/jaccard") for name in (low, high))
    paper = (
        f"; in the paper the hybrid's {_change(first.value, last.value)}" if first and last else ""
    )
    return f"Jaccard index from threshold {low} to {high}: {', '.join(told)}{paper}."


def _change(first: float, last: float) -> str:
    verb = "rises" if last > first else "falls" if last < first else "stays"
    return f"{verb} from {fraction(first, 3)} to {fraction(last, 3)}"


def _tabulate_jaccard(results: Results, claims: Claims, thresholds: list[str]) -> Table:
    show = partial(fraction, digits=3)
    rows = []
    for threshold in thresholds:
        quantity = f"localisation/{threshold}/jaccard"
        cells = []
        for role in ROLES:
            found = results.find_estimate(role, quantity)
            alone = fraction(results.localisation[threshold][results.variant(role)], 3)
            cells += [printed(claims.find(role, quantity))]
            cells += [estimate(found, show) if found else alone]
        gap = estimate(results.find_difference(quantity), partial(signed, digits=3))
        rows.append([threshold, *cells, gap])
    return Table(
        "Mean Jaccard index on slices with a tumour, 95 % intervals over patients; difference: "
        "hybrid minus classical.",
        ["threshold", *PAPER_AND_HERE, "difference"],
        rows,
    )


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
        "Wilcoxon signed-rank test, two-sided, ties left out; effect: rank-biserial correlation, "
        "positive where the hybrid network is ahead.",
        [*header, "effect, here", "pairs, here", "ties, here"],
        rows,
    )


def _tabulate_classes(results: Results, thresholds: list[str]) -> Table:
    lowest = thresholds[-1]
    quantities = {
        name: f"localisation/{lowest}/jaccard/{name}" for name in CLASS_NAMES[HEALTHY + 1 :]
    }
    caption = f"Mean Jaccard index of each class of tumour at {lowest}."
    return tabulate_estimates(results, caption, "class", quantities)


def _tabulate_healthy(results: Results, thresholds: list[str]) -> Table:
    measures = {"area": "activated_fraction", "slices": "activated_share"}
    return tabulate_estimates(
        results,
        "False activation on healthy slices: mean fraction of the area at or above the threshold, "
        "and fraction of slices with any such pixel.",
        "what, threshold",
        {
            f"{says}, {threshold}": f"localisation/{threshold}/{measure}/healthy"
            for says, measure in measures.items()
            for threshold in thresholds
        },
        digits=4,
    )


def _picture_attention(folder: Path, localise: LocaliseParams) -> Picture:
    threshold = threshold_name(max(localise.thresholds))
    return Picture(
        folder / "fig10-attention.png",
        "Fig. 10: slice, tumour mask, attention map of each network (black 0, bright 1, scale "
        f"`{localise.attention_scale}`) with its Jaccard index at {threshold}, and each map over "
        "the slice; mask yellow, threshold cyan. Chosen by rule: the quartiles of the hybrid's "
        "Jaccard index in each tumour class, the median activated area among healthy slices.",
        "Rows of test slices, healthy and of each tumour class, beside the tumour mask and the "
        "attention maps of both networks.",
    )
