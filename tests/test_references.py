"""Every statistic that the project reports has a derivation of its own in `reference`.

The tables below name each public function and method of the modules that compute statistics:
what it is checked against and where, or why it is none. A new one is in neither and fails.
"""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "src" / "hqcm"

CHECKED: dict[str, dict[str, tuple[str, ...]]] = {
    "comparison/effects": {
        "assess": ("comparison/test_effects", "sign_flip_probability"),
        "decompose": ("comparison/test_effects", "two_level_errors"),
        "pool": ("comparison/test_effects", "satterthwaite"),
        "quantile": ("comparison/test_effects", "student_quantile"),
        "tail_probability": ("comparison/test_effects", "student_tail"),
        "adjust_holm": ("comparison/test_effects", "holm"),
    },
    "comparison/knowing": {
        "measure_familiarity": ("comparison/test_knowing", "accuracy_gaps"),
        "compare_known": ("comparison/test_knowing", "accuracy_gaps"),
    },
    "comparison/recovery": {"recover": ("comparison/test_recovery", "fieller_set")},
    "comparison/sampling": {
        "sample_protocol": ("comparison/test_comparing", "jaccard_index"),
    },
    "evaluation/bootstrap": {
        "draw_measure": ("evaluation/test_bootstrap", "resampled_mean"),
    },
    "evaluation/calibration": {
        "expected_calibration_error": ("evaluation/test_calibration", "calibration_error"),
        "spread_over_bins": ("evaluation/test_calibration", "calibration_error"),
        "squared_errors": ("evaluation/test_calibration", "brier_score"),
        "tabulate_reliability": ("evaluation/test_calibration", "reliability_rows"),
    },
    "evaluation/classification": {
        "evaluate_run": ("evaluation/test_classification", "class_scores"),
    },
    "evaluation/classification_intervals": {
        "score_confusion": (
            *("evaluation/test_classification_intervals", "scores_of_matrix"),
            "confusion_matrices",
        ),
    },
    "evaluation/groups": {
        "measure_means": ("evaluation/test_bootstrap", "resampled_mean"),
    },
    "evaluation/families": {"name_families": ("evaluation/test_families", "reachable")},
    "evaluation/intervals": {
        "estimate": ("evaluation/test_intervals", "quantile_of"),
        "estimate_difference": ("evaluation/test_intervals", "difference_bounds"),
    },
    "evaluation/overlap": {"measure_overlap": ("evaluation/test_overlap", "jaccard_index")},
    "evaluation/roc": {
        "area_under_curve": ("evaluation/test_roc", "area_of_pairs"),
        "RankedSlices.area": ("evaluation/test_roc", "area_of_pairs"),
        "tabulate_curves": ("evaluation/test_roc", "curve_points"),
    },
    "evaluation/separability": {
        "Distances.silhouette": ("evaluation/test_separability", "mean_silhouette"),
        "Distances.find_hits": ("evaluation/test_separability", "is_outvoted"),
    },
    "evaluation/statistics": {
        "wilson_interval": ("evaluation/test_statistics", "score_interval"),
        "wilcoxon_signed_rank": ("evaluation/test_statistics", "signed_rank_p", "mid_ranks"),
        "mcnemar_exact": ("evaluation/test_statistics", "mcnemar_p"),
    },
    "explanation/curves": {"Vanishing.trace": ("explanation/test_curves", "pixels_in_order")},
    "explanation/explained": {
        "summarise": ("explanation/test_explaining", "area_of_trapezia", "jaccard_index"),
    },
    "explanation/grad_cam": {
        "explain_classes": ("explanation/test_grad_cam", "grad_cam_of_line"),
    },
    "explanation/order": {"rank_pixels": ("explanation/test_curves", "pixels_in_order")},
    "explanation/traced": {"area_under": ("explanation/test_explaining", "area_of_trapezia")},
    "ledger/learning_curves": {
        "over_runs": ("ledger/test_learning_curves", "student_quantile"),
    },
    "paper/audit_localisation": {
        "largest_rank_sum": ("paper/test_audit_localisation", "sum_of_ranks"),
        "fewest_pairs": ("paper/test_audit_localisation", "sum_of_ranks"),
        "two_sided_p": ("paper/test_audit_localisation", "signed_rank_p"),
    },
    "scrutiny/leaks": {"find_leaks": ("scrutiny/test_leaks", "known_from_training")},
    "scrutiny/shortcuts": {"score_guesses": ("scrutiny/test_shortcuts", "class_scores")},
}
"""Module -> function or method -> the test module and the references that it compares with."""

NO_STATISTIC = {
    "comparison/effects": {"Sampled.value", "Sampled.plus", "Sampled.minus", "Sampled.negated"},
    "comparison/sampling": {
        *("name_quantities", "is_defined", "sum_run", "measure_sums", "take_slices"),
    },
    "evaluation/bootstrap": {
        *("estimate_protocol", "estimate_network", "draw_groups", "count_draws"),
    },
    "evaluation/calibration": {"place_in_bins"},
    "evaluation/classification": {"evaluate_study", "summarise_runs", "tabulate_confusion"},
    "evaluation/classification_intervals": {"measure_classification"},
    "evaluation/families": {"read_test_groups", "read_cohort"},
    "evaluation/groups": {"number_groups", "count_groups", "size_of", "sum_groups", "divide"},
    "evaluation/intervals": {"rounded"},
    "evaluation/overlap": {"threshold_name", "read_test_stacks", "display_map"},
    "evaluation/roc": {"mean_area"},
    "evaluation/separability": {"measure_separability"},
    "explanation/curves": {"count_pixels", "paint_canvas", "ask_slices", "ask_mixed"},
    "explanation/grad_cam": {"weigh_maps", "find_feature_maps"},
    "explanation/order": {"draw_noise"},
    "explanation/traced": {"measure_explanation", "tabulate_curves"},
    "ledger/learning_curves": {"measure_end", "measure_convergence", "measure_lead"},
    "paper/audit_localisation": {"audit_localisation", "list_places", "pairs_with_p"},
    "scrutiny/leaks": {"read_parts", "audit_splits", "count_leaks", "dump_leaks", "read_leaks"},
    "scrutiny/shortcuts": {"probe_splits"},
}
"""What reads, writes, names or joins, sums and means, and steps on the way to a statistic above."""


def public_names(module: str) -> set[str]:
    """Functions and methods of a module that others may call."""
    names = set()
    for node in ast.parse((PACKAGE / f"{module}.py").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            methods = [each.name for each in node.body if isinstance(each, ast.FunctionDef)]
            names |= {f"{node.name}.{name}" for name in methods if not node.name.startswith("_")}
    return {name for name in names if not re.search(r"(^|\.)_", name)}


@pytest.mark.parametrize("module", CHECKED)
def test_every_statistic_is_in_the_table(module: str) -> None:
    others = NO_STATISTIC.get(module, set())
    assert not others & CHECKED[module].keys()
    assert public_names(module) == others | CHECKED[module].keys()


@pytest.mark.parametrize(
    ("name", "test", "references"),
    [
        (name.rpartition(".")[2], test, references)
        for functions in CHECKED.values()
        for name, (test, *references) in functions.items()
    ],
)
def test_its_test_compares_it_with_the_reference(
    name: str, test: str, references: list[str]
) -> None:
    text = (TESTS / f"{test}.py").read_text()
    derived = {
        node.name
        for node in ast.parse((TESTS / "reference.py").read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    assert set(references) <= derived
    for word in (name, *references):  # ruff sees to it that what is imported is used
        assert re.search(rf"\b{word}\b", text), word


def test_a_reference_stands_on_its_own() -> None:
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse((TESTS / "reference.py").read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported == {
        *("collections.abc", "decimal", "fractions", "itertools", "math", "numpy"),
        *("numpy.typing", "typing"),
    }


def test_statistics_of_other_modules_are_not_forgotten() -> None:
    """What takes draws, quantiles or a distribution stands in a module of the table."""
    telling = re.compile(
        r"scipy import (stats|special)|scipy\.special|sklearn\.metrics|np\.(nan)?quantile|ddof="
    )
    found = {
        path.relative_to(PACKAGE).with_suffix("").as_posix()
        for path in PACKAGE.rglob("*.py")
        if telling.search(path.read_text())
    }
    assert found - CHECKED.keys() <= NOT_REPORTED.keys()


NOT_REPORTED = {
    "evaluation/probabilities": "softmax of logits",
    "reporting/browser": "softmax of logits",
}
