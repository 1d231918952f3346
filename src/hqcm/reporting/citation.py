"""How to cite this reproduction: `CITATION.cff` in a sentence."""

from pathlib import Path

from pydantic import Field

from hqcm.contracts.params import View, check_section, read_yaml


class Author(View):
    """A person or a group."""

    name: str


class Citation(View):
    """What the report quotes of the file."""

    title: str
    authors: list[Author] = Field(min_length=1)
    version: str
    license: str


def read_citation(path: Path) -> str:
    """Authors, title, version and licence.

    Raises:
        ValueError: the file lacks one of them.
    """
    loaded = {"citation": read_yaml(path)}
    cited = check_section("citation", Citation, loaded, where=str(path))
    authors = ", ".join(author.name for author in cited.authors)
    return f"{authors}, {cited.title}, version {cited.version}, {cited.license} licence"
