"""Contestants in turn, so that a disturbed machine disturbs all of them alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median, quantiles

Contestants = Mapping[str, Callable[[], object]]
Times = dict[str, list[float]]


def alternate(
    contestants: Contestants, rounds: int, *, seconds: float = 60.0, n_calls: int = 2
) -> Times:
    """Seconds of each contestant in each round.

    Each is called twice a round and timed at the last call: what ran before it has emptied
    its caches, and nobody is to pay for the neighbour. One round more comes first, uncounted.

    Args:
        contestants: name and what to call.
        rounds: how often, at most.
        seconds: no further round after this time (but three at least).
        n_calls: calls a round; one will do where a call outlasts any cache.
    """
    times: Times = {name: [] for name in contestants}
    end = time.perf_counter() + seconds
    for number in range(rounds + 1):
        for name, call in contestants.items():
            for _ in range(n_calls - 1):
                call()
            start = time.perf_counter()
            call()
            if number > 0:
                times[name].append(time.perf_counter() - start)
        if number >= 3 and time.perf_counter() > end:  # noqa: PLR2004  (three rounds have a median)
            break
    return times


def milliseconds(times: list[float]) -> str:
    """Median and quartiles."""
    low, middle, high = (1e3 * value for value in spread(times))
    digits = max(0, 2 - len(str(int(middle))) + 1)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def spread(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, median(values), high


def paired_ratio(numerator: list[float], denominator: list[float]) -> tuple[float, float, float]:
    """Quartiles and median of the ratio, round by round."""
    return spread([a / b for a, b in zip(numerator, denominator, strict=True)])
