"""The two answers: what the published studies find, on real MRI, and what this run has found."""

from pathlib import Path

from hqcm.ledger.evidence import SIMULATED
from hqcm.ledger.ledger import Ledger
from hqcm.reporting.document import Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import tabulate_estimates
from hqcm.reporting.numbers import count
from hqcm.reporting.results import Judged, Results
from hqcm.reporting.sections.noise import tell_noise
from hqcm.reporting.verdicts import Verdicts, describe_rivals

TUNED_FILE = "tuned.png"
_PHANTOM = (
    "Simulated patients, pipeline complete: every step from native files to figures has run. "
    "Simulated patients say nothing about the paper; real files do: "
    "`dvc exp run -S data.cohort=clinical -S train.max_epochs=40` (docs/data.md)."
)
_SCORES = {
    "accuracy": "metrics/accuracy",
    "macro F1": "metrics/macro/f1",
    "recall, glioma": "metrics/per_class/glioma/recall",
    "Jaccard index at 0.75": "localisation/0.75/jaccard",
}


def describe_finding(verdicts: Verdicts, figures: Path) -> Section:
    """The verdicts on the paper and the forest plot of tuned networks."""
    return Section(
        "Does a quantum layer help?",
        [
            Paragraph(
                f"Published study, real MRI: {count(verdicts.n_slices)} slices of the paper's "
                f"three sources, {verdicts.n_seeds} seeds, every network at its best learning "
                "rate. The circuits are simulated."
            ),
            tabulate_verdicts(verdicts),
            picture_tuned(verdicts, figures / TUNED_FILE),
        ],
    )


def tabulate_verdicts(verdicts: Verdicts) -> Table:
    """Claim, finding and verdict, as README has them."""
    return Table(
        "What became of the paper's claims; in brackets 95 % intervals over seeds and patients.",
        ["the paper claims", "we find", "verdict"],
        [[row.claim, row.found, row.verdict] for row in verdicts.rows],
    )


def picture_tuned(verdicts: Verdicts, file: Path) -> Picture:
    """The quantum layer against each other head; all numbers in the text for who cannot see."""
    return Picture(
        file,
        "Accuracy of the quantum layer minus that of another head in its place, both tuned, "
        f"{verdicts.image_size_px} px slices, 95 % intervals. Right of 0 the quantum layer is "
        "ahead.",
        f"Forest plot: {describe_rivals(verdicts)}.",
        is_narrow=True,
    )


def describe_result(results: Results, judged: Judged) -> Section:
    """This run: what it is, and both networks in four numbers."""
    ledger = judged.ledger
    kind = "simulated" if ledger.cohort == SIMULATED else "real"
    runs = "once" if results.n_seeds == 1 else f"{results.n_seeds} times; values are means"
    noise = "" if results.noise is None else f" {tell_noise(results.noise)}"
    return Section(
        "Your run",
        [
            Paragraph(
                f"{_conclude(ledger)} {count(len(results.index))} {kind} slices, "
                f"{count(len(results.stack.slice_id))} of them test slices; each network was "
                f"trained {runs}.{noise}"
            ),
            tabulate_estimates(
                results,
                "Test slices; in brackets the 95 % interval of a bootstrap over patients, "
                "difference: hybrid minus classical."
                + ("" if results.n_seeds > 1 else " One seed: its variation is unknown."),
                "measure",
                _SCORES,
            ),
        ],
    )


def _conclude(ledger: Ledger) -> str:
    if ledger.cohort == SIMULATED:
        return _PHANTOM
    verdicts = [f"{count(n)} {verdict}" for verdict, n in ledger.n_by_verdict.items() if n]
    return f"Of {count(len(ledger.claims))} claims of the paper: {', '.join(verdicts)}."
