"""What exactly was run."""

from dataclasses import replace

from hqcm.reporting.document import Folded, Table
from hqcm.reporting.results import Results
from hqcm.reporting.section_run import describe_run, flatten, tabulate_parameters


def test_a_tree_becomes_dotted_keys_in_its_order() -> None:
    tree = {"b": {"rate": 0.01, "on": True}, "a": {"deep": {"kernels": [3, 5]}}, "c": "none"}
    assert list(flatten(tree)) == [
        ("b.rate", "0.01"),
        ("b.on", "True"),
        ("a.deep.kernels", "[3, 5]"),
        ("c", "none"),
    ]


def test_each_network_shows_its_own_parameters(results: Results) -> None:
    own = {"train": {"learning_rate": 0.003}, "variants": {"counterpart": {"head": "linear"}}}
    changed = results.networks["classical"][0].model_copy(update={"params": own})
    networks = {**results.networks, "classical": [changed]}
    rows = {
        row[0]: row[1:] for row in tabulate_parameters(replace(results, networks=networks)).rows
    }
    assert rows["`train.learning_rate`"] == ["0.01", "0.003"]
    assert rows["`train.batch_size`"] == ["64", "\N{EN DASH}"]
    assert rows["`variants.counterpart.head`"] == ["\N{EN DASH}", "linear"]


def test_long_tables_stand_in_folds(results: Results) -> None:
    networks, *folds = describe_run(results).blocks
    assert isinstance(networks, Table)
    assert len(networks.rows) == 2 * results.n_seeds
    assert [fold.summary for fold in folds if isinstance(fold, Folded)] == [
        "All parameters",
        "Library versions",
    ]
