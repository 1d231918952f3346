"""Stage `convert_mat`: the MATLAB files of source 2 become a slice store."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.rejections import write_rejections
from hqcm.sources.conversion import convert
from hqcm.sources.folds import convert_folds
from hqcm.sources.matlab import MATLAB


def main() -> None:
    """Convert every .mat file under `--raw`; beside the store, its author's folds and rejects."""
    with stage(
        __doc__,
        inputs=["raw"],
        outputs=["slices"],
        beside={"rejected": ("slices", ".rejected.csv"), "folds": ("slices", ".folds.csv")},
    ) as args:
        rejections = convert(args.raw, MATLAB, args.slices)
        write_rejections(args.rejected, rejections + convert_folds(args.raw, args.folds))


if __name__ == "__main__":
    main()
