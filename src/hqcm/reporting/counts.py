"""How many slices there are of each kind."""

from collections.abc import Sequence

import pandas as pd

from hqcm.contracts.labels import N_CLASSES


def count_classes(
    labels: "pd.Series[int]", by: "pd.Series[str]", rows: Sequence[str]
) -> dict[str, list[int]]:
    """Slices of each class, in the order of the labels, for each of the `rows` of `by`."""
    counts = pd.crosstab(by, labels).reindex(index=[*rows], columns=range(N_CLASSES), fill_value=0)
    return {str(name): [int(n) for n in row] for name, row in counts.iterrows()}
