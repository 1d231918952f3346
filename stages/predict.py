"""Stages `predict_hybrid` and `predict_classical`: what a network says about the test slices."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.parts import read_part
from hqcm.contracts.predictions import write_predictions
from hqcm.contracts.stacks import read_stack
from hqcm.evaluation.inference import InferenceParams, predict
from hqcm.training.checkpoint import load_checkpoint


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
