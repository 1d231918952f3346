"""What was judged under cross-validation: the schema of a study's `cv.json` and `heads.json`."""

from pathlib import Path
from typing import Literal

from hqcm.contracts.params import Section, check_section
from hqcm.results.files import read_json, write_json
from hqcm.results.intervals import Interval

Verdict = Literal["ahead", "behind", "equal", "undecided", "undecidable"]
EVERYTHING, NAMED_PATIENTS = "all slices", "without tumour slices of source 3"


class Chosen(Section):
    """The learning rate that counts in a fold; scores are means over seeds, on validation."""

    family: str
    protocol: str
    learning_rate: float
    validation_accuracy: float
    tried: list[float]


class Row(Section):
    """First minus second, accuracy, fractions; both at the learning rate best on validation.

    slices: all, or those left when some are taken out of the test.
    low, high: 95 %; narrow_low, narrow_high: 90 %, what two one-sided tests at 5 % each look at.
    corrected: half-width of Nadeau and Bengio's 95 % interval.
    floor: half-width at 95 % that no number of seeds gets below.
    patients, seeds, training_sets: variances of the difference, in squared points.
    p_holm: of the first row, its p value; of every other, adjusted among those with its slices.
    p_equal: that the true difference lies beyond the margin, by the two one-sided tests.
    seeds_wanted: how many seeds a fold would decide; None where none would, or no more are needed.
    """

    first: str
    second: str
    slices: str
    first_accuracy: float
    second_accuracy: float
    difference: float
    low: float
    high: float
    narrow_low: float
    narrow_high: float
    corrected: float
    floor: float
    patients: float
    seeds: float
    training_sets: float
    p_holm: float
    p_equal: float
    verdict: Verdict
    seeds_wanted: int | None
    n_slices: int
    n_families: int
    n_folds: int
    n_repeats: int
    n_seeds: int

    @property
    def interval(self) -> Interval:
        """The difference with its 95 % interval."""
        return Interval(value=self.difference, low=self.low, high=self.high)

    @property
    def half_width(self) -> float:
        """Of the 95 % interval."""
        return (self.high - self.low) / 2


class Judged(Section):
    """All comparisons of a study; the first is the primary one."""

    margin: float
    rows: list[Row]
    chosen: list[Chosen]


def write_judged(path: Path, judged: Judged) -> None:
    """Write as JSON; same answers, same bytes."""
    write_json(path, judged.model_dump())


def read_judged(path: Path) -> Judged:
    """Read what `write_judged` wrote; raises `ValueError` where it is something else."""
    return check_section("study", Judged, {"study": read_json(path)}, str(path))
