"""Stage `acquire`: simulate the phantom cohort in the native formats of the three sources."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.phantom.cohort import PhantomParams, acquire_phantom


def main() -> None:
    """Parameters in, three folders of native files out."""
    with stage(__doc__, outputs=["raw"]) as args:
        acquire_phantom(args.raw, load_params("phantom", PhantomParams))


if __name__ == "__main__":
    main()
