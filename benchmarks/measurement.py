"""What a benchmark says: tables, curves and ratios, printed or kept as JSON."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Table:
    """Rows of text below their columns."""

    caption: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Curves:
    """Cost against size; both axes logarithmic where that is how it grows."""

    title: str
    x_label: str
    y_label: str
    series: dict[str, list[tuple[float, float]]]
    is_logarithmic: bool = True


@dataclass(frozen=True)
class Ratio:
    """A median with its quartiles, and what it must not fall below or rise above.

    Where it is no median, `between` says what `low` and `high` are.
    """

    name: str
    low: float
    value: float
    high: float
    floor: float | None = None
    ceiling: float | None = None
    between: str = "quartiles"

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
    curves: list[Curves] = field(default_factory=list)
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
    return Measurement(
        kept["title"],
        kept["how"],
        [Table(**table) for table in kept["tables"]],
        [Curves(**curves) for curves in kept["curves"]],
        [Ratio(**ratio) for ratio in kept["ratios"]],
        kept["skipped"],
    )


def as_markdown(measurement: Measurement) -> list[str]:
    """Lines of a section."""
    lines = [f"## {measurement.title}", "", measurement.how, ""]
    for table in measurement.tables:
        lines += [table.caption, "", _row(table.columns), _row(["---"] * len(table.columns))]
        lines += [_row(row) for row in table.rows] + [""]
    lines += [f"* {as_sentence(ratio)}" for ratio in measurement.ratios]
    lines += [f"* Skipped: {reason}" for reason in measurement.skipped]
    return [*lines, ""]


def as_sentence(ratio: Ratio) -> str:
    """The ratio, its quartiles, its bound and whether it holds."""
    said = (
        f"{ratio.name}: **{ratio.value:.3g}** ({ratio.between} {ratio.low:.3g} to {ratio.high:.3g})"
    )
    for name, bound in (("floor", ratio.floor), ("ceiling", ratio.ceiling)):
        if bound is not None:
            said += f"; {name} {bound:g}: {'holds' if ratio.holds else 'MISSED'}"
    return said


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
