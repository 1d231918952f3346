"""Every claim of the paper with what was found here, the verdict and its reason."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from hqcm.contracts.labels import ROLES
from hqcm.ledger.evidence import SIMULATED
from hqcm.ledger.ledger import SIMULATION, Entry, Ledger
from hqcm.ledger.rules import VERDICTS, Measured, Verdict
from hqcm.paper.claims import Claims
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Section, Table
from hqcm.reporting.numbers import NOTHING, count, p_value, tell

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
    "Each number has a tolerance, each sentence a test, fixed in `data/paper/claims.yaml` from the "
    "paper's own digits and sample sizes. Intervals are 95 %: of scores, indices and differences "
    "over patients drawn anew, with the trained networks as they are; of learning curves over "
    "seeds, from three on. What has none is held against the tolerance as it is."
)
_NOT_THE_PAPER = (
    "The verdicts about the paper need the clinical cohort: simulated patients cannot speak about "
    "it. The column `rule, here` shows what the same rules say of this run's own numbers."
)
_GROUPS: dict[str, Callable[[Entry], bool]] = {
    "Table 1, hybrid network.": lambda e: e.place == "Table 1" and e.network == "hybrid",
    "Table 1, classical counterpart.": lambda e: e.place == "Table 1" and e.network == "classical",
    "Table 2.": lambda e: e.place == "Table 2",
    "Numbers of the text.": lambda e: not e.place.startswith("Table"),
}


def describe_claims(ledger: Ledger, claims: Claims) -> Section:
    """How verdicts are reached, how many there are, and all of them by place."""
    numbers = [entry for entry in ledger.claims if entry.kind == "number"]
    words = [entry for entry in ledger.claims if entry.kind == "words"]
    blocks: list[Block] = [Paragraph(_RULES)]
    if ledger.cohort == SIMULATED:
        blocks.append(Paragraph(_NOT_THE_PAPER))
    quoted = [f'{entry.says}: "{entry.printed}" Test: {entry.tolerance.text}' for entry in words]
    blocks += [
        _tabulate_verdicts(ledger),
        *(_tabulate_numbers(what, [*filter(fits, numbers)]) for what, fits in _GROUPS.items()),
        _tabulate_words(words),
        Folded("What the paper says in words, and how it is tested", [Bullets(quoted)]),
        _explain_tolerances(claims, numbers),
        _explain_verdicts(ledger.claims),
    ]
    return Section("The paper's claims, one by one", blocks)


def _tabulate_verdicts(ledger: Ledger) -> Table:
    n_by_rule = Counter(entry.comparison for entry in ledger.claims)
    rows = [
        [
            verdict,
            _MEANINGS[verdict],
            count(ledger.n_by_verdict[verdict]),
            count(n_by_rule[verdict]),
        ]
        for verdict in VERDICTS
    ]
    total = count(len(ledger.claims))
    return Table(
        "Claims by verdict; beside it, what the rules alone say of this run.",
        ["verdict", "meaning", "claims", "rule, here"],
        [*rows, ["all", "", total, total]],
        n_totals=1,
    )


def _tabulate_numbers(caption: str, entries: Sequence[Entry]) -> Table:
    networks = {entry.network for entry in entries} & set(ROLES)
    several = len({entry.place for entry in entries}) > 1
    rows = [
        [
            _name_claim(entry) if len(networks) > 1 else entry.says,
            *([_name_places(entry)] if several else []),
            *(entry.printed, _show_number(entry), entry.tolerance.text, *_show_verdicts(entry)),
        ]
        for entry in entries
    ]
    header = ["claim", *(["place"] if several else []), "paper", "here", "tolerance"]
    return Table(caption, [*header, "rule, here", "verdict"], rows)


def _tabulate_words(entries: Sequence[Entry]) -> Table:
    rows = [
        [entry.says, _name_places(entry), _show_test(entry), *_show_verdicts(entry)]
        for entry in entries
    ]
    header = ["claim", "place", "here", "rule, here", "verdict"]
    return Table("In words; the tests stand below the table.", header, rows)


def _explain_tolerances(claims: Claims, entries: Sequence[Entry]) -> Folded:
    used = Counter(entry.tolerance.name for entry in entries)
    rows = [
        [name, tolerance.text, tolerance.reason, count(used[name])]
        for name, tolerance in claims.tolerances.items()
    ]
    header = ["tolerance", "size", "reason", "claims"]
    table = Table("Beyond the rounding of the printed digits.", header, rows)
    return Folded("The tolerances, and why they are as wide as they are", [table])


def _explain_verdicts(entries: Sequence[Entry]) -> Folded:
    rows = [
        [_name_claim(entry), _name_places(entry), entry.reason.removeprefix(SIMULATION)]
        for entry in entries
    ]
    table = Table("Places in the paper, and the reason.", ["claim", "places", "why"], rows)
    return Folded("Why each verdict", [table])


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


def _show_verdicts(entry: Entry) -> tuple[str, str]:
    cohort = " on this cohort"
    return entry.comparison.removesuffix(cohort), entry.verdict.removesuffix(cohort)


def _name_claim(entry: Entry) -> str:
    return f"{entry.says}, {entry.network}" if entry.network in ROLES else entry.says


def _name_places(entry: Entry) -> str:
    return ", ".join([entry.place, *entry.also])
