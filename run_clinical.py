"""Bring the clinical files, convert them, and say what is missing; called by `make clinical`.

What is there already is kept and not asked for again; what is not is fetched from its publishers:
docs/data.md. The conversion runs in a workspace of its own (`.study/clinical-sources`) and stays in
DVC's cache, where a run on the clinical cohort finds it. Ends with 1 if something that could be
reached could not be had, or a source has nothing to convert; that some of it is missing is told.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from hqcm.fetching.bring import Way, bring_source, list_slices
from hqcm.orchestration.running import run_dvc
from hqcm.orchestration.settings import write_params
from hqcm.orchestration.workspace import fill_workspace, take_over
from hqcm.paper.sources import Source, count_by_class, load_sources, tabulate_missing
from hqcm.slices.store import read_index

NEXT = "dvc exp run -S data.cohort=clinical -S train.max_epochs=40"


def tell(line: str) -> None:
    """One line, at once."""
    print(f"clinical: {line}", flush=True)


def main() -> None:
    """Bring each source, convert what is there, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--address", help="of the files of source 2 in place of figshare's, {id} for a file's id"
    )
    args = parser.parse_args()
    project = Path(__file__).resolve().parent
    workspace = project / ".study" / "clinical-sources"
    sources = load_sources(project / "data/paper/sources.yaml")
    lock = take_over(workspace)
    way = Way(Path("data/raw/clinical"), tell, args.address)
    try:
        done = [bring_source(name, source, way) for name, source in sources.items()]
    except OSError as error:
        where, why = error.filename or way.raw, error.strerror or error
        sys.exit(f"clinical: cannot read or write {where}: {why}; start again when that is mended")
    except KeyboardInterrupt:
        sys.exit("clinical: stopped; start it again to go on")
    fill_workspace(project, workspace)
    write_params(project / "params.yaml", workspace / "params.yaml", {"data.cohort": "clinical"})
    present = [name for name in sources if list_slices(sources[name], way.raw / name)]
    stages = [f"convert@{name}" for name in present]
    if stages and run_dvc(workspace, ["repro", "--keep-going", *stages], lock):
        done.append(False)
    stores = {name: workspace / "data/interim" / name / "slices.h5" for name in present}
    show_table(sources, {name: path for name, path in stores.items() if path.exists()})
    sys.exit(0 if all(done) and len(stores) == len(sources) else 1)


def show_table(sources: Mapping[str, Source], stores: Mapping[str, Path]) -> None:
    """What is there of what the paper used, and what to do next."""
    found: dict[str, list[int]] = {}
    for path in stores.values():
        found |= count_by_class(read_index(path))
    header, rows = tabulate_missing(found, sources)
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    print("\nSlices found, of those that the paper used")
    for row in [header, *rows]:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        print("  ".join(cells))
    tell(f"{rows[-1][-1]} of the paper's slices are missing; to run the pipeline: {NEXT}")


if __name__ == "__main__":
    main()
