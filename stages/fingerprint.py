"""Stage `fingerprint`: which slices show the same picture, mirrored or turned or not?"""

from hqcm.cohort.families import group_duplicates
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.near_duplicates.fingerprints import FingerprintParams
from hqcm.near_duplicates.twins import find_twins
from hqcm.slices.store import read_slice_ids


def main() -> None:
    """Find the near-duplicates of `--prepared`: their pairs `--twins`, groups `--duplicates`."""
    with stage(__doc__, inputs=["prepared"], outputs=["twins", "duplicates"]) as args:
        twins = find_twins(args.prepared, load_params("fingerprint", FingerprintParams))
        twins.to_csv(args.twins, index=False)
        groups = group_duplicates([*read_slice_ids(args.prepared)], twins)
        groups.to_csv(args.duplicates, index=False)


if __name__ == "__main__":
    main()
