"""What the paper leaves open and what is done about it; how to cite, licences."""

from hqcm.paper.claims import Claims
from hqcm.reporting.document import Bullets, Folded, Paragraph, Section, Table
from hqcm.reporting.results import HEADER

_SOURCE_1 = (
    "Source 1, TrainingDataPro dicom-brain-dataset: CC BY-NC-ND 4.0; neither the files nor "
    "conversions of them may be passed on."
)
_SOURCE_2 = (
    "Source 2, Jun Cheng, brain tumor dataset, figshare, doi:10.6084/m9.figshare.1512427: "
    "CC BY 4.0."
)
_SOURCE_3 = (
    "Source 3, Akter et al., Expert Systems with Applications 238 (2024) 122347: no licence found."
)
_PHANTOM = (
    "Phantom cohort: simulated on the ICBM 2009a template (Fonov et al., NeuroImage 47, 2009, "
    "S102), as shipped with nilearn."
)
_INTRODUCTION = (
    "Each choice has a number, by which the code and `params.yaml` refer to it; change its key for "
    "another reading."
)


def describe_deviations(deviations: list[list[str]]) -> Section:
    """Every choice, with its number and its key."""
    table = Table("Choices that the paper leaves to its reader.", HEADER, deviations)
    fold = Folded(f"All {len(table.rows)} choices", [table])
    return Section("What the paper leaves open", [Paragraph(_INTRODUCTION), fold])


def describe_citation(claims: Claims, citation: str) -> Section:
    """The paper, this reproduction, and what may be passed on."""
    paper = claims.paper
    cited = f"The paper: {paper.authors}, {paper.title}, {paper.version}, {paper.year}. {paper.url}"
    ours = f"This reproduction: {citation} (`CITATION.cff`); none of it by the paper's authors."
    return Section(
        "How to cite, licences", [Bullets([cited, ours, _SOURCE_1, _SOURCE_2, _SOURCE_3, _PHANTOM])]
    )
