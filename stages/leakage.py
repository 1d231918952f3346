"""Stage `leakage`: which test slices have a near-duplicate or their patient in training?"""

from hqcm.cohort.duplicates import read_twins
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.results.files import write_json
from hqcm.scrutiny.leakage import audit_splits, dump_leaks, read_parts
from hqcm.slices.store import read_index


def main() -> None:
    """Splits and twins in; counts out, and the pairs of test slice and twin in training."""
    with stage(
        __doc__, inputs=["prepared", "twins", "split"], outputs=["leakage", "pairs"]
    ) as args:
        parts = read_parts(args.split, load_params("study", StudyParams).protocols)
        found = audit_splits(read_index(args.prepared), parts, read_twins(args.twins))
        write_json(args.leakage, dump_leaks(found.counts))
        found.pairs.to_csv(args.pairs, index=False)


if __name__ == "__main__":
    main()
