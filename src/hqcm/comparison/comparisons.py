"""What the stage `compare` answers: the schema of its JSON and, a row a comparison, of its CSV.

Value, low and high stand apart, not as an `Interval`: the fields of a row are its columns.
"""

from pathlib import Path
from typing import Literal, get_args

import pandas as pd
from pydantic import Field, FiniteFloat

from hqcm.comparison.learning_rates import Rate
from hqcm.contracts.params import Section, check_section
from hqcm.results.files import read_json, write_json

Question = Literal["network", "protocol"]
Setting = Literal["published", "best"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)
Kind = Literal["hybrid", "classical"]
Verdict = Literal["first ahead", "second ahead", "no difference", "undecided", "one run"]


class _Bounded(Section):
    low: float | None
    high: float | None

    @property
    def possible(self) -> tuple[float | None, float | None]:
        """The interval; no bounds where one lies beyond 1, which no difference of scores is."""
        if self.low is None or self.high is None or max(-self.low, self.high) > 1:
            return None, None
        return self.low, self.high


class Comparison(_Bounded):
    """First minus second, of one quantity (a path as in `data/paper/claims.yaml`).

    question: `network`, the study's first hybrid network against a control, under one protocol,
        paired by seed and slice; or `protocol`, one network under the study's first protocol
        against another one, on other slices.
    setting: every network at its published learning rate, those left out that were not trained at
        it, or at the best one tried for it.
    family: the control, or the network under two protocols; `first` and `second` are variants.
    low, high: 95 %, over seeds and groups; none where neither can vary.
    p_holm: adjusted for the `n_tests` comparisons that share question, setting, quantity and
        protocols.
    recovered: the share of the gap between hybrid and counterpart that the control recovers;
        none where that gap is not established, or where there is nothing to recover.
    verdict: `first ahead` and `second ahead` at an adjusted p below 0.05, else `no difference`
        if the interval lies within the margin, else `undecided`; `one run` where a single seed
        forbids any.
    """

    question: Question
    setting: Setting
    quantity: str
    family: str
    first: str
    second: str
    first_protocol: str
    second_protocol: str
    first_value: float
    second_value: float
    difference: float
    low: float | None
    high: float | None
    p_value: float | None
    p_holm: float | None
    n_tests: int
    n_seeds: int = Field(ge=1)
    first_n_slices: int = Field(ge=1)
    first_n_groups: int = Field(ge=1)
    second_n_slices: int = Field(ge=1)
    second_n_groups: int = Field(ge=1)
    recovered: float | None
    recovered_low: float | None
    recovered_high: float | None
    verdict: Verdict


class Familiarity(_Bounded):
    """Accuracy of one network on the test slices that training knows, and on the others.

    Known: a near-duplicate, or another slice of the patient, is in training. The two kinds are
    different slices, of other sources and classes; the difference is not what knowing does.
    low, high: of the difference, 95 %, over seeds and groups; none where one group holds all
        slices of a kind, or where more than a tenth of the draws lack a kind.
    """

    protocol: str
    variant: str
    n_seeds: int = Field(ge=1)
    known_value: FiniteFloat
    known_n_slices: int = Field(ge=1)
    known_n_groups: int = Field(ge=1)
    other_value: FiniteFloat
    other_n_slices: int = Field(ge=1)
    other_n_groups: int = Field(ge=1)
    difference: FiniteFloat
    low: FiniteFloat | None
    high: FiniteFloat | None


class Comparisons(Section):
    """All answers of a study; `families` says of each network which kind it is.

    The first family of either kind are the hybrid network and the counterpart of the paper.
    """

    families: dict[str, Kind]
    quantities: list[str]
    seeds: list[int]
    margin: float
    tuning: list[Rate]
    comparisons: list[Comparison]
    familiarity: list[Familiarity]

    @property
    def hybrid(self) -> str:
        """The network that the controls are compared with."""
        return self._first("hybrid")

    @property
    def counterpart(self) -> str:
        """The lower end of the gap."""
        return self._first("classical")

    @property
    def protocols(self) -> list[str]:
        """In the order of the study."""
        return list(dict.fromkeys(rate.protocol for rate in self.tuning))

    @property
    def settings(self) -> list[Setting]:
        """Those that were compared: `best` only where there was a choice."""
        used = {found.setting for found in self.comparisons}
        return [setting for setting in SETTINGS if setting in used]

    @property
    def tuned(self) -> list[str]:
        """The families that were trained at more than one learning rate."""
        tried = [rate.family for rate in self.tuning if rate.protocol == self.protocols[0]]
        return [family for family in self.families if tried.count(family) > 1]

    @property
    def published(self) -> list[str]:
        """The families that were trained at their published learning rate."""
        return list(dict.fromkeys(rate.family for rate in self.tuning if rate.is_published))

    def select(
        self, question: Question, setting: Setting, quantity: str, protocol: str
    ) -> list[Comparison]:
        """The comparisons of one table, in the order of the study.

        `protocol` is the second one, which for networks is the first one too.
        """
        wanted = (question, setting, quantity, protocol)
        return [
            found
            for found in self.comparisons
            if (found.question, found.setting, found.quantity, found.second_protocol) == wanted
        ]

    def find(
        self, setting: Setting, quantity: str, protocol: str | None = None
    ) -> Comparison | None:
        """Hybrid minus counterpart, under the study's first protocol if none is named."""
        rows = self.select("network", setting, quantity, protocol or self.protocols[0])
        return next((row for row in rows if row.family == self.counterpart), None)

    def _first(self, kind: Kind) -> str:
        return next(name for name, found in self.families.items() if found == kind)


def write_comparisons(path: Path, found: Comparisons) -> None:
    """Write as JSON; same answers, same bytes."""
    write_json(path, found.model_dump())


def read_comparisons(path: Path) -> Comparisons:
    """Read what `write_comparisons` wrote.

    Raises:
        ValueError: a key is unknown, missing or mistyped.
    """
    return check_section("file", Comparisons, {"file": read_json(path)}, str(path))


def tabulate_comparisons(found: Comparisons) -> pd.DataFrame:
    """A row a comparison, the fields of `Comparison` as columns."""
    rows = [each.model_dump() for each in found.comparisons]
    return pd.DataFrame(rows, columns=list(Comparison.model_fields))
