"""Which sources there are, and where their native stores lie."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ConfigDict, Field, RootModel

from hqcm.contracts.params import Section


class SourceParams(Section):
    """One of section `sources`: the module of `hqcm.formats` that reads the source's files."""

    format: str = Field(pattern="^[a-z][a-z0-9_]*$")


class Sources(RootModel[dict[str, SourceParams]]):
    """Section `sources`, in the order in which their slices are prepared."""

    model_config = ConfigDict(frozen=True, strict=True)


def list_stores(given: Sequence[Path], sources: Iterable[str]) -> list[Path]:
    """Native stores as they are given; a folder stands for those of all sources, in their order."""
    stores = []
    for path in given:
        stores += [path / source / "slices.h5" for source in sources] if path.is_dir() else [path]
    return stores
