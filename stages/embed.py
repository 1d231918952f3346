"""Stage `embed`: lay the features of the test slices out in the plane."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.embedding import EmbedParams, embed_predictions
from hqcm.evaluation.test_slices import read_test_groups
from hqcm.results.files import write_tables
from hqcm.results.intervals import write_estimates
from hqcm.results.predictions import read_study_predictions


def main() -> None:
    """Predictions in, positions of each network's slices and how the classes separate out."""
    inputs, outputs = ["predictions", "prepared", "duplicates"], ["embedding", "intervals"]
    with stage(__doc__, inputs=inputs, outputs=outputs) as args:
        study = load_params("study", StudyParams)
        predictions = read_study_predictions(args.predictions, study)
        groups = read_test_groups(args.prepared, args.duplicates, predictions)
        params = load_params("embed", EmbedParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        found = embed_predictions(
            predictions, groups, pair=study.pair, params=params, uncertainty=uncertainty
        )
        write_tables(args.embedding, found.planes)
        write_estimates(args.intervals, found.intervals)


if __name__ == "__main__":
    main()
