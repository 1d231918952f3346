"""Stage `sizes`: do the parameters fit the slices that there are, and the machine?"""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.embedding import EmbedParams
from hqcm.networks.attention import AttentionParams
from hqcm.networks.variants import ImageSize, NetworkParams, QuantumParams, Variants
from hqcm.parameters.sizes import check_sizes
from hqcm.scrutiny.leakage import read_parts
from hqcm.training.inference import InferenceParams


def main() -> None:
    """Splits in; a file that is always the same out, or what does not fit."""
    with stage(__doc__, inputs=["split"], outputs=["checked"]) as args:
        study = load_params("study", StudyParams)
        params = {
            "study": study,
            "prepare": load_params("prepare", ImageSize),
            "network": load_params("network", NetworkParams),
            "attention": load_params("attention", AttentionParams),
            "quantum": load_params("quantum", QuantumParams),
            "variants": load_params("variants", Variants).root,
            "train": load_params("train", InferenceParams),
            "embed": load_params("embed", EmbedParams),
        }
        check_sizes(params, read_parts(args.split, study.protocols))
        args.checked.write_text("Every size fits.\n", encoding="utf-8")


if __name__ == "__main__":
    main()
