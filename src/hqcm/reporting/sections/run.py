"""What exactly was run: networks, parameters, library versions."""

from collections.abc import Iterator, Mapping
from typing import Any

from hqcm.reporting.document import Folded, Section, Table
from hqcm.reporting.numbers import NOTHING, count, parameter_value
from hqcm.reporting.pair import ROLES
from hqcm.reporting.results import Results


def describe_run(results: Results) -> Section:
    """Every run, then what it was run with."""
    return Section(
        "What was run",
        [
            tabulate_networks(results),
            Folded("All parameters", [tabulate_parameters(results)]),
            Folded("Library versions", [tabulate_versions(results)]),
        ],
    )


def tabulate_networks(results: Results) -> Table:
    """One row a run of the study; its protocol where there is more than one."""
    study = results.study
    by_protocol = len(study.protocols) > 1
    rows = [
        [
            f"{'hybrid' if cell.variant in study.hybrid else 'classical'} (`{cell.variant}`)",
            *([f"`{cell.protocol}`"] if by_protocol else []),
            str(cell.seed),
            count(network.n_parameters["all"]),
            count(network.n_parameters["head"]),
            f"{network.best_epoch} of {network.n_epochs}",
            network.device,
            network.precision,
        ]
        for cell, network in results.trained.items()
    ]
    return Table(
        "Every run; the head is the quantum layer or what stands in its place. The weights of "
        "the epoch with the lowest validation loss are kept.",
        [
            *("network", *(["protocol"] if by_protocol else []), "seed", "parameters"),
            *("of the head", "best epoch", "device", "precision"),
        ],
        rows,
    )


def tabulate_parameters(results: Results) -> Table:
    """Every parameter that reached the first run of each network; a dash where one has it not."""
    flat = {role: dict(flatten(results.networks[role][0].params)) for role in ROLES}
    keys = list(dict.fromkeys(key for each in flat.values() for key in each))
    rows = [[f"`{key}`", *(flat[role].get(key, NOTHING) for role in ROLES)] for key in keys]
    return Table(
        "Parameters as recorded beside the checkpoints.",
        ["parameter", *ROLES],
        rows,
    )


def flatten(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Dotted keys and values, in the order of the tree."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", parameter_value(value)


def tabulate_versions(results: Results) -> Table:
    """The libraries that trained the first run."""
    versions = results.networks["hybrid"][0].versions
    return Table(
        "Library versions, as recorded beside the checkpoint.",
        ["library", "version"],
        [[library, version] for library, version in sorted(versions.items())],
    )
