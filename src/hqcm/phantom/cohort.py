"""The phantom cohort: simulated patients in the native formats of the three sources."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from hqcm.contracts.params import Section
from hqcm.phantom.akter import write_akter
from hqcm.phantom.figshare import write_figshare
from hqcm.phantom.head import load_head
from hqcm.phantom.trainingdatapro import write_trainingdatapro

_Count = Annotated[int, Field(ge=1)]


class PhantomParams(Section):
    """Section `phantom`: how many patients and slices are simulated."""

    seed: int = Field(ge=0)
    n_healthy_dicom: _Count
    n_patients: Annotated[int, Field(ge=3, multiple_of=3)]
    n_slices_per_patient: _Count
    n_healthy_images: _Count
    n_images_per_tumour: _Count
    copied_fraction: float = Field(ge=0, le=1)


def acquire_phantom(folder: Path, params: PhantomParams) -> None:
    """Simulate the cohort into ``folder/{trainingdatapro,figshare,akter}``.

    Same parameters, same bytes: nothing written knows the clock or the machine.
    """
    head = load_head()
    write_trainingdatapro(
        folder / "trainingdatapro", head, n_slices=params.n_healthy_dicom, seed=params.seed
    )
    figshare = write_figshare(
        folder / "figshare",
        head,
        n_patients=params.n_patients,
        n_slices_per_patient=params.n_slices_per_patient,
        seed=params.seed,
    )
    write_akter(
        folder / "akter",
        head,
        figshare,
        n_healthy=params.n_healthy_images,
        n_per_tumour=params.n_images_per_tumour,
        copied_fraction=params.copied_fraction,
        seed=params.seed,
    )
