"""Every claim of the paper with what was found here, the verdict and its reason."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from hqcm.contracts.labels import ROLES
from hqcm.ledger.evidence import SIMULATED
from hqcm.ledger.ledger import SIMULATION, Entry, Ledger
from hqcm.ledger.rules import VERDICTS, Measured, Verdict
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Section, Table
from hqcm.reporting.numbers import NOTHING, count, p_value, tell

_TITLE = "The paper's claims, one by one"
_SCORE_DECIMALS = 2
"""As the paper prints scores; ours get one more."""

_MEANINGS: dict[Verdict, str] = {
    "reproduced": "the interval here lies within the tolerance, or on the side claimed",
    "not reproduced": "the interval here lies wholly outside",
    "inconclusive": "the interval straddles the limit, or there are too few runs for one",
    "impossible as printed": "the audit below proves it, whatever is measured",
    "not tested on this cohort": "the patients are simulated, files are missing, or this run "
    "has no such number",
}
_RULES = (
    "Each number has a tolerance, each sentence a test, fixed in `data/paper/claims.yaml`. "
    "Intervals are 95 %. Scores: bootstrap over patients, the trained networks as they are. "
    "Comparisons of the networks: seeds and patients, at the paper's learning rate and, as "
    "`tuned`, with each network at its best one. Learning curves: seeds, from three on. What has "
    "no interval is held against the tolerance as it is."
)


def describe_claims(ledger: Ledger, claims: Claims) -> Section:
    """In a sentence; on real slices every claim in a table that can be filtered by verdict."""
    impossible = [entry for entry in ledger.claims if entry.verdict == "impossible as printed"]
    named = ", ".join(_name_claim(entry) for entry in impossible) or "none"
    if ledger.cohort == SIMULATED:
        n_others = count(len(ledger.claims) - len(impossible))
        told = (
            f"Impossible as printed, whatever is measured: {named}. The other {n_others} of "
            f"{count(len(ledger.claims))} claims need real patients: not tested by this run."
        )
        return Section(_TITLE, [Paragraph(told)])
    numbers = [entry for entry in ledger.claims if entry.kind == "number"]
    words = [entry for entry in ledger.claims if entry.kind == "words"]
    quoted = [f'{entry.says}: "{entry.printed}" Test: {entry.tolerance.text}' for entry in words]
    blocks: list[Block] = [
        _tabulate_verdicts(ledger),
        Folded("Every claim", [_tabulate_claims([*words, *numbers])]),
        Folded(
            "How verdicts are reached", [Paragraph(_RULES), _explain_tolerances(claims, numbers)]
        ),
        Folded("What the paper says in words, and how it is tested", [Bullets(quoted)]),
    ]
    return Section(_TITLE, blocks)


def _tabulate_verdicts(ledger: Ledger) -> Table:
    rows = [[says, _MEANINGS[says], count(ledger.n_by_verdict[says])] for says in VERDICTS]
    total = count(len(ledger.claims))
    header = ["verdict", "meaning", "claims"]
    return Table("Claims by verdict.", header, [*rows, ["all", "", total]], n_totals=1)


def _tabulate_claims(entries: Sequence[Entry]) -> Table:
    rows = []
    for entry in entries:
        is_number = entry.kind == "number"
        rows.append(
            [
                *(_name_claim(entry), _name_places(entry)),
                entry.printed if is_number else NOTHING,
                _show_number(entry) if is_number else _show_test(entry),
                entry.tolerance.text if is_number else NOTHING,
                _show_verdict(entry.verdict),
                _show_verdict(entry.tuned) or NOTHING,
                entry.reason.removeprefix(SIMULATION),
            ]
        )
    header = ["claim", "place", "paper", "here", "tolerance", "verdict", "tuned", "why"]
    return Table("Words first, then numbers in the order of the paper.", header, rows)


def _explain_tolerances(claims: Claims, entries: Sequence[Entry]) -> Table:
    used = Counter(entry.tolerance.name for entry in entries)
    rows = [
        [name, tolerance.text, tolerance.reason, count(used[name])]
        for name, tolerance in claims.tolerances.items()
    ]
    header = ["tolerance", "size", "reason", "claims"]
    return Table("Beyond the rounding of the printed digits.", header, rows)


def _show_number(entry: Entry) -> str:
    """Ours with a digit more than the paper's, where the paper has few."""
    if entry.found is None:
        return NOTHING
    if entry.quantity.endswith("/p_value"):
        return p_value(entry.found.value)
    n_decimals = len(entry.printed.partition(".")[2])
    return _tell(entry.found, n_decimals + (n_decimals == _SCORE_DECIMALS))


def _show_test(entry: Entry) -> str:
    """Ours; of several quantities the least."""
    if entry.found is None:
        return NOTHING
    if entry.tolerance.name == "convergence":
        return f"{_tell(entry.found, 1)} epochs"
    several = entry.tolerance.name == "differences" and (
        "*" in entry.quantity or ", " in entry.quantity
    )
    return f"{_tell(entry.found, 3)}{', the least' if several else ''}"


def _tell(found: Measured, digits: int) -> str:
    return tell(found, partial(count, digits=digits), what="")


def _show_verdict(verdict: Verdict | None) -> str:
    return (verdict or "").removesuffix(" on this cohort")


def _name_claim(entry: Entry) -> str:
    return f"{entry.says}, {entry.network}" if entry.network in ROLES else entry.says


def _name_places(entry: Entry) -> str:
    return ", ".join([entry.place, *entry.also])
