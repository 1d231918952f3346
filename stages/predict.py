"""Stages `predict_hybrid` and `predict_classical`: what a network says about the test slices.

And how its probabilities are to be taken, and what is unlike its training, for `hqcm predict`.
"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.prediction.predictor import write_predictor
from hqcm.results.predictions import write_predictions
from hqcm.slices.split_file import read_part
from hqcm.slices.stacks import read_stack
from hqcm.training.checkpoint import load_checkpoint
from hqcm.training.inference import InferenceParams, predict


def main() -> None:
    with stage(
        __doc__, inputs=["prepared", "split", "checkpoint"], outputs=["predictions", "predictor"]
    ) as args:
        params = load_params("train", InferenceParams)
        test = read_stack(args.prepared, read_part(args.split, "test"))
        network = load_checkpoint(args.checkpoint)
        write_predictions(args.predictions, predict(network, test, params))
        parts = args.prepared, args.split
        write_predictor(args.predictor, args.checkpoint, network, params, parts)


if __name__ == "__main__":
    main()
