"""Scores of the classification: Table 1 beside ours, and what a reader of it will ask next.

Beyond Table 1: ROC curves, calibration, a paired test, and how far apart the classes lie.
"""

from functools import partial
from pathlib import Path
from typing import Any

from hqcm.contracts.labels import CLASS_NAMES, ROLES, Role
from hqcm.evaluation.calibration import N_BINS
from hqcm.evaluation.embedding import N_NEIGHBOURS, NEIGHBOURS, SILHOUETTE
from hqcm.evaluation.statistics import wilson_interval
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import tabulate_curves, tabulate_estimates
from hqcm.reporting.numbers import (
    NOTHING,
    bounds,
    count,
    estimate,
    fraction,
    p_value,
    percent,
    points,
    printed,
    signed,
)
from hqcm.reporting.results import Results
from hqcm.results.intervals import Interval

_SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}
_PLACES = {
    **{name: f"per_class/{name}" for name in CLASS_NAMES},
    "macro average": "macro",
    "weighted average": "weighted",
}
"""What a line of Table 1 is called -> its place among the metrics."""

_N_AVERAGES = len(_PLACES) - len(CLASS_NAMES)
_NETWORKS = {"hybrid": "Hybrid network (HQCM-EBTC)", "classical": "Classical counterpart"}
_INTERVALS = (
    "In brackets the 95 % interval over patients drawn anew with all their slices: the same "
    "trained networks on other patients. It does not know another seed, another split or another "
    "hospital. Difference: hybrid minus classical, in the same draws. A dash: the test slices "
    "define none."
)


def describe_classification(results: Results, claims: Claims) -> Section:
    """Accuracy of both networks, then a table of scores for each."""
    blocks: list[Block] = [
        Paragraph(
            f"Protocol `{results.study.protocols[0]}`. The intervals, 95 %, come from patients "
            "drawn anew with all their slices: the same trained networks on other patients. They "
            "do not know that another seed trains another network. The interval of every single "
            "score stands among the claims above."
        ),
        _tabulate_accuracy(results, claims),
        _tabulate_sizes(results),
        *(_tabulate_scores(results, claims, role) for role in ROLES),
        _tabulate_differences(results),
    ]
    return Section("Table 1: classification", blocks)


def _tabulate_accuracy(results: Results, claims: Claims) -> Table:
    rows = []
    for role in ROLES:
        claim = claims.find(role, "metrics/accuracy")
        paper, here = claim.percent if claim else NOTHING, results.metrics[role]["accuracy"]
        interval = bounds(results.find_estimate(role, "metrics/accuracy"))
        rows.append([f"{role} (`{results.variant(role)}`)", paper, percent(here), interval])
    paper_gap, gap = _accuracy_gaps(results, claims)
    interval = bounds(results.find_difference("metrics/accuracy"), points)
    paper = NOTHING if paper_gap is None else points(paper_gap)
    return Table(
        "Overall accuracy; difference: hybrid minus classical, with its interval over patients. "
        'That over seeds and patients stands under "Is it the quantum layer?".',
        ["network", "paper", "here", "95 % interval"],
        [*rows, ["difference", paper, points(gap), interval]],
        n_totals=1,
    )


def _accuracy_gaps(results: Results, claims: Claims) -> tuple[float | None, float]:
    hybrid, classical = (claims.find(role, "metrics/accuracy") for role in ROLES)
    ours = [float(results.metrics[role]["accuracy"]) for role in ROLES]
    paper = hybrid.value - classical.value if hybrid and classical else None
    return paper, ours[0] - ours[1]


def _tabulate_sizes(results: Results) -> Table:
    rows = []
    for role in ROLES:
        metrics = results.metrics[role]
        found = results.find_estimate(role, "metrics/accuracy")
        low, high = wilson_interval(metrics["accuracy"], metrics["n_test"])
        wilson = Interval(value=metrics["accuracy"], low=low, high=high)
        n_groups = count(found.n_groups) if found else NOTHING
        rows.append([role, count(metrics["n_test"]), n_groups, bounds(wilson), _spread_of(metrics)])
    return Table(
        "What they rest on: test slices, patients (files where none is known; those who share a "
        "near-duplicate count as one), and for comparison Wilson's interval, which takes every "
        "slice for a patient of its own. Of few patients, some twenty or less, drawing them anew "
        "makes intervals too short.",
        ["network", "slices", "patients", "Wilson's interval", "over seeds"],
        rows,
    )


def _spread_of(metrics: dict[str, Any]) -> str:
    if metrics["n_seeds"] == 1:
        return "one run"
    return f"± {percent(metrics['spread']['accuracy'])}, {metrics['n_seeds']} runs"


def _tabulate_scores(results: Results, claims: Claims, role: Role) -> Table:
    metrics, rows = results.metrics[role], []
    for title, place in _PLACES.items():
        of_line = metrics["per_class"][title] if title in CLASS_NAMES else metrics[place]
        cells = []
        for score in _SCORES:
            cells += [printed(claims.find(role, f"metrics/{place}/{score}"))]
            cells += [fraction(of_line[score])]
        rows.append([title, *cells, count(of_line.get("support", metrics["n_test"]))])
    header = ["class", *(f"{s}, {who}" for s in _SCORES.values() for who in ("paper", "here"))]
    caption = f"{_NETWORKS[role]}: `{results.variant(role)}`."
    return Table(caption, [*header, "test slices"], rows, n_totals=_N_AVERAGES)


def _tabulate_differences(results: Results) -> Table:
    show = partial(signed, digits=2)
    rows = []
    for says, place in _PLACES.items():
        gaps = [results.find_difference(f"metrics/{place}/{score}") for score in _SCORES]
        rows.append([says, *(estimate(gap, show) for gap in gaps)])
    return Table(
        "Hybrid minus classical on the same slices, with 95 % intervals over patients. Of so many "
        "intervals about one lies off 0 by chance alone.",
        ["class", *_SCORES.values()],
        rows,
        n_totals=_N_AVERAGES,
    )


def describe_scores(results: Results, figures: Path) -> Section:
    """What the paper does not report and a reader of its Table 1 will ask."""
    blocks: list[Block] = [
        Paragraph(f"The paper reports none of these. {_INTERVALS}"),
        _tabulate_mcnemar(results),
        _tabulate_areas(results),
        Picture(
            figures / "roc.png",
            "ROC curves, each class against the rest, run with seed "
            f"{results.study.seeds[0]}: hybrid solid, classical dashed, chance dotted.",
            "ROC curves of both networks, a panel a class; the table above holds the areas.",
        ),
        _fold_rocs(results),
        _tabulate_calibration(results),
        _picture_reliability(results, figures),
        _tabulate_separability(results),
    ]
    return Section("Beyond Table 1: ROC, calibration, separability", blocks)


def _tabulate_mcnemar(results: Results) -> Table:
    rows = []
    for test in results.mcnemar:
        alone = [count(test[f"n_only_{role}"]) for role in ROLES]
        rows.append([str(test["seed"]), *alone, p_value(test["p_value"])])
    return Table(
        "McNemar's exact test, two-sided, of the slices that one network alone gets right. It "
        "takes slices as independent; those of one patient are alike, so p may be too small.",
        ["seed", *(f"{role} alone" for role in ROLES), "p"],
        rows,
    )


def _tabulate_areas(results: Results) -> Table:
    areas = [results.metrics[role]["auroc"] for role in ROLES]
    values = {name: [each["per_class"][name] for each in areas] for name in CLASS_NAMES}
    mean = "mean of the classes"
    return tabulate_estimates(
        results,
        "Area under the ROC curve (AUROC), each class against the rest.",
        "class",
        {mean: "metrics/auroc/macro"} | {name: f"metrics/auroc/{name}" for name in CLASS_NAMES},
        values=values | {mean: [each["macro"] for each in areas]},
    )


def _fold_rocs(results: Results) -> Folded:
    """The corners of each class's curves; where one rises upright, the upper end."""
    tables = []
    for name in CLASS_NAMES:
        rates = {role: table[table["class"] == name] for role, table in results.roc.items()}
        curves = {
            str(role): table.groupby("false_positive_rate")["true_positive_rate"].last()
            for role, table in rates.items()
            if len(table)
        }
        if curves:
            caption = f"True positive rate, {name}."
            tables.append(tabulate_curves(caption, "false positive rate", curves))
    return Folded("Values: ROC", [*tables])


def _tabulate_calibration(results: Results) -> Table:
    measures = {"calibration error (ECE)": "ece", "Brier score": "brier"}
    values = {
        says: [results.metrics[role][key] for role in ROLES] for says, key in measures.items()
    }
    return tabulate_estimates(
        results,
        "Calibration; less is better. ECE is the mean distance between confidence and accuracy "
        f"over {N_BINS} bins, and of few slices it comes out too large, so its interval may lie "
        "above it. The Brier score, 0 to 2, is the squared distance between probabilities and "
        "truth.",
        "measure",
        {says: f"metrics/{key}" for says, key in measures.items()},
        values=values,
    )


def _picture_reliability(results: Results, figures: Path) -> Picture:
    seeds = f", {results.n_seeds} seeds pooled" if results.n_seeds > 1 else ""
    return Picture(
        figures / "reliability.png",
        f"Reliability diagram{seeds}: accuracy against confidence in {N_BINS} bins, the larger a "
        "dot the more slices it stands for; below, how many. On the diagonal a network is as sure "
        "as it is right, below it surer.",
        "Dots of accuracy against confidence around a diagonal, and bars of slices below, a column "
        "a network; the table above holds the calibration errors.",
    )


def _tabulate_separability(results: Results) -> Table:
    return tabulate_estimates(
        results,
        "Separability of the classes among the features in front of the classifier, not in the "
        "plane of t-SNE; more is better. Neighbours are slices of other patients.",
        "measure",
        {
            "silhouette, -1 to 1": SILHOUETTE,
            f"accuracy of {N_NEIGHBOURS} nearest neighbours": NEIGHBOURS,
        },
    )
