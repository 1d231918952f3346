"""The driver, on a format of its own and on the three, with one process that reads and several."""

import os
from collections.abc import Iterable, Iterator
from multiprocessing import active_children
from pathlib import Path

import numpy as np
import pytest

from hqcm.cohort.converted import Rejection, read_rejections
from hqcm.formats import convert as conversion
from hqcm.formats.convert import convert, load_format
from hqcm.formats.dicom import FORMAT as DICOM
from hqcm.formats.images import FORMAT as IMAGES
from hqcm.formats.matlab import FORMAT as MATLAB
from hqcm.formats.native_format import Item, NativeFormat, Task
from hqcm.formats.reading import _read_task
from hqcm.slices.sources import SourceParams
from hqcm.slices.store import read_index, read_slices
from hqcm.slices.writer import SliceWriter
from native_files import (
    ASYMMETRIC,
    ELLIPSE,
    cjdata,
    dicom,
    save_dicom,
    save_picture,
    save_v5,
    save_v73,
)
from toy_format import TOY, plan_twice, write_raw


def test_slices_come_in_the_order_of_the_names(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", b_txt="3", a_txt="1 2")
    assert convert("akter", raw, TOY, tmp_path / "out.h5") == []
    assert [item.image[0, 0] for item in read_slices(tmp_path / "out.h5")] == [1, 2, 3]


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", b_txt="3", a_txt="1 2", c_md="")
    stores = [tmp_path / name for name in ("first.h5", "second.h5")]
    rejections = [convert("akter", raw, TOY, store) for store in stores]
    assert stores[0].read_bytes() == stores[1].read_bytes()
    assert rejections[0] == rejections[1] == [Rejection("c.md", "no text")]


def test_an_empty_file_is_listed_though_its_reader_would_find_nothing_wrong(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", a_txt="", b_txt="1")
    rejections = convert("akter", raw, TOY, tmp_path / "out.h5")
    assert rejections == [Rejection("a.txt", "file must not be empty; got 0 bytes")]


def test_nothing_left_is_an_error_that_says_what_was_wrong(tmp_path: Path) -> None:
    files = {f"f{i}_md": "" for i in range(7)}
    raw = write_raw(tmp_path / "raw", **files, a_txt="struct")
    with pytest.raises(ValueError, match="must hold text files") as caught:
        convert("akter", raw, TOY, tmp_path / "out.h5")
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{raw} must hold text files; got no slice and 8 rejected files"
    assert lines[1:] == ["  8 x must be readable; got something else"]


def test_of_many_reasons_the_usual_ones_are_counted_without_a_name(tmp_path: Path) -> None:
    reasons = [f"image must be {number // 2}; got ANN" for number in range(12)]
    rejections = [Rejection(f"ANN{number}", reason) for number, reason in enumerate(reasons)]
    lines = conversion._nothing_left(tmp_path, "pictures", rejections).splitlines()
    assert lines[1:-1] == [f"  2 x image must be {number}" for number in range(5)]
    assert lines[-1] == "  ... and 1 other reasons"


def test_an_empty_folder_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"got no slice and 0 rejected files$"):
        convert("akter", write_raw(tmp_path / "raw"), TOY, tmp_path / "out.h5")


def write_dicom(raw: Path) -> None:
    for number in range(7):
        stored = np.stack([ASYMMETRIC + number] * (1 + number % 3)).astype(np.uint16)
        save_dicom(raw / f"SE1/IM{number}.dcm", dicom(stored))
    (raw / "SE1/IM3.dcm").write_bytes(b"broken")


def write_mat(raw: Path) -> None:
    for number in range(7):
        image = np.kron(ASYMMETRIC, np.full((number + 1, 100), number)).astype(np.int16)
        fields = cjdata(image=image, tumorMask=image > 40, label=1 + number % 4)
        (save_v5 if number == 4 else save_v73)(raw / f"set/{number}.mat", fields)
    (raw / "set/5.mat").write_bytes(b"broken")


def write_images(raw: Path) -> None:
    for number in range(7):
        grey = np.kron(ASYMMETRIC, np.ones((4, 4 + number))).astype(np.uint8)
        save_picture(raw / f"image/2/{number}.png", grey)
        mask = np.where(grey > 45, 255, number // 3 * 10).astype(np.uint8)
        save_picture(raw / f"mask/2/{number}_m.png", mask, "1" if number % 2 else "L")
    (raw / "image/2/3.png").write_bytes(b"broken")
    (raw / "mask/2/4_m.png").write_bytes(b"broken")


FORMATS = {
    "dicom": (DICOM, write_dicom, 1),
    "mat": (MATLAB, write_mat, 2),  # a label of 4, and the broken file
    "images": (IMAGES, write_images, 2),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_number_of_processes_changes_nothing(tmp_path: Path, name: str) -> None:
    native, write, n_broken = FORMATS[name]
    write(tmp_path / "raw")
    one, two = tmp_path / "one.h5", tmp_path / "two.h5"
    rejections = convert("akter", tmp_path / "raw", native, one, n_processes=1)
    assert len(rejections) == n_broken
    assert len(read_index(one)) >= 5
    assert convert("akter", tmp_path / "raw", native, two, n_processes=2) == rejections
    assert two.read_bytes() == one.read_bytes()


def test_an_error_of_the_store_ends_the_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    raw = write_raw(tmp_path / "raw", **{f"{i}_txt": "1" for i in range(9)}, a_txt="2")
    monkeypatch.setattr(SliceWriter, "add", fill_the_disk)
    with pytest.raises(OSError, match="No space left on device"):
        convert("akter", raw, TOY, tmp_path / "out.h5", n_processes=2)
    assert active_children() == []


def test_a_slice_that_comes_twice_costs_itself_alone(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", a_txt="1", b_txt="2")
    rejections = convert("akter", raw, TOY._replace(plan=plan_twice), tmp_path / "out.h5")
    assert rejections == [Rejection("a.txt#0", "slice_id must be unique; got another's")]
    assert [item.image[0, 0] for item in read_slices(tmp_path / "out.h5")] == [1, 2]


def test_a_frame_and_a_file_of_one_id_cost_nothing_else(tmp_path: Path) -> None:
    stack = np.stack([ELLIPSE, ELLIPSE + 1])
    for name, stored in {"1.dcm": stack, "1.dcm#2": ELLIPSE, "2.dcm": ELLIPSE}.items():
        save_dicom(tmp_path / "raw" / name, dicom(stored))
    rejections = convert("akter", tmp_path / "raw", DICOM, tmp_path / "out.h5")
    assert [file for file, _ in rejections] == ["1.dcm#2"]
    ids = read_index(tmp_path / "out.h5")["slice_id"].tolist()
    assert ids == ["akter/1.dcm#1", "akter/1.dcm#2", "akter/2.dcm"]


@pytest.mark.parametrize(
    "names", [("Icon\r", "Icon\\r"), ("a\nb.txt", "a\\nb.txt"), ("a\u2028b.txt", "a\\u2028b.txt")]
)
@pytest.mark.parametrize("content", ["", "1 struct"])
def test_a_name_of_two_lines_is_one_row(
    tmp_path: Path, names: tuple[str, str], content: str
) -> None:
    """In the table, in ids, in whatever is made of them."""
    raw, table = write_raw(tmp_path / "raw", c_txt="3"), tmp_path / "out.csv"
    (raw / names[0]).write_text(content)
    (rejection,) = convert("akter", raw, TOY, tmp_path / "out.h5", rejected=table)
    assert rejection.file == names[1]
    assert len(table.read_text().splitlines()) == len(read_rejections(table)) + 1 == 2
    assert [*read_rejections(table)["file"]] == [names[1]]
    for text in (*read_index(tmp_path / "out.h5")["slice_id"], *rejection):
        assert text.isprintable()


def test_two_names_that_are_one_when_written_cost_one_of_them(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw")
    (raw / "a\nb.txt").write_text("1")
    (raw / "a\\nb.txt").write_text("2")
    (raw / "c.txt").write_text("3")
    rejections = convert("akter", raw, TOY, tmp_path / "out.h5")
    assert [file for file, _ in rejections] == ["a\\nb.txt#0"]
    assert len(read_index(tmp_path / "out.h5")) == 2


def write_masks(raw: Path, folder: str, *tumours: int) -> None:
    for number, tumour in enumerate(tumours):
        save_picture(raw / f"image/{folder}/{number}.png", (ELLIPSE >> 8).astype(np.uint8))
        mask = np.where(ELLIPSE > 9000, tumour, 0).astype(np.uint8)
        save_picture(raw / f"mask/{folder}/{number}_m.png", mask)


def test_a_class_folder_of_tumours_without_one_stops(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    write_masks(raw, "0", 0, 0)  # healthy
    write_masks(raw, "1", 0, 0, 0)
    write_masks(raw, "2", 0, 1)
    write_masks(raw / "more", "3", 0)
    (raw / "notes.txt").touch()
    said = (
        "raw must hold masks that show tumours, or no masks in each folder; got 3 empty masks of "
        "glioma, 1 empty masks of pituitary\nAll reasons: "
    )
    with pytest.raises(ValueError, match=said):
        convert("akter", raw, IMAGES, tmp_path / "out.h5", rejected=tmp_path / ".partial-r.csv")
    rejected = read_rejections(tmp_path / "r.csv").set_index("file")["reason"]
    assert [*rejected.index] == ["image/1", "more/image/3", "notes.txt"]
    assert rejected["image/1"].endswith("or no masks; got 3 empty masks of glioma")


def test_a_cohort_whose_masks_are_all_0_and_1_has_them(tmp_path: Path) -> None:
    for folder in "123":
        write_masks(tmp_path / "raw", folder, 1, 1)
    assert convert("akter", tmp_path / "raw", IMAGES, tmp_path / "out.h5") == []
    for item in read_slices(tmp_path / "out.h5"):
        np.testing.assert_array_equal(item.mask, ELLIPSE > 9000)


def test_where_nothing_is_usable_the_whole_list_is_written(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", **{f"f{number:03}_md": "" for number in range(107)})
    partial, table = tmp_path / ".partial-rejected.csv", tmp_path / "rejected.csv"
    with pytest.raises(ValueError, match="got no slice and 107 rejected files") as caught:
        convert("akter", raw, TOY, tmp_path / "out.h5", rejected=partial)
    assert str(caught.value).splitlines()[-1] == f"All reasons: {table}"
    assert len(read_rejections(table)) == 107
    assert not partial.exists()


def record_processes(patch: pytest.MonkeyPatch) -> list[int]:
    """The number of processes asked for each time that something is read; it is read here."""
    asked: list[int] = []

    def read_here(
        native: NativeFormat, source: str, tasks: Iterable[Task], n_processes: int
    ) -> Iterator[Item]:
        asked.append(n_processes)
        for task in tasks:
            yield from _read_task(native, source, task)

    patch.setattr(conversion, "read_in_order", read_here)
    patch.setattr(conversion, "_FILES_A_PROCESS", 3)
    return asked


@pytest.mark.parametrize(
    ("n_files", "n_cores", "expected"),
    [(2, 9, 1), (5, 9, 1), (6, 9, 2), (11, 9, 3), (11, 2, 2), (30, 9, 8)],
)
def test_processes_read_for_the_cores_there_are_if_it_pays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_files: int, n_cores: int, expected: int
) -> None:
    asked = record_processes(monkeypatch)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(n_cores)), raising=False)
    raw = write_raw(tmp_path / "raw", **{f"{i}_txt": "1" for i in range(n_files)})
    convert("akter", raw, TOY, tmp_path / "out.h5")
    assert asked == [expected]


def test_where_the_cores_of_a_process_are_not_known_all_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = record_processes(monkeypatch)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    raw = write_raw(tmp_path / "raw", **{f"{i}_txt": "1" for i in range(9)})
    for n_cores in (2, None):
        monkeypatch.setattr(os, "cpu_count", lambda n=n_cores: n)
        convert("akter", raw, TOY, tmp_path / "out.h5")
    assert asked == [2, 1]


def test_rejections_come_sorted_whoever_found_them(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", a_txt="1 struct", b_md="", c_txt="zlib", d_md="")
    files = [file for file, _ in convert("akter", raw, TOY, tmp_path / "out.h5")]
    assert files == ["a.txt", "b.md", "c.txt", "d.md"]


@pytest.mark.parametrize(("name", "native"), [("dicom", DICOM), ("matlab", MATLAB)])
def test_a_format_is_found_by_the_name_of_its_module(name: str, native: NativeFormat) -> None:
    assert load_format(SourceParams(format=name)) is native


@pytest.mark.parametrize("name", ["nifti", "convert"])
def test_a_format_that_is_none_is_an_error(name: str) -> None:
    said = f"sources: format must be a module of hqcm.formats with a FORMAT; got {name}"
    with pytest.raises(ValueError, match=said):
        load_format(SourceParams(format=name))


def test_the_slices_are_of_the_source_that_was_named(tmp_path: Path) -> None:
    for name, (native, write, _) in FORMATS.items():
        write(tmp_path / name)
        convert("siemens_3t", tmp_path / name, native, tmp_path / "out.h5")
        for column in ("slice_id", "group_id"):
            assert read_index(tmp_path / "out.h5")[column].str.startswith("siemens_3t").all()
        assert set(read_index(tmp_path / "out.h5")["source"]) == {"siemens_3t"}
