"""What one run is worth: how far rounding alone moves it."""

from pathlib import Path

from hqcm.contracts.labels import ROLES
from hqcm.reporting.document import Block, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import count, percent, points
from hqcm.reporting.results import Results
from hqcm.results.roundings import Roundings, Spread

_FILE = "roundings.png"


def describe_noise(results: Results, figures: Path) -> Section:
    """The configuration in several arithmetics, drawn and in numbers; where this run lies."""
    return Section("What is one run worth?", _tell(results, figures))


def _tell(results: Results, figures: Path) -> list[Block]:
    measured = results.roundings
    if measured is None:
        return [Paragraph("Not measured yet: `make roundings`.")]
    pair = results.study.pair
    arithmetics = list(dict.fromkeys(measured.table["arithmetic"]))
    header = ["arithmetic", *ROLES, "difference"]
    difference = measured.differences(pair)
    rows = [
        [name, *(percent(measured.of(each)[name]) for each in pair), points(difference[name])]
        for name in arithmetics
    ]
    expected = " and ".join(
        f"{role} {between(measured.expect(name))}" for role, name in zip(ROLES, pair, strict=True)
    )
    alt = (
        f"Test accuracy of the hybrid and the classical network in {len(arithmetics)} arithmetics, "
        "one dot each, and the difference of the two beside them."
    )
    caption = (
        "Accuracy on the test slices, one dot for each arithmetic. The bar is where one more run "
        "lies, 19 times of 20."
    )
    return [
        Paragraph(
            f"Training is numerically unstable: here is the same run in {count(len(arithmetics))} "
            "arithmetics, which differ in rounding as processors do. One more run gives "
            f"{expected}, 19 times of 20. "
            f"{tell_noise(measured.noise(pair))} {_locate(results, measured)}"
        ),
        Picture(figures / _FILE, caption, alt),
        Folded("Every arithmetic", [Table("Accuracy on the test slices.", header, rows)]),
    ]


def tell_noise(noise: float) -> str:
    """The sentence that belongs beside every comparison of single runs."""
    return f"A difference below {points(noise).lstrip('+')} on this cohort is noise of rounding."


def between(spread: Spread) -> str:
    """From the lowest to the highest, in percent."""
    return f"{percent(max(spread.low, 0))} to {percent(min(spread.high, 1))}"


def _locate(results: Results, measured: Roundings) -> str:
    if results.noise is None:
        return (
            "This run has another configuration than the one measured (`make roundings` measures "
            "again)."
        )
    where = []
    for role, name in zip(ROLES, results.study.pair, strict=True):
        low, high = measured.expect(name)
        own = results.metrics[role]["accuracy"]
        where.append(f"{role} {percent(own)}, {'within' if low <= own <= high else 'outside'}")
    return f"This run: {'; '.join(where)}."
