"""What networks choose between, and the keys that sections of `variants` share."""

from typing import Literal

from pydantic import Field, field_validator

from hqcm.contracts.params import Section

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
