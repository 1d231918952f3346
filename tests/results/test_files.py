"""Result files."""

from pathlib import Path

import pandas as pd
import pytest

from hqcm.results.files import read_json, table_path, write_json, write_tables


def test_json_keeps_order_and_ends_with_a_newline(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"b": 0.5, "a": {"n": None}})
    assert path.read_text() == '{\n  "b": 0.5,\n  "a": {\n    "n": null\n  }\n}\n'
    assert list(read_json(path)) == ["b", "a"]


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"loss": float("nan")})


def test_tables_lie_under_network_and_protocol(tmp_path: Path) -> None:
    table = pd.DataFrame({"x": [0.25], "name": ["glioma"]})
    write_tables(tmp_path / "out", {("paper", "random"): table, ("a", "b"): table})
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a-b.csv",
        "paper-random.csv",
    ]
    path = table_path(tmp_path / "out", "paper", "random")
    assert path.read_text() == "x,name\n0.25,glioma\n"
