"""Stage `split`: assign every slice to train, validation or test."""

from hqcm.cohort.converted import read_folds
from hqcm.cohort.duplicates import read_duplicates
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.slices.split_file import write_split
from hqcm.slices.store import read_index
from hqcm.splitting.protocols import SplitParams, split_slices


def main() -> None:
    """Draw the split of `--prepared` as `--protocol` says; `--duplicates` belong together."""
    inputs, values = ["prepared", "duplicates", "folds"], {"protocol": str}
    with stage(__doc__, inputs=inputs, outputs=["split"], values=values) as args:
        params = load_params("split", SplitParams)
        index, duplicates = read_index(args.prepared), read_duplicates(args.duplicates)
        folds = read_folds(args.folds)
        split = split_slices(index, duplicates, folds, args.protocol, params)
        write_split(args.split, split)


if __name__ == "__main__":
    main()
