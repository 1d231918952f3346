"""Stage `evaluate`: how well does each network classify the test slices?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.predictions import read_study_predictions
from hqcm.contracts.results import write_json, write_tables
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.classification import evaluate_study, tabulate_confusion


def main() -> None:
    """Predictions in, metrics and confusion tables out."""
    with stage(__doc__, inputs=["predictions"], outputs=["metrics", "confusion"]) as args:
        predictions = read_study_predictions(args.predictions, load_params("study", StudyParams))
        write_json(args.metrics, evaluate_study(predictions))
        write_tables(args.confusion, tabulate_confusion(predictions))


if __name__ == "__main__":
    main()
