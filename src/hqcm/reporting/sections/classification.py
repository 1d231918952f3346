"""Table 1: classification of the test slices, the paper's numbers beside ours."""

from typing import Any

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.statistics import wilson_interval
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Paragraph, Section, Table
from hqcm.reporting.estimates import find_difference, find_estimate, show_difference
from hqcm.reporting.numbers import (
    NOTHING,
    count,
    fraction,
    interval,
    percent,
    points,
    points_between,
    printed,
)
from hqcm.reporting.pair import ROLES, Role
from hqcm.reporting.results import Results

SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}
AVERAGES = {"macro": "macro average", "weighted": "weighted average"}


def describe_classification(results: Results, claims: Claims) -> Section:
    """Accuracy of both networks, then a table of scores for each."""
    blocks: list[Block] = [
        Paragraph(
            f"Protocol `{results.study.protocols[0]}`. The intervals, 95 %, come from patients "
            "drawn anew with all their slices: the same trained networks on other patients. They "
            "do not know that another seed trains another network. The interval of every single "
            "score stands among the claims above."
        ),
        tabulate_accuracy(results, claims),
        tabulate_sizes(results),
        *(tabulate_scores(results, claims, role) for role in ROLES),
        tabulate_differences(results),
    ]
    return Section("Table 1: classification", blocks)


def tabulate_accuracy(results: Results, claims: Claims) -> Table:
    """Overall accuracy of both networks and their difference."""
    rows = []
    for role in ROLES:
        claim = claims.find(role, "metrics/accuracy")
        found = find_estimate(results, role, "metrics/accuracy")
        rows.append(
            [
                f"{role} (`{results.variant(role)}`)",
                claim.percent if claim else NOTHING,
                percent(results.metrics[role]["accuracy"]),
                interval(found.bounds) if found else NOTHING,
            ]
        )
    paper_gap, gap = accuracy_gaps(results, claims)
    found = find_difference(results, "metrics/accuracy")
    difference = [
        "difference",
        NOTHING if paper_gap is None else points(paper_gap),
        points(gap),
        points_between(*found.bounds) if found else NOTHING,
    ]
    header = ["network", "paper", "here", "95 % interval"]
    return Table(
        "Overall accuracy; difference: hybrid minus classical, with its interval over patients. "
        'That over seeds and patients stands under "Is it the quantum layer?".',
        header,
        [*rows, difference],
        n_totals=1,
    )


def tabulate_sizes(results: Results) -> Table:
    """What the accuracies rest on, and the interval that forgets about patients."""
    rows = []
    for role in ROLES:
        metrics = results.metrics[role]
        found = find_estimate(results, role, "metrics/accuracy")
        rows.append(
            [
                role,
                count(metrics["n_test"]),
                count(found.n_groups) if found else NOTHING,
                interval(wilson_interval(metrics["accuracy"], metrics["n_test"])),
                spread_of(metrics),
            ]
        )
    return Table(
        "What they rest on: test slices, patients (files where none is known; those who share a "
        "near-duplicate count as one), and for comparison Wilson's interval, which takes every "
        "slice for a patient of its own. Of few patients, some twenty or less, drawing them anew "
        "makes intervals too short.",
        ["network", "slices", "patients", "Wilson's interval", "over seeds"],
        rows,
    )


def tabulate_differences(results: Results) -> Table:
    """Hybrid minus classical, score by score."""
    places = {name: f"per_class/{name}" for name in CLASS_NAMES}
    places |= {title: average for average, title in AVERAGES.items()}
    rows = [
        [
            says,
            *(show_difference(find_difference(results, f"metrics/{place}/{s}"), 2) for s in SCORES),
        ]
        for says, place in places.items()
    ]
    return Table(
        "Hybrid minus classical on the same slices, with 95 % intervals over patients. Of so many "
        "intervals about one lies off 0 by chance alone.",
        ["class", *SCORES.values()],
        rows,
        n_totals=len(AVERAGES),
    )


def accuracy_gaps(results: Results, claims: Claims) -> tuple[float | None, float]:
    """Hybrid minus classical accuracy: the paper's, where it prints both, and ours."""
    found = [claims.find(role, "metrics/accuracy") for role in ROLES]
    ours = [float(results.metrics[role]["accuracy"]) for role in ROLES]
    values = [claim.value for claim in found if claim]
    return values[0] - values[1] if len(values) == len(ROLES) else None, ours[0] - ours[1]


def spread_of(metrics: dict[str, Any]) -> str:
    """Sample deviation over seeds, where there are several."""
    if metrics["n_seeds"] == 1:
        return "one run"
    return f"± {percent(metrics['spread']['accuracy'])}, {metrics['n_seeds']} runs"


def tabulate_scores(results: Results, claims: Claims, role: Role) -> Table:
    """Precision, recall and F1 of each class and on average."""
    metrics = results.metrics[role]
    lines = {
        **{name: (f"per_class/{name}", metrics["per_class"][name]) for name in CLASS_NAMES},
        **{title: (average, metrics[average]) for average, title in AVERAGES.items()},
    }
    header = ["class", *(f"{s}, {who}" for s in SCORES.values() for who in ("paper", "here"))]
    rows = []
    for title, (path, scores) in lines.items():
        cells = [
            cell
            for key in SCORES
            for cell in (
                printed(claims.find(role, f"metrics/{path}/{key}")),
                fraction(scores[key]),
            )
        ]
        support = count(scores["support"]) if "support" in scores else count(metrics["n_test"])
        rows.append([title, *cells, support])
    name = {"hybrid": "Hybrid network (HQCM-EBTC)", "classical": "Classical counterpart"}[role]
    caption = f"{name}: `{results.variant(role)}`."
    return Table(caption, [*header, "test slices"], rows, n_totals=len(AVERAGES))
