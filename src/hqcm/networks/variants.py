"""Sections `network`, `quantum`, `prepare` and `variants`: what networks choose between.

A section of `variants` has the keys of `Variant`, and beside them those of its head, which are the
`Params` of that module of `hqcm.networks.heads`.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    RootModel,
    ValidationInfo,
    field_validator,
    model_validator,
)

from hqcm.contracts.params import Section, View

DOWNSAMPLING = 8  # three 2 x 2 max-pools (3.1)
MAX_DEPTH = 1000
_HEADS = sorted(path.stem for path in (Path(__file__).parent / "heads").glob("[!_]*.py"))

Backend = Literal["exact", "pennylane"]
Fusion = Literal["mean", "learned"]
InitialWeights = Literal["torch", "released", "xavier"]


def _require_odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError("must be odd, so that padding keeps the image's size")
    return size


KernelSize = Annotated[int, Field(ge=1, le=31), AfterValidator(_require_odd)]
"""Edge of a convolution's kernel, pixels: odd, 1 to 31."""
_Filters = Annotated[int, Field(ge=1, le=1 << 16)]


class ImageSize(View):
    """What a network needs to know of section `prepare`: 16 to 2048, a multiple of 8."""

    image_size_px: int = Field(ge=2 * DOWNSAMPLING, le=2048, multiple_of=DOWNSAMPLING)


class NetworkParams(Section):
    """Section `network`: what every variant shares.

    1 to 65,536 `filters` a block, a `channel_reduction` of 1 to the last block's filters, dropouts
    in [0, 1).
    """

    input_batch_norm: bool
    initial_weights: InitialWeights
    filters: list[_Filters] = Field(min_length=3, max_length=3)
    kernel_sizes_px: list[KernelSize] = Field(min_length=3, max_length=3)
    channel_reduction: int = Field(ge=1)
    feature_dropout: float = Field(ge=0, lt=1)
    projection_dropout: float = Field(ge=0, lt=1)

    @field_validator("channel_reduction")
    @classmethod
    def _leaves_a_channel(cls, reduction: int, info: ValidationInfo) -> int:
        filters = info.data.get("filters")
        if filters and reduction > filters[-1]:
            raise ValueError(f"must be at most {filters[-1]}, the last of network.filters")
        return reduction


class QuantumWidth(View):
    """The widths that every head shares: 2**n_qubits * n_circuits values go in.

    1 to 14 qubits, 1 to 1,024 circuits.
    """

    n_qubits: int = Field(ge=1, le=14)
    n_circuits: int = Field(ge=1, le=1024)

    @property
    def n_amplitudes(self) -> int:
        """Length of the projected vector z (3.3)."""
        return self.n_circuits * 2**self.n_qubits

    @property
    def n_features(self) -> int:
        """Length of the vector that the circuits give (3.3)."""
        return self.n_circuits * self.n_qubits


class QuantumParams(QuantumWidth, Section):
    """Section `quantum`: a depth of 1 to 1,000 layers."""

    depth: int = Field(ge=1, le=MAX_DEPTH)
    backend: Backend


class Variant(Section):
    """A section of `variants`; keys that are not named here are its head's.

    `learning_rate` takes the place of `train.learning_rate`, `base` names the variant that this
    one equals in all but the learning rate. `input_batch_norm` and `initial_weights` take the
    place of those of section `network`, the last three of those of section `attention`. With a
    `body`, another network altogether, there is neither head nor attention.
    """

    model_config = ConfigDict(extra="allow")

    learning_rate: float | None = Field(default=None, gt=0, le=100)
    base: str | None = None
    body: Literal["resnet18"] | None = None
    head: str | None = None
    input_batch_norm: bool | None = None
    initial_weights: InitialWeights | None = None
    spatial_kernel_px: KernelSize | None = None
    fusion: Fusion | None = None
    channel_relu: bool | None = None

    @field_validator("head")
    @classmethod
    def _is_a_module(cls, head: str | None) -> str | None:
        if head not in {None, *_HEADS}:
            raise ValueError(f"must be one of {', '.join(_HEADS)}")
        return head

    @model_validator(mode="after")
    def _has_a_head_or_a_body(self) -> Self:
        given = self.model_dump(exclude={"learning_rate", "base", "body"}, exclude_none=True)
        if self.body and given:
            raise ValueError(f"body {self.body} must stand without {', '.join(given)}")
        if not self.body and self.head is None:
            raise ValueError("head must be given, or a body without one")
        return self


class Variants(RootModel[dict[str, Variant]]):
    """Section `variants`: every network there is."""


class HybridVariant(Variant):
    """A section that may be named under `study.hybrid`: its head is the quantum layer."""

    @model_validator(mode="after")
    def _is_hybrid(self) -> Self:
        if self.head != "quantum":
            raise ValueError(
                "head must be quantum in a hybrid network; any other head, or a body without "
                f"one, is named under study.classical; got {self.head or self.body}"
            )
        return self


class ClassicalVariant(Variant):
    """A section that may be named under `study.classical`: any other."""

    @model_validator(mode="after")
    def _is_classical(self) -> Self:
        if self.head == "quantum":
            raise ValueError(
                "head must not be quantum in a classical network; it is named under study.hybrid; "
                "got quantum"
            )
        return self
