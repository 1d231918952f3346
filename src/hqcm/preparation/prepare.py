"""All native slices, of any size and range, become one prepared store."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hqcm.cohort.converted import Pseudonym, write_table
from hqcm.contracts.params import Section
from hqcm.preparation.scaling import scale_image, scale_mask
from hqcm.slices.store import Slice, read_slice_ids, read_slices
from hqcm.slices.writer import SliceWriter

_DIGITS = 12  # hexadecimal: two of a million pictures have the same with a chance of 0.2 %


class PrepareParams(Section):
    """Section `prepare`: the edge of a prepared slice, three times halved by the network.

    16 to 2048 pixels, a multiple of 8.
    """

    image_size_px: int = Field(ge=16, le=2048, multiple_of=8)


def prepare_stores(
    stores: Sequence[Path], params: PrepareParams, prepared: Path, pseudonyms: Path
) -> None:
    """Scale every slice of some native stores into one; ids, groups, labels and notes stay.

    A pseudonym is made of the native pixels: the same at any size, and found again by whoever has
    the same file. Pictures that are the same to the last bit are numbered, ``-2`` and so on.

    Args:
        stores: native slice stores; their order is the order of the result.
        params: the size to scale to.
        prepared: the store to write.
        pseudonyms: the table of pseudonyms to write, see `hqcm.cohort.converted`.

    Raises:
        ValueError: two stores share a slice id, or a slice cannot be scaled.
    """
    _require_unique(stores)
    named: list[Pseudonym] = []
    seen: Counter[str] = Counter()
    with SliceWriter(prepared) as writer:
        for store in stores:
            for number, item in enumerate(read_slices(store), start=1):
                try:
                    writer.add(_prepare_slice(item, params.image_size_px))
                except ValueError as error:
                    raise ValueError(f"{store}: slice {number}: {error}") from None
                name = digest(item.image)
                seen[name] += 1
                number_of_it = f"-{seen[name]}" if seen[name] > 1 else ""
                named.append(Pseudonym(item.slice_id, name + number_of_it))
    write_table(pseudonyms, Pseudonym, named)


def digest(image: NDArray[Any]) -> str:
    """Which picture it is, on any machine: a letter, lest a name be read as a number, and digits.

    Shape:
        - image: ``(rows, cols)``, native intensities.
    """
    told = sha256(f"{image.dtype.name} {image.shape}\n".encode())
    told.update(np.ascontiguousarray(image, image.dtype.newbyteorder("<")).data)
    return f"s{told.hexdigest()[:_DIGITS]}"


def _prepare_slice(item: Slice, size: int) -> Slice:
    """The same slice at ``(size, size)``."""
    image = scale_image(item.image, size)
    mask = None if item.mask is None else scale_mask(item.mask, size)
    return replace(item, image=image, mask=mask)


def _require_unique(stores: Sequence[Path]) -> None:
    """Check before any work that no slice comes twice, and that no store is empty."""
    seen: set[str] = set()
    for store in stores:
        n_before = len(seen)
        for number, slice_id in enumerate(read_slice_ids(store), start=1):
            if slice_id in seen:
                first = next(path for path in stores if slice_id in read_slice_ids(path))
                raise ValueError(
                    f"a slice must be in one store; got slice {number} of {store} in {first} too"
                )
            seen.add(slice_id)
        if len(seen) == n_before:
            raise ValueError(f"{store} must hold a slice or more; got none")
