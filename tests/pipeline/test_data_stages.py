"""From native folders to a split, through the real command lines."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from hqcm.cohort.converted import read_rejections
from hqcm.contracts.params import read_yaml
from hqcm.slices.split_file import PARTS, read_part
from hqcm.slices.stacks import read_stack
from hqcm.slices.store import read_index
from native_files import ASYMMETRIC, cjdata, dicom, save_dicom, save_picture, save_v73

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = ("trainingdatapro", "figshare", "akter")
GREY = np.kron(ASYMMETRIC, np.ones((8, 8))).astype(np.uint8)


def run(script: str, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, f"stages/{script}.py", *map(str, words)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def run_well(script: str, *words: object) -> None:
    done = run(script, *words)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def convert(source: str, raw: Path, store: Path) -> subprocess.CompletedProcess[str]:
    return run("convert", "--source", source, "--raw", raw, "--slices", store)


def write_raw(raw: Path) -> None:
    for number in range(4):
        header = dicom((ASYMMETRIC + number).astype(np.uint16))
        save_dicom(raw / "trainingdatapro/ST1/SE1" / f"IM{number}.dcm", header)
        save_v73(raw / "figshare/1-4" / f"{number}.mat", cjdata(PID=f"1{number}"))
        save_picture(raw / "akter/image/1" / f"{number}.png", GREY)
    (raw / "trainingdatapro/ST1/SE1/IM9.dcm").write_bytes(b"broken")
    (raw / "figshare/9.mat").write_bytes(b"broken")
    (raw / "akter/image/1/9.png").write_bytes(b"broken")


def run_all(raw: Path, out: Path) -> None:
    stores = [out / f"{source}.h5" for source in SOURCES]
    for store in stores:
        done = convert(store.stem, raw / store.stem, store)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    run_well("prepare", "--slices", *stores, "--prepared", out / "prepared.h5")
    run_well(
        *("fingerprint", "--prepared", out / "prepared.h5"),
        *("--twins", out / "twins.csv", "--duplicates", out / "duplicates.csv"),
    )
    run_well(
        *("split", "--prepared", out / "prepared.h5", "--duplicates", out / "duplicates.csv"),
        *("--folds", out / "figshare.folds.csv"),
        *("--protocol", "random", "--split", out / "random.csv"),
    )


@pytest.mark.slow
def test_six_stages_lead_from_files_to_parts_with_the_same_bytes_twice(tmp_path: Path) -> None:
    write_raw(tmp_path / "raw")
    for out in (tmp_path / "first", tmp_path / "second"):
        run_all(tmp_path / "raw", out)
    first, second = tmp_path / "first", tmp_path / "second"
    names = sorted(path.name for path in first.iterdir())
    assert names == sorted(
        [
            *(f"{source}{end}" for source in SOURCES for end in (".h5", ".rejected.csv")),
            *(
                "figshare.folds.csv",
                "prepared.h5",
                "prepared.pseudonyms.csv",
                "twins.csv",
                "duplicates.csv",
                "random.csv",
            ),
        ]
    )
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    for source in SOURCES:
        assert len(read_rejections(first / f"{source}.rejected.csv")) == 1
    slice_ids = [name for part in PARTS for name in read_part(first / "random.csv", part)]
    assert sorted(slice_ids) == sorted(read_index(first / "prepared.h5")["slice_id"])
    assert read_stack(first / "prepared.h5", slice_ids).images.shape == (12, 128, 128)
    order = pd.read_csv(first / "random.csv")["slice_id"].tolist()
    assert order == read_index(first / "prepared.h5")["slice_id"].tolist()


def test_a_study_whose_maps_cannot_be_compared_ends_before_it_trains(tmp_path: Path) -> None:
    params = read_yaml(REPOSITORY / "params.yaml")
    params["study"]["classical"] = ["resnet18", "counterpart"]
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    command = [sys.executable, str(REPOSITORY / "stages/check.py"), "--checked", "checked.txt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("the first network under study.classical must have an attention")
    assert "got resnet18, whose body resnet18 has none" in done.stderr
    assert not (tmp_path / "checked.txt").exists()


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
def test_a_converter_with_nothing_left_fails_and_leaves_the_reasons(
    tmp_path: Path, source: str
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "notes.odt").write_text("x")
    done = convert(source, tmp_path / "raw", tmp_path / "out.h5")
    assert done.returncode == 1
    assert "got no slice and 1 rejected files\n  1 x must " in done.stderr
    assert "notes.odt" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.rejected.csv", "raw"]
    assert read_rejections(tmp_path / "out.rejected.csv")["file"].tolist() == ["notes.odt"]


@pytest.mark.slow
@pytest.mark.parametrize("script", ["convert", "prepare"])
def test_a_data_stage_starts_without_what_is_slow_to_load(script: str) -> None:
    command = [sys.executable, "-X", "importtime", f"stages/{script}.py", "--help"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "numpy" in loaded
    assert not loaded & {"pandas", "scipy", "sklearn", "torch"}


@pytest.mark.slow
def test_the_real_sample_is_prepared_and_its_masks_survive(clinical: Path, tmp_path: Path) -> None:
    store, prepared = tmp_path / "figshare.h5", tmp_path / "prepared.h5"
    assert convert("figshare", clinical / "figshare", store).returncode == 0
    run_well("prepare", "--slices", store, "--prepared", prepared)
    native, index = read_index(store), read_index(prepared)
    pd.testing.assert_frame_equal(
        native.drop(columns=["rows", "cols"]), index.drop(columns=["rows", "cols"])
    )
    stack = read_stack(prepared, index["slice_id"].tolist())
    assert stack.masks.any(axis=(1, 2)).all()
    assert (stack.images.min(axis=(1, 2)) == 0).all()
    assert (stack.images.max(axis=(1, 2)) == 255).all()
    # A contrast-enhanced tumour is brighter than the slice around it, in most slices.
    inside = np.array([i[m].mean() > i[~m].mean() for i, m in zip(stack.images, stack.masks)])  # noqa: B905  (one stack)
    assert inside.mean() > 0.9
