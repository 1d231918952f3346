"""What a reader looks at: figures 5 to 10 with words for those who cannot see them, the browser."""

from pathlib import Path

from hqcm.contracts.labels import CLASS_NAMES, ROLES
from hqcm.evaluation.embedding import EmbedParams
from hqcm.evaluation.overlap import LocaliseParams, threshold_name
from hqcm.reporting.browser import Browser, pack_browser
from hqcm.reporting.document import Folded, Paragraph, Picture, Section
from hqcm.reporting.estimates import tabulate_curves
from hqcm.reporting.numbers import count, fraction
from hqcm.reporting.results import Results
from hqcm.reporting.sections.training import find_milestone

_PARTS = {"train": "training", "validation": "validation"}
_LICENCES = {
    "phantom": "The images are simulated and may be shared like the code.",
    "clinical": (
        "The images below are test slices of your own copy of the clinical sources: their licences "
        "now govern this page. Source 1 (CC BY-NC-ND 4.0) may not be passed on in converted form, "
        "and for source 3 no licence is known: do not share this file."
    ),
}
_HOW_TO_READ = (
    "Left the prepared slice, then the attention map of each network over it: the brighter, the "
    "closer to 1. Solid yellow: border of the tumour mask. Dashed cyan: border of the pixels at or "
    "above the threshold; they are what the Jaccard index compares with the mask."
)
_ORIENTATION = (
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
            Paragraph(f"{which} {_HOW_TO_READ}"),
            Browser(
                f"{_ORIENTATION} Maps and masks are the pipeline's own, so the Jaccard index is "
                "that of the tables; the images are JPEG-compressed for this page.",
                "The browser needs the page: open `reports/index.html` in a web browser. Fig. 10 "
                "below shows a few of its slices.",
                pack_browser(results.runs, results.stack, params),
            ),
            Paragraph(_LICENCES[cohort]),
        ],
    )


def describe_figures(
    results: Results, folder: Path, localise: LocaliseParams, embed: EmbedParams
) -> Section:
    """In the order of the paper."""
    return Section(
        "Figures",
        [
            _distribution(results, folder),
            Picture(
                folder / "fig06-samples.png",
                "Fig. 6: prepared slices of each class at equal steps through the sorted slice "
                "ids, with the source below; the tumour mask is outlined in yellow.",
                "Four rows of brain slices, one row a class: healthy, meningioma, glioma, "
                "pituitary.",
            ),
            _training(results, folder),
            _fold_training(results),
            _embedding(results, folder, embed),
            _confusion(results, folder),
            _attention(folder, localise),
        ],
    )


def _distribution(results: Results, folder: Path) -> Picture:
    n = results.index["label"].value_counts()
    classes = ", ".join(f"{count(n.get(i, 0))} {name}" for i, name in enumerate(CLASS_NAMES))
    return Picture(
        folder / "fig05-distribution.png",
        "Fig. 5: class distribution. Left: share of each class. Right: number of slices, stacked "
        "by source.",
        f"Pie chart and stacked bars of the classes: {classes} slices.",
    )


def _training(results: Results, folder: Path) -> Picture:
    ends = "; ".join(
        f"the {role} network's training loss goes from "
        f"{fraction(find_milestone(results, role, 'history/first/train_loss'))} to "
        f"{fraction(find_milestone(results, role, 'history/last/train_loss'))}"
        for role in ROLES
    )
    return Picture(
        folder / "fig07-training.png",
        "Fig. 7: loss (left, logarithmic) and accuracy (right) over epochs; training solid, "
        "validation dashed" + (", one line a seed." if results.n_seeds > 1 else "."),
        f"Learning curves of both networks: {ends}.",
    )


def _fold_training(results: Results) -> Folded:
    """Loss and accuracy of every run after each epoch."""
    several = results.n_seeds > 1
    tables = []
    for what in ("loss", "accuracy"):
        curves = {
            f"{role}, {says}" + (f", seed {seed}" if several else ""): curve[f"{part}_{what}"]
            for role in ROLES
            for part, says in _PARTS.items()
            for seed, curve in zip(
                results.study.seeds,
                [history.set_index("epoch") for history in results.histories[role]],
                strict=True,
            )
        }
        tables.append(tabulate_curves(f"{what.capitalize()}.", "epoch", curves))
    return Folded("Values: loss and accuracy", [*tables])


def _embedding(results: Results, folder: Path, embed: EmbedParams) -> Picture:
    return Picture(
        folder / "fig08-embedding.png",
        "Fig. 8: t-SNE of the test slices' features in front of the classifier, quantum "
        "processing layer and fully connected layer; perplexity "
        f"{embed.perplexity:g}, seed {embed.seed}, run with seed {results.study.seeds[0]}. "
        "Distances between clusters have no meaning.",
        "Two scatter plots of the test slices, coloured and marked by class, one panel a network.",
    )


def _confusion(results: Results, folder: Path) -> Picture:
    recalls = "; ".join(
        f"{role}: "
        + ", ".join(
            f"{name} {fraction(results.metrics[role]['per_class'][name]['recall'])}"
            for name in CLASS_NAMES
        )
        for role in ROLES
    )
    runs = f", summed over {results.n_seeds} seeds" if results.n_seeds > 1 else ""
    return Picture(
        folder / "fig09-confusion.png",
        f"Fig. 9: confusion matrices of the test slices{runs}; below each count its fraction of "
        "the actual class.",
        f"Two confusion matrices; fraction of each class that is recognised, {recalls}.",
    )


def _attention(folder: Path, localise: LocaliseParams) -> Picture:
    threshold = threshold_name(max(localise.thresholds))
    return Picture(
        folder / "fig10-attention.png",
        "Fig. 10: slice, tumour mask, attention map of each network (black 0, bright 1, scale "
        f"`{localise.attention_scale}`) with its Jaccard index at {threshold}, and each map over "
        "the slice, mask outlined in yellow, threshold in cyan. Chosen by rule, not by eye: of "
        "each tumour class the test slices at the lower and the upper quartile of the hybrid "
        "network's Jaccard index, and the healthy slice with the median activated area.",
        "Rows of test slices, healthy and of each tumour class, beside the tumour mask and the "
        "attention maps of both networks.",
    )
