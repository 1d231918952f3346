"""What a case of the catalogue is: files that somebody may have, and what must come of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Write = Callable[[Path], object]

FILE_OF = {"dicom": "1.dcm", "matlab": "1.mat", "images": "image/1/1.png"}


@dataclass(frozen=True)
class Case:
    """Files of one reader, and their outcome: right pixels, a reason each, or a stop.

    Attributes:
        name: in words.
        reader: `dicom`, `matlab` or `images`.
        files: writers by the file's name.
        right: the images by the name of the file, `#1` and so on behind it for frames; None for
            those that only an independent reading tells (a codec has changed them).
        masks: those that there must be, by the name of the image's file.
        reasons: words of why a file is rejected, by its name.
        stop: words of the error that ends the conversion.
        note: that of every slice.
        n_groups: patients, if that matters.
        is_read_elsewhere: whether another library's reading of the file is the right one.
        needs_process: whether it harms the process that reads it.
    """

    name: str
    reader: str
    files: Mapping[str, Write]
    right: Mapping[str, Array | None] = field(default_factory=dict)
    masks: Mapping[str, Array] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    stop: str = ""
    note: str = ""
    n_groups: int = 0
    is_read_elsewhere: bool = True
    needs_process: bool = False

    def __str__(self) -> str:
        return f"{self.reader}: {self.name}"

    def write(self, folder: Path) -> None:
        """Make the files in a folder."""
        for name, write in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write(folder / name)


def right_case(
    reader: str,
    name: str,
    write: Write,
    image: Array | None,
    *,
    file: str = "",
    mask: Array | None = None,
    **more: Any,
) -> Case:
    """One file of right pixels."""
    at = file or FILE_OF[reader]
    masks = {} if mask is None else {at: mask}
    return Case(name, reader, {at: write}, right={at: image}, masks=masks, **more)


def wrong_case(
    reader: str, name: str, write: Write, reason: str, *, file: str = "", **more: Any
) -> Case:
    """One file that is rejected."""
    at = file or FILE_OF[reader]
    return Case(name, reader, {at: write}, reasons={at: reason}, **more)


def content(of: bytes) -> Write:
    """Writes these bytes."""
    return lambda path: path.write_bytes(of)


def spoiled(write: Write, change: Callable[[bytes], bytes]) -> Write:
    """Writes what another writes, its bytes changed."""

    def write_spoiled(path: Path) -> None:
        write(path)
        path.write_bytes(change(path.read_bytes()))

    return write_spoiled


def linked(to: str) -> Write:
    """Writes a link."""
    return lambda path: path.symlink_to(to)


def exchanged(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Changes the first place where some bytes are."""

    def exchange(whole: bytes) -> bytes:
        assert old in whole
        return whole.replace(old, new, 1)

    return exchange


def cut(share: float) -> Callable[[bytes], bytes]:
    """Changes a file into its first part."""
    return lambda whole: whole[: int(len(whole) * share)]


# What comes in place of a file, whatever its kind, and words of why it is none.
IN_ITS_PLACE = {
    "empty": (b"", "file must not be empty; got 0 bytes"),
    "a web page": (b"<!DOCTYPE html>\n<html lang=en>", "<html la', a web page or XML"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/", "-lfs.', a Git LFS pointer"),
    "a zip archive": (b"PK\x03\x04\x14\0\0\0", "\\x00', a zip archive"),
    "a gzip archive": (b"\x1f\x8b\x08\0", "\\x00', a gzip archive"),
    "a PDF file": (b"%PDF-1.4 " * 99, "', a PDF file"),
    "the wrong magic": (b"\xff" * 600, "file: begins with '\\xff"),
}


def cases_in_its_place(reader: str) -> list[Case]:
    """Those of `IN_ITS_PLACE`, and links and pipes where a file should be."""
    wrong = partial(wrong_case, reader)
    return [
        *(wrong(name, content(of), said) for name, (of, said) in IN_ITS_PLACE.items()),
        wrong("a link to itself", lambda path: path.symlink_to(path.name), "a regular file; got a"),
        wrong("a link to nothing", linked("absent"), "must be a regular file; got a broken link"),
        wrong(
            "a device", linked("/dev/zero"), "must be a regular file; got a broken link or a dev"
        ),
    ]
