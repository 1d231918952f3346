"""Stage `compare`: is a difference between networks, or protocols, more than chance?"""

from hqcm.comparison.compare import CompareParams, ComparisonParams, Tested, compare_study
from hqcm.comparison.comparisons import tabulate_comparisons, write_comparisons
from hqcm.comparison.learning_rates import read_rates
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams, read_test_stacks
from hqcm.evaluation.test_slices import read_test_groups
from hqcm.results.predictions import read_study_predictions
from hqcm.scrutiny.leakage import read_known


def main() -> None:
    """Predictions of every run and their validation scores in, comparisons out."""
    inputs = ["predictions", "prepared", "duplicates", "twins", "split", "checkpoints", "history"]
    with stage(__doc__, inputs=inputs, outputs=["comparisons", "table"]) as args:
        study = load_params("study", StudyParams)
        params = ComparisonParams(
            study=study,
            compare=load_params("compare", CompareParams),
            localise=load_params("localise", LocaliseParams),
            uncertainty=load_params("uncertainty", UncertaintyParams),
        )
        predictions = read_study_predictions(args.predictions, study)
        tested = Tested(
            read_test_stacks(args.prepared, predictions),
            read_test_groups(args.prepared, args.duplicates, predictions),
            read_known(args.prepared, args.twins, args.split, predictions),
        )
        rates = read_rates(args.checkpoints, args.history, study)
        found = compare_study(predictions, tested, rates, params)
        write_comparisons(args.comparisons, found)
        tabulate_comparisons(found).to_csv(args.table, index=False)


if __name__ == "__main__":
    main()
