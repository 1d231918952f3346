"""Stages `predict_hybrid` and `predict_classical`: what a network says about the test slices."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.results.predictions import write_predictions
from hqcm.slices.split_file import read_part
from hqcm.slices.stacks import read_stack
from hqcm.training.checkpoint import load_checkpoint
from hqcm.training.inference import InferenceParams, predict


def main() -> None:
    with stage(
        __doc__, inputs=["prepared", "split", "checkpoint"], outputs=["predictions"]
    ) as args:
        test = read_stack(args.prepared, read_part(args.split, "test"))
        network = load_checkpoint(args.checkpoint)
        predictions = predict(network, test, load_params("train", InferenceParams))
        write_predictions(args.predictions, predictions)


if __name__ == "__main__":
    main()
