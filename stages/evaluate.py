"""Stage `evaluate`: how well does each network classify the test slices?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation import classification
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_study
from hqcm.evaluation.scores import measure_classification
from hqcm.evaluation.test_slices import read_test_groups
from hqcm.results.files import write_json, write_tables
from hqcm.results.intervals import write_estimates
from hqcm.results.predictions import read_study_predictions


def main() -> None:
    """Predictions and the groups of their slices in, scores with intervals and tables out."""
    outputs = ["metrics", "intervals", "mcnemar", "confusion", "roc", "reliability"]
    with stage(__doc__, inputs=["predictions", "prepared", "duplicates"], outputs=outputs) as args:
        study = load_params("study", StudyParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        predictions = read_study_predictions(args.predictions, study)
        groups = read_test_groups(args.prepared, args.duplicates, predictions)
        intervals = estimate_study(
            predictions, groups, measure_classification, study.pair, uncertainty
        )
        write_estimates(args.intervals, intervals)
        write_json(args.metrics, classification.summarise_study(predictions))
        write_json(args.mcnemar, classification.compare_hits(predictions, study))
        write_tables(args.confusion, classification.tabulate_confusion(predictions))
        write_tables(args.roc, classification.tabulate_roc(predictions))
        write_tables(args.reliability, classification.tabulate_calibration(predictions))


if __name__ == "__main__":
    main()
