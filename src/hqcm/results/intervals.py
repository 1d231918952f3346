"""Numbers with their intervals: protocol -> network -> quantity -> estimate."""

from pathlib import Path
from typing import Self

from pydantic import Field, FiniteFloat, model_validator

from hqcm.contracts.params import Section, check_section
from hqcm.results.files import read_json, write_json


class Interval(Section):
    """A value with its 95 % interval; both bounds are None where the data give none."""

    value: FiniteFloat
    low: FiniteFloat | None
    high: FiniteFloat | None

    @model_validator(mode="after")
    def _order_bounds(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low must not exceed high; got {self.low} and {self.high}")
        return self


class Estimate(Interval):
    """A mean over seeds with its 95 % interval, bootstrapped over groups of test slices.

    The interval speaks of other patients, not of another seed: the same trained networks,
    tested on patients drawn anew.
    """

    low: FiniteFloat
    high: FiniteFloat
    n: int = Field(ge=1)  # slices behind the value
    n_groups: int = Field(ge=1)  # groups (patients, or files where none is known) drawn from

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval."""
        return self.low, self.high


class ProtocolEstimates(Section):
    """The estimates of one protocol; what is undefined in the data is left out.

    `networks` goes from variant and quantity (a path as in `data/paper/claims.yaml`, for
    instance ``metrics/per_class/glioma/recall``) to an estimate, `differences` from quantity to
    hybrid minus classical of the compared pair, drawn with the same groups.
    """

    networks: dict[str, dict[str, Estimate]]
    differences: dict[str, Estimate]


_Quantities = dict[str, Estimate]
Estimates = dict[str, ProtocolEstimates]
"""Protocol -> its estimates."""


class _File(Section):
    estimates: Estimates


def write_estimates(path: Path, estimates: Estimates) -> None:
    """Write as JSON in the order given; same estimates, same bytes."""
    write_json(path, {name: found.model_dump() for name, found in estimates.items()})


def _read_estimates(path: Path) -> Estimates:
    """Read what `write_estimates` wrote; raises `ValueError` where it is something else."""
    file = {"file": {"estimates": read_json(path)}}
    return check_section("file", _File, file, str(path)).estimates


def read_all_estimates(folder: Path) -> Estimates:
    """Every estimate of the stages, file by file in the order of names, as one.

    Raises:
        ValueError: two files estimate the same quantity.
    """
    joined: Estimates = {}
    for path in sorted(folder.glob("*.json")):
        for protocol, found in _read_estimates(path).items():
            known = joined.get(protocol, ProtocolEstimates(networks={}, differences={}))
            joined[protocol] = ProtocolEstimates(
                networks={
                    name: _join(known.networks.get(name, {}), found.networks.get(name, {}), path)
                    for name in {**known.networks, **found.networks}
                },
                differences=_join(known.differences, found.differences, path),
            )
    return joined


def _join(known: _Quantities, found: _Quantities, path: Path) -> _Quantities:
    twice = known.keys() & found.keys()
    if twice:
        raise ValueError(f"{path}: must estimate what no other file does; got {min(twice)}")
    return {**known, **found}
