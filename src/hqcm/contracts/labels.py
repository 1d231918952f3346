"""Labels that all stages share: classes, the roles of the compared pair, cohorts.

What a slice shows, which part a network plays in the paper's comparison, and which data a run has
seen are told apart by these words in every store, table and file name. The sources are not here:
section `sources` of params.yaml names them.
"""

from typing import Final, Literal

CLASS_NAMES = ("healthy", "meningioma", "glioma", "pituitary")
"""A label is a position in this tuple, 0 to 3 (paper: Fig. 5); the only table of them."""
N_CLASSES = len(CLASS_NAMES)
HEALTHY, MENINGIOMA, GLIOMA, PITUITARY = range(N_CLASSES)

Role = Literal["hybrid", "classical"]
ROLES: Final[tuple[Role, Role]] = ("hybrid", "classical")
"""The networks that the paper compares, in the order in which differences are taken.

The hybrid has the quantum layer, the classical one another layer in its place; of each kind the
first that section `study` names is compared.
"""

Cohort = Literal["phantom", "clinical"]
COHORTS: Final[tuple[Cohort, Cohort]] = ("phantom", "clinical")
"""Simulated slices, which every machine can make; real ones, which their owners' licences forbid
to pass on."""
