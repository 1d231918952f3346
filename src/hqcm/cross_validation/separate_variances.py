r"""A difference between two networks over folds: its interval, from three separate variances.

What is estimated: the expected difference on new patients, over seeds and over training sets as
large as those of the folds. Three things make it vary:

* patients: of how many more slices of *these* patients the first is right. Each is tested once a
  repeat; the variance is that of a mean over families of slices.
* seeds: the variance between runs that differ by nothing else.
* training sets: what is left of the variance between folds. Two training sets of one repeat share
  :math:`(k-2)/(k-1)` of their patients, so folds show only :math:`1/(k-1)` of that variance, and
  their mean has :math:`(k-1)/k` of it: it counts :math:`(k-1)^2/k` times.

The last is a small difference of rough numbers, so at least a tenth of the variance between folds
is taken for it. `benchmarks/coverage.py` simulates how often the interval holds the truth.

Source:
    Nadeau and Bengio, Inference for the generalization error, Machine Learning 52 (2003), for the
    question and for the corrected t beside it; Satterthwaite, Biometrics Bulletin 2 (1946), for the
    degrees of freedom. That a variance of training sets cannot be estimated without assuming
    something: Bengio and Grandvalet, J. Mach. Learn. Res. 5 (2004).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from hqcm.comparison.effects import Variance, pool

Reals = NDArray[np.float64]
Counts = NDArray[np.int64]
_LEAST_SHARE = 0.1


class Differences(NamedTuple):
    """First minus second, right or wrong, of every slice in every repeat with every seed.

    Shape:
        - difference: ``(n_repeats, n_seeds, n_slices)``, -1 to 1.
        - fold: ``(n_repeats, n_slices)``, from 0: which fold tests the slice.
        - family: ``(n_slices,)``, from 0: what is drawn as one, patients and near-duplicates.
    """

    difference: Reals
    fold: Counts
    family: Counts


class Spread(NamedTuple):
    """A mean difference and the variances of that mean.

    `patients`, `seeds` and `training_sets` add up; with more seeds the second goes to zero, the
    others stay. `n_free` are the degrees of freedom of the sum, `corrected` Nadeau and Bengio's
    standard error, with `n_runs` - 1 degrees of freedom, where `n_runs` are means over seeds.
    """

    value: float
    patients: float
    seeds: float
    training_sets: float
    n_free: float
    corrected: float
    n_runs: int

    @property
    def error(self) -> float:
        """Standard error."""
        return float(np.sqrt(self.patients + self.seeds + self.training_sets))

    def half_width(self, confidence: float) -> float:
        """Of the interval of this confidence."""
        return self._quantile(confidence) * self.error

    def floor(self, confidence: float) -> float:
        """The half-width with as many seeds as one likes."""
        return self._quantile(confidence) * float(np.sqrt(self.patients + self.training_sets))

    def corrected_half_width(self, confidence: float) -> float:
        """Of Nadeau and Bengio's interval."""
        return float(stdtrit(self.n_runs - 1, (1 + confidence) / 2)) * self.corrected

    def tail(self, bound: float) -> float:
        """One-sided p: that a true difference of `bound` or less gives this one or more."""
        if self.error == 0:
            return float(self.value <= bound)
        return float(stdtr(self.n_free, (bound - self.value) / self.error))

    def _quantile(self, confidence: float) -> float:
        return float(stdtrit(self.n_free, (1 + confidence) / 2))


def measure_spread(differences: Differences) -> Spread:
    """The mean difference over repeats, seeds and slices, with what makes it vary.

    With one seed, what seeds do counts as what training sets do, which makes the interval wide.

    Raises:
        ValueError: there are fewer than two folds, or a fold without slices.
    """
    difference, fold, family = differences
    n_repeats, n_seeds, _ = difference.shape
    n_folds, n_families = int(fold.max()) + 1, int(family.max()) + 1
    cell = np.arange(n_repeats)[:, None] * n_folds + fold  # a training set each
    n_cells = n_repeats * n_folds
    sizes = np.bincount(cell.ravel(), minlength=n_cells)
    if n_folds < 2 or not sizes.all():  # noqa: PLR2004
        raise ValueError(f"there must be two folds or more, none empty; got {sizes.tolist()}")
    sums = [_sum(difference[:, seed], cell, n_cells) for seed in range(n_seeds)]
    runs = np.stack(sums, axis=1) / sizes[:, None]  # (cells, seeds)
    means, value = runs.mean(axis=1), float(difference.mean())
    patients = _variance_of_mean(difference.mean(axis=(0, 1)), value, family, n_families)
    seeds = float(runs.var(axis=1, ddof=1).mean()) if n_seeds > 1 else 0.0
    within = float(means.reshape(n_repeats, n_folds).var(axis=1, ddof=1).mean())
    of_fold = [
        _variance_of_mean(
            difference[repeat, :, chosen].mean(axis=1), means[number], family[chosen], n_families
        )
        for repeat in range(n_repeats)
        for number, chosen in (
            (repeat * n_folds + k, np.flatnonzero(fold[repeat] == k)) for k in range(n_folds)
        )
    ]
    excess = max(within - float(np.mean(of_fold)) - seeds / n_seeds, _LEAST_SHARE * within)
    parts = {
        "patients": patients,
        "seeds": seeds / (n_cells * n_seeds),
        "training_sets": (n_folds - 1) ** 2 / n_folds * excess,
    }
    free = (n_families - 1, n_cells * (n_seeds - 1), n_repeats * (n_folds - 1))
    return Spread(
        value=value,
        **parts,
        n_free=pool(
            [Variance(*each) for each in zip(parts.values(), free, strict=True) if each[1]]
        )[1],
        corrected=float(np.sqrt((1 / n_cells + 1 / (n_folds - 1)) * means.var(ddof=1))),
        n_runs=n_cells,
    )


def _sum(values: Reals, cell: Counts, n_cells: int) -> Reals:
    found = np.bincount(cell.ravel(), weights=values.ravel(), minlength=n_cells)
    return found.astype(np.float64)


def _variance_of_mean(values: Reals, mean: float, family: Counts, n_families: int) -> float:
    """Of a mean over slices that are drawn by the family: the linearised cluster variance."""
    residual = np.bincount(family, weights=values - mean, minlength=n_families)
    n_present = len(np.unique(family))
    if n_present == 1:
        return 0.0
    return float((residual**2).sum()) * n_present / (n_present - 1) / len(values) ** 2
