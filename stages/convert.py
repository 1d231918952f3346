"""Stage `convert`: the native files of one source become a slice store."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.formats.convert import convert, load_format
from hqcm.slices.sources import SourceParams


def main() -> None:
    """Convert what `--raw` holds of `--source`; list beside the store what cannot be used."""
    with stage(
        __doc__,
        inputs=["raw"],
        outputs=["slices"],
        beside={"rejected": ("slices", ".rejected.csv"), "folds": ("slices", ".folds.csv")},
        optional=["folds"],
        values={"source": str},
    ) as args:
        native = load_format(load_params(f"sources.{args.source}", SourceParams))
        convert(
            args.source, args.raw, native, args.slices, rejected=args.rejected, folds=args.folds
        )


if __name__ == "__main__":
    main()
