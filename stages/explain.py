"""Stage `explain`: does a network go by what its attention map or Grad-CAM lights up?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.explanation.areas import estimate_explanations, tabulate_curves
from hqcm.explanation.deletion_insertion import ExplainParams
from hqcm.explanation.explain import explain_pair, read_pair
from hqcm.explanation.grad_cam_store import write_grad_cams
from hqcm.results.intervals import write_estimates
from hqcm.training.inference import InferenceParams


def main() -> None:
    """The compared pair and its test slices in; areas, curves and Grad-CAM maps out."""
    inputs = ["prepared", "duplicates", "predictions", "checkpoints"]
    with stage(__doc__, inputs=inputs, outputs=["intervals", "curves", "maps"]) as args:
        study = load_params("study", StudyParams)
        runs, stack, groups = read_pair(args.prepared, args.duplicates, args.predictions, study)
        explanations = explain_pair(
            args.checkpoints,
            study,
            runs,
            stack,
            params=load_params("explain", ExplainParams),
            inference=load_params("train", InferenceParams),
        )
        localise = load_params("localise", LocaliseParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        intervals = estimate_explanations(explanations, stack, groups, localise, uncertainty)
        write_estimates(args.intervals, {study.first_protocol: intervals})
        tabulate_curves(explanations).to_csv(args.curves, index=False)
        grad_cams = {name: each.maps["grad_cam"] for name, each in explanations.items()}
        write_grad_cams(args.maps, stack.slice_id, grad_cams)


if __name__ == "__main__":
    main()
