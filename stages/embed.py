"""Stage `embed`: lay the features of the test slices out in the plane."""

from hqcm.cohort.converted import read_pseudonyms
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams, estimate_study
from hqcm.evaluation.embedding import EmbedParams, embed_study, measure_separability
from hqcm.evaluation.test_slices import read_test_groups
from hqcm.results.files import write_tables
from hqcm.results.intervals import write_estimates
from hqcm.results.predictions import read_study_predictions


def main() -> None:
    """Predictions in, positions of each network's slices and how the classes separate out."""
    inputs = ["predictions", "prepared", "pseudonyms", "duplicates"]
    with stage(__doc__, inputs=inputs, outputs=["embedding", "intervals"]) as args:
        study = load_params("study", StudyParams)
        params = load_params("embed", EmbedParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        predictions = read_study_predictions(args.predictions, study)
        groups = read_test_groups(args.prepared, args.duplicates, predictions)
        intervals = estimate_study(
            predictions, groups, measure_separability, study.pair, uncertainty
        )
        write_estimates(args.intervals, intervals)
        pseudonyms = read_pseudonyms(args.pseudonyms)
        write_tables(args.embedding, embed_study(predictions, params, pseudonyms))


if __name__ == "__main__":
    main()
