"""How contestants are timed, and what a benchmark says: tables and ratios, as text or as JSON."""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles

Contestants = Mapping[str, Callable[[], object]]
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Table:
    """Rows of text below their columns."""

    caption: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Ratio:
    """A median with its quartiles, and what it must not fall below or rise above."""

    name: str
    low: float
    value: float
    high: float
    floor: float | None = None
    ceiling: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the median keeps to its bounds."""
        above = self.floor is None or self.value >= self.floor
        return above and (self.ceiling is None or self.value <= self.ceiling)


@dataclass(frozen=True)
class Measurement:
    """One benchmark."""

    title: str
    how: str
    tables: list[Table] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def run(description: str | None, measure: Callable[[], Measurement]) -> None:
    """The command line of a benchmark: print it, and keep it where `--json` says."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="also write the measurement to this file")
    path = parser.parse_args().json
    measurement = measure()
    print("\n".join(as_markdown(measurement)))  # noqa: T201  (a benchmark prints)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(measurement), indent=1) + "\n")


def read(path: Path) -> Measurement:
    """A measurement that `run` has kept."""
    kept = json.loads(path.read_text())
    tables = [Table(**table) for table in kept.pop("tables")]
    ratios = [Ratio(**ratio) for ratio in kept.pop("ratios")]
    return Measurement(**kept, tables=tables, ratios=ratios)


def alternate(
    contestants: Contestants, rounds: int, *, seconds: float = 60.0, n_calls: int = 2
) -> Times:
    """Seconds of each contestant in each round, in turn, so that a disturbance disturbs all.

    Each is called twice a round and timed at the last call: what ran before it has emptied
    its caches, and nobody is to pay for the neighbour. One round more comes first, uncounted.

    Args:
        contestants: name and what to call.
        rounds: how often, at most.
        seconds: no further round after this time (but three at least).
        n_calls: calls a round; one will do where a call outlasts any cache.
    """
    times: Times = {name: [] for name in contestants}
    end = time.perf_counter() + seconds
    for number in range(rounds + 1):
        for name, call in contestants.items():
            for _ in range(n_calls - 1):
                call()
            start = time.perf_counter()
            call()
            if number > 0:
                times[name].append(time.perf_counter() - start)
        if number >= 3 and time.perf_counter() > end:  # noqa: PLR2004  (three rounds have a median)
            break
    return times


def spread(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, median(values), high


def paired_ratio(numerator: list[float], denominator: list[float]) -> tuple[float, float, float]:
    """Quartiles and median of the ratio, round by round."""
    return spread([a / b for a, b in zip(numerator, denominator, strict=True)])


def milliseconds(times: list[float]) -> str:
    """Median and quartiles, three digits."""
    low, middle, high = (1e3 * value for value in spread(times))
    digits = max(0, 2 - len(str(int(middle))) + 1)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def as_markdown(measurement: Measurement) -> list[str]:
    """Lines of a section."""
    lines = [f"## {measurement.title}", "", measurement.how, ""]
    for table in measurement.tables:
        cells = [table.columns, ["---"] * len(table.columns), *table.rows]
        lines += [table.caption, "", *("| " + " | ".join(row) + " |" for row in cells), ""]
    lines += [f"* {as_sentence(ratio)}" for ratio in measurement.ratios]
    lines += [f"* Skipped: {reason}" for reason in measurement.skipped]
    return [*lines, ""]


def as_sentence(ratio: Ratio) -> str:
    """The ratio, its quartiles, its bound and whether it holds."""
    said = f"{ratio.name}: **{ratio.value:.3g}** (quartiles {ratio.low:.3g} to {ratio.high:.3g})"
    for name, bound in (("floor", ratio.floor), ("ceiling", ratio.ceiling)):
        if bound is not None:
            said += f"; {name} {bound:g}: {'holds' if ratio.holds else 'MISSED'}"
    return said
