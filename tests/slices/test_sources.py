"""Section `sources` in its order, and the stores that a folder stands for."""

from pathlib import Path

import pytest

from hqcm.contracts.params import check_section
from hqcm.slices.sources import Sources, list_stores

SECTION = {"b": {"format": "dicom"}, "a": {"format": "images"}}


def test_a_folder_stands_for_the_stores_of_all_sources_in_their_order(tmp_path: Path) -> None:
    sources = check_section("sources", Sources, {"sources": SECTION})
    stores = list_stores([Path("other.h5"), tmp_path], sources.root)
    assert stores == [Path("other.h5"), tmp_path / "b/slices.h5", tmp_path / "a/slices.h5"]


@pytest.mark.parametrize("format", [3, "no/path", "", None])
def test_a_format_is_named_by_a_word(format: object) -> None:  # noqa: A002  (the key)
    with pytest.raises(ValueError, match=r"params: sources\.a\.format: .*got"):
        check_section("sources", Sources, {"sources": {"a": {"format": format}}})


def test_another_key_is_refused() -> None:
    with pytest.raises(ValueError, match=r"sources\.a\.folder is not a parameter"):
        check_section("sources", Sources, {"sources": {"a": {"format": "dicom", "folder": "x"}}})
