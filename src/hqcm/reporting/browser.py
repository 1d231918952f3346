"""The attention browser's data: every test slice, small enough for one page.

Attention maps travel as they are (float32) and masks without loss, so that the page computes the
Jaccard indices of the tables; only the images are compressed.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, ClassVar

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hqcm.contracts.labels import CLASS_NAMES, Role
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.reporting.figures.drawing import ATTENTION_MAP, OPACITY
from hqcm.results.predictions import Predictions
from hqcm.slices.stacks import Stack

_COLUMNS = 8  # tiles across a sheet; JPEG's own 8 x 8 blocks never straddle two tiles
_JPEG_QUALITY = 75
_PROBABILITY_DIGITS = 4


@dataclass(frozen=True)
class Browser:
    """A viewer of slices; `elsewhere` is what stands in the report that has no scripts."""

    caption: str
    elsewhere: str
    data: dict[str, Any]
    kind: ClassVar[str] = "browser"


def pack_browser(
    runs: Mapping[Role, Predictions], stack: Stack, params: LocaliseParams
) -> dict[str, Any]:
    """Everything the page's script reads; `params` says where the controls stand at first."""
    return {
        "size": stack.images.shape[-1],
        "classes": list(CLASS_NAMES),
        "thresholds": params.thresholds,
        "scale": params.attention_scale,
        "emptyMask": params.empty_mask,
        "opacity": OPACITY,
        "colours": _pack_colours(ATTENTION_MAP),
        "columns": _COLUMNS,
        "sheets": _pack_images(stack.images),
        "slices": [
            [name, int(label), _pack_mask(mask) if has_mask else None]
            for name, label, mask, has_mask in zip(
                stack.slice_id, stack.labels, stack.masks, stack.has_mask, strict=True
            )
        ],
        "networks": {role: _pack_network(run) for role, run in runs.items()},
    }


def _pack_images(images: NDArray[np.uint8]) -> list[str]:
    """Sheets of tiles, row by row, as JPEG: one header for many slices."""
    size, n_tiles = images.shape[-1], _COLUMNS**2
    sheets = []
    for start in range(0, len(images), n_tiles):
        tiles = images[start : start + n_tiles]
        n_rows = -(-len(tiles) // _COLUMNS)
        sheet = np.zeros((n_rows * _COLUMNS, size, size), np.uint8)
        sheet[: len(tiles)] = tiles
        grid = sheet.reshape(n_rows, _COLUMNS, size, size).swapaxes(1, 2)
        file = BytesIO()
        picture = Image.fromarray(grid.reshape(n_rows * size, _COLUMNS * size))
        picture.save(file, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
        sheets.append(base64.b64encode(file.getvalue()).decode())
    return sheets


def _pack_mask(mask: NDArray[np.bool_]) -> list[int]:
    """Lengths of its runs in reading order, outside first; their sum is the number of pixels."""
    changes = np.flatnonzero(np.diff(mask.ravel(), prepend=False))
    return [int(n) for n in np.diff(changes, prepend=0, append=mask.size)]


def _pack_network(run: Predictions) -> dict[str, Any]:
    probabilities = run.probabilities.round(_PROBABILITY_DIGITS)
    return {
        "cells": run.attention.shape[-1],
        "maps": base64.b64encode(run.attention.astype("<f4").tobytes()).decode(),
        "predicted": run.y_pred.tolist(),
        "probabilities": probabilities.tolist(),
    }


def _pack_colours(name: str) -> str:
    colours = mpl.colormaps[name](np.arange(256), bytes=True)[:, :3]
    return colours.tobytes().hex()
