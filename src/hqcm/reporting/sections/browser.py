"""Every test slice under both networks' attention, for eyes that want to see more than Fig. 10."""

from hqcm.evaluation.overlap import LocaliseParams
from hqcm.reporting.browser import Browser, pack_browser
from hqcm.reporting.document import Paragraph, Section
from hqcm.reporting.numbers import count
from hqcm.reporting.results import Results

LICENCES = {
    "phantom": "The images are simulated and may be shared like the code.",
    "clinical": (
        "The images below are test slices of your own copy of the clinical sources: their licences "
        "now govern this page. Source 1 (CC BY-NC-ND 4.0) may not be passed on in converted form, "
        "and for source 3 no licence is known: do not share this file."
    ),
}
HOW_TO_READ = (
    "Left the prepared slice, then the attention map of each network over it: the brighter, the "
    "closer to 1. Solid yellow: border of the tumour mask. Dashed cyan: border of the pixels at or "
    "above the threshold; they are what the Jaccard index compares with the mask."
)
ORIENTATION = (
    "No letters of orientation: planes are mixed (axial, coronal, sagittal), sources 2 and 3 "
    "record neither plane nor side, and some images of source 3 are mirrored left to right."
)


def describe_browser(results: Results, cohort: str, params: LocaliseParams) -> Section:
    """The browser over the test slices of the first seed."""
    n_slices, seed = len(results.stack.slice_id), results.study.seeds[0]
    which = (
        f"All {count(n_slices)} test slices, protocol `{results.study.protocols[0]}`, runs with "
        f"seed {seed}."
    )
    return Section(
        "Attention browser",
        [
            Paragraph(f"{which} {HOW_TO_READ}"),
            Browser(
                f"{ORIENTATION} Maps and masks are the pipeline's own, so the Jaccard index is "
                "that of the tables; the images are JPEG-compressed for this page.",
                "The browser needs the page: open `reports/index.html` in a web browser. Fig. 10 "
                "below shows a few of its slices.",
                pack_browser(results.runs, results.stack, params),
            ),
            Paragraph(LICENCES[cohort]),
        ],
    )
