"""The chunks of the projected vector, one a circuit, without their length."""

import torch


def directions(features: torch.Tensor, n_circuits: int) -> torch.Tensor:
    r"""Each chunk divided by its norm, as the amplitude embedding does: :math:`z_c / |z_c|`.

    Shape:
        - features: ``(batch, n_circuits * n_amplitudes)``, real, finite, any scale.
        - returns: ``(batch, n_circuits, n_amplitudes)``, of norm 1.

    Source:
        arXiv:2506.21937v1, section 3.3.

    Deviation:
        D-07: a chunk that is all zero has no direction; it stays 0 and passes no gradient.
    """
    chunks = features.unflatten(1, (n_circuits, -1))
    # The result does not change with the scale, so this factor counts as a constant: squares
    # then neither over- nor underflow.
    largest = chunks.detach().abs().amax(dim=-1, keepdim=True)
    has_direction = largest != 0  # true of NaN, which must not pass for an empty chunk
    scaled = chunks / largest.where(has_direction, 1.0)
    norm = scaled.square().sum(dim=-1, keepdim=True).where(has_direction, 1.0).sqrt()
    return scaled / norm * has_direction
