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


def describe_audit(audit: Audit) -> Section:
    """What cannot be true first, and what can in a fold."""
    n_findings = count_verdicts(audit)
    meanings = [f"{verdict} ({n_findings[verdict]}): {says}" for verdict, says in _MEANINGS.items()]
    failed = [finding for finding in audit.findings if finding.verdict != "possible"]
    failed.sort(key=lambda finding: [*_MEANINGS].index(finding.verdict))
    passed = [finding for finding in audit.findings if finding.verdict == "possible"]
    blocks: list[Block] = [
        Paragraph(_INTRODUCTION),
        Bullets([*(f"{meaning};" for meaning in meanings[:-1]), f"{meanings[-1]}."]),
        *_show_findings("What cannot be true as printed", failed),
    ]
    if passed:
        shown = _show_findings("What nothing speaks against", passed)
        blocks.append(Folded(f"What can be true ({len(passed)})", shown))
    return Section("Can the printed numbers be true?", blocks)


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
