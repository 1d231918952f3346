"""Stage `evaluate`: how well does each network classify the test slices?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.classification import evaluate_predictions
from hqcm.evaluation.test_slices import read_test_groups
from hqcm.results.files import write_json, write_tables
from hqcm.results.intervals import write_estimates
from hqcm.results.predictions import read_study_predictions


def main() -> None:
    """Predictions and the groups of their slices in, scores with intervals and tables out."""
    outputs = ["metrics", "intervals", "mcnemar", "confusion", "roc", "reliability"]
    with stage(__doc__, inputs=["predictions", "prepared", "duplicates"], outputs=outputs) as args:
        study = load_params("study", StudyParams)
        predictions = read_study_predictions(args.predictions, study)
        groups = read_test_groups(args.prepared, args.duplicates, predictions)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        found = evaluate_predictions(predictions, groups, study, uncertainty)
        write_json(args.metrics, found.metrics)
        write_estimates(args.intervals, found.intervals)
        write_json(args.mcnemar, found.mcnemar)
        write_tables(args.confusion, found.confusion)
        write_tables(args.roc, found.roc)
        write_tables(args.reliability, found.reliability)


if __name__ == "__main__":
    main()
