"""A table for each network and protocol, as `hqcm.contracts.results.write_tables` takes them."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import pandas as pd

Tables = dict[tuple[str, str], pd.DataFrame]
"""(variant, protocol) -> table."""
T = TypeVar("T")


def tabulate_each(
    study: Mapping[str, Mapping[str, T]], tabulate: Callable[[T], pd.DataFrame]
) -> Tables:
    """Tabulate what each network has left, protocol by protocol.

    Args:
        study: protocol -> variant -> for instance the runs of that network.
        tabulate: a table of that.
    """
    return {
        (variant, protocol): tabulate(left)
        for protocol, variants in study.items()
        for variant, left in variants.items()
    }
