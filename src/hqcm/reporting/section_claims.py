"""Every claim of the paper with what was found here and the verdict."""

from collections import Counter
from collections.abc import Callable

from hqcm.ledger.entries import Entry, Ledger
from hqcm.ledger.evidence import SIMULATED
from hqcm.ledger.verdicts import VERDICTS, Verdict
from hqcm.paper.claims import Claims
from hqcm.reporting.claim_tables import (
    explain_tolerances,
    explain_verdicts,
    explain_words,
    tabulate_numbers,
    tabulate_words,
)
from hqcm.reporting.document import Block, Paragraph, Section, Table
from hqcm.reporting.formats import count

MEANINGS: dict[Verdict, str] = {
    "reproduced": "the interval here lies within the tolerance, or on the side claimed",
    "not reproduced": "the interval here lies wholly outside",
    "inconclusive": "the interval straddles the limit, or there are too few runs for one",
    "impossible as printed": "the audit below proves it, whatever is measured",
    "not tested on this cohort": "the patients are simulated, files are missing, or this run "
    "has no such number",
}
RULES = (
    "Each number has a tolerance, each sentence a test, fixed in `data/paper/claims.yaml` from the "
    "paper's own digits and sample sizes. Intervals are 95 %: of scores, indices and differences "
    "over patients drawn anew, with the trained networks as they are; of learning curves over "
    "seeds, from three on. What has none is held against the tolerance as it is."
)
NOT_THE_PAPER = (
    "The verdicts about the paper need the clinical cohort: simulated patients cannot speak about "
    "it. The column `rule, here` shows what the same rules say of this run's own numbers."
)
GROUPS: dict[str, Callable[[Entry], bool]] = {
    "Table 1, hybrid network.": lambda e: e.place == "Table 1" and e.network == "hybrid",
    "Table 1, classical counterpart.": lambda e: e.place == "Table 1" and e.network == "classical",
    "Table 2.": lambda e: e.place == "Table 2",
    "Numbers of the text.": lambda e: not e.place.startswith("Table"),
}


def describe_claims(ledger: Ledger, claims: Claims) -> Section:
    """How verdicts are reached, how many there are, and all of them by place."""
    numbers = [entry for entry in ledger.claims if entry.kind == "number"]
    words = [entry for entry in ledger.claims if entry.kind == "words"]
    blocks: list[Block] = [Paragraph(RULES)]
    if ledger.cohort == SIMULATED:
        blocks.append(Paragraph(NOT_THE_PAPER))
    blocks.append(tabulate_verdicts(ledger))
    blocks += [
        tabulate_numbers(caption, [entry for entry in numbers if belongs(entry)])
        for caption, belongs in GROUPS.items()
    ]
    blocks += [
        tabulate_words(words),
        explain_words(words),
        explain_tolerances(claims, numbers),
        explain_verdicts(ledger.claims),
    ]
    return Section("The paper's claims, one by one", blocks)


def tabulate_verdicts(ledger: Ledger) -> Table:
    """What each verdict means and how often it was reached."""
    n_by_rule = Counter(entry.comparison for entry in ledger.claims)
    rows = [
        [verdict, MEANINGS[verdict], count(ledger.n_by_verdict[verdict]), count(n_by_rule[verdict])]
        for verdict in VERDICTS
    ]
    total = count(len(ledger.claims))
    return Table(
        "Claims by verdict; beside it, what the rules alone say of this run.",
        ["verdict", "meaning", "claims", "rule, here"],
        [*rows, ["all", "", total, total]],
        n_totals=1,
    )
