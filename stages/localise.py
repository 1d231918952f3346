"""Stage `localise`: do the attention maps lie on the tumours?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.predictions import read_study_predictions
from hqcm.contracts.results import write_json
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.localisation import localise_study
from hqcm.evaluation.overlap import LocaliseParams, read_test_stacks


def main() -> None:
    """Predictions and prepared slices in, Table 2 and the table behind it out."""
    with stage(
        __doc__, inputs=["predictions", "prepared"], outputs=["localisation", "overlap"]
    ) as args:
        study = load_params("study", StudyParams)
        predictions = read_study_predictions(args.predictions, study)
        stacks = read_test_stacks(args.prepared, predictions)
        params = load_params("localise", LocaliseParams)
        found = localise_study(predictions, stacks, study.pair, params)
        write_json(args.localisation, found.headline)
        found.table.to_csv(args.overlap, index=False)


if __name__ == "__main__":
    main()
