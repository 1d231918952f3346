"""How the networks were trained: Fig. 7, Table 3 and section 4.3, and what exactly was run."""

from pathlib import Path

from hqcm.contracts.labels import ROLES, Role
from hqcm.ledger.learning_curves import measure_end
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Setting
from hqcm.reporting.document import Block, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.estimates import PAPER_AND_HERE, show_beside_paper
from hqcm.reporting.numbers import NOTHING, count, fraction, parameter_value
from hqcm.reporting.results import Results

_MILESTONES = {
    "initial training loss": "history/first/train_loss",
    "final training loss": "history/last/train_loss",
    "final validation loss": "history/last/validation_loss",
    "final training accuracy": "history/last/train_accuracy",
    "final validation accuracy": "history/last/validation_accuracy",
}


def describe_training(results: Results, claims: Claims, figures: Path) -> Section:
    """The curves and whether all could learn; settings, milestones and every run in folds."""
    settings = [
        [setting.says, setting.printed, _describe_setting(results, setting)]
        for setting in claims.settings
    ]
    milestones = []
    for says, quantity in _MILESTONES.items():
        ours = [find_milestone(results, role, quantity) for role in ROLES]
        milestones.append([says, *show_beside_paper(claims, quantity, ours)])
    caption = "Training configuration, the same for both networks."
    table_3: list[Block] = [
        Table(caption, ["setting", "paper", "here"], settings),
        Table(
            "Section 4.3 in numbers; first and last epoch, mean over seeds.",
            ["quantity", *PAPER_AND_HERE],
            milestones,
        ),
    ]
    return Section(
        "Training",
        [
            _describe_failures(results),
            _picture_training(results, figures),
            Folded("Table 3 and section 4.3 beside the paper's", table_3),
            Folded("Every run", [_tabulate_networks(results), _name_versions(results)]),
        ],
    )


def _picture_training(results: Results, folder: Path) -> Picture:
    ends = "; ".join(
        f"the {role} network's training loss goes from "
        f"{fraction(find_milestone(results, role, 'history/first/train_loss'))} to "
        f"{fraction(find_milestone(results, role, 'history/last/train_loss'))}"
        for role in ROLES
    )
    return Picture(
        folder / "fig07-training.png",
        "Fig. 7: loss (left, logarithmic) and accuracy (right) over epochs; training solid, "
        "validation dashed" + (", one line a seed." if results.n_seeds > 1 else "."),
        f"Learning curves of both networks: {ends}.",
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
        "Outputs of the layer before the classifier that are the same for every validation slice "
        "(dead) or stuck at -1 or 1 (saturated) after the last epoch, and the gradient's norm in "
        f"the first: {'; '.join(networks)}."
    )


def _describe_setting(results: Results, setting: Setting) -> str:
    network = results.networks["hybrid"][0]
    shown = [f"{parameter_value(network.parameter(key))} (`{key}`)" for key in setting.keys]
    return ", ".join(shown) or setting.fixed or NOTHING


def find_milestone(results: Results, role: Role, quantity: str) -> float:
    """A column of the learning curve at its first or last epoch, mean over seeds."""
    return measure_end(results.histories[role], quantity.partition("/")[2]).value


def _name_versions(results: Results) -> Paragraph:
    versions = sorted(results.networks["hybrid"][0].versions.items())
    return Paragraph(f"Libraries: {', '.join(f'{name} {number}' for name, number in versions)}.")


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
        "The head is the quantum layer or what stands in its place. The weights of the epoch with "
        "the lowest validation loss are kept.",
        [
            *("network", *(["protocol"] if by_protocol else []), "seed", "parameters"),
            *("of the head", "best epoch", "device", "precision"),
        ],
        rows,
    )
