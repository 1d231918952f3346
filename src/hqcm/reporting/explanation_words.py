"""What the numbers say of a map, in sentences."""

from typing import Literal

from hqcm.contracts.estimates import Estimate
from hqcm.evaluation.overlap import LocaliseParams, threshold_name
from hqcm.explanation.names import (
    IN_WORDS,
    LOCATED,
    Direction,
    Kind,
    area_name,
    gain_name,
    jaccard_name,
)
from hqcm.reporting.compared import ROLES, Role
from hqcm.reporting.estimated import find_estimate, show
from hqcm.reporting.results import Results

METHOD = (
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
GRAD_CAM = (
    "Grad-CAM needs no attention: it weighs the 32 feature maps of the last convolutional block by "
    "how much each raises the score of the class named. Its values have no scale of their own, so "
    "each map is divided by its maximum; where nothing speaks for the class it is 0 everywhere, "
    "and its order is the random one."
)
Answer = Literal["better", "worse", "open", "absent"]
DONE: dict[Direction, dict[Answer, str]] = {
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


def tell_map(results: Results, role: Role, kind: Kind) -> str:
    """Whether a network goes by what one of its maps lights up."""
    answers = {way: judge_gain(find_estimate(results, role, gain_name(way, kind))) for way in DONE}
    said = "; ".join(
        f"{way}, {DONE[way][answer]}{_areas(results, role, way, kind)}"
        for way, answer in answers.items()
    )
    name = IN_WORDS[kind]
    about = f"{name[0].upper()}{name[1:]}, {role} network, confidence over the whole curve"
    return f"{about}: {said}. {conclude(answers)}"


def judge_gain(gain: Estimate | None) -> Answer:
    """Better or worse than random where the interval says so."""
    if gain is None:
        return "absent"
    return "better" if gain.low > 0 else "worse" if gain.high < 0 else "open"


def conclude(answers: dict[Direction, Answer]) -> str:
    """What both curves say together."""
    found = {*answers.values()}
    if "absent" in found:
        return "No conclusion."
    if found == {"better"}:
        return "It shows something that the network goes by."
    if "better" in found:
        (way,) = (way for way, answer in answers.items() if answer == "better")
        return f"Only {way} says that the network goes by it."
    return "Nothing here says that the network goes by it."


def tell_places(results: Results, localise: LocaliseParams) -> str:
    """Which map lies on the tumours, at the lowest threshold."""
    scale, lowest = localise.attention_scale, min(localise.thresholds)
    found = "; ".join(
        f"{role} network, {IN_WORDS[kind]} "
        + show(find_estimate(results, role, jaccard_name(kind, scale, lowest)))
        for role in ROLES
        for kind in LOCATED
    )
    place = f"at {threshold_name(lowest)}, scale `{scale}`"
    return f"On the tumours, Jaccard index {place}, with 95 % interval: {found}."


def _areas(results: Results, role: Role, direction: Direction, kind: Kind) -> str:
    """(area 0.31 against 0.52), or nothing."""
    found = [find_estimate(results, role, area_name(direction, each)) for each in (kind, "random")]
    if None in found:
        return ""
    return " (area " + " against ".join(f"{each.value:.2f}" for each in found if each) + ")"
