"""Classification: confusion matrices, Table 1, ROC curves, calibration, separability."""

from pathlib import Path
from typing import Any

from hqcm.contracts.labels import CLASS_NAMES, ROLES, Role
from hqcm.evaluation.calibration import N_BINS
from hqcm.evaluation.embedding import N_NEIGHBOURS, NEIGHBOURS, SILHOUETTE, EmbedParams
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import tabulate_estimates
from hqcm.reporting.numbers import (
    NOTHING,
    bounds,
    count,
    fraction,
    p_value,
    percent,
    points,
    printed,
)
from hqcm.reporting.results import Results

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
    "In brackets 95 % intervals of a bootstrap over patients, the trained networks as they are. "
    "Difference: hybrid minus classical. A dash: the test slices define none."
)


def describe_classification(
    results: Results, claims: Claims, figures: Path, embed: EmbedParams
) -> Section:
    """Which class is taken for which; Table 1, and what a reader of it will ask next, in folds."""
    table_1: list[Block] = [
        _tabulate_accuracy(results, claims),
        *(_tabulate_scores(results, claims, role) for role in ROLES),
    ]
    return Section(
        "Classification",
        [
            Paragraph(_tell_weakest(results)),
            _picture_confusion(results, figures),
            Folded("Table 1 beside the paper's", table_1),
            Folded(
                "ROC curves, paired test",
                [
                    Paragraph(_INTERVALS),
                    _picture_rocs(results, figures),
                    _tabulate_areas(results),
                    _tabulate_mcnemar(results),
                ],
            ),
            Folded(
                "Calibration",
                [
                    _picture_reliability(results, figures),
                    _tabulate_calibration(results),
                ],
            ),
            Folded(
                "Fig. 8: separability of the features",
                [
                    _picture_embedding(results, figures, embed),
                    _tabulate_separability(results),
                ],
            ),
        ],
    )


def _tell_weakest(results: Results) -> str:
    told = []
    for role in ROLES:
        scores = results.metrics[role]["per_class"]
        weakest = min(CLASS_NAMES, key=lambda name: scores[name]["recall"])
        told.append(f"the {role} network {weakest} ({percent(scores[weakest]['recall'])})")
    return f"Lowest recall: {', '.join(told)}."


def _tabulate_accuracy(results: Results, claims: Claims) -> Table:
    rows = []
    for role in ROLES:
        claim = claims.find(role, "metrics/accuracy")
        paper, here = claim.percent if claim else NOTHING, results.metrics[role]["accuracy"]
        interval = bounds(results.find_estimate(role, "metrics/accuracy"))
        name, spread = f"{role} (`{results.variant(role)}`)", _spread_of(results.metrics[role])
        rows.append([name, paper, percent(here), interval, spread])
    paper_gap, gap = _accuracy_gaps(results, claims)
    interval = bounds(results.find_difference("metrics/accuracy"), points)
    paper = NOTHING if paper_gap is None else points(paper_gap)
    return Table(
        f"Overall accuracy, protocol `{results.study.protocols[0]}`; difference: hybrid minus "
        "classical. Intervals: bootstrap over patients.",
        ["network", "paper", "here", "95 % interval", "over seeds"],
        [*rows, ["difference", paper, points(gap), interval, NOTHING]],
        n_totals=1,
    )


def _accuracy_gaps(results: Results, claims: Claims) -> tuple[float | None, float]:
    hybrid, classical = (claims.find(role, "metrics/accuracy") for role in ROLES)
    ours = [float(results.metrics[role]["accuracy"]) for role in ROLES]
    paper = hybrid.value - classical.value if hybrid and classical else None
    return paper, ours[0] - ours[1]


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


def _tabulate_mcnemar(results: Results) -> Table:
    rows = []
    for test in results.mcnemar:
        alone = [count(test[f"n_only_{role}"]) for role in ROLES]
        rows.append([str(test["seed"]), *alone, p_value(test["p_value"])])
    return Table(
        "McNemar's exact test of the slices that one network alone gets right. It takes slices as "
        "independent, so p may be too small.",
        ["seed", *(f"{role} alone" for role in ROLES), "p"],
        rows,
    )


def _picture_rocs(results: Results, figures: Path) -> Picture:
    return Picture(
        figures / "roc.png",
        "ROC curves, each class against the rest, run with seed "
        f"{results.study.seeds[0]}: hybrid solid, classical dashed, chance dotted.",
        "ROC curves of both networks, a panel a class; the table below holds the areas.",
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


def _tabulate_calibration(results: Results) -> Table:
    measures = {"calibration error (ECE)": "ece", "Brier score": "brier"}
    values = {
        says: [results.metrics[role][key] for role in ROLES] for says, key in measures.items()
    }
    return tabulate_estimates(
        results,
        "Less is better. ECE: mean distance between confidence and accuracy over "
        f"{N_BINS} bins; of few slices it comes out too large. Brier score, 0 to 2: squared "
        "distance between probabilities and truth.",
        "measure",
        {says: f"metrics/{key}" for says, key in measures.items()},
        values=values,
    )


def _picture_reliability(results: Results, figures: Path) -> Picture:
    seeds = f", {results.n_seeds} seeds pooled" if results.n_seeds > 1 else ""
    return Picture(
        figures / "reliability.png",
        f"Reliability diagram{seeds}: accuracy against confidence in {N_BINS} bins; below, the "
        "slices in each. Below the diagonal a network is too sure.",
        "Dots of accuracy against confidence around a diagonal, and bars of slices below, a column "
        "a network; the table below holds the calibration errors.",
    )


def _tabulate_separability(results: Results) -> Table:
    return tabulate_estimates(
        results,
        "Separability of the classes among the features themselves; more is better. Neighbours "
        "are slices of other patients.",
        "measure",
        {
            "silhouette, -1 to 1": SILHOUETTE,
            f"accuracy of {N_NEIGHBOURS} nearest neighbours": NEIGHBOURS,
        },
    )


def _picture_embedding(results: Results, folder: Path, embed: EmbedParams) -> Picture:
    return Picture(
        folder / "fig08-embedding.png",
        "Fig. 8: t-SNE of the test slices' features in front of the classifier, quantum "
        "processing layer and fully connected layer; perplexity "
        f"{embed.perplexity:g}, seed {embed.seed}, run with seed {results.study.seeds[0]}. "
        "Distances between clusters have no meaning.",
        "Two scatter plots of the test slices, coloured and marked by class, one panel a network.",
    )


def _picture_confusion(results: Results, folder: Path) -> Picture:
    recalls = "; ".join(
        f"{role}: "
        + ", ".join(
            f"{name} {fraction(results.metrics[role]['per_class'][name]['recall'])}"
            for name in CLASS_NAMES
        )
        for role in ROLES
    )
    runs = f", summed over {results.n_seeds} seeds" if results.n_seeds > 1 else ""
    return Picture(
        folder / "fig09-confusion.png",
        f"Fig. 9: confusion matrices of the test slices{runs}; below each count its fraction of "
        "the actual class.",
        f"Two confusion matrices; fraction of each class that is recognised, {recalls}.",
    )
