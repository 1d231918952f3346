"""What the curves and quantities of an explanation are called."""

from typing import Literal, get_args

from hqcm.evaluation.overlap import AttentionScale, threshold_name

Kind = Literal["attention", "grad_cam", "random", "tumour_mask"]
"""A map whose pixels are deleted or inserted, the highest first; `random` is what the others must
beat, `tumour_mask` what a network would go by that decides from the tumour alone."""
KINDS: tuple[Kind, ...] = get_args(Kind)
IN_WORDS: dict[Kind, str] = {
    "attention": "attention map",
    "grad_cam": "Grad-CAM",
    "random": "random order",
    "tumour_mask": "tumour mask",
}
LOCATED: tuple[Kind, ...] = ("attention", "grad_cam")
"""Those that are laid on the tumour mask."""
Direction = Literal["deletion", "insertion"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


def area_name(direction: Direction, kind: Kind) -> str:
    """The area under a curve."""
    return f"explanation/{direction}/{kind}"


def gain_name(direction: Direction, kind: Kind) -> str:
    """By how much a map does better than the random one: lower when deleting, else higher."""
    return f"explanation/{direction}/{kind}/gain"


def jaccard_name(kind: Kind, scale: AttentionScale, threshold: float) -> str:
    """Mean Jaccard index of a map with the tumour masks."""
    return f"explanation/jaccard/{kind}/{scale}/{threshold_name(threshold)}"
