"""Parameters of the networks: sections `network`, `quantum`, `prepare` and `variants`."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from hqcm.contracts.params import Section, View, check_section

DOWNSAMPLING = 8  # three 2 x 2 max-pools (3.1)

Entangler = Literal["cnot", "cz", "none"]
Backend = Literal["exact", "pennylane"]


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
        return [_require_odd(size) for size in sizes]


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


class Attention(Section):
    """What the variants choose of the attention module."""

    spatial_kernel_px: int = Field(ge=1)
    fusion: Literal["mean", "learned"]
    channel_relu: bool

    @field_validator("spatial_kernel_px")
    @classmethod
    def _odd(cls, size: int) -> int:
        return _require_odd(size)


class HybridVariant(Attention):
    """A section of `variants` with a quantum layer."""

    head: Literal["quantum"]
    entangler: Entangler


class ClassicalVariant(Attention):
    """A section of `variants` without one."""

    head: Literal["linear"]


def check_variant(variant: str, params: Mapping[str, Any]) -> HybridVariant | ClassicalVariant:
    """The section of one variant; `params` is laid out as `params.yaml`.

    Raises:
        ValueError: there is no such variant, or its section is not as it must be.
    """
    section = params.get("variants", {}).get(variant)
    if isinstance(section, HybridVariant | ClassicalVariant):
        return section
    if isinstance(section, Mapping) and section.get("head") == "linear":
        return check_section(f"variants.{variant}", ClassicalVariant, params)
    return check_section(f"variants.{variant}", HybridVariant, params)


def _require_odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError("must be odd, so that padding keeps the image's size")
    return size
