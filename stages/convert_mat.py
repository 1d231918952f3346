"""Stage `convert_mat`: the MATLAB files of source 2 become a slice store."""

from hqcm.cohort.converted import write_rejections
from hqcm.contracts.command_line import stage
from hqcm.formats.convert import convert
from hqcm.formats.matlab import MATLAB


def main() -> None:
    """Convert every .mat file under `--raw`; beside the store, its author's folds and rejects."""
    with stage(
        __doc__,
        inputs=["raw"],
        outputs=["slices"],
        beside={"rejected": ("slices", ".rejected.csv"), "folds": ("slices", ".folds.csv")},
    ) as args:
        write_rejections(args.rejected, convert(args.raw, MATLAB, args.slices, args.folds))


if __name__ == "__main__":
    main()
