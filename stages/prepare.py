"""Stage `prepare`: every slice at the network's size, in one store, scaled to [0, 1]."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.preparation.prepare import PrepareParams, prepare_stores


def main() -> None:
    """Scale the slices of the native stores `--slices` into `--prepared`."""
    with stage(__doc__, inputs=["slices"], many=["slices"], outputs=["prepared"]) as args:
        prepare_stores(args.slices, load_params("prepare", PrepareParams), args.prepared)


if __name__ == "__main__":
    main()
