"""Audit of the text: does the paper say the same at every place?"""

import re

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.paper.claims import Claims
from hqcm.paper.counts import read_table
from hqcm.paper.entries import Reading, Setting, Statement
from hqcm.paper.findings import NAMES, Finding, Quote, quote

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
_TABLE_OF_SETTINGS = "Table 3"


def audit_text(claims: Claims) -> list[Finding]:
    """The text against the tables and against itself."""
    first = [_audit_superiority(claims), _audit_sources(claims)]
    return [*first, *_audit_settings(claims), _audit_attention_order(claims)]


def _audit_superiority(claims: Claims) -> Finding:
    statement = claims.statement("superior-scores")
    tables = [read_table(claims, network).rows for network in NAMES]
    scores = [
        (f"{score} of {name}", ours, theirs)
        for name, *rows in zip(CLASS_NAMES, *tables, strict=True)
        for score, ours, theirs in zip(("precision", "recall", "F1"), *rows, strict=True)
    ]
    others = [score for score in scores if score[1].value <= score[2].value]
    n_superior = len(scores) - len(others)
    return Finding(
        id=statement.id,
        question=f"Is {NAMES['hybrid']} above {NAMES['classical']} in each score of each class?",
        printed=_quote_statement(statement)
        + quote(claims, [cell for _, *cells in others for cell in cells]),
        calculation=[
            f"{name}: {ours.printed}, not above {theirs.printed}." for name, ours, theirs in others
        ],
        result=f"{n_superior} of {len(scores)} are.",
        verdict="contradiction" if others else "possible",
        figures={"n_superior": n_superior, "n_scores": len(scores)},
    )


def _audit_sources(claims: Claims) -> Finding:
    sources = ("all", "trainingdatapro", "figshare")
    whole, one, two = (claims.get("none", f"slices/{name}") for name in sources)
    tumours = [claims.get("none", f"slices/figshare/{name}") for name in CLASS_NAMES[1:]]
    total = sum(int(tumour.value) for tumour in tumours)
    rest = int(whole.value - one.value - two.value)
    adds_up = total == int(two.value) and rest >= 0
    return Finding(
        id="sources",
        question="Do the counts of images add up?",
        printed=quote(claims, [whole, one, two, *tumours]),
        calculation=[
            f"Source 2: {' + '.join(t.printed for t in tumours)} = {total}; printed {two.printed}.",
            f"Source 3, not printed: {whole.printed} - {one.printed} - {two.printed} = {rest}.",
        ],
        result="Yes." if adds_up else "No.",
        verdict="possible" if adds_up else "contradiction",
        figures={"source_2": total, "source_3": rest},
    )


def _audit_settings(claims: Claims) -> list[Finding]:
    """Table 3 against the text: a finding for each row that differs, one for all that agree."""
    repeated = [(row, row.elsewhere) for row in claims.settings if row.elsewhere]
    agreeing = [pair for pair in repeated if _say_the_same(*pair)]
    said = [row.says.lower() for row, _ in agreeing]
    return [
        *(_audit_setting(*pair) for pair in repeated if pair not in agreeing),
        Finding(
            id="settings-agreeing",
            question=f"Which rows of {_TABLE_OF_SETTINGS} does the text repeat alike?",
            printed=[reading for pair in agreeing for reading in _quote_setting(*pair)],
            calculation=[],
            result=f"{len(agreeing)} of {len(repeated)}: {', '.join(said)}.",
            verdict="possible",
            figures={"n_repeated": len(repeated), "n_agreeing": len(agreeing)},
        ),
    ]


def _audit_setting(row: Setting, elsewhere: Reading) -> Finding:
    return Finding(
        id="setting-" + "-".join(row.says.lower().split()),
        question=f"{row.says}: do {_TABLE_OF_SETTINGS} and the text agree?",
        printed=_quote_setting(row, elsewhere),
        calculation=[],
        result=f"{row.printed} in {_TABLE_OF_SETTINGS}, {elsewhere.printed} in {elsewhere.place}.",
        verdict="contradiction",
        figures={},
    )


def _quote_setting(row: Setting, elsewhere: Reading) -> list[Quote]:
    return [
        Quote(place=_TABLE_OF_SETTINGS, says=row.says, printed=row.printed),
        Quote(place=elsewhere.place, says=row.says, printed=elsewhere.printed),
    ]


def _say_the_same(row: Setting, elsewhere: Reading) -> bool:
    """Whether both print the same numbers, or the same words where there are none."""
    texts = (row.printed, elsewhere.printed)
    ours, theirs = ([float(number) for number in _NUMBER.findall(text)] or text for text in texts)
    return ours == theirs


def _audit_attention_order(claims: Claims) -> Finding:
    statement = claims.statement("attention-order")
    agree = len({reading.printed for reading in statement.readings}) == 1
    return Finding(
        id=statement.id,
        question=f"{statement.says.capitalize()}: do all places agree?",
        printed=_quote_statement(statement),
        calculation=[],
        result="Yes."
        if agree
        else " / ".join(f"{r.printed} ({r.place})" for r in statement.readings) + ".",
        verdict="possible" if agree else "contradiction",
        figures={},
    )


def _quote_statement(statement: Statement) -> list[Quote]:
    return [
        Quote(place=reading.place, says=statement.says, printed=reading.printed)
        for reading in statement.readings
    ]
