"""All native slices, of any size and range, become one prepared store."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from hqcm.contracts.params import Section
from hqcm.preparation.scaling import scale_image, scale_mask
from hqcm.slices.store import Slice, read_slice_ids, read_slices
from hqcm.slices.writer import SliceWriter


class PrepareParams(Section):
    """Section `prepare`: the edge of a prepared slice, three times halved by the network.

    16 to 2048 pixels, a multiple of 8.
    """

    image_size_px: int = Field(ge=16, le=2048, multiple_of=8)


def prepare_stores(stores: Sequence[Path], params: PrepareParams, prepared: Path) -> None:
    """Scale every slice of some native stores into one; ids, groups, labels and notes stay.

    Args:
        stores: native slice stores; their order is the order of the result.
        params: the size to scale to.
        prepared: the store to write.

    Raises:
        ValueError: two stores share a slice id, or a slice cannot be scaled.
    """
    _require_unique(stores)
    with SliceWriter(prepared) as writer:
        for store in stores:
            for item in read_slices(store):
                writer.add(_prepare_slice(item, params.image_size_px))


def _prepare_slice(item: Slice, size: int) -> Slice:
    """The same slice at ``(size, size)``."""
    try:
        image = scale_image(item.image, size)
    except ValueError as error:
        raise ValueError(f"slice {item.slice_id}: {error}") from None
    mask = None if item.mask is None else scale_mask(item.mask, size)
    return replace(item, image=image, mask=mask)


def _require_unique(stores: Sequence[Path]) -> None:
    """Check before any work that no slice comes twice, and that no store is empty."""
    seen: set[str] = set()
    for store in stores:
        n_before = len(seen)
        for slice_id in read_slice_ids(store):
            if slice_id in seen:
                first = next(path for path in stores if slice_id in read_slice_ids(path))
                raise ValueError(
                    f"slice {slice_id}: must be in one store; got it in {first} and in {store}"
                )
            seen.add(slice_id)
        if len(seen) == n_before:
            raise ValueError(f"{store} must hold a slice or more; got none")
