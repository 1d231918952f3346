"""The attention browser: every test slice under both networks' maps."""

from hqcm.evaluation.overlap import LocaliseParams
from hqcm.reporting.browser import Browser, pack_browser
from hqcm.reporting.document import Paragraph, Section
from hqcm.reporting.numbers import count
from hqcm.reporting.results import Results

_LICENCES = {
    "phantom": "The images are simulated and may be shared like the code.",
    "clinical": (
        "The images are test slices of your own copy of the clinical sources: their licences "
        "now govern this page. Source 1 (CC BY-NC-ND 4.0) may not be passed on in converted form, "
        "and for source 3 no licence is known: do not share this file."
    ),
}
_HOW_TO_READ = (
    "The prepared slice, then each network's attention map over it. Solid yellow: tumour mask. "
    "Dashed cyan: pixels at or above the threshold."
)
_ORIENTATION = (
    "Planes are mixed, sources 2 and 3 record neither plane nor side, and some images of source 3 "
    "are mirrored."
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
            Paragraph(f"{which} {_HOW_TO_READ}"),
            Browser(
                f"{_ORIENTATION} Maps and masks are as measured; images are JPEG-compressed.",
                "The browser needs the page: open `reports/index.html` in a web browser. Fig. 10 "
                "shows a few of its slices.",
                pack_browser(results.runs, results.stack, params),
            ),
            Paragraph(_LICENCES[cohort]),
        ],
    )
