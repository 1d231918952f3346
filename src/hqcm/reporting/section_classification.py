"""Table 1: classification of the test slices, the paper's numbers beside ours."""

from typing import Any

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.statistics import wilson_interval
from hqcm.paper.claims import Claims
from hqcm.reporting.compared import ROLES, Role
from hqcm.reporting.document import Block, Paragraph, Section, Table
from hqcm.reporting.formats import NOTHING, count, fraction, interval, percent, points
from hqcm.reporting.printed import printed
from hqcm.reporting.results import Results

SCORES = {"precision": "precision", "recall": "recall", "f1": "F1"}
AVERAGES = {"macro": "macro average", "weighted": "weighted average"}


def describe_classification(results: Results, claims: Claims) -> Section:
    """Accuracy of both networks, then a table of scores for each."""
    blocks: list[Block] = [
        Paragraph(
            f"Protocol `{results.study.protocols[0]}`. The interval is Wilson's, 95 %, and speaks "
            "of the size of the test set only: it does not know that slices of one patient are "
            "alike, nor that another seed trains another network."
        ),
        tabulate_accuracy(results, claims),
        *(tabulate_scores(results, claims, role) for role in ROLES),
    ]
    return Section("Table 1: classification", blocks)


def tabulate_accuracy(results: Results, claims: Claims) -> Table:
    """Overall accuracy of both networks and their difference."""
    rows = []
    for role in ROLES:
        metrics = results.metrics[role]
        claim = claims.find(role, "metrics/accuracy")
        n_test = metrics["n_test"]
        rows.append(
            [
                f"{role} (`{results.variant(role)}`)",
                claim.percent if claim else NOTHING,
                percent(metrics["accuracy"]),
                interval(wilson_interval(metrics["accuracy"], n_test)),
                spread_of(metrics),
                count(n_test),
            ]
        )
    paper_gap, gap = accuracy_gaps(results, claims)
    difference = ["difference", NOTHING if paper_gap is None else points(paper_gap), points(gap)]
    header = ["network", "paper", "here", "95 % interval", "over seeds", "test slices"]
    return Table("Overall accuracy.", header, [*rows, difference + [NOTHING] * 3])


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
    return Table(f"{name}: `{results.variant(role)}`.", [*header, "test slices"], rows)
