"""Peak memory of the stages from native files to a split: flat, however many files there are."""

import sys
from pathlib import Path
from statistics import median

from measurement import Measurement, Ratio, Table, run
from memory_disc import memory_folder
from native_folders import FORMS, write_folder
from peak_memory import Cost, run_command
from timing import paired_ratio

ROOT = Path(__file__).resolve().parents[1]
N_FILES = (1000, 10000)
ROUNDS = 2  # a peak is the same each time, to a percent
SIZE_PX = 64  # memory that grows with the number of files does so at any size of theirs
CEILING = 1.1  # names and index of 9,000 more files, 0.3 to 0.6 kB each, and no pixels

Costs = dict[str, list[Cost]]  # of each stage, one a round


def measure(n_files: tuple[int, int] = N_FILES, rounds: int = ROUNDS) -> Measurement:
    """Every data stage at a few files and at many, in turn."""
    with memory_folder() as name:
        folders = [Path(name, f"{n}") for n in n_files]
        for folder, n in zip(folders, n_files, strict=True):
            _write_raw(folder, n)
        each = [[run_stages(folder) for folder in folders] for _ in range(rounds)]
    few, many = ({stage: [one[i][stage] for one in each] for stage in each[0][i]} for i in (0, 1))
    return Measurement(
        title="Memory of the data stages",
        how=(
            "The stage scripts themselves, on small files (64 x 64); `prepare` and `split` on what "
            "`convert_mat` has written. The memory is the resident peak of the largest process "
            "of a stage; a stage that reads in two processes has two of about that size."
        ),
        tables=[_table(n_files, few, many)],
        ratios=[_ratio(stage, n_files, few[stage], many[stage]) for stage in few],
    )


def run_stages(folder: Path) -> dict[str, Cost]:
    """Cost of each data stage on the native files under `raw`."""
    store, prepared, split = folder / "mat.h5", folder / "prepared.h5", folder / "split.csv"
    commands: dict[str, tuple[str | Path, ...]] = {
        f"convert_{form}": ("--raw", folder / "raw" / form, "--slices", folder / f"{form}.h5")
        for form in FORMS
    }
    commands["prepare"] = ("--slices", store, "--prepared", prepared)
    commands["split"] = (
        *("--prepared", prepared, "--duplicates", folder / "duplicates.csv"),
        *("--folds", folder / "mat.folds.csv", "--split", split, "--protocol", "random"),
    )
    return {stage: _run_stage(stage, words) for stage, words in commands.items()}


def _run_stage(stage: str, words: tuple[str | Path, ...]) -> Cost:
    return run_command([sys.executable, f"stages/{stage}.py", *map(str, words)], ROOT)


def _write_raw(folder: Path, n_files: int) -> None:
    for name, form in FORMS.items():
        write_folder(folder / "raw" / name, form, n_files, SIZE_PX)
    _write_duplicates(folder / "duplicates.csv", n_files)


def _write_duplicates(path: Path, n_files: int) -> None:
    """Every slice alone: the files are links to a few, which `fingerprint` would pair."""
    slice_ids = [f"figshare/{number}.mat" for number in range(n_files)]
    rows = [f"{slice_id},{slice_id}\n" for slice_id in slice_ids]
    path.write_text("".join(["slice_id,duplicate_group\n", *rows]))


def _table(n_files: tuple[int, int], few: Costs, many: Costs) -> Table:
    columns = [f"{unit}, {n} files" for n in n_files for unit in ("MB", "s")]
    rows = [[stage, *_medians(few[stage]), *_medians(many[stage])] for stage in few]
    return Table("Medians", ["stage", *columns], rows)


def _medians(costs: list[Cost]) -> tuple[str, str]:
    megabytes = median(cost.peak_bytes for cost in costs) / 1e6
    return f"{megabytes:.0f}", f"{median(cost.seconds for cost in costs):.2f}"


def _ratio(stage: str, n_files: tuple[int, int], few: list[Cost], many: list[Cost]) -> Ratio:
    name = f"memory of `{stage}`, {n_files[1]} files against {n_files[0]}"
    peaks = ([float(cost.peak_bytes) for cost in costs] for costs in (many, few))
    return Ratio(name, *paired_ratio(*peaks), ceiling=CEILING)


if __name__ == "__main__":
    run(__doc__, measure)
