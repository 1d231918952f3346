"""How sure a network is of each class."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from hqcm.contracts.predictions import Predictions


def probabilities_of(run: Predictions) -> NDArray[np.float64]:
    """Softmax of the logits.

    Shape:
        - returns: ``(n, 4)``, rows sum to 1.
    """
    probabilities: NDArray[np.float64] = softmax(run.logits.astype(np.float64), axis=1)
    return probabilities
