"""Can the paper's printed numbers be true? The findings of the audit and their calculations."""

from collections import Counter
from collections.abc import Sequence

from hqcm.paper.findings import Audit, Finding, Quote, Verdict
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Section, Table

_MEANINGS: dict[Verdict, str] = {
    "impossible as printed": "no counts of slices give the printed digits",
    "contradiction": "the paper says two things that cannot both be true",
    "possible": "nothing speaks against it, which is no proof that it is so",
}
_INTRODUCTION = (
    "Arithmetic on what the paper prints, the same whatever this run found. Printed digits stand "
    "for a range: 0.96 is anything from 0.955 to 0.965, both ends allowed. Correct and predicted "
    "slices are whole numbers."
)
_N_QUOTED = 4
"""A table that quotes more than this is hard to read; the fold below it quotes all."""
WHOLE_AUDIT = "docs/audit.md"
"""Where the calculations stand: the paper's numbers do not change from run to run."""


def describe_audit(audit: Audit) -> Section:
    """In a sentence, and in a fold what cannot be true."""
    n_findings = count_verdicts(audit)
    told = "; ".join(f"{n_findings[name]} {name}" for name in _MEANINGS)
    failed, _ = _sort_out(audit)
    title = "What cannot be true as printed"
    rows = [[each.question, each.verdict, each.result] for each in failed]
    folds: list[Block] = [
        Folded(
            f"{title} ({len(failed)})",
            [Table(f"{title}.", ["question", "verdict", "result"], rows)],
        )
    ] * bool(failed)
    lead = (
        f"{len(audit.findings)} checks of the paper's arithmetic: {told}. One number can fail "
        f"several checks. Every calculation: `{WHOLE_AUDIT}`."
    )
    return Section("Can the printed numbers be true?", [Paragraph(lead), *folds])


def describe_calculations(audit: Audit) -> Section:
    """Every finding with its calculation."""
    n_findings = count_verdicts(audit)
    meanings = [f"{verdict} ({n_findings[verdict]}): {says}" for verdict, says in _MEANINGS.items()]
    failed, passed = _sort_out(audit)
    return Section(
        "Can the printed numbers be true?",
        [
            Paragraph(_INTRODUCTION),
            Bullets([*(f"{meaning};" for meaning in meanings[:-1]), f"{meanings[-1]}."]),
            *_show_findings("What cannot be true as printed", failed),
            *_show_findings("What nothing speaks against", passed),
        ],
    )


def _sort_out(audit: Audit) -> tuple[list[Finding], list[Finding]]:
    """What cannot be true, the worst first, and what can."""
    failed = [finding for finding in audit.findings if finding.verdict != "possible"]
    failed.sort(key=lambda finding: [*_MEANINGS].index(finding.verdict))
    return failed, [finding for finding in audit.findings if finding.verdict == "possible"]


def count_verdicts(audit: Audit) -> Counter[Verdict]:
    """How many findings there are of each verdict."""
    return Counter(finding.verdict for finding in audit.findings)


def _show_findings(what: str, findings: Sequence[Finding]) -> list[Block]:
    if not findings:
        return []
    rows = [[each.question, each.verdict, each.result, cite(each.printed)] for each in findings]
    caption = f"{what}; each calculation stands below the table."
    return [
        Table(caption, ["question", "verdict", "result", "the paper prints"], rows),
        *(_show_calculation(finding) for finding in findings if finding.calculation),
    ]


def _show_calculation(finding: Finding) -> Folded:
    blocks: list[Block] = [Bullets([*finding.calculation, f"Result: {finding.result}"])]
    if len(finding.printed) > _N_QUOTED:
        blocks.append(Paragraph(f"What enters, as printed. {_recite(finding.printed)}"))
    return Folded(f"`{finding.id}`: {finding.question}", blocks)


def cite(quotes: Sequence[Quote]) -> str:
    """What is printed where; if that is long, how many entries."""
    if len(quotes) <= _N_QUOTED:
        return _recite(quotes)
    return ", ".join(
        f"{place}: {len(printed)} {'entry' if len(printed) == 1 else 'entries'}"
        for place, printed in _by_place(quotes).items()
    )


def _recite(quotes: Sequence[Quote]) -> str:
    return " ".join(
        f"{place}: {'; '.join(f'{quote.says} {quote.printed}' for quote in printed)}."
        for place, printed in _by_place(quotes).items()
    )


def _by_place(quotes: Sequence[Quote]) -> dict[str, list[Quote]]:
    places = dict.fromkeys(quote.place for quote in quotes)
    return {place: [quote for quote in quotes if quote.place == place] for place in places}
