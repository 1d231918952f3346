"""Is a network as sure as it is right?"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

N_BINS = 15  # Guo et al., On Calibration of Modern Neural Networks, ICML 2017


def spread_over_bins(
    probabilities: NDArray[np.float64], y_true: NDArray[np.int64], n_bins: int = N_BINS
) -> NDArray[np.float64]:
    r"""Each slice's hit (0 or 1) minus confidence, in the column of its bin, else 0.

    The expected calibration error of any slices, their mean distance between confidence and
    accuracy :math:`\sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|`, is the sum of the
    magnitudes of the columns' sums, divided by the number of slices. Bins ``(b/B, (b+1)/B]`` of
    the largest probability; an empty bin weighs nothing.

    Shape:
        - probabilities: ``(n, n_classes)``, rows sum to 1.
        - y_true: ``(n,)``.
        - returns: ``(n, n_bins)``.
    """
    hit = probabilities.argmax(axis=1) == y_true
    columns = np.zeros((len(y_true), n_bins))
    bins = _place_in_bins(probabilities, n_bins)
    columns[np.arange(len(y_true)), bins] = hit - probabilities.max(axis=1)
    return columns


def squared_errors(
    probabilities: NDArray[np.float64], y_true: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Each slice's squared distance between its probabilities and the truth, 0 to 2.

    Their mean is the Brier score over all classes.

    Shape:
        - returns: ``(n,)``.

    Source:
        Brier, Verification of forecasts expressed in terms of probability, Mon. Weather Rev. 78
        (1950); twice scikit-learn's where there are two classes.
    """
    truth = np.eye(probabilities.shape[1])[y_true]
    return ((probabilities - truth) ** 2).sum(axis=1)


def tabulate_reliability(
    probabilities: NDArray[np.float64], y_true: NDArray[np.int64], n_bins: int = N_BINS
) -> pd.DataFrame:
    """Columns `bin` (its centre), `confidence`, `accuracy` (means of its slices) and `n`.

    A row a bin that holds slices.
    """
    table = pd.DataFrame(
        {
            "bin": _place_in_bins(probabilities, n_bins),
            "confidence": probabilities.max(axis=1),
            "accuracy": (probabilities.argmax(axis=1) == y_true).astype(float),
            "n": 1,
        }
    )
    rows = table.groupby("bin").agg({"confidence": "mean", "accuracy": "mean", "n": "sum"})
    rows.index = (rows.index + 0.5) / n_bins
    return rows.reset_index().round(6)


def _place_in_bins(probabilities: NDArray[np.float64], n_bins: int) -> NDArray[np.int64]:
    """The bin of each slice's largest probability, 0 to n_bins - 1."""
    upper = np.ceil(probabilities.max(axis=1) * n_bins).astype(np.int64)
    return np.clip(upper - 1, 0, n_bins - 1)
