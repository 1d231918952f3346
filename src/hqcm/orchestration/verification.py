"""Whether this machine gets the numbers that are on record: data by bytes, training by losses."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from hqcm.contracts.params import read_yaml

FIRST_STEP, LATER_STEPS = 1e-4, 0.1
"""How far the loss of the first step, and of those after it, may be off, relative.

Several times what float32 in one arithmetic differs from float32 in another: docs/decisions/0022.
"""


class Finding(NamedTuple):
    """What came of a stage: `told` is one line."""

    agrees: bool
    told: str


def compare_outputs(
    recorded: Mapping[str, Any], here: Mapping[str, Any], stages: list[str]
) -> Iterator[Finding]:
    """Hold what stages wrote against the lock, byte for byte.

    Args:
        recorded: section `stages` of the lock on record.
        here: the same of this machine.
        stages: those to compare, in the order they ran.
    """
    for stage in stages:
        expected = {out["path"]: out for out in recorded.get(stage, {}).get("outs", [])}
        got = {out["path"]: out for out in here[stage]["outs"]}
        differing = [
            f"{path} {_tell(out)}, on record {_tell(expected.get(path))}"
            for path, out in got.items()
            if out["md5"] != expected.get(path, {}).get("md5")
        ]
        same = f"same bytes, {len(got)} outputs"
        yield Finding(not differing, f"{stage}: {'; '.join(differing) or same}")


def _tell(out: Mapping[str, Any] | None) -> str:
    return f"{out['md5'][:8]} ({out['size']} bytes)" if out else "nothing"


def compare_steps(stage: str, recorded: Path, here: Path) -> Finding:
    """Hold the losses of the first steps against those on record, as many as there are here."""
    got = pd.read_csv(here)["loss"]
    expected = pd.read_csv(recorded)["loss"].iloc[: len(got)]
    off = ((got - expected) / expected).abs()
    first, later = off.iloc[0], off.iloc[1:].max(skipna=False)
    told = (
        f"first step's loss off by {first:.1e} (at most {FIRST_STEP:.0e}), that of the next "
        f"{len(got) - 1} by up to {later:.1e} (at most {LATER_STEPS:.0e})"
    )
    agrees = first <= FIRST_STEP and later <= LATER_STEPS
    return Finding(bool(agrees), f"{stage}: {told}")


def read_stages(lock: Path) -> dict[str, Any]:
    """Section `stages` of a lock."""
    stages: dict[str, Any] = read_yaml(lock)["stages"]
    return stages
