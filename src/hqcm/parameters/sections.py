"""All of `params.yaml` at once: each section by its own schema, then one section by another."""

import re
from collections.abc import Collection, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from hqcm.comparison.compare import CompareParams
from hqcm.contracts.labels import Cohort
from hqcm.contracts.params import ParamsError, Section, check_section
from hqcm.contracts.study import Bodies, ClassicalNames, StudyParams, require_map
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.embedding import EmbedParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.explanation.deletion_insertion import ExplainParams
from hqcm.hardware.conditions import HardwareParams
from hqcm.near_duplicates.fingerprints import FingerprintParams
from hqcm.networks.attention import AttentionParams
from hqcm.networks.network import check_variant
from hqcm.networks.variants import (
    ClassicalVariant,
    HybridVariant,
    NetworkParams,
    QuantumParams,
    Variants,
)
from hqcm.phantom.cohort import PhantomParams
from hqcm.preparation.prepare import PrepareParams
from hqcm.scrutiny.shortcuts import ShortcutParams
from hqcm.slices.sources import Sources
from hqcm.splitting.protocols import FOLDED_SOURCE, SplitParams, find_protocol
from hqcm.training.augmentation import AugmentParams
from hqcm.training.device import Execution
from hqcm.training.epoch import TrainParams
from hqcm.training.losses import LossParams

_MOST_SLICES = 1_000_000
_SOURCE = re.compile(r"[a-z][a-z0-9_]*")
_UNABLE = {
    *("default.clifford", "default.gaussian", "default.qutrit", "default.qutrit.mixed"),
    *("default.tensor", "null.qubit"),
}  # PennyLane's own without these gates, shots or results
_FORMATS = Path(__file__).parents[1] / "formats"


class _CohortParams(Section):
    cohort: Cohort


SCHEMAS: dict[str, type[BaseModel]] = {
    "data": _CohortParams,
    "sources": Sources,
    "study": StudyParams,
    "quantum": QuantumParams,
    "train": TrainParams,
    "loss": LossParams,
    "augment": AugmentParams,
    "network": NetworkParams,
    "attention": AttentionParams,
    "variants": Variants,
    "prepare": PrepareParams,
    "split": SplitParams,
    "localise": LocaliseParams,
    "embed": EmbedParams,
    "explain": ExplainParams,
    "compare": CompareParams,
    "uncertainty": UncertaintyParams,
    "hardware": HardwareParams,
    "fingerprint": FingerprintParams,
    "shortcuts": ShortcutParams,
    "phantom": PhantomParams,
}
"""The model of every section; stages load the same ones, or views of them."""


def check_params(params: Mapping[str, Any], where: str = "params.yaml") -> None:
    """Check every key and every relation between sections that needs no slices.

    Args:
        params: all of the parameters file.
        where: that file, for the messages.

    Raises:
        ParamsError: a section is missing or unknown, a key is not as it must be, or two keys do
            not go together.
    """
    for unknown in params.keys() - SCHEMAS.keys():
        raise ParamsError(
            f"{where}: {unknown} is not a section; must be one of {', '.join(SCHEMAS)}"
        )
    checked: Any = {
        name: check_section(name, model, params, where) for name, model in SCHEMAS.items()
    }
    for name in checked["variants"].root:
        check_variant(name, params, where)
    _check_study(checked["study"], checked["split"], params, where)
    _check_sources(checked, where)
    _check_bases(checked["variants"], where)
    _check_phantom(checked["phantom"], where)
    Execution.finds_cuda(checked["train"])
    devices = {point.name for point in entry_points(group="pennylane.plugins")} - _UNABLE
    _require_one_of(f"{where}: hardware.device", checked["hardware"].device, devices)


def _check_study(
    study: StudyParams, split: SplitParams, params: Mapping[str, Any], where: str
) -> None:
    """Protocols and networks are there, each in the list of its kind."""
    for protocol in study.protocols:
        try:
            find_protocol(protocol, split)
        except ParamsError as error:
            raise ParamsError(f"{where}: study.protocols: {error}") from None
    kinds = {"hybrid": HybridVariant, "classical": ClassicalVariant}
    for kind, model in kinds.items():
        for name in getattr(study, kind):
            key = f"{where}: study.{kind}"
            _require_one_of(f"{key} (sections of variants)", name, params["variants"])
            check_section(f"variants.{name}", model, params, key)
    names = ClassicalNames(classical=study.classical)
    require_map(names, check_section("variants", Bodies, params))


def _check_sources(checked: Mapping[str, Any], where: str) -> None:
    """Names that can be folders, formats that there are, and the sources that others name."""
    sources = checked["sources"].root
    if FOLDED_SOURCE not in sources:
        raise ParamsError(
            f"{where}: sources must have {FOLDED_SOURCE}, whose folds the split reads; "
            f"got {', '.join(sources) or 'none'}"
        )
    _require_one_of(f"{where}: split.held_out_source", checked["split"].held_out_source, sources)
    formats = {path.stem for path in _FORMATS.glob("*.py") if "\nFORMAT" in path.read_text()}
    for name, source in sources.items():
        if not _SOURCE.fullmatch(name):
            raise ParamsError(
                f"{where}: sources.{name} must be named with small letters, digits and _, "
                f"a letter first; got {name!r}"
            )
        _require_one_of(f"{where}: sources.{name}.format", source.format, formats)


def _check_bases(variants: Variants, where: str) -> None:
    for name, variant in variants.root.items():
        if variant.base is not None:
            _require_one_of(f"{where}: variants.{name}.base", variant.base, variants.root)


def _check_phantom(phantom: PhantomParams, where: str) -> None:
    counts = {
        "phantom.n_healthy_dicom": phantom.n_healthy_dicom,
        "phantom.n_patients x phantom.n_slices_per_patient": (
            phantom.n_patients * phantom.n_slices_per_patient
        ),
        "phantom.n_healthy_images": phantom.n_healthy_images,
        "phantom.n_images_per_tumour": phantom.n_images_per_tumour,
    }
    for key, count in counts.items():
        if count > _MOST_SLICES:
            raise ParamsError(f"{where}: {key} must be at most {_MOST_SLICES} slices; got {count}")


def _require_one_of(key: str, given: str, legal: Collection[str]) -> None:
    if given not in legal:
        known = ", ".join(sorted(legal)) or "none that there are"
        raise ParamsError(f"{key} must be one of {known}; got {given!r}")
