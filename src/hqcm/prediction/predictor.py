"""What must be known of a network beside its weights before it is asked about a new slice.

How sure it is where it says 0.9: a temperature, fitted on validation. And what it has seen: where
its training slices lie, in simple statistics of the pictures and in what its classifier sees, so
that a slice far from all of them can be told apart.
"""

from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hqcm.networks.output import Network
from hqcm.results.files import read_json, write_json
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack
from hqcm.training.batches import read_parts
from hqcm.training.inference import InferenceParams, predict

_Floats = NDArray[np.float64]
_COLDEST, _HOTTEST = 0.1, 10.0  # beyond, the validation slices are too few to tell
_HALVINGS = 60  # of an interval of logarithms: down to the last digit of a float64
_LIMIT = 0.99  # of the validation slices lie within it: one known slice of 100 is warned of
_DARK, _WHITE = 12, 255  # of uint8: below a twentieth of white is air
_BORDER = 16  # the border is an edge's 16th wide


@dataclass(frozen=True)
class Reference:
    """Where the training slices lie: a mean a class, one covariance within classes.

    Shape:
        - means: ``(n_classes, width)``, of the classes that training has.
        - precision: ``(width, width)``, the inverse covariance.
        - limit: 99 % of the validation slices are no farther from the nearest mean.
    """

    means: list[list[float]]
    precision: list[list[float]]
    limit: float


@dataclass(frozen=True)
class Predictor:
    """What `hqcm predict` needs of a network beside its checkpoint.

    `checkpoint` is the SHA-256 of the weights, `temperature` what logits are divided by,
    `loss_before` and `loss_after` the mean cross-entropy of the `n_validation` slices without and
    with it.
    """

    checkpoint: str
    temperature: float
    loss_before: float
    loss_after: float
    n_validation: int
    statistics: Reference
    features: Reference


def write_predictor(
    path: Path,
    checkpoint: Path,
    network: Network,
    params: InferenceParams,
    parts: tuple[Path, Path],
) -> None:
    """Ask a network about the slices that it was trained and chosen on, and note what follows.

    Args:
        path: the JSON to write.
        checkpoint: the weights of the network.
        network: trained.
        params: as for the predictions.
        parts: the prepared store and the split.
    """
    train, validation = read_parts(*parts)
    known, new = (predict(network, stack, params) for stack in (train, validation))
    write_json(path, asdict(describe(digest(checkpoint), (train, known), (validation, new))))


def describe(
    checkpoint: str, train: tuple[Stack, Predictions], validation: tuple[Stack, Predictions]
) -> Predictor:
    """The predictor of some weights, from slices and what the network says of them."""
    (seen, known), (held_out, new) = train, validation
    temperature = fit_temperature(new.logits, new.y_true)
    statistics = measure_images(seen.images), measure_images(held_out.images)
    return Predictor(
        checkpoint=checkpoint,
        temperature=temperature,
        loss_before=_cross_entropy(new.logits, new.y_true),
        loss_after=_cross_entropy(new.logits / temperature, new.y_true),
        n_validation=len(new.y_true),
        statistics=fit_reference(statistics[0], known.y_true, statistics[1]),
        features=fit_reference(known.features, known.y_true, new.features),
    )


def read_predictor(path: Path) -> Predictor:
    """Read what `write_predictor` wrote.

    Raises:
        ValueError: it is something else.
    """
    try:
        found = read_json(path)
        references = {name: Reference(**found[name]) for name in ("statistics", "features")}
        return Predictor(**{**found, **references})
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{path} must be a predictor, as stage `predict` writes it") from None


def digest(checkpoint: Path) -> str:
    """By which a predictor knows its weights."""
    return sha256(checkpoint.read_bytes()).hexdigest()


def soften(logits: NDArray[np.floating], temperature: float) -> _Floats:
    """Softmax of logits divided by a temperature, ``(n, n_classes)``; rows sum to 1."""
    scaled = logits.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def fit_temperature(logits: NDArray[np.floating], y_true: NDArray[np.int64]) -> float:
    r"""The temperature with the least mean cross-entropy, 0.1 to 10.

    In :math:`\beta = 1 / T` the loss is convex, and its slope is the mean logit by the
    probabilities minus the mean logit of the truth: the zero of it is found by halving. Where
    every slice is right there is no zero, and 0.1 it is.

    Shape:
        - logits: ``(n, n_classes)``.
        - y_true: ``(n,)``.

    Source:
        Guo et al., On Calibration of Modern Neural Networks, ICML 2017 (arXiv:1706.04599), 4.2.
    """
    wide = logits.astype(np.float64)
    of_truth = wide[np.arange(len(y_true)), y_true].mean()
    cold, hot = np.log([_COLDEST, _HOTTEST])
    for _ in range(_HALVINGS):
        middle = (cold + hot) / 2
        is_too_sure = (soften(wide, np.exp(middle)) * wide).sum(axis=1).mean() > of_truth
        cold, hot = (middle, hot) if is_too_sure else (cold, middle)
    return float(np.exp((cold + hot) / 2))


def fit_reference(
    values: NDArray[np.floating], y_true: NDArray[np.int64], held_out: NDArray[np.floating]
) -> Reference:
    """Means of the classes, the covariance within them, and how far held-out slices lie.

    The covariance is that of values divided by their spread within classes, shrunk towards a
    multiple of the identity by as much as the number of slices asks for: fewer slices than values
    do not make it singular, and what has no spread counts as it is.

    Shape:
        - values: ``(n, width)``, of training slices; held_out: ``(m, width)``, of validation.
        - y_true: ``(n,)``.

    Source:
        Lee et al., A Simple Unified Framework for Detecting Out-of-Distribution Samples, NeurIPS
        2018 (arXiv:1807.03888), equation 1; Chen et al., Shrinkage Algorithms for MMSE Covariance
        Estimation, IEEE Trans. Signal Process. 58 (2010), equation 23 for many values, as
        scikit-learn's `OAS` has it.
    """
    wide = values.astype(np.float64)
    classes, place = np.unique(y_true, return_inverse=True)
    means = np.array([wide[y_true == label].mean(axis=0) for label in classes])
    residuals = wide - means[place]
    spread = residuals.std(axis=0)
    spread[spread == 0] = 1
    precision = np.linalg.inv(_shrunk_covariance(residuals / spread)) / np.outer(spread, spread)
    distances = _distances(held_out.astype(np.float64), means, precision)
    return Reference(means.tolist(), precision.tolist(), float(np.quantile(distances, _LIMIT)))


def measure_distances(values: NDArray[np.floating], reference: Reference) -> _Floats:
    """Mahalanobis distance of each row to the nearest mean, ``(n,)``."""
    means, precision = np.array(reference.means), np.array(reference.precision)
    return _distances(values.astype(np.float64), means, precision)


def measure_images(images: NDArray[np.uint8]) -> _Floats:
    """Six statistics of prepared slices, [0, 1], that anatomy and preparation keep in bounds.

    Mean, standard deviation, share of air, mean of the border, mean step from pixel to pixel, and
    mean difference from the picture mirrored left to right.

    Shape:
        - images: ``(n, size, size)``.
        - returns: ``(n, 6)``.
    """
    return np.array([_measure_image(image) for image in images])


def _measure_image(image: NDArray[np.uint8]) -> list[float]:
    grey = image / _WHITE
    width = max(1, len(image) // _BORDER)
    inner = grey[width:-width, width:-width]
    steps = np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()
    return [
        grey.mean(),
        grey.std(),
        (image <= _DARK).mean(),
        (grey.sum() - inner.sum()) / (grey.size - inner.size),
        steps / 2,
        np.abs(grey - grey[:, ::-1]).mean(),
    ]


def _cross_entropy(logits: NDArray[np.floating], y_true: NDArray[np.int64]) -> float:
    wide = logits.astype(np.float64)
    highest = wide.max(axis=1)
    sums = np.log(np.exp(wide - highest[:, None]).sum(axis=1)) + highest
    return float((sums - wide[np.arange(len(y_true)), y_true]).mean())


def _shrunk_covariance(residuals: _Floats) -> _Floats:
    """``(width, width)``: the oracle approximating shrinkage of Chen et al."""
    n, width = residuals.shape
    covariance = residuals.T @ residuals / n
    variance = np.trace(covariance) / width
    if variance == 0:  # not one value differs within a class
        return np.eye(width)
    power = (covariance**2).mean()
    above = (n + 1) * (power - variance**2 / width)
    share = min(1.0, (power + variance**2) / above) if above > 0 else 1.0
    return (1 - share) * covariance + share * variance * np.eye(width)


def _distances(values: _Floats, means: _Floats, precision: _Floats) -> _Floats:
    apart = values[:, None, :] - means  # (n, n_classes, width)
    squares = np.einsum("ncw,wv,ncv->nc", apart, precision, apart, optimize=True)
    return np.sqrt(squares.min(axis=1).clip(min=0))
