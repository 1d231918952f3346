"""What do the networks go by? Grad-CAM beside the attention maps, deletion and insertion."""

from functools import partial
from pathlib import Path
from typing import Literal

from hqcm.contracts.labels import ROLES, Role
from hqcm.evaluation.overlap import SCALES, LocaliseParams, threshold_name
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
from hqcm.reporting.document import Bullets, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import tabulate_estimates
from hqcm.reporting.numbers import estimate, fraction
from hqcm.reporting.results import Results
from hqcm.results.intervals import Estimate

_Answer = Literal["better", "worse", "open", "absent"]
_DONE: dict[Direction, dict[_Answer, str]] = {
    "deletion": {
        "better": "lower than in random order",
        "worse": "higher than in random order",
        "open": "neither surely lower nor surely higher than in random order",
        "absent": "not measured",
    },
    "insertion": {
        "better": "higher than in random order",
        "worse": "lower than in random order",
        "open": "neither surely higher nor surely lower than in random order",
        "absent": "not measured",
    },
}
_METHOD = (
    "An attention map says where a network looks, not that it decides by what is there. So take "
    "away what a map lights up and ask again. Deletion: the pixels of a slice vanish, the map's "
    "brightest first, and after each step the network says how sure it still is of the class that "
    "it named for the whole slice. If it went by what the map shows, that confidence collapses at "
    "once, and the area under the curve is small. Insertion is the way back, the brightest pixels "
    "first onto a blurred slice: there a large area is good. What a map must beat is a random "
    "order in patches as coarse as itself, for a slice with holes is strange to a network wherever "
    "they are. The tumour mask as a map is there to compare: it does well if the network decides "
    "by the tumour. The area weighs the whole curve, also where half of the head is gone: look at "
    "its beginning too, where no more than a tumour is."
)
_GRAD_CAM = (
    "Grad-CAM needs no attention: it weighs the 32 feature maps of the last convolutional block by "
    "how much each raises the score of the class named. Its values have no scale of their own, so "
    "each map is divided by its maximum; where nothing speaks for the class it is 0 everywhere, "
    "and its order is the random one."
)


def describe_explanation(results: Results, figures: Path, localise: LocaliseParams) -> Section:
    """What the numbers say of each map, how to read them, the tables and the picture."""
    told = [_tell_map(results, role, kind) for role in ROLES for kind in LOCATED]
    return Section(
        "What do the networks go by?",
        [
            Paragraph(_METHOD),
            Bullets([*told, _tell_places(results, localise)]),
            _picture_explanation(results, figures, localise),
            *_tabulate_curves(results),
            Paragraph(_GRAD_CAM),
            tabulate_estimates(
                results,
                "Mean Jaccard index with the tumour masks, slices and thresholds of Table 2; scale "
                "`minmax` stretches each enlarged map to [0, 1].",
                "map, scale, threshold",
                {
                    f"{IN_WORDS[kind]}, {scale}, {threshold_name(threshold)}": jaccard_name(
                        kind, scale, threshold
                    )
                    for scale in SCALES
                    for threshold in localise.thresholds
                    for kind in LOCATED
                },
            ),
        ],
    )


def _tell_map(results: Results, role: Role, kind: Kind) -> str:
    answers = {way: _judge_gain(results.find_estimate(role, gain_name(way, kind))) for way in _DONE}
    said = "; ".join(
        f"{way}, {_DONE[way][answer]}{_areas(results, role, way, kind)}"
        for way, answer in answers.items()
    )
    name = IN_WORDS[kind]
    about = f"{name[0].upper()}{name[1:]}, {role} network, confidence over the whole curve"
    return f"{about}: {said}. {_conclude(answers)}"


def _judge_gain(gain: Estimate | None) -> _Answer:
    if gain is None:
        return "absent"
    return "better" if gain.low > 0 else "worse" if gain.high < 0 else "open"


def _areas(results: Results, role: Role, direction: Direction, kind: Kind) -> str:
    """(area 0.31 against 0.52), or nothing."""
    own, random = (
        results.find_estimate(role, area_name(direction, each)) for each in (kind, "random")
    )
    if own is None or random is None:
        return ""
    return f" (area {fraction(own.value)} against {fraction(random.value)})"


def _conclude(answers: dict[Direction, _Answer]) -> str:
    better = [way for way, answer in answers.items() if answer == "better"]
    if "absent" in answers.values():
        return "No conclusion."
    if not better:
        return "Nothing here says that the network goes by it."
    if len(better) == len(answers):
        return "It shows something that the network goes by."
    return f"Only {better[0]} says that the network goes by it."


def _tell_places(results: Results, localise: LocaliseParams) -> str:
    scale, lowest = localise.attention_scale, min(localise.thresholds)
    show = partial(fraction, digits=3)
    found = "; ".join(
        f"{role} network, {IN_WORDS[kind]} "
        + estimate(results.find_estimate(role, jaccard_name(kind, scale, lowest)), show)
        for role in ROLES
        for kind in LOCATED
    )
    place = f"at {threshold_name(lowest)}, scale `{scale}`"
    return f"On the tumours, Jaccard index {place}, with 95 % interval: {found}."


def _tabulate_curves(results: Results) -> list[Table]:
    orders = {f"{way}, {IN_WORDS[kind]}": (way, kind) for way in DIRECTIONS for kind in KINDS}
    areas = tabulate_estimates(
        results,
        "Area under the curve, 0 to 1, mean over test slices with a tumour, at most as many as "
        "`explain.n_slices` says; run with seed "
        f"{results.study.seeds[0]}, 95 % interval over patients. Deletion: less is better; "
        "insertion: more.",
        "order of the pixels",
        {says: area_name(*order) for says, order in orders.items()},
    )
    gains = tabulate_estimates(
        results,
        "By how much the area is better than that of the random order on the same slices: above 0, "
        "the map shows something that the network goes by.",
        "order of the pixels",
        {says: gain_name(*order) for says, order in orders.items() if order[1] != "random"},
    )
    return [areas, gains]


def _picture_explanation(results: Results, figures: Path, localise: LocaliseParams) -> Picture:
    lowest = threshold_name(min(localise.thresholds))
    return Picture(
        figures / "explanation.png",
        "Attention map and Grad-CAM of each network over the slice (scale "
        f"`{localise.attention_scale}`, Jaccard index at {lowest}), mask outlined in yellow. "
        "Chosen by rule, not by eye: of each tumour class the test slice with the median Jaccard "
        "index of the hybrid network's attention map, and the healthy slice with the median "
        "activated area. Below: mean probability of the class named for the whole slice, over the "
        "test slices with a tumour, as pixels are deleted and inserted in the order of each map; "
        f"run with seed {results.study.seeds[0]}.",
        "Rows of test slices under the maps of both networks, and four panels of falling and "
        "rising curves; the tables hold their areas.",
    )
