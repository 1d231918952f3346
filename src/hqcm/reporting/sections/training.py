"""Table 3 and section 4.3: how the networks were trained."""

from hqcm.ledger.learning_curves import measure_end
from hqcm.paper.claims import Claims
from hqcm.paper.entries import Setting
from hqcm.reporting.document import Section, Table
from hqcm.reporting.numbers import NOTHING, fraction, parameter_value, printed
from hqcm.reporting.pair import ROLES, Role
from hqcm.reporting.results import Results

MILESTONES = {
    "initial training loss": "history/first/train_loss",
    "final training loss": "history/last/train_loss",
    "final validation loss": "history/last/validation_loss",
    "final training accuracy": "history/last/train_accuracy",
    "final validation accuracy": "history/last/validation_accuracy",
}


def describe_training(results: Results, claims: Claims) -> Section:
    """Configuration and curves in numbers."""
    return Section(
        "Table 3: training",
        [tabulate_settings(results, claims), tabulate_milestones(results, claims)],
    )


def tabulate_settings(results: Results, claims: Claims) -> Table:
    """Each setting as printed and as trained with."""
    rows = [
        [setting.says, setting.printed, describe_setting(results, setting), setting.remark]
        for setting in claims.settings
    ]
    return Table(
        "Training configuration, the same for both networks.",
        ["setting", "paper", "here", "remark"],
        rows,
    )


def describe_setting(results: Results, setting: Setting) -> str:
    """What stands behind a setting, as the hybrid network was trained with it."""
    network = results.networks["hybrid"][0]
    shown = [f"{parameter_value(network.parameter(key))} (`{key}`)" for key in setting.keys]
    return ", ".join(shown) or setting.fixed or NOTHING


def tabulate_milestones(results: Results, claims: Claims) -> Table:
    """The curves of Fig. 7 where the paper gives figures, and their like."""
    rows = [
        [
            says,
            *(
                cell
                for role in ROLES
                for cell in (
                    printed(claims.find(role, quantity)),
                    fraction(find_milestone(results, role, quantity), 4),
                )
            ),
        ]
        for says, quantity in MILESTONES.items()
    ]
    header = ["quantity", *(f"{role}, {who}" for role in ROLES for who in ("paper", "here"))]
    return Table(
        "Section 4.3 in numbers; first and last epoch, mean over seeds. Training figures are "
        "taken on augmented slices with dropout at work.",
        header,
        rows,
    )


def find_milestone(results: Results, role: Role, quantity: str) -> float:
    """A column of the learning curve at its first or last epoch, mean over seeds."""
    return measure_end(results.histories[role], quantity.partition("/")[2]).value
