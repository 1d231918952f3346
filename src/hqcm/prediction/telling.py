"""How answers are told: a table, JSON, CSV, and maps laid over the slices.

One answer after the other, so that none is kept. Of a file there is its path as it was given, of
its header nothing.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hqcm.cohort.converted import Rejection, requirement
from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.overlap import upsample
from hqcm.prediction.files import ALIEN

if TYPE_CHECKING:  # whoever only wants to be told of a wrong word need not wait for torch
    from hqcm.prediction.answers import Answer
    from hqcm.prediction.predictor import Predictor

PURPOSE = "research; not for diagnosis"
_DIGITS = 6
_FILE_WIDTH, _CLASS_WIDTH = 40, 10  # characters of the table, which has 100
_OVERLAY_PX = 512  # about; a whole multiple of the slice's own edge
_TINT = np.array([255.0, 140.0, 0.0])  # orange, on grey told apart by whoever sees few colours
_OPACITY = 0.65  # where a map is highest
_LONGEST_NAME = 70  # characters

Write = Callable[[str], object]


class Teller(Protocol):
    """Takes answers as they come, and what could not be read."""

    def add(self, answer: "Answer", overlays: list[str]) -> None:
        """An answer, and the files that its maps were drawn into."""

    def fail(self, rejection: Rejection) -> None:
        """A file that gave no answer, or not all."""

    def close(self) -> None:
        """Write what comes last."""


class Table:
    """A line a slice, at most 100 characters; what speaks against it on lines below."""

    def __init__(self, write: Write, predictor: "Predictor | None") -> None:
        self._write = write
        kind = (
            f"calibrated on validation, temperature {predictor.temperature:.3g}"
            if predictor
            else "as the network gives them, not calibrated"
        )
        write(f"Probabilities {kind}; {PURPOSE}.\n")
        heads = "".join(f"  {name:>{max(7, len(name))}}" for name in CLASS_NAMES)
        write(f"{'file':<{_FILE_WIDTH}}  {'highest':<{_CLASS_WIDTH}}{heads}\n")

    def add(self, answer: "Answer", overlays: list[str]) -> None:
        shown = answer.probabilities if answer.calibrated is None else answer.calibrated
        cells = "".join(
            f"  {value:>{max(7, len(name))}.3f}"
            for name, value in zip(CLASS_NAMES, shown, strict=True)
        )
        label = CLASS_NAMES[answer.label]
        self._write(f"{_shorten(answer.name):<{_FILE_WIDTH}}  {label:<{_CLASS_WIDTH}}{cells}\n")
        for doubt in _say_doubts(answer):
            self._write(f"  {doubt}\n")
        for name, values in (("attention map", answer.attention), ("Grad-CAM", answer.grad_cam)):
            if values is not None and answer.grad_cam is not None:
                self._write(f"  {name}: {_say_peak(values)}\n")
        for number, wires in enumerate([] if answer.circuits is None else answer.circuits, 1):
            outputs = "".join(f"  {value:+.3f}" for value in wires)
            self._write(f"  circuit {number}:{outputs}\n")
        for path in overlays:
            self._write(f"  {PurePath(path).name}\n")

    def fail(self, rejection: Rejection) -> None:
        """Errors have a line of their own on the terminal."""

    def close(self) -> None:
        """Nothing comes last."""


class Json:
    """One document: what holds for all, and a line an answer under `slices`."""

    def __init__(self, write: Write, predictor: "Predictor | None") -> None:
        self._write = write
        self._before = "\n"
        told = {
            "purpose": PURPOSE,
            "temperature": predictor.temperature if predictor else None,
            "classes": CLASS_NAMES,
        }
        write(json.dumps(told)[:-1] + ', "slices": [')

    def add(self, answer: "Answer", overlays: list[str]) -> None:
        self._put(_record(answer, overlays))

    def fail(self, rejection: Rejection) -> None:
        self._put({"file": rejection.file, "error": say_error(rejection)})

    def close(self) -> None:
        self._write("\n]}\n")

    def _put(self, record: dict[str, Any]) -> None:
        self._write(self._before + json.dumps(record, allow_nan=False))
        self._before = ",\n"


class Csv:
    """A row an answer; maps are in JSON alone."""

    _COLUMNS = (
        *("file", "slice", "class"),
        *(f"{kind}_{name}" for kind in ("probability", "calibrated") for name in CLASS_NAMES),
        *("statistics_distance", "statistics_limit", "features_distance", "features_limit"),
        *("unlike_training", "remarks", "overlays", "circuits", "error"),
    )

    def __init__(self, write: Write, _: "Predictor | None") -> None:
        self._write = write
        self._put(dict(zip(self._COLUMNS, self._COLUMNS, strict=True)))

    def add(self, answer: "Answer", overlays: list[str]) -> None:
        told = _record(answer, overlays)
        row = {name: told[name] for name in ("file", "slice", "class", "unlike_training")}
        for kind, values in (
            ("probability", told["probabilities"]),
            ("calibrated", told["calibrated"] or {}),
        ):
            row |= {f"{kind}_{name}": value for name, value in values.items()}
        for name, each in told["distances"].items():
            row |= {f"{name}_{key}": value for key, value in each.items()}
        row |= {name: "; ".join(told[name]) for name in ("remarks", "overlays")}
        row["circuits"] = " ".join(str(v) for wires in told.get("circuits", []) for v in wires)
        self._put(row)

    def fail(self, rejection: Rejection) -> None:
        self._put({"file": rejection.file, "error": say_error(rejection)})

    def close(self) -> None:
        """Nothing comes last."""

    def _put(self, row: dict[str, Any]) -> None:
        line = io.StringIO()
        csv.DictWriter(line, self._COLUMNS, lineterminator="\n").writerow(row)
        self._write(line.getvalue())


def say_error(rejection: Rejection) -> str:
    """Why a file gave nothing, without what was got: that may quote a header."""
    return requirement(rejection.reason)


def draw_overlays(answer: "Answer", number: int, folder: Path) -> list[str]:
    """Write the maps over their slice as PNG, as they are: where nothing is lit, nothing is drawn.

    Returns:
        The files written: the attention map, where there is one, and Grad-CAM where it was asked.
    """
    stem = re.sub(r"[^\w.-]", "-", PurePath(answer.name).name)[:_LONGEST_NAME]
    drawn = []
    for kind, values in (("attention", answer.attention), ("grad-cam", answer.grad_cam)):
        if values is not None:
            path = folder / f"{number:04d}-{stem}-{kind}.png"
            Image.fromarray(_overlay(answer.image, values)).save(path)
            drawn.append(str(path))
    return drawn


def _overlay(image: NDArray[np.uint8], values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """``(size, size, 3)``: the slice in grey, tinted where the map is high."""
    size = max(1, round(_OVERLAY_PX / len(image))) * len(image)
    grey = np.kron(image, np.ones((size // len(image),) * 2))[..., None]
    share = _OPACITY * upsample(values, size)[..., None]
    return np.rint(grey * (1 - share) + _TINT * share).astype(np.uint8)


def _record(answer: "Answer", overlays: list[str]) -> dict[str, Any]:
    """An answer as JSON has it."""
    suffix = answer.name.removeprefix(answer.file).removeprefix("#")
    told: dict[str, Any] = {
        "file": answer.file,
        "slice": int(suffix) if suffix else None,
        "class": CLASS_NAMES[answer.label],
        "probabilities": _by_class(answer.probabilities),
        "calibrated": None if answer.calibrated is None else _by_class(answer.calibrated),
        "unlike_training": answer.is_unlike,
        "distances": {
            name: {"distance": round(each.value, _DIGITS), "limit": round(each.limit, _DIGITS)}
            for name, each in answer.distances.items()
        },
        "remarks": [*answer.remarks],
        "overlays": overlays,
    }
    if answer.grad_cam is not None:
        maps = {"attention": answer.attention, "grad_cam": answer.grad_cam}
        maps["circuits"] = answer.circuits
        told |= {name: _rounded(values) for name, values in maps.items() if values is not None}
    return told


def _by_class(probabilities: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(CLASS_NAMES, _rounded(probabilities), strict=True))


def _rounded(values: NDArray[np.floating]) -> Any:  # noqa: ANN401  (lists as deep as the axes)
    return np.round(values.astype(np.float64), _DIGITS).tolist()


def _say_doubts(answer: "Answer") -> Iterator[str]:
    """What speaks against the answer, a line each."""
    for name, each in answer.distances.items():
        if each.is_far:
            limit = f"(99 % of validation below {each.limit:.1f})"
            yield f"unlike training: {name} {each.value:.1f} {limit}"
    for remark in answer.remarks:
        yield f"{'unlike training: ' if remark in ALIEN else ''}header: {remark}"


def _say_peak(values: NDArray[np.float32]) -> str:
    row, col = np.unravel_index(values.argmax(), values.shape)
    down, right = ((at + 0.5) / n for at, n in zip((row, col), values.shape, strict=True))
    return (
        f"highest, {values.max():.3f}, {100 * down:.0f} % of the way down and "
        f"{100 * right:.0f} % to the right; mean {values.mean():.3f}"
    )


def _shorten(name: str) -> str:
    return name if len(name) <= _FILE_WIDTH else f"…{name[1 - _FILE_WIDTH :]}"
