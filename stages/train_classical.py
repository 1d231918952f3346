"""Stage `train_classical`: train a network with a classical layer in its place."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.networks.attention import AttentionParams
from hqcm.networks.variants import ClassicalVariant, ImageSize, NetworkParams, QuantumWidth
from hqcm.training.augmentation import AugmentParams
from hqcm.training.checkpoint import save_checkpoint
from hqcm.training.epoch import TrainParams
from hqcm.training.loop import Files, train_on_files
from hqcm.training.losses import LossParams


def main() -> None:
    with stage(
        __doc__,
        inputs=["prepared", "split"],
        outputs=["checkpoint", "steps"],
        beside={"metadata": ("checkpoint", ".json")},
        live=["history"],
        scratch=["unfinished"],
        values={"variant": str, "seed": int},
    ) as args:
        params = {
            "prepare": load_params("prepare", ImageSize),
            "network": load_params("network", NetworkParams),
            "attention": load_params("attention", AttentionParams),
            "quantum": load_params("quantum", QuantumWidth),
            "variants": {args.variant: load_params(f"variants.{args.variant}", ClassicalVariant)},
            "augment": load_params("augment", AugmentParams),
            "loss": load_params("loss", LossParams),
            "train": load_params("train", TrainParams),
        }
        files = Files(args.prepared, args.split, args.history, args.steps, args.unfinished)
        trained = train_on_files(args.variant, params, args.seed, files)
        save_checkpoint(args.checkpoint, trained, args.variant, args.seed, params)


if __name__ == "__main__":
    main()
