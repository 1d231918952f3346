"""Stage `hardware`: what is left of the trained circuits with finite shots and noise?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.hardware.anatomy import take_apart
from hqcm.hardware.conditions import HardwareParams
from hqcm.hardware.evaluate import evaluate_circuits, read_counterpart, read_first_hybrid
from hqcm.results.files import write_json
from hqcm.training.inference import InferenceParams


def main() -> None:
    """Test slices and the compared networks in; scores under every condition, and structure out."""
    inputs = ["prepared", "duplicates", "split", "checkpoints"]
    with stage(__doc__, inputs=inputs, outputs=["hardware", "structure"]) as args:
        study = load_params("study", StudyParams)
        files = (args.prepared, args.duplicates, args.split, args.checkpoints)
        name, network, stack, groups = read_first_hybrid(*files, study)
        scores = evaluate_circuits(
            name,
            network,
            stack,
            groups,
            params=load_params("hardware", HardwareParams),
            inference=load_params("train", InferenceParams),
            uncertainty=load_params("uncertainty", UncertaintyParams),
        )
        write_json(args.hardware, scores.model_dump())
        counterpart = read_counterpart(args.checkpoints, study)
        *_, size_px = stack.images.shape
        structure = take_apart(name, network, counterpart, size_px)
        args.structure.write_text(structure.model_dump_json() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
