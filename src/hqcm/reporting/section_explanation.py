"""What do the networks go by? Grad-CAM beside the attention maps, deletion and insertion."""

from pathlib import Path

from hqcm.evaluation.overlap import SCALES, LocaliseParams, threshold_name
from hqcm.explanation.names import (
    DIRECTIONS,
    IN_WORDS,
    KINDS,
    LOCATED,
    area_name,
    gain_name,
    jaccard_name,
)
from hqcm.reporting.compared import ROLES
from hqcm.reporting.document import Bullets, Paragraph, Picture, Section, Table
from hqcm.reporting.estimated import Row, tabulate_estimates
from hqcm.reporting.explanation_words import GRAD_CAM, METHOD, tell_map, tell_places
from hqcm.reporting.results import Results

TITLE = "What do the networks go by?"


def describe_explanation(results: Results, figures: Path, localise: LocaliseParams) -> Section:
    """What the numbers say of each map, how to read them, the tables and the picture."""
    told = [tell_map(results, role, kind) for role in ROLES for kind in LOCATED]
    return Section(
        TITLE,
        [
            Paragraph(METHOD),
            Bullets([*told, tell_places(results, localise)]),
            picture_explanation(results, figures, localise),
            tabulate_areas(results),
            tabulate_gains(results),
            Paragraph(GRAD_CAM),
            tabulate_places(results, localise),
        ],
    )


def tabulate_areas(results: Results) -> Table:
    """Areas under the curves."""
    rows = [
        Row(f"{direction}, {IN_WORDS[kind]}", area_name(direction, kind))
        for direction in DIRECTIONS
        for kind in KINDS
    ]
    return tabulate_estimates(
        results,
        "Area under the curve, 0 to 1, mean over the test slices of Table 2, run with seed "
        f"{results.study.seeds[0]}, 95 % interval over patients. Deletion: less is better; "
        "insertion: more.",
        "order of the pixels",
        rows,
    )


def tabulate_gains(results: Results) -> Table:
    """The same against the random order, slice by slice."""
    rows = [
        Row(f"{direction}, {IN_WORDS[kind]}", gain_name(direction, kind))
        for direction in DIRECTIONS
        for kind in KINDS
        if kind != "random"
    ]
    return tabulate_estimates(
        results,
        "By how much the area is better than that of the random order on the same slices: above 0, "
        "the map shows something that the network goes by.",
        "order of the pixels",
        rows,
    )


def tabulate_places(results: Results, localise: LocaliseParams) -> Table:
    """Both maps on the tumours, at both scales."""
    rows = [
        Row(
            f"{IN_WORDS[kind]}, {scale}, {threshold_name(threshold)}",
            jaccard_name(kind, scale, threshold),
        )
        for scale in SCALES
        for threshold in localise.thresholds
        for kind in LOCATED
    ]
    return tabulate_estimates(
        results,
        "Mean Jaccard index with the tumour masks, slices and thresholds of Table 2; scale "
        "`minmax` stretches each enlarged map to [0, 1].",
        "map, scale, threshold",
        rows,
    )


def picture_explanation(results: Results, figures: Path, localise: LocaliseParams) -> Picture:
    """Maps and curves."""
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
