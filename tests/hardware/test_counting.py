"""What a circuit costs, against counts by hand."""

import pytest

from hqcm.hardware.circuits import count_gates
from hqcm.hardware.conditions import GateCount


@pytest.mark.parametrize("n", [2, 3, 5])
def test_gates_are_those_counted_by_hand(n: int) -> None:
    """A tree of rotations loads: one for each branching, a CNOT for each below the first."""
    found = count_gates(n, 2, "cnot")
    loading, layers, turning, whole = found.values()
    assert (loading.rz, loading.ry, loading.cnot) == (0, 2**n - 1, 2**n - 2)
    assert (layers.rz, layers.ry, layers.cnot) == (4 * n, 2 * n, 2 * n)
    assert turning == GateCount(rz=n, ry=n, cnot=0, depth=2)
    assert whole.total == loading.total + layers.total + turning.total
    assert whole.cnot == loading.cnot + layers.cnot
    assert (
        max(loading.depth, layers.depth)
        < whole.depth
        <= sum(part.depth for part in (loading, layers, turning))
    )


def test_depth_is_what_cannot_be_done_at_once() -> None:
    # Both first rotations at once, CNOT, rotation, CNOT; then three rotations and two CNOT a layer.
    found = count_gates(2, 1, "cnot")
    assert [part.depth for part in found.values()] == [4, 5, 2, 11]


def test_without_entangler_and_with_the_other_one() -> None:
    none, cz = (count_gates(3, 2, name)["trained layers"] for name in ("none", "cz"))
    assert none == GateCount(rz=12, ry=6, cnot=0, depth=6)
    assert cz.cnot == 6
    assert cz.ry == 6 + 2 * 6  # a Hadamard gate before and after, each with one RY
