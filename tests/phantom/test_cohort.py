"""The phantom cohort as a stranger finds it: native layouts, read without hqcm's converters."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import yaml
from numpy.lib.introspect import opt_func_info
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pydicom import Dataset, dcmread
from pydicom.pixels import apply_modality_lut

from hqcm.cohort.converted import read_folds
from hqcm.contracts.params import check_section
from hqcm.formats.convert import convert, load_format
from hqcm.phantom.cohort import PhantomParams
from hqcm.phantom.figshare import _cross_validation_folds, pid
from hqcm.slices.sources import SourceParams
from hqcm.slices.store import read_index

ROOT = Path(__file__).resolve().parents[2]
FORMATS = {
    source: load_format(SourceParams(format=name))
    for source, name in {
        "trainingdatapro": "dicom",
        "figshare": "matlab",
        "akter": "images",
    }.items()
}
BROKEN_DICOM = ("IM000098.dcm", "IM000099.dcm")


@pytest.fixture(scope="session")
def dicoms(cohort: Path) -> dict[Path, Dataset]:
    """The sound slices of source 1."""
    files = sorted((cohort / "trainingdatapro").rglob("*.dcm"))
    return {file: dcmread(file) for file in files if file.name not in BROKEN_DICOM}


@pytest.fixture(scope="session")
def mats(cohort: Path) -> dict[int, dict[str, NDArray[Any]]]:
    """The sound slices of source 2, fields as stored, by id."""
    found = {}
    for file in (cohort / "figshare").glob("brainTumorDataPublic_*/*.mat"):
        if int(file.stem) <= 45:
            with h5py.File(file) as mat:
                found[int(file.stem)] = {name: mat["cjdata"][name][:] for name in mat["cjdata"]}
    return found


@pytest.fixture(scope="session")
def akter(cohort: Path) -> Path:
    return cohort / "akter" / "Brain Tumor Segmentation Dataset"


def grey(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"))


def provenance(akter: Path) -> list[dict[str, str]]:
    with (akter.parent / "provenance.csv").open(newline="") as file:
        return list(csv.DictReader(file))


# --- source 1


def test_dicom_files_lie_as_in_the_real_set(cohort: Path, dicoms: dict[Path, Dataset]) -> None:
    folder = cohort / "trainingdatapro"
    assert len(dicoms) == 7
    assert sorted(path.name for path in folder.iterdir()) == ["DICOMDIR", "ST000001", "report.pdf"]
    for file, item in dicoms.items():
        assert file.parent.name == f"SE{item.SeriesNumber:06d}"
        assert file.name == f"IM{item.InstanceNumber:06d}.dcm"
        assert file.with_suffix(".jpg").is_file()


def test_dicom_series_are_of_several_kinds(dicoms: dict[Path, Dataset]) -> None:
    items = dicoms.values()
    assert {item.Rows for item in items} == {256, 288, 352}
    assert {item.PhotometricInterpretation for item in items} == {"MONOCHROME1", "MONOCHROME2"}
    assert {item.file_meta.TransferSyntaxUID.name for item in items} == {
        "Implicit VR Little Endian", "Explicit VR Little Endian",
        "Deflated Explicit VR Little Endian", "RLE Lossless",
        "JPEG 2000 Image Compression (Lossless Only)",
    }  # fmt: skip
    assert {(item.BitsStored, item.BitsAllocated) for item in items} == {(12, 16)}
    assert all(2.5 <= item.RescaleSlope <= 6.3 for item in items)
    assert any(item.RescaleIntercept != 0 for item in items)
    assert len({item.PatientID for item in items}) == 1
    assert len({item.SOPInstanceUID for item in items}) == len(items)


def test_jpeg_twin_shows_what_the_dicom_shows(dicoms: dict[Path, Dataset]) -> None:
    """After the modality transformation and the inversion of MONOCHROME1."""
    for file, item in dicoms.items():
        shown = apply_modality_lut(item.pixel_array, item)
        sign = -1 if item.PhotometricInterpretation == "MONOCHROME1" else 1
        correlation = np.corrcoef(sign * shown.ravel(), grey(file.with_suffix(".jpg")).ravel())
        assert correlation[0, 1] > 0.99


def test_directory_lists_the_sound_slices(cohort: Path, dicoms: dict[Path, Dataset]) -> None:
    records = dcmread(cohort / "trainingdatapro" / "DICOMDIR").DirectoryRecordSequence
    kinds = Counter(record.DirectoryRecordType for record in records)
    assert kinds == {"PATIENT": 1, "STUDY": 1, "SERIES": 6, "IMAGE": len(dicoms)}


def test_broken_dicoms_are_broken(cohort: Path) -> None:
    cut, empty = (
        cohort / "trainingdatapro" / "ST000001" / "SE000001" / name for name in BROKEN_DICOM
    )
    with pytest.raises(ValueError, match="less than expected"):
        _ = dcmread(cut).pixel_array
    with pytest.raises(AttributeError, match="has no 'Pixel Data'"):
        _ = dcmread(empty).pixel_array


# --- source 2


def test_ids_run_through_the_folders(cohort: Path, mats: dict[int, dict[str, Any]]) -> None:
    assert sorted(mats) == list(range(1, 46))
    folders = sorted((cohort / "figshare").glob("brainTumorDataPublic_*"))
    assert len(folders) == 4
    for folder in folders:
        low, high = map(int, folder.name.removeprefix("brainTumorDataPublic_").split("-"))
        stems = {int(path.stem) for path in folder.iterdir()} - {46, 47}
        assert stems == set(range(low, high + 1))


def pid_of(fields: dict[str, NDArray[Any]]) -> str:
    return "".join(map(chr, fields["PID"][:, 0]))


def test_patients_recur_in_several_runs_of_ids(mats: dict[int, dict[str, Any]]) -> None:
    order = [pid_of(mats[number]) for number in sorted(mats)]
    runs = Counter(b for a, b in zip(["", *order], order, strict=False) if a != b)
    assert set(Counter(order).values()) == {5}
    assert max(runs.values()) > 1
    assert {len(code) for code in order} == {6, 9}, "100360 and MR048294B"


def test_labels_are_balanced_and_a_patient_has_one(mats: dict[int, dict[str, Any]]) -> None:
    labels = {number: int(fields["label"][0, 0]) for number, fields in mats.items()}
    assert Counter(labels.values()) == {1: 15, 2: 15, 3: 15}
    assert len({(pid_of(fields), labels[number]) for number, fields in mats.items()}) == 9


def test_intensities_and_sizes_are_as_in_the_real_set(mats: dict[int, dict[str, Any]]) -> None:
    assert all(fields["image"].min() == 0 for fields in mats.values())
    maxima = {int(fields["image"].max()) for fields in mats.values()}
    assert 538 <= min(maxima) < max(maxima) <= 12728
    assert len(maxima) > 35
    small = {pid_of(fields) for fields in mats.values() if fields["image"].shape == (256, 256)}
    assert len(small) == 1
    assert Counter(fields["image"].shape for fields in mats.values()) == {
        (512, 512): 40,
        (256, 256): 5,
    }


def test_masks_are_neither_empty_nor_misplaced(mats: dict[int, dict[str, Any]]) -> None:
    for fields in mats.values():
        mask = fields["tumorMask"].T
        assert set(np.unique(mask)) == {0, 1}
        assert mask.sum() >= 255 * mask.size / 512**2
        assert mask.mean() < 19296 / 512**2, "the largest of the real set"
        x, y = fields["tumorBorder"].reshape(-1, 2).T
        rows, columns = np.nonzero(mask)
        assert abs(x.mean() - columns.mean()) < 0.05 * len(mask)
        assert abs(y.mean() - rows.mean()) < 0.05 * len(mask)


def test_tumours_look_like_their_class(mats: dict[int, dict[str, Any]]) -> None:
    """Meningioma and pituitary tumour bright throughout, glioma dark in its middle."""
    for fields in mats.values():
        image, mask = fields["image"].astype(float), fields["tumorMask"] > 0
        tissue = np.median(image[(image > image.max() * 0.2) & ~mask])
        dark = (image[mask] < 0.75 * tissue).mean()
        if fields["label"][0, 0] == 2:
            assert dark > 0.05
        else:
            assert np.median(image[mask]) > 1.2 * tissue
            assert dark < 0.1


def test_folds_keep_patients_together(cohort: Path, mats: dict[int, dict[str, Any]]) -> None:
    with h5py.File(cohort / "figshare" / "cvind.mat") as file:
        folds = file["cvind"][0]
    assert len(folds) == len(mats)
    assert set(folds) == {1, 2, 3, 4, 5}
    pairs = {(pid_of(mats[number]), folds[number - 1]) for number in mats}
    assert len(pairs) == 9


def test_every_patient_has_a_code_of_its_own() -> None:
    assert len({pid(patient) for patient in range(1000)}) == 1000
    np.testing.assert_array_equal(_cross_validation_folds([0, 0, 7, 4]), [1, 1, 3, 5])


def test_broken_mats_are_broken(cohort: Path) -> None:
    folder = max((cohort / "figshare").glob("brainTumorDataPublic_*/47.mat")).parent
    with h5py.File(folder / "46.mat") as file:
        assert file["cjdata/label"][0, 0] == 4
    with pytest.raises(OSError, match="file signature not found"):
        h5py.File(folder / "47.mat")


# --- source 3


def test_images_and_masks_pair_by_name_but_for_three(akter: Path) -> None:
    for folder in range(4):
        images = {path.stem for path in (akter / "image" / str(folder)).iterdir()}
        masks = {path.stem for path in (akter / "mask" / str(folder)).iterdir()}
        assert all(stem.endswith("_m") for stem in masks)
        unpaired = images ^ {stem.removesuffix("_m") for stem in masks}
        # 13 of folder 0 is no image; 13 of 1 and 2 is a mask alone; 1 of 3 an image alone.
        assert unpaired == {"13" if folder < 3 else "1"}


def test_sizes_and_modes_are_mixed(akter: Path) -> None:
    sizes, modes, formats = set(), set(), set()
    for path in akter.glob("image/*/*.jpg"):
        if path.relative_to(akter / "image").as_posix() == "0/13.jpg":
            with pytest.raises(UnidentifiedImageError):
                Image.open(path)
            continue
        with Image.open(path) as picture:
            sizes.add(picture.size)
            modes.add(picture.mode)
            formats.add(picture.format)
    assert modes == {"L", "RGB", "RGBA", "P"}
    assert formats == {"JPEG", "PNG"}
    assert {(512, 512), (225, 225)} <= sizes


def test_masks_are_jpeg_and_now_and_then_of_another_size(akter: Path) -> None:
    other = 0
    for path in akter.glob("mask/*/*_m.jpg"):
        image = akter / "image" / path.parent.name / path.name.replace("_m", "")
        mask = grey(path)
        assert (mask > 127).any() == (path.parent.name != "0" and image.exists())
        if image.exists():
            with Image.open(image) as picture:
                other += picture.size != mask.shape
    assert 1 <= other <= 4


def test_copies_are_slices_of_source_2_partly_mirrored(
    akter: Path, mats: dict[int, dict[str, Any]]
) -> None:
    copies = provenance(akter)
    assert Counter(row["folder"] for row in copies) == {"1": 6, "2": 6, "3": 6}
    assert Counter(row["mirrored"] for row in copies) == {"0": 9, "1": 9}
    labels_of_folder = {"1": 2, "2": 1, "3": 3}  # glioma and meningioma change places
    for row in copies:
        original = mats[int(row["figshare_id"])]
        assert original["label"][0, 0] == labels_of_folder[row["folder"]]
        assert pid_of(original) == row["patient_id"]
        shown = grey(akter / "image" / row["folder"] / row["file"])
        drawn = akter / "mask" / row["folder"] / row["file"].replace(".jpg", "_m.jpg")
        step = -1 if row["mirrored"] == "1" else 1
        assert np.corrcoef(shown.ravel(), original["image"].T[:, ::step].ravel())[0, 1] > 0.99
        if drawn.exists() and grey(drawn).shape == shown.shape:
            both = np.stack([grey(drawn) > 127, original["tumorMask"].T[:, ::step] > 0])
            assert both.all(axis=0).sum() / both.any(axis=0).sum() > 0.98


def test_new_images_are_no_copies(akter: Path, mats: dict[int, dict[str, Any]]) -> None:
    known = {(row["folder"], row["file"]) for row in provenance(akter)}
    small = [np.asarray(Image.fromarray(f["image"].T).resize((64, 64))) for f in mats.values()]
    for path in akter.glob("image/[123]/*.jpg"):
        if (path.parent.name, path.name) not in known:
            shown = np.asarray(Image.fromarray(grey(path)).resize((64, 64)))
            for original in small:
                assert np.corrcoef(shown.ravel(), original.ravel())[0, 1] < 0.99


# --- the whole


def elsewhere() -> dict[str, str]:
    """The environment of a process with another hash seed, computing as an older processor would.

    NumPy, OpenBLAS and the C library each choose their loops by the processor, and loops round
    differently.
    """
    chosen = {kind["current"] for kinds in opt_func_info().values() for kind in kinds.values()}
    newer = sorted(name for name in chosen if not name.startswith("baseline"))
    return {
        "PYTHONHASHSEED": "7",
        "NPY_DISABLE_CPU_FEATURES": " ".join(newer),
        "OPENBLAS_CORETYPE": "Nehalem",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA",
    }


def test_stage_writes_the_same_bytes_elsewhere(
    cohort: Path, cohort_params: PhantomParams, tmp_path: Path
) -> None:
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"phantom": cohort_params.model_dump()}))
    subprocess.run(
        [sys.executable, ROOT / "stages" / "acquire.py", "--raw", "data/raw"],
        cwd=tmp_path,
        env=elsewhere(),
        check=True,
    )
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in (cohort, tmp_path / "data" / "raw")
    )
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("n_patients", 10, "multiple of 3; got 10"),
        ("copied_fraction", 1.5, "less than or equal to 1; got 1.5"),
        ("seed", -1, "greater than or equal to 0; got -1"),
        ("n_healthy_dicom", 0, "greater than or equal to 1; got 0"),
    ],
)
def test_impossible_cohorts_are_refused(
    cohort_params: PhantomParams, key: str, value: float, message: str
) -> None:
    section = cohort_params.model_dump() | {key: value}
    with pytest.raises(ValueError, match=rf"phantom\.{key}: .*{message}"):
        check_section("phantom", PhantomParams, {"phantom": section})


def test_converters_take_all_but_what_was_planted(cohort: Path, tmp_path: Path) -> None:
    """The default cohort exercises every path of rejection, and nothing else is lost."""
    broken = {
        "trainingdatapro": (7, {f"ST000001/SE000001/{name}" for name in BROKEN_DICOM}),
        "figshare": (45, {"46.mat", "47.mat"}),
        "akter": (48, {"image/0/13.jpg", "mask/1/13_m.jpg", "mask/2/13_m.jpg"}),
    }
    for source, (n_slices, endings) in broken.items():
        store = tmp_path / f"{source}.h5"
        rejected = convert(source, cohort / source, FORMATS[source], store)
        assert len(read_index(store)) == n_slices
        assert len(rejected) == len(endings)
        for ending in endings:
            assert any(file.endswith(ending) for file, _ in rejected)


def test_the_index_of_folds_parts_the_patients(cohort: Path, tmp_path: Path) -> None:
    out, folds = tmp_path / "out.h5", tmp_path / "out.csv"
    convert("figshare", cohort / "figshare", FORMATS["figshare"], out, folds=folds)
    index = read_index(out)
    fold = index["slice_id"].map(read_folds(folds).set_index("slice_id")["fold"])
    assert fold.groupby(index["group_id"]).nunique().eq(1).all()
    assert set(fold) == {1, 2, 3, 4, 5}
