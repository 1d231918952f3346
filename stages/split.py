"""Stage `split`: assign every slice to train, validation or test."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.slices import read_index
from hqcm.preparation.splitting import SplitParams, split_slices


def main() -> None:
    """Draw the split of `--prepared` as `--protocol` says."""
    with stage(__doc__, inputs=["prepared"], outputs=["split"], values={"protocol": str}) as args:
        params = load_params("split", SplitParams)
        split = split_slices(read_index(args.prepared), args.protocol, params)
        split.to_csv(args.split, index=False)


if __name__ == "__main__":
    main()
