"""Whether this machine gets the numbers that are on record: data by bytes, training by losses."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from hqcm.contracts.params import read_yaml

FIRST_STEP, NEXT_STEPS, N_NEXT = 5e-5, 2e-2, 2
"""How far the loss of the first step, and of the next ones, may be off, relative.

Several times what one arithmetic of float32 differs from another; later steps are told and not
judged, for there the difference grows to any size. See docs/decisions/0022.
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
    first, following, rest = off.iloc[0], off.iloc[1 : 1 + N_NEXT], off.iloc[1 + N_NEXT :]
    worst = following.max(skipna=False)
    told = (
        f"first step's loss off by {first:.1e} (at most {FIRST_STEP:.0e}), that of the next "
        f"{len(following)} by up to {worst:.1e} (at most {NEXT_STEPS:.0e}), of {len(rest)} more "
        f"by up to {rest.max():.1e}, which roundings make"
    )
    agrees = first <= FIRST_STEP and worst <= NEXT_STEPS
    return Finding(bool(agrees), f"{stage}: {told}")


def read_stages(lock: Path) -> dict[str, Any]:
    """Section `stages` of a lock."""
    stages: dict[str, Any] = read_yaml(lock)["stages"]
    return stages
