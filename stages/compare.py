"""Stage `compare`: is a difference between networks, or protocols, more than chance?"""

from hqcm.comparison.compare import CompareParams, compare_study
from hqcm.comparison.comparisons import tabulate_comparisons, write_comparisons
from hqcm.comparison.known_slices import compare_known
from hqcm.comparison.learning_rates import read_rates
from hqcm.comparison.sampling import sample_study
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.evaluation.test_slices import read_test_slices
from hqcm.results.predictions import read_study_predictions
from hqcm.scrutiny.leakage import read_known


def main() -> None:
    """Predictions of every run and their validation scores in, comparisons out."""
    inputs = ["predictions", "prepared", "duplicates", "twins", "split", "checkpoints", "history"]
    with stage(__doc__, inputs=inputs, outputs=["comparisons", "table"]) as args:
        study = load_params("study", StudyParams)
        params = load_params("compare", CompareParams)
        localise = load_params("localise", LocaliseParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        predictions = read_study_predictions(args.predictions, study)
        slices = read_test_slices(args.prepared, args.duplicates, predictions)
        is_known = read_known(args.prepared, args.twins, args.split, predictions)
        rates = read_rates(args.checkpoints, args.history, study)
        samples = sample_study(predictions, slices, localise, uncertainty)
        familiarity = compare_known(predictions, slices, is_known, uncertainty)
        found = compare_study(samples, rates, familiarity, study, params.margin)
        write_comparisons(args.comparisons, found)
        tabulate_comparisons(found).to_csv(args.table, index=False)


if __name__ == "__main__":
    main()
