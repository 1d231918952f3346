"""MATLAB files that somebody may have."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import savemat
from scipy.sparse import csc_array

from hostile.case import (
    Array,
    Case,
    Write,
    cases_in_its_place,
    content,
    cut,
    exchanged,
    right_case,
    spoiled,
    wrong_case,
)
from hqcm.phantom.write_mat import write_cjdata
from native_files import ELLIPSE, cjdata, save_sparse, save_v5, save_v73

right, wrong = partial(right_case, "matlab"), partial(wrong_case, "matlab")
IMAGE = ELLIPSE.astype(np.int16)
TUMOUR = (ELLIPSE > 9000) & (ELLIPSE < 15000)
EMPTY = np.zeros((48, 64), np.uint8)
WRITERS = {"v7.3": save_v73, "v5": save_v5}


def v73(**fields: Any) -> Write:
    return lambda path: save_v73(path, fields_of(**fields))


def v5(**fields: Any) -> Write:
    return lambda path: save_v5(path, fields_of(**fields))


def fields_of(**fields: Any) -> dict[str, Any]:
    return cjdata(**{"image": IMAGE, "tumorMask": TUMOUR.astype(np.uint8)} | fields)


def edited(change: Callable[[h5py.File], object], **fields: Any) -> Write:
    """A v7.3 file to which something is done."""

    def write(path: Path) -> None:
        save_v73(path, fields_of(**fields))
        with h5py.File(path, "r+") as file:
            change(file)

    return write


def with_image(**options: Any) -> Write:
    """The image as another dataset of HDF5."""
    return edited(lambda file: file["cjdata"].create_dataset("image", **options), image=None)


def with_link(link: Any, name: str = "image") -> Write:
    """A link in place of a field."""

    def add(file: h5py.File) -> None:
        file[f"cjdata/{name}"] = link

    return edited(add, **{name: None})


def with_class(name: str, value: Any, kind: str, **attributes: Any) -> Write:
    """A field of a MATLAB class."""

    def add(file: h5py.File) -> None:
        file[f"cjdata/{name}"] = value
        for key, given in {"MATLAB_class": np.bytes_(kind), **attributes}.items():
            file[f"cjdata/{name}"].attrs[key] = given

    return edited(add, **{name: None})


def with_sparse(drawn: Array, **parts: Any) -> Write:
    """A sparse mask, some parts of it replaced; `rows` is what it says of those."""

    def add(file: h5py.File) -> None:
        group = save_sparse(file, "cjdata/tumorMask", drawn)
        if "rows" in parts:
            group.attrs["MATLAB_sparse"] = parts["rows"]
        for part in {"jc", "ir", "data"} & {*parts}:
            del group[part]
            group[part] = np.array(parts[part])

    return edited(add, tumorMask=None)


def with_virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((64, 48), np.int16)
    layout[:] = h5py.VirtualSource("absent.h5", "image", (64, 48))
    file["cjdata"].create_virtual_dataset("image", layout, fillvalue=7)


def with_cell(file: h5py.File) -> None:
    file["#refs#/a"] = 1
    file["cjdata/PID"] = np.array([[file["#refs#/a"].ref]], h5py.ref_dtype)
    file["cjdata/PID"].attrs["MATLAB_class"] = np.bytes_("cell")


def with_another_file(link: Callable[[str], Any]) -> Write:
    """Beside it lies another file, to which something in it refers."""

    def write(path: Path) -> None:
        other = path.with_name("README.txt")
        with h5py.File(other, "w") as file:
            file["image"] = IMAGE.T
        with_link(link(other.name))(path)

    return write


def write_links_out(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["cjdata"] = h5py.ExternalLink("good.mat", "cjdata")
    save_v73(path.with_name("good.mat"), fields_of())


def as_phantom(path: Path) -> None:
    write_cjdata(path, label=2, pid="P7", image=IMAGE, mask=TUMOUR)


def claims_a_billion(content: bytes) -> bytes:
    one, many = (np.array([1, n], "<i4").tobytes() for n in (1, 2**30))
    return exchanged(one, many)(content)


TYPES = ["uint8", "uint16", "int32", "uint32", "int64", "float32", "float64", ">i2", ">f8"]
RIGHT = [
    right("v7.3", v73(), IMAGE, mask=TUMOUR),
    right("v5", v5(), IMAGE, mask=TUMOUR),
    right(
        "v5 compressed",
        lambda path: savemat(path, {"cjdata": fields_of()}, do_compression=True),
        IMAGE,
        mask=TUMOUR,
    ),
    right("of the phantom", as_phantom, IMAGE, mask=TUMOUR),
    *(
        right(f"{version} of {dtype}", (v73 if version == "v7.3" else v5)(image=made), made)
        for version in WRITERS
        for dtype in TYPES
        for made in [(ELLIPSE // 90).astype(dtype)]
    ),
    right(
        "16 bits of floating point",
        v73(image=(ELLIPSE / 8).astype("f2")),
        (ELLIPSE / 8).astype("f2"),
    ),
    right(
        "values from end to end",
        v73(image=np.where(TUMOUR, 1e308, -1e308)),
        np.where(TUMOUR, 1e308, -1e308),
    ),
    right("1 x 1", v73(image=IMAGE[9:10, 9:10], tumorMask=[[1]]), IMAGE[9:10, 9:10]),
    right("constant", v73(image=IMAGE * 0 + 5), IMAGE * 0 + 5),
    right(
        "in chunks with a checksum",
        with_image(data=IMAGE.T, chunks=(7, 5), compression=4, shuffle=True, fletcher32=True),
        IMAGE,
    ),
    right("a mask of 0, 1, 255", v73(tumorMask=TUMOUR * np.uint8(255)), IMAGE, mask=TUMOUR),
    right(
        "a logical mask",
        with_class("tumorMask", TUMOUR.T.astype(np.uint8), "logical"),
        IMAGE,
        mask=TUMOUR,
    ),
    right("a sparse mask", with_sparse(TUMOUR), IMAGE, mask=TUMOUR),
    right("a sparse mask of v5", v5(tumorMask=csc_array(TUMOUR)), IMAGE, mask=TUMOUR),
    right(
        "a link within the file",
        edited(
            lambda file: (
                file.move("cjdata/image", "cjdata/field")
                or file.__setitem__("cjdata/image", h5py.SoftLink("/cjdata/field"))
            )
        ),
        IMAGE,
    ),
    right("a patient in another script", v73(PID="患者 七"), IMAGE),
    right("a patient's number", with_class("PID", [[100360]], "uint32"), IMAGE),
    right("a suffix in capitals", v73(), IMAGE, file="1.MAT"),
    Case(
        "masks without a tumour beside one that has it",
        "matlab",
        {"1.mat": v73(tumorMask=EMPTY), "2.mat": with_sparse(TUMOUR & False), "3.mat": v73()},
        right=dict.fromkeys(["1.mat", "2.mat", "3.mat"], IMAGE),
        masks={"1.mat": EMPTY, "2.mat": EMPTY, "3.mat": TUMOUR},
    ),
    Case(
        "one patient as text and as a number",
        "matlab",
        {"1.mat": v73(), "2.mat": v5(PID=np.uint32(100360)), "3.mat": v5(PID=100360.0)},
        right=dict.fromkeys(["1.mat", "2.mat", "3.mat"], IMAGE),
        n_groups=1,
    ),
    Case(
        "twice the same file, names in other scripts, companions",
        "matlab",
        {"集/1.mat": v73(), "é 🧠.mat": v73(), "README 2024.txt": content(b"x")},
        right={"集/1.mat": IMAGE, "é 🧠.mat": IMAGE},
    ),
]
NAN = np.where(TUMOUR, np.nan, 1.0)
MUST_FIT = "cjdata/tumorMask must have the shape of cjdata/image (48, 64); got "
# Fields of a file that is otherwise sound, and words of the reason, in v7.3 and v5.
FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "label 4": ({"label": 4.0}, "cjdata/label must be one of 1, 2, 3; got 4"),
    "label 0": ({"label": 0.0}, "cjdata/label must be one of 1, 2, 3; got 0"),
    "label 1.5": ({"label": 1.5}, "cjdata/label must be one of 1, 2, 3; got 1.5"),
    "label NaN": ({"label": np.nan}, "cjdata/label must be one of 1, 2, 3; got nan"),
    "two labels": ({"label": [1.0, 2.0]}, "cjdata/label must be one of 1, 2, 3; got [["),
    "no label": ({"label": None}, "cjdata must hold PID, label, image, tumorMask; label missing"),
    "no mask": ({"tumorMask": None}, "tumorMask missing"),
    "no patient": ({"PID": None}, "PID missing"),
    "a blank patient": ({"PID": "  "}, "cjdata/PID must be text"),
    "an unprintable patient": ({"PID": "1\x072"}, "cjdata/PID must be text"),
    "a patient of a page": ({"PID": "7" * 3000}, "cjdata/PID must be text"),
    "an image with NaN": ({"image": NAN}, "cjdata/image must be finite; got NaN or infinity"),
    "an image with infinity": ({"image": NAN * np.inf}, "cjdata/image must be finite"),
    "a mask with NaN": ({"tumorMask": NAN}, "cjdata/tumorMask must be finite"),
    "0 x 0": ({"image": np.zeros((0, 0))}, "cjdata/image must be (rows, cols), not empty"),
    "a volume": ({"image": np.zeros((2, 3, 4))}, "cjdata/image must be (rows, cols), not empty"),
    "complex": ({"image": IMAGE * 1j}, "cjdata/image must be real numbers; got complex128"),
    "a mask larger than its image": ({"tumorMask": np.ones((96, 128))}, MUST_FIT + "(96, 128)"),
    "a mask on its side": ({"tumorMask": TUMOUR.T.astype("u1")}, MUST_FIT + "(64, 48)"),
    "a mask of a volume": ({"tumorMask": np.ones((48, 64, 2))}, "must be (rows, cols), not empty"),
}
# A string, "100360" in MATLAB, is six numbers that refer to another part of the file.
STRING = np.array([[0xDD000000, 2, 1, 1, 1, 1]], np.uint32)
PID_MUST = "cjdata/PID must be text or one whole number; got "
CLASSES: dict[str, tuple[str, Any, str, str]] = {
    "a string": ("PID", STRING, "string", PID_MUST + "a string"),
    "a string as label": ("label", STRING, "string", "label must be one of 1, 2, 3; got a string"),
    "a table": ("image", STRING, "table", "image must be real numbers; got a table"),
    "numbers as patient": ("PID", np.ones((1, 6)), "double", PID_MUST + "float64 (6, 1)"),
    "a patient below zero": ("PID", [[-1]], "int32", PID_MUST + "int64 (1, 1)"),
    "a logical as patient": ("PID", [[True]], "logical", PID_MUST + "bool"),
    "half a character": ("PID", np.array([[0xD83D]], "u2"), "char", PID_MUST + "<U1"),
    "text as label": (
        *("label", np.array([[50]], "u2"), "char"),
        "label must be one of 1, 2, 3; got [['2']]",
    ),
    "text as image": ("image", np.full((64, 48), 50, "u2"), "char", "real numbers; got <U1"),
}
DRAWN = np.zeros((48, 64))
DRAWN[[1, 2, 40], 5] = 1


def sparse_too_far() -> csc_array:
    sparse = csc_array(DRAWN)
    sparse.indices[:] = [1, 2, 48]
    return sparse


OUT_OF_PLACE = "cjdata/tumorMask must have every entry in (48, 64); got a sparse matrix"
TOO_LARGE = "must be an array of 67108864 values or fewer; got "
NOT_HERE = "cjdata/image must be in this file; got an array without content"
WRONG = [
    *cases_in_its_place("matlab"),
    *(
        wrong(f"{name} in {version}", (v73 if version == "v7.3" else v5)(**fields), said)
        for name, (fields, said) in FIELDS.items()
        for version in WRITERS
    ),
    *(
        wrong(name, with_class(field, value, kind), said)
        for name, (field, value, kind, said) in CLASSES.items()
    ),
    wrong(
        "no text", with_class("PID", np.zeros(2, "u8"), "char", MATLAB_empty=1), PID_MUST + "<U1"
    ),
    wrong("a cell of v5", v5(PID=np.array([["100360"]], object)), PID_MUST + "a cell"),
    wrong("a cell", edited(with_cell, PID=None), PID_MUST + "a cell"),
    wrong(
        "a struct as image",
        edited(lambda file: file.__setitem__("cjdata/image/nested", 1), image=None),
        "cjdata/image must be real numbers; got a struct",
    ),
    wrong("half a patient number", v5(PID=100360.5), "cjdata/PID must be text"),
    *(wrong(f"{share} of v7.3", spoiled(v73(), cut(share)), "truncated") for share in (0.3, 0.9)),
    wrong("half of v5", spoiled(v5(), cut(0.5)), "could not read bytes"),
    wrong("v4", lambda path: savemat(path, {"image": IMAGE}, format="4"), "is no MATLAB file"),
    wrong("another variable of v5", lambda path: savemat(path, {"other": 1}), "struct cjdata"),
    wrong(
        "another variable",
        edited(lambda file: file.move("cjdata", "other")),
        "must hold the struct cjdata",
    ),
    wrong("a matrix of its name", lambda path: savemat(path, {"cjdata": IMAGE}), "struct cjdata"),
    wrong("a billion structs", spoiled(v5(), claims_a_billion), "must hold the struct cjdata"),
    wrong(
        "20,000 x 20,000",
        with_image(shape=(20_000, 20_000), dtype="i2", chunks=(64, 64)),
        f"image {TOO_LARGE}(20000, 20000)",
    ),
    wrong(
        "no values",
        edited(
            lambda file: file["cjdata"].create_dataset("image", data=h5py.Empty("f4")), image=None
        ),
        f"cjdata/image {TOO_LARGE}None",
    ),
    wrong("an image never written", with_image(shape=(64, 48), dtype="i2"), NOT_HERE),
    wrong("an image that is virtual", edited(with_virtual, image=None), NOT_HERE),
    wrong(
        "an image in a file beside it",
        with_image(shape=(64, 48), dtype="i2", external=[("README.txt", 0, 6144)]),
        NOT_HERE,
    ),
    Case(
        "a link to another file",
        "matlab",
        {"1.mat": with_another_file(lambda name: h5py.ExternalLink(name, "image"))},
        reasons={"1.mat": "image must be in this file; got a link to another"},
    ),
    Case(
        "a link to all of another file",
        "matlab",
        {"1.mat": write_links_out},
        right={"good.mat": IMAGE},
        reasons={"1.mat": "cjdata must be in this file; got a link to another"},
    ),
    wrong("a link in a circle", with_link(h5py.SoftLink("/cjdata/image")), "too many links"),
    wrong("a link to nothing within", with_link(h5py.SoftLink("/absent")), "got a link to nothing"),
    wrong("text in HDF5", with_image(data=np.full((64, 48), b"x")), "array of numbers; got |S1"),
    wrong(
        "a table of HDF5",
        with_image(data=np.zeros((64, 48), [("a", "i4")])),
        "must be an array of numbers; got [('a', '<i4')]",
    ),
    wrong(
        "a class of two words",
        with_class("image", IMAGE.T, "", MATLAB_class=[1, 2]),
        "cjdata/image must be real numbers; got a 1",
    ),
    wrong("a sparse row too far", with_sparse(DRAWN, ir=[1, 2, 48]), OUT_OF_PLACE),
    wrong("sparse columns backwards", with_sparse(DRAWN, jc=[3, *[0] * 64]), OUT_OF_PLACE),
    wrong(
        "sparse rows of a text",
        with_sparse(DRAWN, rows=b"48"),
        "cjdata/tumorMask must have a number of rows as MATLAB_sparse; got ['48']",
    ),
    wrong("too few sparse values", with_sparse(DRAWN, data=[1]), OUT_OF_PLACE),
    wrong("a sparse row of v5 too far", v5(tumorMask=sparse_too_far()), OUT_OF_PLACE),
    wrong(
        "an element of no type in v5",  # at which SciPy's reader crashes
        spoiled(v5(), exchanged(b"\x09\0\0\0\x08\0\0\0", b"\0\0\0\0\x08\0\0\0")),
        "must be readable; reading it ended the process with exit code -11",
        needs_process=True,
    ),
    wrong("a sparse mask of text", with_sparse(DRAWN, jc=[b"x"]), "jc must be an array of numbers"),
    wrong("a sparse bomb", with_sparse(DRAWN, rows=1 << 30), f"tumorMask {TOO_LARGE}(1073741824, "),
    wrong(
        "a sparse bomb of v5",
        v5(tumorMask=csc_array((1 << 30, 3), dtype=np.float64)),
        f"tumorMask {TOO_LARGE}(1073741824, ",
    ),
    Case(
        "what archives and systems leave behind",
        "matlab",
        {
            **dict.fromkeys(["__MACOSX/._1.mat", ".DS_Store"], content(b"x")),
            **dict.fromkeys(["__MACOSX/1.mat", "Thumbs.db", "data.zip"], content(b"x")),
            "1.mat": v73(),
        },
        right={"1.mat": IMAGE},
        reasons={
            "__MACOSX/1.mat": "is no MATLAB file: begins with 'x'",
            "Thumbs.db": "must be a .mat file",
            "data.zip": "must be a .mat file",
        },
    ),
    Case(
        "nothing usable",
        "matlab",
        {"1.mat": v73(label=4)},
        stop="got no slice and 1 rejected files\n  1 x cjdata/label must be one of 1, 2, 3",
    ),
    Case(
        "masks that are all empty",
        "matlab",
        {"1.mat": v73(tumorMask=EMPTY), "2.mat": v73(tumorMask=EMPTY)},
        stop="must hold masks that show tumours, or no masks in each folder; "
        "got 2 empty masks of meningioma",
    ),
]
CASES = [*RIGHT, *WRONG]
