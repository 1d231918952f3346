"""Stage `prepare`: every slice at the network's size, in one store, scaled to [0, 1]."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.preparation.prepare import PrepareParams, prepare_stores
from hqcm.slices.sources import Sources, list_stores


def main() -> None:
    """Scale the slices of the native stores `--slices`, or of all in a folder, into one store."""
    with stage(__doc__, inputs=["slices"], many=["slices"], outputs=["prepared"]) as args:
        stores = list_stores(args.slices, load_params("sources", Sources).root)
        prepare_stores(stores, load_params("prepare", PrepareParams), args.prepared)


if __name__ == "__main__":
    main()
