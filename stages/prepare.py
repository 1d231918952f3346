"""Stage `prepare`: every slice at the network's size, in one store, scaled to [0, 1]."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.preparation.prepare import PrepareParams, prepare_stores
from hqcm.slices.sources import Sources, list_stores


def main() -> None:
    """Scale the slices of the native stores `--slices`, or of all in a folder, into one store."""
    with stage(
        __doc__,
        inputs=["slices"],
        many=["slices"],
        outputs=["prepared"],
        beside={"pseudonyms": ("prepared", ".pseudonyms.csv")},
    ) as args:
        stores = list_stores(args.slices, load_params("sources", Sources).root)
        params = load_params("prepare", PrepareParams)
        prepare_stores(stores, params, args.prepared, args.pseudonyms)


if __name__ == "__main__":
    main()
