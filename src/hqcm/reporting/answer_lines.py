"""The short answer, line by line, where numbers of this run enter."""

from hqcm.evaluation.overlap import LocaliseParams, threshold_name
from hqcm.ledger.entries import Entry, Ledger
from hqcm.ledger.evidence import SIMULATED
from hqcm.paper.claims import Claims
from hqcm.reporting.compared import ROLES, Role
from hqcm.reporting.formats import fraction, interval, p_value, percent, points
from hqcm.reporting.results import Results

BEYOND = ' The interval under "Is it the quantum layer?" counts other seeds as well.'
"""Why the same difference stands with another interval there."""


def describe_accuracy(ledger: Ledger) -> str:
    """Both networks, with the verdicts where the cohort allows one."""
    return f"Accuracy: {'; '.join(_describe_role(ledger, role) for role in ROLES)}."


def describe_gap(results: Results, ledger: Ledger) -> str:
    """Hybrid minus classical, and whether other patients would show it too."""
    paper = _printed(ledger, "hybrid") - _printed(ledger, "classical")
    entry = ledger.get("w-higher-accuracy")
    said = f"Hybrid minus classical accuracy: {_points(entry)} here, {points(paper)} in the paper"
    noise = {
        "reproduced": "outside the noise of the test patients, the hybrid ahead",
        "not reproduced": "the hybrid is not ahead",
        "inconclusive": "within the noise of the test patients",
    }.get(entry.comparison, "not measured")
    if results.n_seeds == 1:
        return f"{said}: {noise}; of another seed one run says nothing."
    return f"{said}: {noise}.{BEYOND if entry.found else ''}"


def describe_attention(
    results: Results, claims: Claims, ledger: Ledger, params: LocaliseParams
) -> str:
    """Both networks at the highest threshold, and how the index changes on the way there."""
    low, high = (threshold_name(pick(params.thresholds)) for pick in (min, max))
    row = results.localisation[high]
    ours = " against ".join(fraction(row[results.variant(role)], 3) for role in ROLES)
    found = [claims.find(role, f"localisation/{high}/jaccard") for role in ROLES]
    paper = " against ".join(fraction(claim.value, 3) for claim in found if claim)
    verdict = _verdict(ledger, ledger.get("w-more-localised"))
    return (
        f"Attention maps: Jaccard index at {high}, hybrid against classical, {ours} here "
        f"(Wilcoxon p {p_value(row['wilcoxon']['p_value'])})"
        + (f", {paper} in the paper" if paper else "")
        + f"{verdict}. {describe_trend(results, claims, low, high)}"
    )


def describe_trend(results: Results, claims: Claims, low: str, high: str) -> str:
    """From the lowest threshold to the highest, hybrid network."""
    ours = [results.localisation[name][results.variant("hybrid")] for name in (low, high)]
    found = [claims.find("hybrid", f"localisation/{name}/jaccard") for name in (low, high)]
    printed = [claim.value for claim in found if claim]
    paper = f"; in the paper it {_change(printed)}" if len(printed) == len(found) else ""
    return f"From threshold {low} to {high} the hybrid's index {_change(ours)} here{paper}."


def _describe_role(ledger: Ledger, role: Role) -> str:
    entry = ledger.get(f"t1-{role}-accuracy")
    ours = "not measured"
    if entry.found and entry.found.bounds:
        ours = f"{percent(entry.found.value)} (95 % interval {interval(entry.found.bounds)})"
    paper = f"{percent(_printed(ledger, role), 2)} in the paper"
    return f"{role} {ours} here, {paper}{_verdict(ledger, entry)}"


def _printed(ledger: Ledger, role: Role) -> float:
    return float(ledger.get(f"t1-{role}-accuracy").printed)


def _points(entry: Entry) -> str:
    if entry.found is None or entry.found.bounds is None:
        return "not measured"
    low, high = entry.found.bounds
    shown = f"{100 * low:+.1f} to {points(high)}"
    return f"{points(entry.found.value)} (95 % interval over patients {shown})"


def _verdict(ledger: Ledger, entry: Entry) -> str:
    """None on simulated patients, unless the audit has it."""
    hidden = ledger.cohort == SIMULATED and entry.verdict != "impossible as printed"
    return "" if hidden else f": {entry.verdict}"


def _change(values: list[float]) -> str:
    first, last = values
    verb = "rises" if last > first else "falls" if last < first else "stays"
    return f"{verb} from {fraction(first, 3)} to {fraction(last, 3)}"
