"""Stage `localise`: do the attention maps lie on the tumours?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation import localisation
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.evaluation.test_slices import read_test_slices
from hqcm.results.files import read_json, write_json, write_tables
from hqcm.results.intervals import write_estimates
from hqcm.results.predictions import read_study_predictions


def main() -> None:
    """Predictions and prepared slices in, Table 2 with intervals and what is behind it out."""
    inputs = ["predictions", "prepared", "duplicates", "metrics"]
    outputs = ["localisation", "overlap", "intervals", "jaccard", "scores"]
    with stage(__doc__, inputs=inputs, outputs=outputs) as args:
        study = load_params("study", StudyParams)
        params = load_params("localise", LocaliseParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        predictions = read_study_predictions(args.predictions, study)
        slices = read_test_slices(args.prepared, args.duplicates, predictions)
        measured = localisation.overlap_study(predictions, slices, params)
        found = localisation.compare_study(measured, slices, study.pair, params.thresholds)
        write_json(args.localisation, found)
        localisation.write_scores(args.scores, read_json(args.metrics), found)
        table = localisation.tabulate_study(predictions, slices, params)
        table.to_csv(args.overlap, index=False)
        intervals = localisation.estimate_overlap(
            measured, slices, params.thresholds, study.pair, uncertainty
        )
        write_estimates(args.intervals, intervals)
        curves = localisation.tabulate_curves(predictions, slices, params, study.pair, uncertainty)
        write_tables(args.jaccard, curves)


if __name__ == "__main__":
    main()
