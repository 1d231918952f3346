"""Is a network as sure as it is right?"""

import numpy as np
from numpy.typing import NDArray

N_BINS = 15  # Guo et al., On Calibration of Modern Neural Networks, ICML 2017


def expected_calibration_error(
    probabilities: NDArray[np.float64], y_true: NDArray[np.int64], n_bins: int = N_BINS
) -> float:
    r"""Mean distance between confidence and accuracy over bins of equal width.

    :math:`\sum_b \frac{n_b}{n} |\mathrm{acc}_b - \mathrm{conf}_b|`, bins ``(b/B, (b+1)/B]`` of
    the largest probability; an empty bin weighs nothing.

    Shape:
        - probabilities: ``(n, n_classes)``, rows sum to 1.
        - y_true: ``(n,)``.
    """
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == y_true
    bins = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    surplus = np.bincount(bins, weights=hit - confidence, minlength=n_bins)
    return float(np.abs(surplus).sum() / len(y_true))
