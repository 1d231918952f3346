"""What networks choose between, and the keys that sections of `variants` share.

Parameters of the networks: sections `network`, `quantum`, `prepare` and `variants`.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from hqcm.contracts.params import Section, View, check_section

Entangler = Literal["cnot", "cz", "none"]
Backend = Literal["exact", "pennylane"]
Fusion = Literal["mean", "learned"]
ClassicalHead = Literal["linear", "matched", "normalised", "quadratic", "identity"]


def require_odd(size: int) -> int:
    """The kernel's edge, pixels.

    Raises:
        ValueError: it is even.
    """
    if size % 2 == 0:
        raise ValueError("must be odd, so that padding keeps the image's size")
    return size


class Attention(Section):
    """What the variants choose of the attention module."""

    spatial_kernel_px: int = Field(ge=1)
    fusion: Fusion
    channel_relu: bool

    @field_validator("spatial_kernel_px")
    @classmethod
    def _odd(cls, size: int) -> int:
        return require_odd(size)

    @property
    def attention(self) -> "Attention":
        """These keys."""
        return self


class Tuning(Section):
    """Keys that any variant may have; absent, the shared value holds.

    `learning_rate` takes the place of `train.learning_rate`; `base` names the variant that
    this one equals in all but the learning rate.
    """

    learning_rate: float | None = Field(default=None, gt=0)
    base: str | None = None


DOWNSAMPLING = 8  # three 2 x 2 max-pools (3.1)


class ImageSize(View):
    """What a network needs to know of section `prepare`."""

    image_size_px: int = Field(ge=2 * DOWNSAMPLING, multiple_of=DOWNSAMPLING)


class NetworkParams(Section):
    """Section `network`: what every variant shares."""

    input_batch_norm: bool
    filters: list[int] = Field(min_length=3, max_length=3)
    kernel_sizes_px: list[int] = Field(min_length=3, max_length=3)
    channel_reduction: int = Field(ge=1)
    feature_dropout: float = Field(ge=0, lt=1)
    projection_dropout: float = Field(ge=0, lt=1)

    @field_validator("kernel_sizes_px")
    @classmethod
    def _odd(cls, sizes: list[int]) -> list[int]:
        return [require_odd(size) for size in sizes]


class QuantumWidth(View):
    """The widths that the counterpart shares: 2**n_qubits * n_circuits values go in."""

    n_qubits: int = Field(ge=1, le=14)
    n_circuits: int = Field(ge=1)

    @property
    def n_amplitudes(self) -> int:
        """Length of the projected vector z (3.3)."""
        return self.n_circuits * 2**self.n_qubits

    @property
    def n_features(self) -> int:
        """Length of the vector the classifier sees (3.3)."""
        return self.n_circuits * self.n_qubits


class QuantumParams(QuantumWidth, Section):
    """Section `quantum`."""

    depth: int = Field(ge=1)
    backend: Backend


class HybridVariant(Attention, Tuning):
    """A section of `variants` with a quantum layer.

    `depth` takes the place of `quantum.depth`; with `frozen` the angles stay as drawn.
    """

    head: Literal["quantum"]
    entangler: Entangler
    depth: int | None = Field(default=None, ge=1)
    frozen: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_hybrid(cls, section: Any) -> Any:  # noqa: ANN401  (whatever the file holds)
        if isinstance(section, Mapping) and section.get("head") != "quantum":
            raise ValueError(
                "head must be quantum in a hybrid network; any other head, or a body without "
                "one, is named under study.classical"
            )
        return section


class ClassicalVariant(Tuning):
    """A section of `variants` without one: another head, or another body and no head.

    `n_coefficients`: what head `matched` compresses each chunk to; no other head has it. With
    a `body`, there is neither head nor attention; without, their keys must be given.
    """

    body: Literal["resnet18"] | None = None
    head: ClassicalHead | None = None
    n_coefficients: int | None = Field(default=None, ge=1)
    spatial_kernel_px: int | None = None
    fusion: Fusion | None = None
    channel_relu: bool | None = None

    @property
    def attention(self) -> Attention:
        """What the variant chooses of the attention module.

        Raises:
            ValueError: a key is missing, as with a `body` all are, or not as it must be.
        """
        given = self.model_dump(include=set(Attention.model_fields), exclude_none=True)
        return Attention.model_validate(given)

    @model_validator(mode="before")
    @classmethod
    def _is_classical(cls, section: Any) -> Any:  # noqa: ANN401  (whatever the file holds)
        if isinstance(section, Mapping) and section.get("head") == "quantum":
            raise ValueError(
                "head must not be quantum in a classical network; it is named under study.hybrid"
            )
        return section

    @model_validator(mode="after")
    def _has_what_its_body_has(self) -> Self:
        given = self.model_dump(exclude={"body", *Tuning.model_fields}, exclude_none=True)
        if self.body and given:
            raise ValueError(f"body {self.body} must stand without {', '.join(given)}")
        if self.body:
            return self
        if self.head is None:
            raise ValueError("head must be given, or a body without one")
        if (self.n_coefficients is None) == (self.head == "matched"):
            raise ValueError("n_coefficients must be given with head matched and no other")
        self.attention  # noqa: B018  (its own checks)
        return self


def check_variant(variant: str, params: Mapping[str, Any]) -> HybridVariant | ClassicalVariant:
    """The section of one variant; `params` is laid out as `params.yaml`.

    Raises:
        ValueError: there is no such variant, or its section is not as it must be.
    """
    section = params.get("variants", {}).get(variant)
    if isinstance(section, HybridVariant | ClassicalVariant):
        return section
    if isinstance(section, Mapping) and section.get("head") == "quantum":
        return check_section(f"variants.{variant}", HybridVariant, params)
    return check_section(f"variants.{variant}", ClassicalVariant, params)
