"""How to cite, from the file that tells."""

from pathlib import Path

import pytest

from hqcm.reporting.results import read_citation

PROJECT = Path(__file__).parents[2] / "CITATION.cff"


def test_the_projects_own_file_is_a_sentence() -> None:
    authors, title, said, version, licence = read_citation(PROJECT).split(", ")
    assert authors == "The hqcm-ebtc reproduction authors"
    assert f"{title}, {said}" == "HQCM-EBTC, reproduced"
    assert (version.split()[0], licence) == ("version", "MIT licence")


@pytest.mark.parametrize("key", ["title", "authors", "version", "license"])
def test_a_file_that_lacks_a_key_is_named(tmp_path: Path, key: str) -> None:
    lines = PROJECT.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
    del lines[start : start + (2 if key == "authors" else 1)]
    path = tmp_path / "CITATION.cff"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match=f"CITATION.cff: citation.{key} is missing"):
        read_citation(path)
