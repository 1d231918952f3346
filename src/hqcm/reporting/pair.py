"""The two networks that the paper compares, by role instead of by name, and how each came about."""

from pathlib import Path
from typing import Any

from hqcm.contracts.params import View, check_section
from hqcm.results.files import read_json


class TrainedNetwork(View):
    """What lies beside a checkpoint: how the network came about."""

    variant: str
    best_epoch: int
    n_epochs: int
    device: str
    precision: str
    n_parameters: dict[str, int]
    versions: dict[str, str]
    params: dict[str, Any]

    def parameter(self, key: str) -> Any:  # noqa: ANN401  (numbers, texts and switches)
        """The value of a dotted key, or the device; None where this network has no such thing."""
        node: Any = {**self.params, "device": self.device}
        for name in key.split("."):
            node = node.get(name) if isinstance(node, dict) else None
        return node


def read_trained(path: Path) -> TrainedNetwork:
    """The JSON beside a checkpoint."""
    return check_section("network", TrainedNetwork, {"network": read_json(path)}, str(path))
