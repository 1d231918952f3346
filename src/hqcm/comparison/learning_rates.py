"""Learning rates: which member of a family of networks does best on the validation part."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from hqcm.contracts.params import Section, View, check_section
from hqcm.contracts.study import Cell, StudyParams
from hqcm.results.files import read_json


class Rate(Section):
    """A network at one learning rate under one protocol; validation figures are means over seeds.

    They are those of the epoch whose weights are kept, the one with the lowest validation loss.
    """

    protocol: str
    family: str
    variant: str
    learning_rate: float
    validation_accuracy: float
    validation_loss: float
    is_published: bool
    is_best: bool


class _Variant(View):
    base: str | None = None


class _Params(View):
    variants: dict[str, _Variant]


class _Trained(View):
    """What is of use here of the JSON beside a checkpoint."""

    params: _Params


class _Kept(NamedTuple):
    """The kept epoch of one run."""

    learning_rate: float
    accuracy: float
    loss: float


def read_rates(checkpoints: Path, history: Path, study: StudyParams) -> list[Rate]:
    """Every variant of the study under every protocol, the best of each family chosen.

    A family is a network and those that name it as their `base`. Its published member is the
    one that bears the family's name; where that was not trained, none is published.
    """
    first = study.cells()[0]
    families: dict[str, list[str]] = {}
    for variant in study.variants:
        metadata = checkpoints / f"{first._replace(variant=variant).name}.json"
        families.setdefault(read_family(metadata, variant), []).append(variant)
    return [
        rate
        for protocol in study.protocols
        for family, variants in families.items()
        for rate in _rank_family(
            protocol,
            family,
            {
                variant: [
                    read_kept(history / f"{Cell(variant, protocol, seed).name}.csv")
                    for seed in study.seeds
                ]
                for variant in variants
            },
        )
    ]


def read_family(metadata: Path, variant: str) -> str:
    """The base that a network was trained with, as recorded beside its checkpoint, or itself."""
    trained = check_section("network", _Trained, {"network": read_json(metadata)}, str(metadata))
    return trained.params.variants[variant].base or variant


def read_kept(path: Path) -> _Kept:
    """The first epoch with the lowest validation loss, and the learning rate at the start."""
    curve = pd.read_csv(path)
    best = curve.iloc[int(curve["validation_loss"].argmin())]
    return _Kept(
        float(curve["learning_rate"].iloc[0]),
        float(best["validation_accuracy"]),
        float(best["validation_loss"]),
    )


def _rank_family(protocol: str, family: str, members: dict[str, list[_Kept]]) -> list[Rate]:
    """One row a member; the best has the highest validation accuracy, mean over seeds.

    Of equals, the one with the lower validation loss, then the published one, then the first.
    """
    scores = {
        variant: (_mean([run.accuracy for run in runs]), _mean([run.loss for run in runs]))
        for variant, runs in members.items()
    }
    best = max(scores, key=lambda name: (scores[name][0], -scores[name][1], name == family))
    return [
        Rate(
            protocol=protocol,
            family=family,
            variant=variant,
            learning_rate=runs[0].learning_rate,
            validation_accuracy=scores[variant][0],
            validation_loss=scores[variant][1],
            is_published=variant == family,
            is_best=variant == best,
        )
        for variant, runs in members.items()
    ]


def _mean(values: Sequence[float]) -> float:
    """As it is kept; the last digits of a sum would break ties."""
    return round(sum(values) / len(values), 6)
