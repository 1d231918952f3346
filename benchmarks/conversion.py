"""Conversion of native files: milliseconds a file, and what a second process is worth."""

from functools import partial
from pathlib import Path

from hqcm.formats.convert import convert
from measurement import Measurement, Ratio, Table, run
from memory_disc import memory_folder
from timing import Times, alternate, milliseconds, paired_ratio

N_FILES = {"mat": 3000, "dicom": 600, "images": 600}  # source 2 has 3,064
SIZES_PX = {"mat": 512, "dicom": 512, "images": 256}  # as most files of the three sources are
ROUNDS = 5
FLOORS = {"mat": 1.8}


def measure(n_files: dict[str, int] = N_FILES) -> Measurement:
    """One process against two, for each native format."""
    times = {form: time_conversion(form, n) for form, n in n_files.items()}
    return Measurement(
        title="Conversion",
        how=(
            "Each folder is converted into a slice store by one process, then by two, in turn; one "
            "of the two is the one that writes. "
            "The files are gzip MATLAB v7.3 (512 x 512 int16 and a mask), uncompressed DICOM "
            "(512 x 512) and JPEG (256 x 256, with a mask): smooth anatomy with noise, a few "
            "dozen distinct files and links to them, in memory where the system has room for "
            "files there: no disk is measured."
        ),
        tables=[_table(n_files, times)],
        ratios=[_ratio(form, *by_processes.values()) for form, by_processes in times.items()],
    )


def time_conversion(form: str, n_files: int) -> Times:
    """Seconds to convert a folder, with the number of processes as the name."""
    # Not above: each process that reads starts with this file, and reads no other format.
    from native_folders import FORMS, write_folder  # noqa: PLC0415

    with memory_folder() as name:
        folder = Path(name)
        write_folder(folder / "raw", FORMS[form], n_files, SIZES_PX[form])
        task = partial(convert, folder / "raw", FORMS[form].native)
        return alternate(
            {f"{n}": partial(task, folder / f"{n}.h5", n) for n in (1, 2)}, ROUNDS, n_calls=1
        )


def _table(n_files: dict[str, int], times: dict[str, Times]) -> Table:
    rows = [
        [
            form,
            f"{n_files[form]}",
            *(milliseconds([s / n_files[form] for s in t]) for t in by.values()),
        ]
        for form, by in times.items()
    ]
    return Table(
        "Milliseconds a file, start of the processes included: median (quartiles)",
        ["format", "files", "one process", "two processes"],
        rows,
    )


def _ratio(form: str, one: list[float], two: list[float]) -> Ratio:
    name = f"conversion of {form}, two processes against one"
    return Ratio(name, *paired_ratio(one, two), floor=FLOORS.get(form))


if __name__ == "__main__":
    run(__doc__, measure)
