"""Time and memory against the number of prepared slices, from the store to a batch."""

from functools import partial
from multiprocessing import get_context

from measurement import Curves, Measurement, Ratio, Table, run
from memory_disc import memory_folder
from prepared_cost import BATCH, N_BATCHES, SIZE_PX, Cost, measure_size
from timing import paired_ratio

SIZES = (1_000, 10_000, 100_000)

Costs = dict[float, Cost]  # of each number of slices, on the axis of a plot


def measure(sizes: tuple[int, ...] = SIZES) -> Measurement:
    """Every size in a process of its own, so that each has its own peak."""
    with memory_folder() as folder, get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        measured = pool.map(partial(measure_size, folder), sizes, chunksize=1)
    costs: Costs = dict(zip(sizes, measured, strict=True))
    small, large = min(sizes), max(sizes)
    name = f"batch from {large} slices against one from {small}"
    return Measurement(
        title="Number of prepared slices",
        how=(
            f"A store of {SIZE_PX} x {SIZE_PX} slices, two thirds of them with masks, is written, "
            f"split and its training part (70 %) held as one stack; then batches of {BATCH} are "
            "gathered and augmented. Each size once, in a process of its own; of the batches, "
            f"the median of {N_BATCHES}. The peak counts the process with PyTorch in it."
        ),
        tables=[_table(costs)],
        curves=[_seconds(costs), _megabytes(costs)],
        ratios=[Ratio(name, *paired_ratio(costs[large].batches, costs[small].batches))],
    )


def _table(costs: Costs) -> Table:
    steps = [
        [step, *(f"{1e3 * cost.seconds[step]:.3g} ms" for cost in costs.values())]
        for step in next(iter(costs.values())).seconds
    ]
    memory = [
        [name, *(f"{points[1]:.0f} MB" for points in line)]
        for name, line in _megabytes(costs).series.items()
    ]
    return Table("Each step, then memory", ["", *(f"{n} slices" for n in costs)], steps + memory)


def _seconds(costs: Costs) -> Curves:
    steps = next(iter(costs.values())).seconds
    series = {step: [(n, cost.seconds[step]) for n, cost in costs.items()] for step in steps}
    return Curves("Time against the number of slices", "prepared slices", "seconds", series)


def _megabytes(costs: Costs) -> Curves:
    series = {
        "stack of the training part": [(n, cost.stack_bytes / 1e6) for n, cost in costs.items()],
        "peak of the process": [(n, cost.peak_bytes / 1e6) for n, cost in costs.items()],
    }
    return Curves("Memory against the number of slices", "prepared slices", "MB", series)


if __name__ == "__main__":
    run(__doc__, measure)
