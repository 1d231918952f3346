"""Pictures and masks that somebody may have."""

import struct
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

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
from hqcm.phantom.write_images import write_image
from native_files import ELLIPSE, save_picture

right, wrong = partial(right_case, "images"), partial(wrong_case, "images")
GREY = (ELLIPSE >> 8).astype(np.uint8)
TUMOUR = (ELLIPSE > 9000) & (ELLIPSE < 15000)
WHITE = TUMOUR * np.uint8(255)
UPSIDE_DOWN = np.ascontiguousarray(GREY[::-1])
IMAGE, MASK = "image/1/1.png", "mask/1/1_m.png"


def pic(pixels: Array = GREY, mode: str | None = None, form: str = "PNG", **options: Any) -> Write:
    return lambda path: save_picture(path, pixels, mode, **{"format": form, **options})


def several(form: str, **options: Any) -> Write:
    return pic(form=form, save_all=True, append_images=[Image.fromarray(UPSIDE_DOWN)], **options)


def png(rows: int, cols: int, lines: bytes = b"", *, bits: int = 8, kind: int = 0) -> bytes:
    """A PNG of its header and whatever lines."""
    header = struct.pack(">IIBBBBB", cols, rows, bits, kind, 0, 0, 0)
    whole = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")):
        whole += struct.pack(">I", len(data)) + name + data
        whole += struct.pack(">I", zlib.crc32(name + data))
    return whole


def jpeg_size(rows: int, cols: int) -> Write:
    """A JPEG whose header says another size."""
    return spoiled(
        pic(form="JPEG"),
        exchanged(struct.pack(">HH", 48, 64), struct.pack(">HH", rows, cols)),
    )


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def text_bomb() -> PngInfo:
    info = PngInfo()
    info.add_text("comment", "x" * (80 << 20), zip=True)
    return info


def palette(path: Path) -> None:
    picture = Image.fromarray(TUMOUR.astype(np.uint8), "P")
    picture.putpalette([0, 0, 0, 128, 0, 0])
    picture.save(path, "PNG")


def colours(*channels: int) -> Write:
    return pic(np.where(TUMOUR[..., None], channels, 0).astype(np.uint8))


def pair(
    name: str, mask: Write, drawn: Array = TUMOUR, image: Write | None = None, **more: Any
) -> Case:
    """An image and a mask that is read."""
    return Case(
        name, "images", {IMAGE: image or pic(), MASK: mask}, {IMAGE: GREY}, {IMAGE: drawn}, **more
    )


def lost(name: str, mask: Write, reason: str) -> Case:
    """An image, and a mask that is not read: it is missing then."""
    return Case(
        name,
        "images",
        {IMAGE: pic(), MASK: mask},
        right={IMAGE: GREY},
        reasons={MASK: reason},
        note="mask rejected",
    )


TRANSPARENT = np.dstack([GREY, GREY, GREY, WHITE])
SHOWN = {
    2: GREY[:, ::-1],
    3: GREY[::-1, ::-1],
    4: GREY[::-1],
    5: GREY.T,
    6: np.rot90(GREY, -1),
    7: np.rot90(GREY, 2).T,
    8: np.rot90(GREY),
}
RIGHT = [
    right("8 bits", pic(), GREY),
    *(right(f"mode {mode}", pic(mode=mode), GREY) for mode in ("LA", "RGB", "RGBA", "P")),
    right("bilevel", pic(TUMOUR, "1"), WHITE),
    *(
        right(f"mode {mode}, JPEG", pic(mode=mode, form="JPEG", quality=100), None)
        for mode in ("L", "RGB", "CMYK", "YCbCr")
    ),
    right("progressive JPEG", pic(form="JPEG", progressive=True), None),
    right("16 bits", pic(ELLIPSE), ELLIPSE),
    right("16 bits of a big-endian TIFF", pic(ELLIPSE.astype(">u2"), form="TIFF"), ELLIPSE),
    right(
        "32 bits signed", pic(ELLIPSE.astype("i4") - 9000, form="TIFF"), ELLIPSE.astype("i4") - 9000
    ),
    right("floats", pic((ELLIPSE / 7).astype("f4"), form="TIFF"), (ELLIPSE / 7).astype("f4")),
    *(
        right(
            f"{form} under another suffix",
            pic(form=form, lossless=True),
            GREY,
            file="image/3/7.jpg",
        )
        for form in ("BMP", "GIF", "TIFF", "WEBP")
    ),
    *(
        right(f"TIFF in {name}", pic(form="TIFF", compression=name), GREY)
        for name in ("tiff_lzw", "tiff_deflate", "packbits")
    ),
    right("1 x 1", pic(GREY[20:21, 20:21]), GREY[20:21, 20:21]),
    right("65,535 x 1", content(png(65535, 1, b"\0\x07" * 65535)), np.full((65535, 1), 7)),
    right("constant", pic(GREY * 0 + 5), GREY * 0 + 5),
    *(right(f"{form} of two pages", several(form), GREY) for form in ("TIFF", "PNG", "GIF")),
    right("WEBP of two pages", several("WEBP", lossless=True), GREY),
    right("a JPEG with its preview", several("MPO"), None),
    *(
        right(f"EXIF orientation {number}", pic(exif=turned(number)), shown)
        for number, shown in SHOWN.items()
    ),
    right("EXIF orientation 99", pic(exif=turned(99)), GREY),
    right("EXIF of junk", pic(exif=b"junkjunkjunk"), GREY, is_read_elsewhere=False),
    right("a colour profile of junk", pic(icc_profile=b"junk" * 99), GREY),
    right(
        "transparent",
        pic(TRANSPARENT),
        np.where(TUMOUR, GREY, 0),
        is_read_elsewhere=False,
    ),
    right("bytes behind the picture", spoiled(pic(), lambda whole: whole + b"behind" * 9), GREY),
    right(
        "of the phantom", lambda path: write_image(path, GREY, "RGBA"), GREY, file="image/0/a.jpg"
    ),
    *(
        pair(f"a mask of {name}", mask)
        for name, mask in {
            "0 and 255": pic(WHITE),
            "0 and 1": pic(TUMOUR.astype(np.uint8)),
            "0 and 2 in 16 bits": pic(TUMOUR.astype(np.uint16) * 2),
            "grey 100": pic(TUMOUR * np.uint8(100)),
            "red": colours(255, 0, 0),
            "dark blue": colours(0, 0, 90),
            "transparency": colours(0, 0, 0, 255),
            "a palette": palette,
            "floats": pic(TUMOUR.astype(np.float32), form="TIFF"),
            "two pages": pic(
                WHITE, form="TIFF", save_all=True, append_images=[Image.new("L", (9, 9))]
            ),
            "a blur": pic((WHITE // 2 + WHITE // 4).astype(np.uint8)),
        }.items()
    ),
    pair(
        "a mask larger than its image",
        pic(np.kron(WHITE, np.ones((3, 3), "u1"))),
        note="mask resized from 144 x 192",
    ),
    pair(
        "a mask smaller than its image",
        pic(WHITE[::4, ::4]),
        np.kron(TUMOUR[::4, ::4], np.ones((4, 4))) > 0,
        note="mask resized from 12 x 16",
    ),
    Case(
        "a mask without a tumour beside one that has it",
        "images",
        {IMAGE: pic(), MASK: pic(WHITE), "image/1/2.png": pic(), "mask/1/2_m.png": pic(WHITE * 0)},
        right={IMAGE: GREY, "image/1/2.png": GREY},
        masks={IMAGE: TUMOUR, "image/1/2.png": TUMOUR & False},
    ),
    Case(
        "names in other scripts, accents in one character and two",
        "images",
        {
            **dict.fromkeys(
                ["image/1/头颅.png", "image/1/\u00e9 🧠.png", "a/image/1/1.PNG"], pic()
            ),
            **dict.fromkeys(["mask/1/头颅_m.png", "mask/1/e\u0301 🧠_m.png"], pic(WHITE)),
        },
        right=dict.fromkeys(["image/1/头颅.png", "image/1/\u00e9 🧠.png", "a/image/1/1.PNG"], GREY),
        masks=dict.fromkeys(["image/1/头颅.png", "image/1/\u00e9 🧠.png"], TUMOUR),
    ),
    Case(
        "twice the same picture in either format, one mask",
        "images",
        {"image/1/1.png": pic(), "image/1/1.jpeg": pic(), MASK: pic(WHITE)},
        right={"image/1/1.png": GREY, "image/1/1.jpeg": GREY},
        masks={"image/1/1.png": TUMOUR, "image/1/1.jpeg": TUMOUR},
    ),
]
LENGTH = b"\x01\x01\x04\0\x01\0\0\0"  # the tag of a TIFF's rows
TWO_VALUES = "mask must have two values without loss, or a tumour brighter than 127"
LAYOUT = "must lie in image/N or mask/N, N one of 0, 1, 2, 3, and end in one of .jpg, .jpeg, .png"
TOO_MANY = "picture must have 67108864 pixels or fewer; got "
WRONG = [
    *cases_in_its_place("images"),
    *(
        wrong(f"{share} of a {form}", spoiled(pic(form=form), cut(share)), "runcated")
        for form in ("PNG", "JPEG")
        for share in (0.5, 0.9)
    ),
    wrong("half of a TIFF", spoiled(pic(form="TIFF"), cut(0.5)), ""),
    wrong(
        "a TIFF of half its strips",
        spoiled(pic(form="TIFF"), exchanged(LENGTH + b"\x30\0\0\0", LENGTH + b"\x60\0\0\0")),
        "picture must be whole; got 3072 of 6144 pixels",
    ),
    wrong(
        "a wrong checksum",
        spoiled(pic(), lambda whole: whole[:60] + b"\xff\0" + whole[62:]),
        "broken",
    ),
    wrong("no lines", content(png(4, 4)), "truncated"),
    wrong("too few lines", content(png(4, 4, b"\0" * 7)), "truncated"),
    wrong("a filter that is none", content(png(4, 4, b"\x09" * 20)), "unrecognized data"),
    wrong("0 x 0", content(png(0, 0)), "is no JPEG or PNG file: begins with '\\x89PNG"),
    wrong("a JPEG of 0 x 0", jpeg_size(0, 0), "is no JPEG or PNG file: begins with '\\xff\\xd8"),
    wrong("20,000 x 20,000", content(png(20_000, 20_000)), TOO_MANY + "Image size (400000000"),
    wrong("9,000 x 9,000", content(png(9000, 9000)), TOO_MANY + "9000 x 9000"),
    wrong("a JPEG of 20,000 x 20,000", jpeg_size(20_000, 20_000), TOO_MANY + "Image size (40000"),
    wrong(
        "a GIF of 60,000 x 60,000",
        spoiled(pic(form="GIF"), exchanged(struct.pack("<HH", 64, 48), b"\x60\xea\x60\xea")),
        TOO_MANY + "Image size (3600000000",
    ),
    wrong("a comment of 80 MiB", pic(pnginfo=text_bomb()), "Decompressed data too large"),
    wrong("NaN", pic(np.where(TUMOUR, np.nan, 1).astype("f4"), form="TIFF"), "must be finite"),
    wrong("infinity", pic(np.where(TUMOUR, np.inf, 1).astype("f4"), form="TIFF"), "must be finite"),
    wrong("a format not asked for", pic(form="ICO"), "is no JPEG or PNG file: begins with"),
    wrong(
        "a page of PostScript",
        content(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"),
        "is no JPEG or PNG file: begins with '%!PS",
    ),
    lost("an empty mask file", content(b""), "file must not be empty; got 0 bytes"),
    lost(
        "a mask that is none", content(b"no picture"), "is no JPEG or PNG file: begins with 'no p"
    ),
    lost("a mask that links to itself", lambda path: path.symlink_to(path.name), "regular file"),
    lost("a mask of many greys", pic(), TWO_VALUES),
    lost("a mask that is all tumour", pic(WHITE * 0 + 255), TWO_VALUES),
    lost("a mask of NaN", pic(np.where(TUMOUR, np.nan, 0).astype("f4"), form="TIFF"), ""),
    lost("a mask of 20,000 x 20,000", content(png(20_000, 20_000)), TOO_MANY),
    lost(
        "a mask in what is left out of 16 bits",
        content(png(1, 2, b"\0" + b"\0\0" * 5 + b"\0\x01", bits=16, kind=2)),
        "mask must have 8 bits a colour; got 16, the upper 8 without a tumour",
    ),
    lost(
        "a mask that may lie either way",
        pic(WHITE, exif=turned(3)),
        "mask must lie as its image does, or differ in proportions",
    ),
    Case(
        "missing partners",
        "images",
        {IMAGE: pic(), "mask/2/1_m.png": pic(WHITE), "mask/1/8_m.png": pic(WHITE)},
        right={IMAGE: GREY},
        reasons=dict.fromkeys(
            ["mask/2/1_m.png", "mask/1/8_m.png"], "must have an image of its name; got none"
        ),
    ),
    Case(
        "two masks",
        "images",
        {IMAGE: pic(), "mask/1/1_m.jpg": pic(WHITE), MASK: pic(WHITE)},
        right={IMAGE: GREY},
        masks={IMAGE: TUMOUR},
        reasons={MASK: "must be the only mask; "},
    ),
    Case(
        "masks beside their images",
        "images",
        {IMAGE: pic(), "image/1/1_m.png": pic(WHITE), "image/1/2_mask.png": pic(WHITE)},
        right={IMAGE: GREY},
        reasons=dict.fromkeys(["image/1/1_m.png", "image/1/2_mask.png"], "must lie in mask/N"),
    ),
    Case(
        "what archives and systems leave behind",
        "images",
        {
            IMAGE: pic(),
            **dict.fromkeys(["image/1/._1.png", "__MACOSX/image/1/._1.png"], content(b"x")),
            "provenance.csv": content(b"x"),
            **dict.fromkeys(["image/1/Thumbs.db", "image/1/desktop.ini", "Icon\r"], content(b"")),
            "__MACOSX/image/1/1.png": content(b"x"),
        },
        right={IMAGE: GREY},
        reasons={
            **dict.fromkeys(["image/1/Thumbs.db", "image/1/desktop.ini", "Icon\\r"], LAYOUT),
            "__MACOSX/image/1/1.png": "is no JPEG or PNG file: begins with 'x'",
        },
    ),
    Case(
        "in other folders",
        "images",
        {IMAGE: pic(), **dict.fromkeys(["image/4/1.png", "1.png", "image/1/s/1.png"], pic())},
        right={IMAGE: GREY},
        reasons=dict.fromkeys(["image/4/1.png", "1.png", "image/1/s/1.png"], LAYOUT),
    ),
    Case(
        "nothing usable",
        "images",
        {"image/1/1.png": content(b"x"), "1.png": pic()},
        stop="must hold JPEG or PNG files in image/{0,1,2,3} and mask/{0,1,2,3} (Akter et al.)",
    ),
    Case(
        "masks that are all empty",
        "images",
        {IMAGE: pic(), MASK: pic(WHITE * 0)},
        stop="must hold masks that show tumours, or no masks in each folder; "
        "got 1 empty masks of glioma",
    ),
]
CASES = [*RIGHT, *WRONG]
