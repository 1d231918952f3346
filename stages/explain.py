"""Stage `explain`: does a network go by what its attention map or Grad-CAM lights up?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.explanation.deletion_insertion import ExplainParams
from hqcm.explanation.explain import ExplanationParams, PairFiles, explain_pair, read_pair
from hqcm.explanation.grad_cam_store import write_grad_cams
from hqcm.results.intervals import write_estimates
from hqcm.training.inference import InferenceParams


def main() -> None:
    """The compared pair and its test slices in; areas, curves and Grad-CAM maps out."""
    inputs, outputs = [*PairFiles._fields], ["intervals", "curves", "maps"]
    with stage(__doc__, inputs=inputs, outputs=outputs) as args:
        params = ExplanationParams(
            explain=load_params("explain", ExplainParams),
            localise=load_params("localise", LocaliseParams),
            inference=load_params("train", InferenceParams),
            uncertainty=load_params("uncertainty", UncertaintyParams),
        )
        study = load_params("study", StudyParams)
        files = PairFiles(*(getattr(args, name) for name in PairFiles._fields))
        found = explain_pair(read_pair(files, study), params)
        write_estimates(args.intervals, found.intervals)
        found.curves.to_csv(args.curves, index=False)
        write_grad_cams(args.maps, found.slice_ids, found.grad_cams)


if __name__ == "__main__":
    main()
