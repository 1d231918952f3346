"""Every network against the hybrid one, and every protocol against the first."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hqcm.comparison.answers import Answers
from hqcm.comparison.comparisons import SETTINGS, Comparisons, Kind, Setting
from hqcm.comparison.known_slices import compare_known
from hqcm.comparison.learning_rates import Rate
from hqcm.comparison.sampling import name_quantities, sample_protocol
from hqcm.contracts.params import Section
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import Groups, UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.results.predictions import StudyPredictions
from hqcm.slices.stacks import Stack


class CompareParams(Section):
    """Section `compare`."""

    margin: float = Field(gt=0, lt=1)


class ComparisonParams(NamedTuple):
    """The sections that a comparison needs."""

    study: StudyParams
    compare: CompareParams
    localise: LocaliseParams
    uncertainty: UncertaintyParams


class Tested(NamedTuple):
    """The test slices of each protocol in the order of the predictions.

    `groups`: the group of each; `is_known`: whether training knows its picture or its patient.
    """

    stacks: Mapping[str, Stack]
    groups: Mapping[str, Groups]
    is_known: Mapping[str, NDArray[np.bool_]]


def compare_study(
    predictions: StudyPredictions,
    tested: Tested,
    rates: Sequence[Rate],
    params: ComparisonParams,
) -> Comparisons:
    """Compare networks within each protocol, protocols for each network, and kinds of slices.

    Args:
        predictions: protocol -> variant -> runs, one for each seed.
        tested: the test slices.
        rates: every variant under every protocol, and which of a family are published and best.
        params: the sections.
    """
    samples = {
        protocol: sample_protocol(
            variants,
            tested.stacks[protocol],
            tested.groups[protocol],
            params.localise,
            params.uncertainty,
        )
        for protocol, variants in predictions.items()
    }
    study = params.study
    kinds: dict[str, Kind] = {
        rate.family: "hybrid" if rate.variant in study.hybrid else "classical" for rate in rates
    }
    had_choice = any(not rate.is_published for rate in rates)
    quantities = name_quantities(params.localise)
    return Comparisons(
        families=kinds,
        quantities=quantities,
        seeds=study.seeds,
        margin=params.compare.margin,
        tuning=list(rates),
        comparisons=[
            found
            for answers in [
                Answers(
                    samples,
                    choose_members(rates, setting),
                    kinds,
                    setting=setting,
                    margin=params.compare.margin,
                )
                for setting in (SETTINGS if had_choice else SETTINGS[:1])
            ]
            for quantity in quantities
            for found in answers.compare(quantity)
        ],
        familiarity=compare_known(predictions, tested.groups, tested.is_known, params.uncertainty),
    )


def choose_members(rates: Sequence[Rate], setting: Setting) -> dict[tuple[str, str], str]:
    """Protocol and family -> the variant that stands for the family.

    A family whose published member was not trained is not among the published ones.
    """
    return {
        (rate.protocol, rate.family): rate.variant
        for rate in rates
        if (rate.is_published if setting == "published" else rate.is_best)
    }
