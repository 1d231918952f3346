"""CONTRIBUTING.md, "To add a protocol", step by step: its split is drawn, the others stay."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from contributing import code_blocks, read_guide
from tiny_project import ROOT, TinyProject

GUIDE = read_guide("To add a protocol")

pytestmark = pytest.mark.slow


def test_a_function_and_a_name_are_a_protocol_more(tiny: TinyProject) -> None:
    assert [language for language, _ in code_blocks(GUIDE)] == ["python", "yaml"]
    function, name = (text for _, text in code_blocks(GUIDE))
    (module,) = re.findall(r"`(src/hqcm/splitting/\w+\.py)`", GUIDE)
    with (tiny.folder / module).open("a") as file:
        file.write(f"\n\n{function}")
    params = yaml.safe_load((tiny.folder / "params.yaml").read_text())
    (new,) = yaml.safe_load(name)["study"]["protocols"]
    params["study"]["protocols"] = ["random", new]
    (tiny.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    try:
        printed = tiny.run("dvc", "repro", f"split@{new}", "train_classical@counterpart-random-0")
        assert "train_classical@counterpart-random-0' didn't change" in printed
        split = pd.read_csv(tiny.folder / "data/processed/split" / f"{new}.csv")
        assert set(split["part"]) == {"train", "validation", "test"}
    finally:
        tiny.restore()


def test_the_guide_names_a_real_module() -> None:
    assert all(Path(ROOT / name).exists() for name in re.findall(r"`(src/[\w/]+\.py)`", GUIDE))
