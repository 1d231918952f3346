"""The ledger: every claim of the paper with what was found here, and the verdict.

`reports/claims.json` is a list of its entries. A rule says what the numbers of this run say of a
claim; what that says of the paper, the audit and the cohort decide.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from hqcm.comparison.comparisons import Comparison, Comparisons, Setting
from hqcm.contracts.params import Section
from hqcm.ledger.evidence import Evidence
from hqcm.ledger.learning_curves import measure_convergence, measure_lead
from hqcm.ledger.rules import VERDICTS, Measured, Ruling, Unit, Verdict, rule_on, rule_on_bound
from hqcm.paper.claims import Claims, Convergence, Differences, Limit, PlacedClaim, WordedClaim
from hqcm.paper.entries import Network
from hqcm.paper.findings import Audit

SIMULATION = "simulated patients; here, "
"""How a reason starts that says nothing of the paper."""

_TORN = "; the paper contradicts itself: "
_UNTRIED = Ruling("inconclusive", "neither network was trained at its published learning rate")


class _Allowed(Section):
    # Of a claim in words: the kind of its criterion, the test, and the number that decides.
    name: str
    text: str
    size: float


class Entry(Section):
    """One claim, and what became of it.

    `comparison` is what the rule says of the numbers of this run, whatever the cohort;
    `verdict` is what that says of the paper; `tuned`, of a comparison of both networks, what the
    same rule says where each has its own best learning rate. `value` is None where this run has no
    such number, `low` and `high` where it has no interval; `n` counts what it rests on, in `unit`.
    """

    id: str
    kind: Literal["number", "words"]
    place: str
    also: list[str]
    network: Network
    says: str
    quantity: str
    printed: str
    tolerance: _Allowed
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    unit: Unit | None
    comparison: Verdict
    verdict: Verdict
    tuned: Verdict | None = None
    reason: str
    audit: list[str]

    @property
    def found(self) -> Measured | None:
        """The number of this run."""
        if self.value is None or self.n is None or self.unit is None:
            return None
        return Measured(value=self.value, low=self.low, high=self.high, n=self.n, unit=self.unit)


class Ledger(Section):
    """Every claim: numbers in the order of `data/paper/claims.yaml`, then those in words."""

    cohort: str
    n_by_verdict: dict[Verdict, int]
    claims: list[Entry]

    def get(self, name: str) -> Entry:
        """A claim by its id.

        Raises:
            ValueError: there is none of that id.
        """
        for entry in self.claims:
            if entry.id == name:
                return entry
        raise ValueError(f"the ledger must hold {name}; got {len(self.claims)} others")


class _Outcome(NamedTuple):
    """What was found, of several quantities the least; and what it says of the claim."""

    found: Measured | None
    ruling: Ruling


def judge(claims: Claims, audit: Audit, evidence: Evidence) -> Ledger:
    """Hold every claim against what was measured.

    Raises:
        ValueError: a claim names a finding that the audit does not have, or a quantity that
            nothing here can answer.
    """
    entries = [
        *(_judge_number(placed, claims, audit, evidence) for placed in claims.each()),
        *(_judge_words(claim, audit, evidence) for claim in claims.in_words),
    ]
    return _count(evidence.cohort, entries)


def judge_over_seeds(ledger: Ledger, claims: Claims, compared: Comparisons) -> Ledger:
    """The ledger with every comparison of the networks judged by its interval over seeds too.

    An interval over patients alone speaks of the networks as they were trained once. It decides
    nothing about the claim that one kind of network is better than the other: where no interval
    over seeds and patients is known, the claim is inconclusive.
    """
    tests = {claim.id: claim.criterion for claim in claims.in_words}
    entries = []
    for entry in ledger.claims:
        test = tests.get(entry.id)
        if isinstance(test, Differences) and entry.found:
            entries.append(_judge_over_seeds(entry, test, compared))
        else:
            entries.append(entry)
    return _count(ledger.cohort, entries)


def _count(cohort: str, entries: list[Entry]) -> Ledger:
    n_by_verdict = Counter(entry.verdict for entry in entries)
    counted = {verdict: n_by_verdict[verdict] for verdict in VERDICTS}
    return Ledger(cohort=cohort, n_by_verdict=counted, claims=entries)


def _judge_over_seeds(entry: Entry, test: Differences, compared: Comparisons) -> Entry:
    rulings = {setting: _rule_over_seeds(test, compared, setting) for setting in compared.settings}
    verdict, reason = rulings.get("published", _UNTRIED)
    changed: dict[str, Any] = {"comparison": verdict, "reason": reason}
    if "best" in rulings:
        changed["tuned"] = rulings["best"].verdict
    if len(test.each) == 1 and len(compared.seeds) > 1:
        found = compared.find("published", test.each[0], test.protocol)
        changed |= {"value": found.difference, **_bounds(found)} if found else {}
    if entry.verdict in ("impossible as printed", "not tested on this cohort"):
        del changed["reason"]  # what decides is not measured here
    else:
        _, torn, told = entry.reason.partition(_TORN)
        changed |= {"verdict": verdict, "reason": f"{reason}{torn}{told}"}
    return entry.model_copy(update=changed)


def _rule_over_seeds(test: Differences, compared: Comparisons, setting: Setting) -> Ruling:
    if len(compared.seeds) == 1:
        return Ruling("inconclusive", "one seed: its variation is unknown")
    found = {name: compared.find(setting, name, test.protocol) for name in test.each}
    missing = [name for name, row in found.items() if row is None]
    if missing:
        return Ruling("inconclusive", "no interval over seeds and patients is known")
    measured = {
        name: Measured(value=row.difference, **_bounds(row), n=row.second_n_slices, unit="slices")
        for name, row in found.items()
        if row
    }
    if any(each.low is None for each in measured.values()):
        return Ruling("inconclusive", f"too few runs: {len(compared.seeds)} seeds bound nothing")
    return _join_rulings(
        {name: rule_on_bound(each, test.bound, above=True) for name, each in measured.items()}, []
    )


def _bounds(row: Comparison) -> dict[str, float | None]:
    """None where they lie beyond what a difference can be: too few runs bound nothing."""
    low, high = row.possible
    return {"low": low, "high": high}


def _judge_number(placed: PlacedClaim, claims: Claims, audit: Audit, evidence: Evidence) -> Entry:
    place, network, claim = placed
    tolerance = claims.tolerances[claim.tolerance]
    found = evidence.look_up(network, claim.quantity)
    if found is None:
        outcome = _not_known(claim.quantity)
    else:
        effect = evidence.effect(claim.quantity) if tolerance.rule == "same side" else None
        outcome = _Outcome(found, rule_on(claim, tolerance, found, effect))
    return Entry(
        **claim.model_dump(include={"id", "says", "quantity", "printed"}),
        kind="number",
        place=place,
        also=[*claim.also],
        network=network,
        tolerance=_Allowed(name=claim.tolerance, text=tolerance.text, size=float(tolerance.exact)),
        **_settle(outcome, claim.audit, audit, evidence),
    )


def _judge_words(claim: WordedClaim, audit: Audit, evidence: Evidence) -> Entry:
    criterion = claim.criterion
    return Entry(
        **claim.model_dump(include={"id", "place", "network", "says", "printed"}),
        kind="words",
        also=[*claim.also],
        quantity=criterion.quantity,
        tolerance=_Allowed(name=criterion.kind, text=claim.test, size=criterion.bound),
        **_settle(_try_words(claim, evidence), claim.audit, audit, evidence),
    )


def _settle(
    outcome: _Outcome, cited: Sequence[str], audit: Audit, evidence: Evidence
) -> dict[str, Any]:
    """The fields of an entry that depend on this run: from what the rule says to the verdict."""
    found, (verdict, reason) = outcome
    against = _name_findings(cited, audit, "impossible as printed")
    torn = _name_findings(cited, audit, "contradiction")
    if torn:
        reason = f"{reason}{_TORN}{torn}"
    if evidence.is_simulated:
        verdict, reason = "not tested on this cohort", f"{SIMULATION}{reason}"
    if against:
        verdict, reason = "impossible as printed", f"by the audit: {against}"
    return {
        **(found.model_dump() if found else dict.fromkeys(Measured.model_fields)),
        "comparison": outcome.ruling.verdict,
        "verdict": verdict,
        "reason": reason,
        "audit": [*cited],
    }


def _name_findings(cited: Sequence[str], audit: Audit, verdict: str) -> str:
    verdicts = {finding.id: finding.verdict for finding in audit.findings}
    for name in cited:
        if name not in verdicts:
            raise ValueError(f"the audit must hold {name}; got {', '.join(verdicts)}")
    return ", ".join(f"`{name}`" for name in cited if verdicts[name] == verdict)


def _try_words(claim: WordedClaim, evidence: Evidence) -> _Outcome:
    criterion = claim.criterion
    if isinstance(criterion, Differences):
        return _compare_all(criterion, evidence)
    if isinstance(criterion, Limit):
        found = evidence.look_up(claim.network, criterion.quantity)
        if found is None:
            return _not_known(criterion.quantity)
        return _Outcome(found, rule_on_bound(found, criterion.bound, above=False))
    if isinstance(criterion, Convergence):
        found = measure_convergence(evidence.curves, criterion)
        return _Outcome(found, rule_on_bound(found, 0, above=False))
    found = measure_lead(evidence.curves, criterion)
    return _Outcome(found, rule_on_bound(found, criterion.bound, above=True))


def _compare_all(criterion: Differences, evidence: Evidence) -> _Outcome:
    """One that does not lie above refutes the claim, and it takes all to confirm it."""
    protocol = criterion.protocol
    if protocol and protocol not in evidence.estimates:
        reason = f"no network was trained under protocol {protocol}"
        return _Outcome(None, Ruling("not tested on this cohort", reason))
    looked_up = {name: evidence.difference(name, protocol) for name in criterion.each}
    found = {name: measured for name, measured in looked_up.items() if measured}
    missing = [name for name, measured in looked_up.items() if measured is None]
    rulings = {name: rule_on_bound(m, criterion.bound, above=True) for name, m in found.items()}
    least = min(found.values(), key=lambda measured: measured.value, default=None)
    return _Outcome(least, _join_rulings(rulings, missing))


def _join_rulings(rulings: Mapping[str, Ruling], missing: list[str]) -> Ruling:
    if len(rulings) == 1 and not missing:
        return next(iter(rulings.values()))
    refuted, undecided, holding = (
        [name for name, ruling in rulings.items() if ruling.verdict == verdict]
        for verdict in ("not reproduced", "inconclusive", "reproduced")
    )
    if not refuted and missing:
        return _not_known(missing[0]).ruling
    reason = f"{len(holding)} of {len(rulings) + len(missing)} hold"
    if refuted:
        return Ruling("not reproduced", f"{reason}; not so: {_name(refuted)}")
    if not undecided:
        return Ruling("reproduced", reason)
    return Ruling("inconclusive", f"{reason}; undecided: {_name(undecided)}")


def _not_known(quantity: str) -> _Outcome:
    return _Outcome(None, Ruling("not tested on this cohort", f"this run has no {quantity}"))


def _name(quantities: Sequence[str]) -> str:
    return ", ".join(" ".join(quantity.split("/")[-2:]) for quantity in quantities)
