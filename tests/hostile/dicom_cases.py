"""DICOM files that somebody may have."""

import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from hostile.case import (
    Array,
    Case,
    Write,
    cases_in_its_place,
    content,
    cut,
    exchanged,
    linked,
    right_case,
    spoiled,
    wrong_case,
)
from hqcm.phantom.write_dicom import Series, write_slice
from native_files import ELLIPSE, dicom, rescaling, save_dicom

right, wrong = partial(right_case, "dicom"), partial(wrong_case, "dicom")
BYTES = (ELLIPSE >> 8).astype(np.uint8)
SIGNED = ELLIPSE.astype(np.int16) - 9000
STACK = np.stack([ELLIPSE, ELLIPSE[::-1], ELLIPSE[:, ::-1]])
FRAMES = {f"1.dcm#{number}": frame for number, frame in enumerate(STACK, start=1)}


def dcm(stored: Array = ELLIPSE, **elements: Any) -> Write:
    return lambda path: save_dicom(path, dicom(stored, **elements))


def changed(change: Callable[[Dataset], object], stored: Array = ELLIPSE) -> Write:
    """A slice whose data set something is done to."""

    def write(path: Path) -> None:
        header = dicom(stored)
        change(header)
        save_dicom(path, header)

    return write


def in_syntax(syntax: UID, stored: Array = ELLIPSE, **elements: Any) -> Write:
    """A slice in another encoding; then elements are replaced."""

    def encode(header: Dataset) -> None:
        if syntax.is_encapsulated:
            header.compress(syntax, generate_instance_uid=False)
        else:
            header.file_meta.TransferSyntaxUID = syntax
        for name, value in elements.items():
            setattr(header, name, value)

    return changed(encode, stored)


def in_fragments(change: Callable[[bytes], bytes], **elements: Any) -> Write:
    """A slice of JPEG 2000, what it is coded as put into pixel data anew."""

    def encode(header: Dataset) -> None:
        header.compress(JPEG2000Lossless, generate_instance_uid=False)
        (coded,) = generate_frames(header.PixelData, number_of_frames=1)
        header.PixelData = change(coded)
        for name, value in elements.items():
            setattr(header, name, value)

    return changed(encode)


def without_preamble(syntax: UID) -> Write:
    def write(path: Path) -> None:
        is_big = syntax == ExplicitVRBigEndian
        header = dicom(ELLIPSE, PixelData=ELLIPSE.astype(">u2" if is_big else "<u2").tobytes())
        header.file_meta = FileMetaDataset()
        is_implicit = syntax == ImplicitVRLittleEndian
        header.save_as(path, implicit_vr=is_implicit, little_endian=not is_big)

    return write


def of_another_syntax(uid: bytes) -> Write:
    """Names an encoding in place of the one it has, of as many characters."""
    own = RLELossless.encode() + b"\0" * (len(RLELossless) % 2)
    return spoiled(in_syntax(RLELossless), exchanged(own, uid.ljust(len(own), b"\0")))


def set_floats(header: Dataset, values: Array) -> None:
    del header.PixelData
    name = {4: "FloatPixelData", 8: "DoubleFloatPixelData"}[values.dtype.itemsize]
    header.BitsAllocated = 8 * values.dtype.itemsize
    setattr(header, name, values.tobytes())


def set_bits(header: Dataset) -> None:
    header.PixelData = np.packbits(ELLIPSE > 9000, bitorder="little").tobytes()
    header.BitsAllocated = header.BitsStored = 1
    header.HighBit = 0


def set_private_scale(header: Dataset) -> None:
    header.add_new(0x20050010, "LO", "Philips MR Imaging DD 001")
    header.add_new(0x2005100E, "FL", 2.0)


def lut(first: int, values: list[int]) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US" if first >= 0 else "SS", [len(values), first, 16])
    item.add_new("LUTData", "US", values)
    return item


def shipped(name: str) -> Write:
    path = Path(str(get_testdata_file(name, download=False)))
    return content(path.read_bytes())


def write_bomb(path: Path) -> None:
    """2 GiB of zeros as 2 MiB of deflate."""
    in_syntax(DeflatedExplicitVRLittleEndian)(path)
    start = path.read_bytes()
    at = 132 + 12 + dcmread(path).file_meta.FileMetaInformationGroupLength
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    path.write_bytes(start[:at] + block * 2048)


def padded() -> Array:
    stored = ELLIPSE.astype(np.int16)
    stored[:4] = -32768
    return stored


def as_phantom(path: Path) -> None:
    series = Series(1, 64, "axial", RLELossless, "MONOCHROME2", 2.5, 0)
    write_slice(path, series, 1, (ELLIPSE >> 3).astype(np.uint16))


MR_SMALL = dcmread(str(get_testdata_file("MR_small.dcm", download=False)))
MR_PIXELS = np.frombuffer(MR_SMALL.PixelData, "<i2").reshape(MR_SMALL.Rows, MR_SMALL.Columns)
OF_MR_SMALL = [
    *("MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_expb.dcm"),
    *("MR_small_implicit.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm"),
    "MR_small_padded.dcm",
]
GROUPS = [rescaling(2, 1), rescaling(0.5, -3), rescaling(1, 0)]
SCALED = (ELLIPSE * np.float64(2.5) - 7).astype(np.float32)
RIGHT = [
    right("8 bits", dcm(BYTES), BYTES),
    right("8 bits, an odd number of pixels", dcm(BYTES[:47, :63]), BYTES[:47, :63]),
    right("16 bits", dcm(), ELLIPSE),
    right("16 bits signed", dcm(SIGNED), SIGNED),
    right(
        "12 bits signed",
        dcm(
            (SIGNED >> 4).view(np.uint16) & 0xFFF, BitsStored=12, HighBit=11, PixelRepresentation=1
        ),
        SIGNED >> 4,
    ),
    right("32 bits", dcm(ELLIPSE.astype(np.uint32) << 16), ELLIPSE.astype(np.uint32) << 16),
    right("1 bit", changed(set_bits), ELLIPSE > 9000),
    right(
        "floats",
        changed(lambda header: set_floats(header, SCALED)),
        SCALED,
    ),
    right(
        "floats of 64 bits",
        changed(lambda header: set_floats(header, SCALED.astype(np.float64) * 1e300)),
        SCALED.astype(np.float64) * 1e300,
    ),
    right("1 x 1", dcm(np.array([[7]], np.uint16)), np.array([[7]])),
    right("1 x 300", dcm(np.arange(300, dtype=np.uint16)[None]), np.arange(300)[None]),
    right("constant", dcm(ELLIPSE * 0 + 5), ELLIPSE * 0 + 5),
    right("deflated", in_syntax(DeflatedExplicitVRLittleEndian), ELLIPSE),
    right("RLE", in_syntax(RLELossless), ELLIPSE),
    right("JPEG 2000", in_syntax(JPEG2000Lossless), ELLIPSE),
    right(
        "JPEG 2000 in three fragments",
        in_fragments(lambda coded: encapsulate([coded], fragments_per_frame=3)),
        ELLIPSE,
    ),
    right(
        "JPEG 2000 without an offset table",
        in_fragments(lambda coded: encapsulate([coded], has_bot=False)),
        ELLIPSE,
    ),
    *(right(name, shipped(name), MR_PIXELS) for name in OF_MR_SMALL),
    *(
        right(
            f"no preamble, {syntax.name}",
            without_preamble(syntax),
            ELLIPSE,
            is_read_elsewhere=False,
        )
        for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)
    ),
    right("no suffix", dcm(), ELLIPSE, file="IM000001"),
    right("another suffix", dcm(), ELLIPSE, file="1.jpg"),
    right("slope and intercept", dcm(RescaleSlope="2.5", RescaleIntercept="-7"), SCALED),
    right(
        "slope of zero length",
        dcm(RescaleSlope=None, RescaleIntercept="5"),
        ELLIPSE + 5,
        is_read_elsewhere=False,
    ),
    right("a scale of its maker's", changed(set_private_scale), ELLIPSE),
    right(
        "a modality LUT",
        dcm(BYTES, ModalityLUTSequence=[lut(5, [(7 * i * i) % 1000 for i in range(40)])]),
        np.array([(7 * i * i) % 1000 for i in range(40)])[np.clip(BYTES.astype(int) - 5, 0, 39)],
    ),
    right(
        "MONOCHROME1",
        dcm(65535 - ELLIPSE, PhotometricInterpretation="MONOCHROME1"),
        ELLIPSE,
        is_read_elsewhere=False,
    ),
    right(
        "padding far below",
        dcm(padded(), PixelPaddingValue=-32768),
        np.where(padded() == -32768, 0, padded()),
        is_read_elsewhere=False,
    ),
    right("a window of width 0.5", dcm(WindowCenter="20", WindowWidth="0.5"), ELLIPSE),
    right("no instance number", dcm(InstanceNumber=None), ELLIPSE),
    right("zeros behind the data set", spoiled(dcm(), lambda whole: whole + bytes(54)), ELLIPSE),
    right("pixel data too long", dcm(PixelData=ELLIPSE.tobytes() + b"longer"), ELLIPSE),
    right("an unknown character set", dcm(SpecificCharacterSet="ISO_IR 999"), ELLIPSE),
    right(
        "another character set",
        dcm(SpecificCharacterSet="ISO_IR 192", PatientName="病^人"),
        ELLIPSE,
    ),
    right(
        "burned-in annotation", dcm(BurnedInAnnotation="YES"), ELLIPSE, note="burned-in annotation"
    ),
    right("tomography", dcm(Modality="CT"), ELLIPSE, note="not MR"),
    right("of the phantom", as_phantom, ((ELLIPSE >> 3) * 2.5).astype(np.float32)),
    Case("frames", "dicom", {"1.dcm": dcm(STACK)}, right=FRAMES),
    Case(
        "frames of RLE that are not announced",
        "dicom",
        {"1.dcm": in_syntax(RLELossless, STACK, NumberOfFrames=None)},
        right=FRAMES,
    ),
    Case(
        "frames not announced",
        "dicom",
        {"1.dcm": dcm(STACK, NumberOfFrames=0)},
        right=FRAMES,
    ),
    Case(
        "a slope for every frame",
        "dicom",
        {"1.dcm": dcm(STACK, PerFrameFunctionalGroupsSequence=GROUPS, RescaleSlope=7)},
        right={
            "1.dcm#1": STACK[0] * 2.0 + 1,
            "1.dcm#2": STACK[1] * 0.5 - 3,
            "1.dcm#3": STACK[2],
        },
        is_read_elsewhere=False,
    ),
    Case(
        "a slope that frames share",
        "dicom",
        {"1.dcm": dcm(STACK, SharedFunctionalGroupsSequence=GROUPS[:1])},
        right={name: frame * 2.0 + 1 for name, frame in FRAMES.items()},
        is_read_elsewhere=False,
    ),
    Case(
        "two patients in one study",
        "dicom",
        {f"{i}.dcm": dcm(PatientID=f"P-{i}", StudyInstanceUID="1.2") for i in (1, 2)},
        right={"1.dcm": ELLIPSE, "2.dcm": ELLIPSE},
        n_groups=2,
    ),
    Case(
        "one patient of two names",
        "dicom",
        {f"{i}.dcm": dcm(PatientName=f"Doe^{i}", StudyInstanceUID=f"1.{i}") for i in (1, 2)},
        right={"1.dcm": ELLIPSE, "2.dcm": ELLIPSE},
        n_groups=1,
    ),
    Case(
        "folders in a circle, and one that is reached twice",
        "dicom",
        {"a/1.dcm": dcm(), "a/circle": linked("../a"), "b": linked("a")},
        right={"a/1.dcm": ELLIPSE},
    ),
    Case(
        "twice the same file, names in other scripts, companions",
        "dicom",
        {
            **dict.fromkeys(["患者/断層.dcm", "приклад.dcm", "a b/é 🧠.dcm"], dcm()),
            **dict.fromkeys(["患者/断層.jpg", "DICOMDIR", "guide.pdf"], content(b"x")),
        },
        right=dict.fromkeys(["患者/断層.dcm", "приклад.dcm", "a b/é 🧠.dcm"], ELLIPSE),
    ),
]
# Elements of a slice that is otherwise sound, and words of the reason.
ELEMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "colour": (
        {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3, "PlanarConfiguration": 0},
        "PhotometricInterpretation must be one of MONOCHROME1, MONOCHROME2; got RGB",
    ),
    "a palette": ({"PhotometricInterpretation": "PALETTE COLOR"}, "got PALETTE COLOR"),
    "two samples": ({"SamplesPerPixel": 2}, "SamplesPerPixel must be 1; got 2"),
    "a mosaic": (
        {"ImageType": ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]},
        "ImageType must not say MOSAIC, many slices in one image; got ORIGINAL\\PRIMARY\\M",
    ),
    "a segmentation": (
        {"Modality": "SEG"},
        "Modality must be of intensities, not labels or doses; got SEG",
    ),
    "a dose": (
        {"Modality": "RTDOSE"},
        "Modality must be of intensities, not labels or doses; got RTDOSE",
    ),
    "0 x 0": ({"Rows": 0, "Columns": 0}, "Rows must be 1 to 65535; got 0"),
    "no rows": ({"Rows": None}, "Rows must be 1 to 65535; got none"),
    "20,000 x 20,000": (
        {"Rows": 20_000, "Columns": 20_000},
        "Rows x Columns must be 1 to 67108864; got 20000 x 20000",
    ),
    "pixel data too short": (
        {"Rows": 96},
        "PixelData must have 12288 bytes, Rows x Columns x BitsAllocated x NumberOfFrames / 8; got",
    ),
    "a billion frames": ({"NumberOfFrames": 2**31 - 1}, "PixelData must have 13194139527168 bytes"),
    "frames below zero": ({"NumberOfFrames": "-1"}, "'Number of Frames' value of '-1' is invalid"),
    "no pixels": ({"PixelData": None}, "PixelData must be present; got none"),
    "a slope of 0": (
        {"RescaleSlope": 0, "RescaleIntercept": 1},
        "RescaleSlope must not be 0, which erases the image; got 0",
    ),
    "a slope of infinity": (
        {"RescaleSlope": "1e300", "RescaleIntercept": 0},
        "pixel values must be finite; got NaN or infinity",
    ),
    "two slopes": ({"RescaleSlope": [1, 2]}, "RescaleSlope must be one finite number; got [1.0,"),
    "no number": ({"RescaleIntercept": "nan"}, "RescaleIntercept must be one finite number; got n"),
    "two paddings": ({"PixelPaddingValue": [1, 2]}, "PixelPaddingValue must be one finite number"),
    "an empty LUT": (
        {"ModalityLUTSequence": [Dataset()]},
        "ModalityLUTSequence must hold LUTDescriptor; got none",
    ),
    "12 bits allocated": (
        {"BitsAllocated": 12},
        "BitsAllocated must be one of 1, 8, 16, 32, 64; got 12",
    ),
    "17 bits of 16": (
        {"BitsStored": 17},
        "BitsStored must be 1 to 16, the bits allocated; got 17",
    ),
    "12 bits at the upper end": (
        {"BitsStored": 12, "HighBit": 15},
        "HighBit must be BitsStored - 1; got 15",
    ),
    "another sign": ({"PixelRepresentation": 2}, "PixelRepresentation must be 0 or 1; got 2"),
}
# What pydicom ships to try its own reader with.
SHIPPED = {
    "MR_truncated.dcm": "PixelData must have 8192 bytes, Rows x Columns x BitsAllocated x ",
    # JPEG Extended of 12 bits, as no decoder of ours takes it.
    "JPEG-lossy.dcm": "RuntimeError: Unable to decode as exceptions were raised by all",
    "JPEG2000-embedded-sequence-delimiter.dcm": "PixelData must be of Rows x Columns, (1024, 256)",
    "SC_rgb_rle_2frame.dcm": "got RGB",
    "examples_palette.dcm": "got PALETTE COLOR",
    "examples_ybr_color.dcm": "got YBR_FULL_422",
    "liver_1frame.dcm": "Modality must be of intensities, not labels or doses; got SEG",
    "rtdose_rle.dcm": "Modality must be of intensities, not labels or doses; got RTDOSE",
    "rtplan.dcm": "PixelData must be present",
    "test-SR.dcm": "PixelData must be present",
    "meta_missing_tsyntax.dcm": "PhotometricInterpretation must be",
}
ROWS = b"\x28\0\x10\0US\x02\0"
UNDECODABLE = "PixelData must be decodable; got "
OF_ANOTHER_SIZE = "PixelData must be of Rows x Columns, (64, 48); got frames of [(48, 64)]"
WRONG = [
    *cases_in_its_place("dicom"),
    *(wrong(name, dcm(**elements), said) for name, (elements, said) in ELEMENTS.items()),
    *(
        wrong(f"no {name}", changed(partial(Dataset.__delattr__, name=name)), name)
        for name in ("PixelData", "SamplesPerPixel", "Columns")
    ),
    *(wrong(name, shipped(name), said) for name, said in SHIPPED.items()),
    wrong("text", content(b"not a DICOM file, but text\n" * 99), "begins with 'not a DICOM file"),
    wrong("a preamble and nothing", content(b"\0" * 128 + b"DICM"), "PixelData must be present"),
    wrong("half a file", spoiled(dcm(), cut(0.5)), "PixelData must have 6144 bytes"),
    wrong("a picture without its DICOM file", content(b"x"), "must be a DICOM file", file="2.jpg"),
    wrong("Thumbs.db", content(b"\xd0\xcf\x11\xe0"), "must be a DICOM file", file="s/Thumbs.db"),
    wrong(
        "floats that are NaN",
        changed(lambda header: set_floats(header, SCALED * np.nan)),
        "pixel values must be finite",
    ),
    wrong("an encoding nobody knows", of_another_syntax(b"1.2.3.4.5"), UNDECODABLE + "NotImpl"),
    wrong("an encoding without a name", of_another_syntax(b""), UNDECODABLE + "AttributeError"),
    wrong("half of JPEG 2000", in_fragments(lambda coded: encapsulate([coded[:300]])), UNDECODABLE),
    wrong(
        "an empty fragment",
        in_fragments(lambda _: encapsulate([b"\0\0"])),
        UNDECODABLE + "RuntimeError",
    ),
    wrong(
        "JPEG 2000 that says it is JPEG-LS",
        spoiled(in_syntax(JPEG2000Lossless), exchanged(b"1.2.4.90", b"1.2.4.80")),
        UNDECODABLE + "RuntimeError",
    ),
    wrong(
        "JPEG 2000 on its side",
        in_fragments(lambda coded: encapsulate([coded]), Rows=64, Columns=48),
        OF_ANOTHER_SIZE,
    ),
    wrong(
        "JPEG-LS of more pixels",
        spoiled(
            shipped("MR_small_jpeg_ls_lossless.dcm"), exchanged(ROWS + b"\x40\0", ROWS + b"\x20\0")
        ),
        "PixelData must be of Rows x Columns, (32, 64); got frames of [(64, 64)]",
    ),
    wrong("RLE of more pixels", in_syntax(RLELossless, Rows=40), UNDECODABLE + "RuntimeError"),
    wrong("a bomb", write_bomb, "MemoryError", needs_process=True),
    Case(
        "fewer frames than announced",
        "dicom",
        {"1.dcm": in_fragments(lambda coded: encapsulate([coded]), NumberOfFrames=2)},
        right={"1.dcm#1": ELLIPSE},
        reasons={
            "1.dcm": "after slice 1: NumberOfFrames must be that of the frames in PixelData; "
            "got 2 for 1"
        },
        is_read_elsewhere=False,
    ),
    Case(
        "more frames than announced, without an offset table",
        "dicom",
        {"1.dcm": in_fragments(lambda coded: encapsulate([coded, coded], has_bot=False))},
        right={"1.dcm": ELLIPSE},
        reasons={
            "1.dcm": "after slice 1: NumberOfFrames must be that of the frames in PixelData; "
            "got 1 for 2"
        },
    ),
    Case(
        "fewer slopes than frames",
        "dicom",
        {"1.dcm": dcm(STACK, PerFrameFunctionalGroupsSequence=GROUPS[:2])},
        right={"1.dcm#1": STACK[0] * 2.0 + 1, "1.dcm#2": STACK[1] * 0.5 - 3},
        reasons={
            "1.dcm": "after slice 2: PerFrameFunctionalGroupsSequence must have a group a frame; "
            "got 2 for frame 3"
        },
        is_read_elsewhere=False,
    ),
    Case(
        "a broken frame after a sound one",
        "dicom",
        {"1.dcm": in_fragments(lambda coded: encapsulate([coded, coded[:300]]), NumberOfFrames=2)},
        right={"1.dcm#1": ELLIPSE},
        reasons={"1.dcm": "after slice 1: PixelData must be decodable; got RuntimeError"},
        is_read_elsewhere=False,
    ),
    Case(
        "a frame and a file of one name",
        "dicom",
        {"1.dcm": dcm(STACK), "1.dcm#2": dcm()},
        right=FRAMES,
        reasons={"1.dcm#2": "slice_id must be unique; got another's"},
    ),
    Case(
        "a directory of files that has another name",
        "dicom",
        {"listed.dcm": shipped("dicomdirtests/DICOMDIR"), "1.dcm": dcm()},
        right={"1.dcm": ELLIPSE},
    ),
    Case(
        "nothing usable",
        "dicom",
        {"1.dcm": content(b"x"), "notes.txt": content(b"x")},
        stop="must hold DICOM files (TrainingDataPro dicom-brain-dataset); got no slice and 2 rej",
    ),
]
CASES = [*RIGHT, *WRONG]
