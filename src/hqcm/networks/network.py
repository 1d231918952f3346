"""The assembled network (paper Fig. 1) and its variants."""

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any, TypeVar

import torch
from pydantic import create_model
from torch import nn

from hqcm.contracts.labels import N_CLASSES
from hqcm.contracts.params import ParamsError, Section, check_section
from hqcm.networks.attention import (
    AttentionParams,
    ChannelAttention,
    DualAttention,
    SpatialAttention,
)
from hqcm.networks.features import FeatureExtractor
from hqcm.networks.output import Network, NetworkOutput
from hqcm.networks.residual import ResidualNetwork
from hqcm.networks.variants import (
    DOWNSAMPLING,
    ImageSize,
    NetworkParams,
    QuantumParams,
    QuantumWidth,
    Variant,
)

_LINEAR_BIAS = 0.01  # the released model (D-19)
_SectionT = TypeVar("_SectionT", bound=Section)


class AttentionNetwork(Network):
    r"""Features, attention, projection, head and classifier.

    :math:`F = \mathrm{features}(x)`; :math:`F_\mathrm{final} = F \odot (1 + T_s)`;
    :math:`z = \mathrm{ReLU}(W_z F_\mathrm{final} + b_z)`; :math:`q = \mathrm{head}(z)`, the
    quantum layer or what stands in its place; :math:`y = W_c q + b_c`.

    Under autocast the convolutions run in the lower precision; everything from the
    projection on is float32, the attention map float64.

    Shape:
        - images: ``(batch, 1, H, W)``, [0, 1].
        - returns: see `NetworkOutput`.

    Source:
        arXiv:2506.21937v1, Fig. 1 and sections 3.1 to 3.3.

    Deviation:
        D-03 (dropout and ReLU around the projection), D-19 (initial weights).
    """

    def __init__(
        self,
        features: FeatureExtractor,
        attention: DualAttention,
        projection: nn.Module,
        head: nn.Module,
        classifier: nn.Linear,
    ) -> None:
        super().__init__()
        self.features = features
        self.attention = attention
        self.projection = projection
        self.head = head
        self.classifier = classifier

    def forward(self, images: torch.Tensor) -> NetworkOutput:
        maps = self.features(images)  # (batch, 32, H / 8, W / 8)
        attended, attention = self.attention(maps)
        with torch.autocast(images.device.type, enabled=False):
            projected = self.projection(attended.float())  # (batch, 160)
            features = self.head(projected)  # (batch, 25)
            logits = self.classifier(features)  # (batch, 4)
        return NetworkOutput(logits, features, attention.squeeze(1))


def build_network(variant: str, params: Mapping[str, Any]) -> Network:
    """Build a variant with fresh weights, drawn from torch's global generator.

    Args:
        variant: a section of `variants`.
        params: laid out as `params.yaml` (or all of it); of it sections `prepare`,
            `network`, `attention`, `quantum` and `variants` are used.

    Raises:
        ParamsError: a section is missing or not as it must be, or the head does not fit the widths.
    """
    choice = check_section(f"variants.{variant}", Variant, params)
    if choice.body == "resnet18":
        return ResidualNetwork()
    head, own = _load_head(variant, choice)
    shared = _prefer(choice, check_section("network", NetworkParams, params))
    size = check_section("prepare", ImageSize, params).image_size_px // DOWNSAMPLING
    # Classical networks are not given the rest of section `quantum`, so it does not retrain them.
    schema = QuantumParams if choice.head == "quantum" else QuantumWidth
    width = check_section("quantum", schema, params)
    channels = shared.filters[-1]
    network = AttentionNetwork(
        FeatureExtractor(shared),
        _build_attention(choice, params, channels, shared.channel_reduction),
        nn.Sequential(
            nn.Flatten(),
            nn.Dropout(shared.projection_dropout),
            nn.Linear(channels * size * size, width.n_amplitudes),
            nn.ReLU(),
        ),
        _build_head(variant, head, own, width),
        nn.Linear(head.n_features(width), N_CLASSES),
    )
    network.apply(_INITIALISE[shared.initial_weights])
    return network


def check_variant(variant: str, params: Mapping[str, Any], where: str = "params") -> None:
    """Check a section of `variants` with its head's keys, without building it.

    Raises:
        ParamsError: a key is not as it must be.
    """
    choice = check_section(f"variants.{variant}", Variant, params, where)
    if choice.head:
        _load_head(variant, choice, where)


def _load_head(variant: str, choice: Variant, where: str = "params") -> tuple[ModuleType, Variant]:
    """The module that the section names, and the section with that head's keys checked too.

    By name, so that no other head is among what a network is made of: docs/decisions/0018.
    """
    head = importlib.import_module(f"hqcm.networks.heads.{choice.head}")
    bases = (Variant, head.Params)
    sections = {"variants": {variant: choice.model_dump(exclude_none=True)}}
    own = check_section(
        f"variants.{variant}", create_model("Section", __base__=bases), sections, where
    )
    return head, own


def _build_head(variant: str, head: ModuleType, own: Variant, width: QuantumWidth) -> nn.Module:
    try:
        layer: nn.Module = head.build(own, width)
    except ValueError as error:
        raise ParamsError(f"params: variants.{variant}.{error}") from None
    return layer


def _build_attention(
    choice: Variant, params: Mapping[str, Any], channels: int, reduction: int
) -> DualAttention:
    chosen = _prefer(choice, check_section("attention", AttentionParams, params))
    return DualAttention(
        ChannelAttention(channels, reduction, relu=chosen.channel_relu),
        SpatialAttention(channels, chosen.spatial_kernel_px, chosen.fusion),
    )


def _prefer(choice: Variant, shared: _SectionT) -> _SectionT:
    """A section that variants share, with the values of a variant where it has its own."""
    own = choice.model_dump(include=set(type(shared).model_fields), exclude_none=True)
    return shared.model_copy(update=own)


def _keep(_: nn.Module) -> None:
    """The weights that torch's layers draw themselves: uniform, within 1 / sqrt(inputs)."""


def _draw_released(module: nn.Module) -> None:
    """Kaiming-uniform weights, linear biases of 0.01: sqrt(6) times as wide as torch's own."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
    if isinstance(module, nn.Linear):
        nn.init.constant_(module.bias, _LINEAR_BIAS)


def _draw_xavier(module: nn.Module) -> None:
    """Glorot's uniform weights; biases as torch has them."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)


# By `network.initial_weights` (D-19).
_INITIALISE = {"torch": _keep, "released": _draw_released, "xavier": _draw_xavier}
