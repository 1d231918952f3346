"""Stage `scrutiny`: what of the test part is known from training, or guessed beside the brain?"""

from hqcm.cohort.converted import hide_slices, read_pseudonyms
from hqcm.cohort.duplicates import read_twins
from hqcm.cohort.families import read_cohort
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.scrutiny.leakage import audit_splits, read_parts, write_leaks
from hqcm.scrutiny.shortcuts import ShortcutParams, measure_clues, probe_splits, write_shortcuts
from hqcm.slices.sources import Sources, list_stores


def main() -> None:
    """Splits, twins and slices in, native ones for their size; leaks and shortcuts out."""
    inputs = ["prepared", "pseudonyms", "duplicates", "twins", "slices", "split"]
    outputs = ["leakage", "pairs", "shortcuts"]
    with stage(__doc__, inputs=inputs, many=["slices"], outputs=outputs) as args:
        params = load_params("shortcuts", ShortcutParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        cohort = read_cohort(args.prepared, args.duplicates)
        parts = read_parts(args.split, load_params("study", StudyParams).protocols)
        leaks, pairs = audit_splits(cohort, parts, read_twins(args.twins))
        write_leaks(args.leakage, leaks)
        hide_slices(pairs, read_pseudonyms(args.pseudonyms)).to_csv(args.pairs, index=False)
        stores = list_stores(args.slices, load_params("sources", Sources).root)
        clues = measure_clues(args.prepared, stores, params.dark_below)
        shortcuts = probe_splits(cohort, clues, parts, params, uncertainty)
        write_shortcuts(args.shortcuts, shortcuts)


if __name__ == "__main__":
    main()
