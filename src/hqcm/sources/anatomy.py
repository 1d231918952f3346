"""The head every patient of the phantom is made from: the MNI152 template in a skull."""

from dataclasses import dataclass

import numpy as np
from nilearn import datasets

from hqcm.sources.anatomy_shell import Shell, build_shell
from hqcm.sources.anatomy_volumes import Volume


@dataclass(frozen=True)
class Head:
    """A head in the MNI frame.

    `brain` is the template's T1 intensity, skull-stripped, in [0, 1]; `white_minus_grey` the
    difference of its tissue maps, in [-1, 1]; `shell` what surrounds it.

    Source:
        ICBM 2009a symmetric, 1 mm, as nilearn's wheel ships it (no network).
    """

    brain: Volume
    white_minus_grey: Volume
    shell: Shell


def load_head() -> Head:
    """Load the template and wrap it in skull, scalp, face and neck."""
    template = datasets.load_mni152_template(resolution=1)
    origin = np.asarray(template.affine)[:3, 3].astype(np.float64)
    brain, grey, white = (
        np.asarray(image.get_fdata(dtype=np.float32))
        for image in (
            template,
            datasets.load_mni152_gm_template(resolution=1),
            datasets.load_mni152_wm_template(resolution=1),
        )
    )
    return Head(
        brain=Volume(brain, origin, 1.0),
        white_minus_grey=Volume(white - grey, origin, 1.0),
        shell=build_shell(brain[::2, ::2, ::2] > 0.1, origin),  # the shell's grid is 2 mm
    )
