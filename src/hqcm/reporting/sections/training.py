"""How the networks were trained: Table 3 and section 4.3, and what exactly was run."""

from collections.abc import Iterator, Mapping
from typing import Any

from hqcm.contracts.labels import ROLES, Role
from hqcm.ledger.learning_curves import measure_end
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Setting
from hqcm.reporting.document import Folded, Paragraph, Section, Table
from hqcm.reporting.estimates import PAPER_AND_HERE, show_beside_paper
from hqcm.reporting.numbers import NOTHING, count, parameter_value
from hqcm.reporting.results import Results

_MILESTONES = {
    "initial training loss": "history/first/train_loss",
    "final training loss": "history/last/train_loss",
    "final validation loss": "history/last/validation_loss",
    "final training accuracy": "history/last/train_accuracy",
    "final validation accuracy": "history/last/validation_accuracy",
}


def describe_training(results: Results, claims: Claims) -> Section:
    """Each setting as printed and as trained with; the curves of Fig. 7 in numbers."""
    settings = [
        [setting.says, setting.printed, _describe_setting(results, setting), setting.remark]
        for setting in claims.settings
    ]
    milestones = []
    for says, quantity in _MILESTONES.items():
        ours = [find_milestone(results, role, quantity) for role in ROLES]
        milestones.append([says, *show_beside_paper(claims, quantity, ours)])
    caption = "Training configuration, the same for both networks."
    return Section(
        "Table 3: training",
        [
            Table(caption, ["setting", "paper", "here", "remark"], settings),
            Table(
                "Section 4.3 in numbers; first and last epoch, mean over seeds. Training figures "
                "are taken on augmented slices with dropout at work.",
                ["quantity", *PAPER_AND_HERE],
                milestones,
            ),
            _describe_failures(results),
        ],
    )


def _describe_failures(results: Results) -> Paragraph:
    """Whether every part of the networks can learn, seed by seed."""

    def each(role: Role, epoch: int, column: str, digits: int = 0) -> str:
        return ", ".join(
            count(curve[column].iloc[epoch], digits) for curve in results.histories[role]
        )

    networks = [
        f"{role} {each(role, -1, 'dead_outputs')} dead and "
        f"{each(role, -1, 'saturated_outputs')} saturated, "
        f"gradient {each(role, 0, 'gradient_norm', 2)}"
        for role in ROLES
    ]
    return Paragraph(
        "Can they learn? Of what the classifier sees, a dead output has one value for every "
        "validation slice, a saturated one is stuck at -1 or 1. After the last epoch, and norm of "
        f"the gradient in the first: {'; '.join(networks)}."
    )


def _describe_setting(results: Results, setting: Setting) -> str:
    network = results.networks["hybrid"][0]
    shown = [f"{parameter_value(network.parameter(key))} (`{key}`)" for key in setting.keys]
    return ", ".join(shown) or setting.fixed or NOTHING


def find_milestone(results: Results, role: Role, quantity: str) -> float:
    """A column of the learning curve at its first or last epoch, mean over seeds."""
    return measure_end(results.histories[role], quantity.partition("/")[2]).value


def describe_run(results: Results) -> Section:
    """Every run, then what it was run with."""
    network = results.networks["hybrid"][0]
    versions = [[name, version] for name, version in sorted(network.versions.items())]
    caption = "Library versions, as recorded beside the checkpoint."
    libraries = Table(caption, ["library", "version"], versions)
    return Section(
        "What was run",
        [
            _tabulate_networks(results),
            Folded("All parameters", [_tabulate_parameters(results)]),
            Folded("Library versions", [libraries]),
        ],
    )


def _tabulate_networks(results: Results) -> Table:
    study = results.study
    by_protocol = len(study.protocols) > 1
    rows = [
        [
            f"{'hybrid' if cell.variant in study.hybrid else 'classical'} (`{cell.variant}`)",
            *([f"`{cell.protocol}`"] if by_protocol else []),
            str(cell.seed),
            *(count(network.n_parameters[which]) for which in ("all", "head")),
            f"{network.best_epoch} of {network.n_epochs}",
            *(network.device, network.precision),
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


def _tabulate_parameters(results: Results) -> Table:
    flat = {role: dict(_flatten(results.networks[role][0].params)) for role in ROLES}
    keys = dict.fromkeys(key for each in flat.values() for key in each)
    rows = [[f"`{key}`", *(flat[role].get(key, NOTHING) for role in ROLES)] for key in keys]
    return Table("Parameters as recorded beside the checkpoints.", ["parameter", *ROLES], rows)


def _flatten(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", parameter_value(value)
