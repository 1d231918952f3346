"""Data by bytes, training by losses: what `make verify` tells."""

from pathlib import Path

import pandas as pd
import pytest

from hqcm.orchestration.verification import (
    FIRST_STEP,
    NEXT_STEPS,
    compare_outputs,
    compare_steps,
)


def lock(**hashes: str) -> dict[str, dict[str, list[dict[str, object]]]]:
    return {
        stage: {"outs": [{"path": f"data/{stage}.h5", "md5": md5, "size": len(md5)}]}
        for stage, md5 in hashes.items()
    }


def test_a_stage_agrees_if_its_bytes_do() -> None:
    recorded, here = (
        lock(convert="0" * 32, prepare="1" * 32),
        lock(convert="0" * 32, prepare="2" * 31),
    )
    same, other = compare_outputs(recorded, here, ["convert", "prepare"])
    assert same == (True, "convert: same bytes, 1 outputs")
    told = "prepare: data/prepare.h5 22222222 (31 bytes), on record 11111111 (32 bytes)"
    assert other == (False, told)


def test_what_is_not_on_record_differs() -> None:
    (found,) = compare_outputs({}, lock(split="3" * 32), ["split"])
    assert found == (False, "split: data/split.h5 33333333 (32 bytes), on record nothing")


@pytest.mark.parametrize(
    ("first", "later", "agrees"),
    [
        (0, 0, True),
        (0.9 * FIRST_STEP, -0.9 * NEXT_STEPS, True),
        (-1.1 * FIRST_STEP, 0, False),
        (0, 1.1 * NEXT_STEPS, False),
        (0, float("nan"), False),
    ],
)
def test_losses_agree_within_their_tolerance(
    tmp_path: Path, first: float, later: float, agrees: object
) -> None:
    recorded, here = tmp_path / "recorded.csv", tmp_path / "here.csv"
    pd.DataFrame({"loss": [2.0, 1.5, 1.0, 0.5, 0.4]}).to_csv(recorded)
    losses = [2 * (1 + first), 1.5, 1 + later, 0.9]  # of the last one, nothing is asked
    pd.DataFrame({"loss": losses}).to_csv(here)
    found = compare_steps("train", recorded, here)
    assert found.agrees == agrees
    assert found.told.startswith("train: first step's loss off by ")
