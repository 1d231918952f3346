"""The data side's benchmarks at toy size: they run and say what they are to say, at any speed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import conversion
import data_memory
import memory_disc
import no_op
import prepared_slices
from hqcm.formats.convert import convert
from hqcm.slices.store import read_index, read_slices
from measurement import Measurement
from native_folders import FORMS, N_DISTINCT, draw_slice, write_folder
from peak_memory import Cost, run_command
from prepared_cost import measure_size, write_store

MEGABYTE = 10**6
STAGES = ("convert_dicom", "convert_mat", "convert_images", "prepare", "split")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def bounds(measurement: Measurement) -> dict[str, tuple[float | None, float | None]]:
    """Floor and ceiling of every ratio, which must be a number in order with its quartiles."""
    assert all(0 < ratio.low <= ratio.value <= ratio.high for ratio in measurement.ratios)
    return {ratio.name: (ratio.floor, ratio.ceiling) for ratio in measurement.ratios}


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A folder with a pipeline of one stage that has run."""
    (tmp_path / "given.txt").write_text("1")
    (tmp_path / "dvc.yaml").write_text(
        "stages: {copy: {cmd: cp given.txt made.txt, deps: [given.txt], outs: [made.txt]}}"
    )
    for words in (("init", "--no-scm", "--quiet"), ("repro", "--quiet")):
        subprocess.run([sys.executable, "-m", "dvc", *words], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize("form", FORMS)
def test_every_file_of_a_folder_is_a_slice_and_the_most_are_links(
    tmp_path: Path, form: str
) -> None:
    n_slices, names = N_DISTINCT + 3, FORMS[form].names
    write_folder(tmp_path / "raw", FORMS[form], n_slices, 32)
    files = [path for path in (tmp_path / "raw").rglob("*") if path.is_file()]
    assert len(files) == n_slices * len(names)
    assert len({path.stat().st_ino for path in files}) == N_DISTINCT * len(names)
    assert convert(tmp_path / "raw", FORMS[form].native, tmp_path / "slices.h5", 1) == []
    items = list(read_slices(tmp_path / "slices.h5"))
    assert [item.image.shape for item in items] == [(32, 32)] * n_slices
    assert all((item.mask is not None) == (form != "dicom") for item in items)
    assert len({item.image.tobytes() for item in items}) == N_DISTINCT


def test_a_drawn_slice_is_neither_constant_nor_noise_alone() -> None:
    image, mask = draw_slice(64, np.random.default_rng(0))
    assert image.dtype == np.int16
    assert image.min() >= 0
    assert 0 < mask.mean() < 0.1
    assert image[mask].mean() > image[~mask].mean() > image[:4].mean() > 0  # air is noisy too


def test_the_peak_is_that_of_the_largest_process_the_command_starts(tmp_path: Path) -> None:
    hold = "held = bytearray(b'1' * 150_000_000)"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    nothing, direct, indirect = (
        run_command(python(code), tmp_path) for code in ("print('said')", hold, start)
    )
    assert nothing.peak_bytes < 50 * MEGABYTE < 150 * MEGABYTE < direct.peak_bytes
    assert 150 * MEGABYTE < indirect.peak_bytes < 400 * MEGABYTE
    assert nothing.seconds > 0


def test_the_peak_does_not_count_the_memory_of_who_measures(tmp_path: Path) -> None:
    held = bytearray(b"1" * 300_000_000)
    assert run_command(python("pass"), tmp_path).peak_bytes < 50 * MEGABYTE
    del held


def test_a_command_that_fails_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"must end well; got\n.*for a reason"):
        run_command(python("raise SystemExit('for a reason')"), tmp_path)


def test_a_ratio_is_that_of_what_its_name_says_first() -> None:
    few, many = [Cost(1.0, 100)] * 2, [Cost(1.0, 300)] * 2
    assert data_memory._ratio("split", (1, 2), few, many).value == 3
    assert conversion._ratio("mat", [6.0, 6.0], [3.0, 3.0]).value == 2  # times as fast


def test_temporary_folders_are_in_memory_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_disc, "MEMORY_DISC", tmp_path)
    for largest, is_there in ((0, True), (1 << 80, False)):
        monkeypatch.setattr(memory_disc, "LARGEST_BYTES", largest)
        with memory_disc.memory_folder() as folder:
            assert (Path(folder).parent == tmp_path) == is_there
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_conversion_compares_one_process_with_two() -> None:
    measurement = conversion.measure({"mat": 6, "images": 4})
    assert bounds(measurement) == {
        "conversion of mat, two processes against one": (1.8, None),
        "conversion of images, two processes against one": (None, None),
    }
    assert [row[:2] for row in measurement.tables[0].rows] == [["mat", "6"], ["images", "4"]]


@pytest.mark.slow
def test_data_memory_compares_every_stage_at_two_sizes() -> None:
    measurement = data_memory.measure((7, 14), rounds=2)
    assert bounds(measurement) == {
        f"memory of `{stage}`, 14 files against 7": (None, 1.1) for stage in STAGES
    }
    assert [row[0] for row in measurement.tables[0].rows] == list(STAGES)
    peaks = [float(row[i]) for row in measurement.tables[0].rows for i in (1, 3)]
    assert all(20 < peak < 1000 for peak in peaks)  # MB: Python and NumPy take some 30


@pytest.mark.slow
def test_a_no_op_is_timed(pipeline: Path) -> None:
    assert bounds(no_op.measure(pipeline, rounds=2)) == {"no-op `dvc repro`, seconds": (None, 1.0)}


@pytest.mark.slow
def test_what_would_run_stages_is_no_no_op(pipeline: Path) -> None:
    (pipeline / "given.txt").write_text("2")
    measurement = no_op.measure(pipeline, rounds=2)
    assert measurement.ratios == []
    assert measurement.skipped == [
        "no-op `dvc repro`: the pipeline is not up to date; run `make repro` first"
    ]
    assert (pipeline / "made.txt").read_text() == "1"


def test_the_store_of_many_slices_is_one_that_prepare_could_have_written(tmp_path: Path) -> None:
    write_store(tmp_path / "slices.h5", 30)
    index = read_index(tmp_path / "slices.h5")
    assert index["group_id"].nunique() == 3  # of 13 slices each, the last has 4
    assert index["has_mask"].sum() == 20
    assert all(item.image.dtype == np.uint8 for item in read_slices(tmp_path / "slices.h5"))


def test_a_size_is_measured_and_its_store_removed(tmp_path: Path) -> None:
    cost = measure_size(str(tmp_path), 20)
    assert cost.stack_bytes == 14 * 2 * 128 * 128  # 70 % of 20; image and mask
    assert cost.peak_bytes > 100 * MEGABYTE  # PyTorch
    assert min(*cost.seconds.values(), *cost.batches) > 0
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_prepared_slices_has_a_point_of_every_curve_at_each_size() -> None:
    measurement = prepared_slices.measure((20, 40))
    assert bounds(measurement) == {"batch from 40 slices against one from 20": (None, None)}
    lines = [line for curves in measurement.curves for line in curves.series.values()]
    assert [[x for x, _ in line] for line in lines] == [[20, 40]] * 7
    assert len(measurement.tables[0].rows) == 7


@pytest.mark.slow
@pytest.mark.parametrize("name", ["conversion", "data_memory", "no_op", "prepared_slices"])
def test_each_is_a_script(name: str) -> None:
    script = Path(conversion.__file__).with_name(f"{name}.py")
    done = subprocess.run(
        [sys.executable, script, "--help"], capture_output=True, text=True, check=True
    )
    assert "--json" in done.stdout
