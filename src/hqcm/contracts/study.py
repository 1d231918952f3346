"""Which networks are trained: variants x protocols x seeds, and what each cell is called."""

from typing import Annotated, NamedTuple, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from hqcm.contracts.params import ParamsError, Section, View

_T = TypeVar("_T")


def _require_once(values: list[_T]) -> list[_T]:
    twice = [value for n, value in enumerate(values) if value in values[:n]]
    if twice:
        raise ValueError(f"must name each once; {twice[0]} comes twice")
    return values


_Name = Annotated[str, Field(pattern=r"^[\w-]+$")]  # part of the name of every file of a run
_Names = Annotated[list[_Name], Field(min_length=1), AfterValidator(_require_once)]
_Seed = Annotated[int, Field(ge=0)]


class Cell(NamedTuple):
    """One training run of the study."""

    variant: str
    protocol: str
    seed: int

    @property
    def name(self) -> str:
        """The file stem of everything this run leaves, ``<variant>-<protocol>-<seed>``."""
        return f"{self.variant}-{self.protocol}-{self.seed}"


class StudyParams(Section):
    """Section `study`: the lists the matrix stages run over, each of one or more, none twice.

    Names are of letters, digits, _ and -; seeds 0 or more.
    """

    hybrid: _Names
    classical: _Names
    protocols: _Names
    seeds: Annotated[list[_Seed], Field(min_length=1), AfterValidator(_require_once)]

    @property
    def variants(self) -> list[str]:
        """Hybrid first, then classical."""
        return [*self.hybrid, *self.classical]

    @property
    def pair(self) -> tuple[str, str]:
        """The hybrid and the classical network that the paper compares."""
        return self.hybrid[0], self.classical[0]

    @property
    def first_protocol(self) -> str:
        """The protocol whose runs are looked at in detail."""
        return self.protocols[0]

    def first_run(self, variant: str) -> Cell:
        """A network's run under the first protocol with the first seed."""
        return Cell(variant, self.first_protocol, self.seeds[0])

    def cells(self) -> list[Cell]:
        """Every run, protocol by protocol."""
        return [
            Cell(variant, protocol, seed)
            for protocol in self.protocols
            for variant in self.variants
            for seed in self.seeds
        ]


class ClassicalNames(View):
    """Of section `study`, the classical networks."""

    classical: _Names


class _Body(View):
    """Of a section of `variants`, the body that takes the place of the paper's, if it has one."""

    body: str | None = None


class Bodies(RootModel[dict[str, _Body]]):
    """Section `variants`, whatever the names."""

    model_config = ConfigDict(frozen=True, strict=True)


def require_map(names: ClassicalNames, variants: Bodies) -> None:
    """Say before training, not after hours, that there will be no maps to compare.

    Raises:
        ParamsError: the first classical network has another body, and so no attention map.
    """
    first = names.classical[0]
    found = variants.root.get(first)
    if found and found.body:
        raise ParamsError(
            "the first network under study.classical must have an attention map, to compare with "
            f"that of the hybrid one; got {first}, whose body {found.body} has none; name another "
            "one before it"
        )
