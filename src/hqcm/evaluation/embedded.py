"""All that the stage `embed` finds of the features before the classifier."""

from collections.abc import Mapping
from typing import NamedTuple

from hqcm.contracts.estimates import Estimates
from hqcm.contracts.predictions import StudyPredictions
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_protocol
from hqcm.evaluation.embedding import EmbedParams, embed_study
from hqcm.evaluation.groups import Groups, count_groups
from hqcm.evaluation.separability import measure_separability
from hqcm.evaluation.tables import Tables


class Embedded(NamedTuple):
    """`planes`: (variant, protocol) -> positions of the first seed's test slices."""

    planes: Tables
    intervals: Estimates


def embed_predictions(
    predictions: StudyPredictions,
    groups: Mapping[str, Groups],
    *,
    pair: tuple[str, str],
    params: EmbedParams,
    uncertainty: UncertaintyParams,
) -> Embedded:
    """The plane of Fig. 8, and how well the classes separate before it is flattened.

    Args:
        predictions: protocol -> variant -> runs.
        groups: protocol -> the group of each test slice.
        pair: the two variants that are compared.
        params: section `embed`.
        uncertainty: section `uncertainty`.
    """
    intervals = {}
    for protocol, variants in predictions.items():
        group = groups[protocol]
        measures = {name: measure_separability(runs, group) for name, runs in variants.items()}
        intervals[protocol] = estimate_protocol(measures, pair, count_groups(group), uncertainty)
    return Embedded(embed_study(predictions, params), intervals)
