"""Stage `shortcuts`: how well does what is beside the brain predict the class?"""

from hqcm.cohort.families import read_cohort
from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.results.files import write_json
from hqcm.scrutiny.clues import measure_clues
from hqcm.scrutiny.leakage import read_parts
from hqcm.scrutiny.shortcuts import ShortcutParams, dump_shortcuts, probe_splits


def main() -> None:
    """Slices, native ones for their size, and splits in, scores of each clue out."""
    inputs = ["prepared", "duplicates", "slices", "split"]
    with stage(__doc__, inputs=inputs, many=["slices"], outputs=["shortcuts"]) as args:
        params = load_params("shortcuts", ShortcutParams)
        uncertainty = load_params("uncertainty", UncertaintyParams)
        parts = read_parts(args.split, load_params("study", StudyParams).protocols)
        clues = measure_clues(args.prepared, args.slices, params.dark_below)
        cohort = read_cohort(args.prepared, args.duplicates)
        found = probe_splits(cohort, clues, parts, params, uncertainty)
        write_json(args.shortcuts, dump_shortcuts(found))


if __name__ == "__main__":
    main()
