"""Where the trainings of the tests write."""

from pathlib import Path

from hqcm.training.loop import Files


def files_in(folder: Path) -> Files:
    """Where a run writes; the slices come from memory."""
    folder.mkdir(exist_ok=True)
    names = "prepared.h5", "split.csv", "history.csv", "steps.csv", "unfinished.safetensors"
    return Files(*(folder / name for name in names))
