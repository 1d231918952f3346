"""The parameters of a study: the project's, with some values changed."""

import argparse
import re
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hqcm.contracts.labels import COHORTS, ROLES
from hqcm.contracts.params import ParamsError, check_section
from hqcm.contracts.study import Bodies, Cell, ClassicalNames, StudyParams, require_map
from hqcm.orchestration.clusters import Where
from hqcm.orchestration.running import name_training
from hqcm.orchestration.workspace import stop

_TUNED = re.compile(r"(?P<base>.+)_lr(?P<decimals>\d*[1-9])")


def make_parser(description: str) -> argparse.ArgumentParser:
    """Options that every script has which trains in a workspace."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("--cohort", choices=COHORTS, required=True)
    parser.add_argument("--jobs", type=int, default=1, help="training runs at a time, here")
    parser.add_argument("--gpus", type=int, default=0, help="of this machine; a run on each")
    parser.add_argument("--scheduler", help="of Dask: tls://HOST:PORT, or its file; else here")
    parser.add_argument("--cluster", type=Path, help="YAML file of a batch system")
    parser.add_argument("--set", nargs="*", default=[], help="further parameters, key=value")
    return parser


def parse_with(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The arguments, of which argparse has checked all but numbers; where to train is one."""
    args = parser.parse_args()
    if args.jobs < 1:
        stop(f"--jobs must be 1 or more; got {args.jobs}")
    if args.gpus < 0:
        stop(f"--gpus must be 0 or more; got {args.gpus}")
    args.where = Where(args.jobs, args.gpus, args.scheduler, args.cluster)
    return args


def parse_changes(settings: Sequence[str]) -> dict[str, Any]:
    """`train.max_epochs=2` as the key and its value, which is read as YAML."""
    changes = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            stop(f"a setting must be written key=value; got {setting!r}")
        try:
            changes[key] = YAML(typ="safe").load(value)
        except YAMLError:
            stop(f"the value of a setting must be YAML; got {setting!r}")
    return changes


def write_params(
    source: Path,
    target: Path,
    changes: Mapping[str, Any],
    variants: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[str]:
    """Write the parameters with some values changed, comments kept.

    Args:
        source: the project's parameters.
        target: where those of the study go.
        changes: new values by dotted key.
        variants: further sections of ``variants``, by name.

    Returns:
        The stages that train, seed by seed, so that an unfinished study has whole seeds.
    """
    yaml = YAML()
    yaml.width = 100
    params = yaml.load(source.read_text())
    for key, value in changes.items():
        *sections, last = key.split(".")
        node = params
        for name in sections:
            node = node.get(name) if isinstance(node, MutableMapping) else None
        if not isinstance(node, MutableMapping) or last not in node:
            stop(f"{key} must be a key of {source.name}; got none of that name")
        node[last] = value
    study = params["study"]
    _require_schemas(params)
    params["variants"].update(variants or {})
    _add_tuned(params["variants"], [*study["hybrid"], *study["classical"]])
    _require_networks(params["variants"], study)
    with target.open("w") as file:
        yaml.dump(params, file)
    return [
        name_training(kind, Cell(variant, protocol, seed))
        for seed in study["seeds"]
        for protocol in study["protocols"]
        for kind in ROLES
        for variant in study[kind]
    ]


def _add_tuned(variants: MutableMapping[str, Any], names: Sequence[str]) -> None:
    """Give each network named like ``paper_lr001`` a section: ``paper`` at learning rate 0.001."""
    for name in names:
        tuned = _TUNED.fullmatch(name)
        if tuned and name not in variants and tuned["base"] in variants:
            own = {"base": tuned["base"], "learning_rate": float(f"0.{tuned['decimals']}")}
            variants[name] = {**variants[tuned["base"]], **own}


def _require_schemas(params: Mapping[str, Any]) -> None:
    """Before the two sections are worked with; stage `check` has the others."""
    try:
        check_section("study", StudyParams, params)
        check_section("variants", Bodies, params)
    except ParamsError as error:
        stop(str(error))


def _require_networks(variants: Mapping[str, Any], study: Mapping[str, Any]) -> None:
    """Say now, not after hours, that a network is not known, of the other kind or without map."""
    for kind in ROLES:
        for name in study[kind]:
            if name not in variants:
                stop(f"{kind} networks must be sections of variants; got {name!r}")
            head = variants[name].get("head", "none")
            if (head == "quantum") != (kind == "hybrid"):
                must = "must" if kind == "hybrid" else "must not"
                stop(f"the head of a {kind} network {must} be quantum; got {name} with {head}")
    names = check_section("study", ClassicalNames, {"study": study})
    try:
        require_map(names, check_section("variants", Bodies, {"variants": variants}))
    except ParamsError as error:
        stop(str(error))
