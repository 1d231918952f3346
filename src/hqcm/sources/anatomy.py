"""The head every patient of the phantom is made from: the MNI152 template in a skull."""

from dataclasses import dataclass

import numpy as np
from nilearn import datasets

from hqcm.sources.anatomy_shell import Shell, build_shell
from hqcm.sources.anatomy_volumes import Array, Volume

BRAIN = 0.1  # template intensities above this are brain; fluid within it has about 0.25
STRIDE = 2  # of the shell's grid in voxels of the template


@dataclass(frozen=True)
class Head:
    """A head in the MNI frame.

    `brain` is the template's T1 intensity, skull-stripped, in [0, 1]; `white_minus_grey` the
    difference of its tissue maps, in [-1, 1]; `shell` what surrounds it. `sites_mm` ``(n, 3)``
    are points within the skull and `site_outside_mm` ``(n,)`` their (negative) distances to it.

    Source:
        ICBM 2009a symmetric, 1 mm, as nilearn's wheel ships it (no network).
    """

    brain: Volume
    white_minus_grey: Volume
    shell: Shell
    sites_mm: Array
    site_outside_mm: Array


def load_head() -> Head:
    """Load the template and wrap it in skull, scalp, face and neck."""
    template = datasets.load_mni152_template(resolution=1)
    grey = datasets.load_mni152_gm_template(resolution=1)
    white = datasets.load_mni152_wm_template(resolution=1)
    origin = np.asarray(template.affine, np.float64)[:3, 3]
    brain, grey_map, white_map = (
        np.asarray(image.get_fdata(dtype=np.float64)) for image in (template, grey, white)
    )
    shell = build_shell(brain[::STRIDE, ::STRIDE, ::STRIDE] > BRAIN, origin)
    outside = shell.outside_skull.voxels
    within = outside < 0
    return Head(
        brain=Volume(brain, origin, 1.0),
        white_minus_grey=Volume(white_map - grey_map, origin, 1.0),
        shell=shell,
        sites_mm=shell.outside_skull.points()[within],
        site_outside_mm=outside[within],
    )
