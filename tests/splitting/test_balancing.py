"""Families are whole by construction; the rest is how evenly classes are spread."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import reference
from hqcm.splitting.balancing import assign_families

SHARES = np.array([0.70, 0.15, 0.15])
Counts = list[list[int]]
FAMILY = st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any)


def assign(counts: Counts, seed: int = 0, shares: NDArray[np.float64] = SHARES) -> list[int]:
    chosen: list[int] = assign_families(
        np.array(counts), shares, np.random.default_rng(seed)
    ).tolist()
    return chosen


@given(st.lists(FAMILY, min_size=3, max_size=9), st.integers(0, 5))
def test_no_move_and_no_exchange_makes_it_more_even(counts: Counts, seed: int) -> None:
    part = assign(counts, seed)
    reached = reference.imbalance(part, counts, SHARES)
    moved = [
        [*part[:i], k, *part[i + 1 :]]
        for i, k in product(range(len(part)), range(3))
        if part.count(part[i]) > 1
    ]
    for i, j in combinations(range(len(part)), 2):
        exchanged = list(part)
        exchanged[i], exchanged[j] = part[j], part[i]
        moved.append(exchanged)
    best = min(reference.imbalance(other, counts, SHARES) for other in moved)
    assert float(reached - best) < 1e-8


@given(st.lists(FAMILY, min_size=3, max_size=12), st.integers(0, 5))
def test_no_part_is_empty(counts: Counts, seed: int) -> None:
    assert set(assign(counts, seed)) == {0, 1, 2}


@given(st.lists(st.integers(20, 90), min_size=4, max_size=4), st.integers(0, 5))
def test_families_of_one_slice_are_spread_to_the_slice(sizes: list[int], seed: int) -> None:
    counts = [
        [int(c == label) for c in range(4)] for label in range(4) for _ in range(sizes[label])
    ]
    held = np.zeros((3, 4))
    for family, k in zip(counts, assign(counts, seed), strict=True):
        held[k] += family
    assert np.abs(held - np.outer(SHARES, sizes)).max() <= 1


def test_small_cohorts_are_nearly_as_even_as_they_can_be() -> None:
    generator = np.random.default_rng(0)
    excess = []
    ways = [way for way in product(range(3), repeat=6) if len(set(way)) == 3]
    for seed in range(10):
        counts = generator.integers(0, 10, (6, 2)).tolist()
        best = min(reference.imbalance(way, counts, SHARES) for way in ways)
        excess.append(float(reference.imbalance(assign(counts, seed), counts, SHARES) - best))
    assert np.median(excess) < 1
    assert max(excess) < 10


def test_one_large_family_goes_where_it_fits() -> None:
    counts = [[87, 0], *([1, 0] for _ in range(190)), *([0, 5] for _ in range(40))]
    part = assign(counts)
    assert part[0] == 0
    held = sum(n for (n, _), k in zip(counts, part, strict=True) if k == 2)
    assert held == pytest.approx(0.15 * 277, abs=1)


def test_the_seed_draws_and_repeats() -> None:
    counts = [[1, 0], [0, 1]] * 30
    assert assign(counts, 1) == assign(counts, 1)
    assert assign(counts, 1) != assign(counts, 2)


def test_two_parts_are_possible_too() -> None:
    shares = np.array([0.8, 0.2])
    assert sum(assign([[1]] * 50, shares=shares)) == 10


def test_fewer_families_than_parts_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"every part must get a family .* got 2 families for 3"):
        assign([[5, 0], [0, 5]])
