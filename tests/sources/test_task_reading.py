"""Reading one task: what its files do to the decoder stays inside."""

from pathlib import Path

import pytest

from hqcm.formats.native_format import RawFile, describe


@pytest.mark.parametrize("name", ["plain.jpg", "it's.jpg", 'a "b".jpg', "tab\t.jpg", "ü.jpg"])
def test_a_reason_is_one_line_without_the_machines_paths(tmp_path: Path, name: str) -> None:
    path = tmp_path / "deep" / name
    file = RawFile(f"deep/{name}", path)
    for error in (OSError(2, "No such file", str(path)), ValueError(f"bad {path}:\n\n  worse")):
        reason = describe(error, file)
        assert str(tmp_path) not in reason
        assert "\n" not in reason


def test_a_reason_that_quotes_a_file_at_length_is_cut(tmp_path: Path) -> None:
    file = RawFile("1.txt", tmp_path / "1.txt")
    assert len(describe(ValueError("x" * 10_000), file)) == 400
