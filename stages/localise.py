"""Stage `localise`: do the attention maps lie on the tumours?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.localisation import localise_study
from hqcm.evaluation.overlap import LocaliseParams, read_test_stacks
from hqcm.evaluation.test_slices import read_test_groups
from hqcm.results.files import write_json, write_tables
from hqcm.results.intervals import write_estimates
from hqcm.results.predictions import read_study_predictions


def main() -> None:
    """Predictions and prepared slices in, Table 2 with intervals and what is behind it out."""
    outputs = ["localisation", "overlap", "intervals", "jaccard"]
    with stage(__doc__, inputs=["predictions", "prepared", "duplicates"], outputs=outputs) as args:
        study = load_params("study", StudyParams)
        predictions = read_study_predictions(args.predictions, study)
        stacks = read_test_stacks(args.prepared, predictions)
        groups = read_test_groups(args.prepared, args.duplicates, predictions)
        params = load_params("localise", LocaliseParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        found = localise_study(
            predictions, stacks, groups, pair=study.pair, params=params, uncertainty=uncertainty
        )
        write_json(args.localisation, found.headline)
        found.table.to_csv(args.overlap, index=False)
        write_estimates(args.intervals, found.intervals)
        write_tables(args.jaccard, found.curves)


if __name__ == "__main__":
    main()
