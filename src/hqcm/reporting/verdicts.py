"""The finding of the published studies: one file, which README, page and summary quote.

It is derived from what `make study` has published and from the audit, nothing else; see
`derive_verdicts`. Everything that says what became of the paper's claims says it in its words.
"""

import re
from pathlib import Path

from hqcm.comparison.comparisons import Comparison, Comparisons, Kind, Setting, read_comparisons
from hqcm.contracts.params import Section, check_section, read_yaml
from hqcm.cross_validation.judged import EVERYTHING as ALL_SLICES
from hqcm.cross_validation.judged import Judged, read_judged
from hqcm.ledger.ledger import Ledger
from hqcm.paper.findings import load_audit
from hqcm.reporting.numbers import (
    bounds,
    count,
    estimate,
    fraction,
    percent,
    points,
    signed,
    tell_difference,
)
from hqcm.reporting.sections.folds import tell_verdict
from hqcm.results.files import read_json
from hqcm.results.intervals import Interval
from hqcm.scrutiny.leakage import read_leaks
from hqcm.scrutiny.shortcuts import EVERYTHING, read_shortcuts

VERDICTS_FILE = "verdicts.json"
_TUNED, _FULL_SIZE, _FOLDED = DECISIVE = ("clinical-48px", "clinical", "cv-64px")
"""The study with every network tuned; that at the paper's size of slices, where maps have 16 x 16
cells; that under cross-validation, with heads alone."""

# The counterpart of both studies is a reading of ours that the paper's first losses speak against.
_NAMES = {
    "no_entanglement": "quantum layer, no entanglement",
    "counterpart": "linear layer with ReLU",
    "normalised": "linear layer, input normalised",
    "quadratic": "free quadratic forms",
}


class Row(Section):
    """A claim of the paper, what the studies find, and the verdict, each in words."""

    claim: str
    found: str
    verdict: str


class Rival(Section):
    """The quantum layer minus another head, accuracy, fractions; both networks tuned.

    low, high: 95 %, over seeds and patients; None where there are too few runs.
    """

    protocol: str
    name: str
    kind: Kind
    accuracy: float
    difference: float
    low: float | None
    high: float | None


class Verdicts(Section):
    """What the published studies say; counts are of the study in which every network is tuned."""

    study: str
    image_size_px: int
    n_slices: int
    n_slices_paper: int
    n_test: int
    n_patients: int
    n_seeds: int
    margin: float
    accuracy: dict[str, float]
    rows: list[Row]
    rivals: list[Rival]


def read_verdicts(path: Path) -> Verdicts:
    """Read what `derive_verdicts` found.

    Raises:
        ValueError: a key is unknown, missing or mistyped.
    """
    return check_section("verdicts", Verdicts, {"verdicts": read_json(path)}, str(path))


def read_ledger(path: Path) -> Ledger:
    """Read a `claims.json`; raises as `read_verdicts`."""
    return check_section("ledger", Ledger, {"ledger": read_json(path)}, str(path))


def describe_rivals(verdicts: Verdicts) -> str:
    """The forest plot in words, for who cannot see it."""
    return "; ".join(
        f"minus {rival.name}, {rival.protocol}, "
        + estimate(Interval(value=rival.difference, low=rival.low, high=rival.high), points)
        for rival in verdicts.rivals
    )


def derive_verdicts(studies: Path, audit: Path) -> Verdicts:
    """Gather the finding from the folder of published studies and the audit's JSON.

    Raises:
        OSError: a study lacks a file.
        ValueError: a file is not as its schema has it.
    """
    tuned = studies / _TUNED
    compared, ledger = read_comparisons(tuned / "compare.json"), read_ledger(tuned / "claims.json")
    quantity = compared.quantities[0]
    rivals = [
        _name_rival(row)
        for protocol in compared.protocols
        for row in compared.select("network", "best", quantity, protocol)
    ]
    pair = _find(compared, "best", quantity)
    slices = ledger.get("s41-slices")
    return Verdicts(
        study=_TUNED,
        image_size_px=read_yaml(tuned / "params.yaml")["prepare"]["image_size_px"],
        n_slices=int(slices.value or 0),
        n_slices_paper=int(slices.printed),
        n_test=pair.first_n_slices,
        n_patients=pair.first_n_groups,
        n_seeds=len(compared.seeds),
        margin=compared.margin,
        accuracy={
            protocol: _find(compared, "best", quantity, protocol).first_value
            for protocol in compared.protocols
        },
        rows=[
            _judge_gap(compared, ledger),
            _judge_layer(read_judged(studies / _FOLDED / "heads.json")),
            _judge_attention(studies / _FULL_SIZE),
            _judge_printed(ledger, audit),
            _judge_split(tuned),
        ],
        rivals=rivals,
    )


def _name_rival(row: Comparison) -> Rival:
    low, high = row.possible
    return Rival(
        protocol=row.second_protocol,
        name=_NAMES[row.family],
        kind="hybrid" if row.family == "no_entanglement" else "classical",
        accuracy=row.second_value,
        difference=row.difference,
        low=low,
        high=high,
    )


def _find(
    compared: Comparisons, setting: Setting, quantity: str, protocol: str | None = None
) -> Comparison:
    row = compared.find(setting, quantity, protocol)
    if row is None:
        raise ValueError(f"the study must compare {quantity} at the {setting} rate; got none")
    return row


def _judge_gap(compared: Comparisons, ledger: Ledger) -> Row:
    """The difference in accuracy, tuned and at the published rate; is the paper's excluded?"""
    quantity, entry = compared.quantities[0], ledger.get("w-higher-accuracy")
    hybrid, classical = (
        float(ledger.get(f"t1-{role}-accuracy").printed) for role in ("hybrid", "classical")
    )
    tuned = {name: _find(compared, "best", quantity, name) for name in compared.protocols}
    said = "; ".join(
        f"{tell_difference(row, points)}{' by patient' if name == 'patient' else ''}"
        for name, row in tuned.items()
    )
    published = _find(compared, "published", quantity)
    gap = hybrid - classical
    answer = "An advantage" if entry.tuned == "reproduced" else "No advantage shown"
    is_excluded = all(row.high is not None and row.high < gap for row in tuned.values())
    return Row(
        claim=f"The quantum layer lifts accuracy from {percent(classical, 2)} to "
        f"{percent(hybrid, 2)} ({points(gap)}).",
        found=f"Both networks tuned: {said}. At the paper's learning rate: "
        f"{tell_difference(published, points)}.",
        verdict=f"{answer}: {entry.comparison} at the paper's "
        f"learning rate, {entry.tuned} with both tuned."
        + (f" Once tuned, a gap of {points(gap).lstrip('+')} is excluded." if is_excluded else ""),
    )


def _judge_layer(judged: Judged) -> Row:
    """Whether the circuits' training, their entanglement, or the circuits matter; heads alone."""
    rows = {row.second: row for row in judged.rows if row.slices == ALL_SLICES}
    frozen, separate, linear = (rows[name] for name in ("frozen", "no_entanglement", "counterpart"))
    told = [
        f"{points(row.difference)} ({bounds(row.interval, points).removesuffix(' points')})"
        for row in (frozen, separate, linear)
    ]
    verdicts = [tell_verdict(row, judged.margin) for row in (frozen, separate, linear)]
    return Row(
        claim="The layer is of entangled circuits whose angles are trained.",
        found=f"Heads alone, by patient, {count(linear.n_slices)} slices, "
        f"{linear.n_folds * linear.n_seeds} trainings on the "
        f"features of either network: the layer minus the same with angles "
        f"never trained {told[0]}; minus circuits without entanglement {told[1]}; minus a linear "
        f"layer {told[2]}.",
        verdict=(
            f"Neither training nor entanglement matters: {verdicts[0]}."
            if {frozen.verdict, separate.verdict} == {"equal"}
            else f"Training: {verdicts[0]}. Entanglement: {verdicts[1]}."
        )
        + f" Against a linear layer: {verdicts[2]}.",
    )


def _judge_attention(study: Path) -> Row:
    """Whether maps lie on the tumours, more so at high thresholds, and the hybrid's most."""
    ledger, compared = read_ledger(study / "claims.json"), read_comparisons(study / "compare.json")
    low, high = (ledger.get(f"t2-hybrid-{threshold}") for threshold in ("0.75", "0.99"))
    found = _find(compared, "published", "localisation/0.99/jaccard")
    return Row(
        claim="Attention lies on the tumour, best at high thresholds: Jaccard index "
        f"{fraction(float(low.printed), 3)} at 0.75, {fraction(float(high.printed), 3)} at 0.99.",
        found=f"The index falls from {fraction(low.value, 3)} to {fraction(high.value, 4)}. Hybrid "
        f"minus classical at 0.99: {tell_difference(found, signed)}.",
        verdict=f"{high.verdict.capitalize()}; which network is better is "
        f"{ledger.get('w-more-localised').verdict}.",
    )


def _judge_printed(ledger: Ledger, audit: Path) -> Row:
    """Numbers that no counts of slices can give."""
    findings = load_audit(audit).findings
    n_impossible = sum(each.verdict == "impossible as printed" for each in findings)
    claims = [each for each in ledger.claims if each.verdict == "impossible as printed"]
    named = ", ".join(dict.fromkeys(re.sub(r" at [\d.]+$", "", each.says) for each in claims))
    statistic = ledger.get("t2-pair-0.99-statistic").printed
    return Row(
        claim=f"Tables 1 and 2 print, for instance, a Wilcoxon statistic of {statistic}.",
        found=f"{n_impossible} of {len(findings)} checks of the arithmetic fail. They make "
        f"{len(claims)} printed numbers impossible: {named}.",
        verdict="Impossible as printed, whatever the data.",
    )


def _judge_split(study: Path) -> Row:
    """What a test on slices drawn at random measures."""
    known = read_leaks(study / "leakage.json")["random"].all
    clues = read_shortcuts(study / "shortcuts.json")["random"][EVERYTHING].accuracy
    return Row(
        claim="Accuracy is measured on slices drawn at random.",
        found=f"Training knows {percent(known.n_either / known.n_test, 0)} of the test slices, by "
        "a near-duplicate or the patient. A random forest that sees only source, size, border and "
        f"brightness reaches {percent(clues.value)}.",
        verdict="It measures recognition as well: scores flatter every network.",
    )
