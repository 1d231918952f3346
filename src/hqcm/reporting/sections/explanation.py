"""What drives the predictions? Grad-CAM beside the attention maps, deletion and insertion."""

from pathlib import Path
from typing import Literal

from hqcm.contracts.labels import ROLES, Role
from hqcm.evaluation.overlap import LocaliseParams, threshold_name
from hqcm.explanation.areas import (
    DIRECTIONS,
    IN_WORDS,
    KINDS,
    LOCATED,
    Direction,
    Kind,
    area_name,
    gain_name,
    jaccard_name,
)
from hqcm.reporting.document import Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import tabulate_estimates
from hqcm.reporting.numbers import fraction
from hqcm.reporting.results import Results
from hqcm.results.intervals import Estimate

_Answer = Literal["better", "worse", "open", "absent"]
_METHOD = (
    "Deletion removes the pixels of a slice, the map's brightest first, and follows the confidence "
    "in the class named for the whole slice: a small area under that curve says that the network "
    "relies on what the map shows. Insertion adds them to a blurred slice; a large area is good. "
    "Both are held against a random order in patches as coarse as the map."
)
_GRAD_CAM = (
    "Grad-CAM weighs the feature maps of the last convolutional block by how much each raises the "
    "score of the class named; each map is divided by its maximum."
)


def describe_explanation(results: Results, figures: Path, localise: LocaliseParams) -> Section:
    """Whether each map shows what the network relies on, and the picture; numbers in folds."""
    scale, lowest = localise.attention_scale, min(localise.thresholds)
    jaccards = tabulate_estimates(
        results,
        f"Mean Jaccard index with the tumour masks, scale `{scale}`.",
        "map, threshold",
        {
            f"{IN_WORDS[kind]}, {threshold_name(lowest)}": jaccard_name(kind, scale, lowest)
            for kind in LOCATED
        },
    )
    told = [_tell_map(results, role, kind) for role in ROLES for kind in LOCATED]
    return Section(
        "What drives the predictions?",
        [
            Paragraph(_METHOD),
            Bullets(told),
            Folded(
                "The maps, and confidence as pixels go and come",
                [_picture_explanation(figures, localise)],
            ),
            Folded("Areas under the curves", [_tabulate_curves(results)]),
            Folded("Grad-CAM on the tumours", [Paragraph(_GRAD_CAM), jaccards]),
        ],
    )


def _tell_map(results: Results, role: Role, kind: Kind) -> str:
    gains = {way: results.find_estimate(role, gain_name(way, kind)) for way in DIRECTIONS}
    answers = {way: _judge_gain(gain) for way, gain in gains.items()}
    areas = "".join(_areas(results, role, way, kind) for way in answers)
    return f"{role.capitalize()} network, {IN_WORDS[kind]}: {_conclude(answers)}{areas}."


def _judge_gain(gain: Estimate | None) -> _Answer:
    if gain is None:
        return "absent"
    return "better" if gain.low > 0 else "worse" if gain.high < 0 else "open"


def _areas(results: Results, role: Role, direction: Direction, kind: Kind) -> str:
    """; deletion 0.31, random 0.52; or nothing."""
    own, random = (
        results.find_estimate(role, area_name(direction, each)) for each in (kind, "random")
    )
    if own is None or random is None:
        return ""
    return f"; {direction} {fraction(own.value)}, random {fraction(random.value)}"


def _conclude(answers: dict[Direction, _Answer]) -> str:
    better = [way for way, answer in answers.items() if answer == "better"]
    if "absent" in answers.values():
        return "not measured"
    if not better:
        return "no better than a random order"
    if len(better) == len(answers):
        return "shows what the network relies on"
    return f"better than a random order by {better[0]} alone"


def _tabulate_curves(results: Results) -> Table:
    orders = {f"{way}, {IN_WORDS[kind]}": (way, kind) for way in DIRECTIONS for kind in KINDS}
    return tabulate_estimates(
        results,
        "Area under the curve, 0 to 1, mean over test slices with a tumour, at most "
        f"`explain.n_slices`, run with seed {results.study.seeds[0]}, 95 % interval over "
        "patients. Deletion: less is better; insertion: more.",
        "order of the pixels",
        {says: area_name(*order) for says, order in orders.items()},
    )


def _picture_explanation(figures: Path, localise: LocaliseParams) -> Picture:
    lowest = threshold_name(min(localise.thresholds))
    return Picture(
        figures / "explanation.png",
        f"Attention map and Grad-CAM over the slice (Jaccard index at {lowest}, mask yellow). "
        "Chosen by rule: the median Jaccard index of the hybrid in each tumour class. Below: mean "
        "probability of the class named, as pixels are deleted and inserted.",
        "Rows of test slices under the maps of both networks, and four panels of falling and "
        "rising curves; the tables hold their areas.",
    )
