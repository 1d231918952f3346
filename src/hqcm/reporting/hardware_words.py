"""What the stage `hardware` found, in sentences that follow from its numbers."""

from collections.abc import Callable, Sequence
from itertools import takewhile

from hqcm.hardware.found import HardwareFound, Point
from hqcm.reporting.formats import count, percent

LOADING, WHOLE = "loading the amplitudes", "whole circuit"
ROUNDING = 1e-9  # of a difference of two fractions of six digits


def tell_limit(
    what: str,
    points: Sequence[Point],
    name: Callable[[Point], str],
    found: HardwareFound,
    margin: float,
) -> str:
    """How far one can go before the accuracy on these slices leaves the margin.

    Args:
        what: what varies.
        points: from the mildest to the harshest.
        name: says what a point stands for.
        found: for the exact simulation.
        margin: largest loss that counts as none, a fraction of the test slices.
    """
    least = found.exact.value - margin - ROUNDING
    kept = list(takewhile(lambda point: point.accuracy.value >= least, points))
    close = f"within {100 * margin:g} points of the exact simulation ({_exact(found)})"
    if not kept:
        return f"{what}: not even {_with_score(points[0], name)} stay {close}."
    limit = f"{what}: {_with_score(kept[-1], name)} stay {close}"
    if len(kept) == len(points):
        return f"{limit}, and that is the harshest tried."
    beyond = points[len(kept)]
    told = f"{limit}; {_with_score(beyond, name)} do not."
    harshest = points[-1]
    if harshest.accuracy.value > found.constant + margin:
        return told
    return (
        f"{told} With {name(harshest)} it is no better than giving every slice the class that "
        f"most have: {percent(harshest.accuracy.value)} against {percent(found.constant)}."
    )


def tell_machine(found: HardwareFound) -> str:
    """Everything at once."""
    point = found.machine
    return (
        f"All at once, {name_machine(point)}: accuracy {percent(point.accuracy.value)}, exactly "
        f"simulated {_exact(found)}; {percent(point.changed.value)} of the slices change their "
        f"class. That takes {count((point.shots or 0) * found.n_circuits)} runs for every slice."
    )


def tell_gates(found: HardwareFound) -> str:
    """What a circuit costs, and how much of that is loading the slice."""
    loading, whole = found.gates[LOADING], found.gates[WHOLE]
    return (
        f"Gates: a circuit takes {count(whole.total)}, {count(whole.cnot)} of them CNOT, up to "
        f"{count(whole.depth)} one after the other. {percent(loading.total / whole.total, 0)} of "
        f"the gates and {count(loading.cnot)} of the CNOTs only load the slice's "
        f"{count(2**found.n_qubits)} numbers, anew before every shot."
    )


def in_shots(point: Point) -> str:
    """1,000 shots."""
    return f"{count(point.shots or 0)} shots a circuit"


def in_gates(point: Point) -> str:
    """Gate errors of 0.1 %."""
    return f"gate errors of {_chance(point.depolarising)}"


def in_readings(point: Point) -> str:
    """Readout errors of 1 %."""
    return f"readout errors of {_chance(point.readout)}"


def name_machine(point: Point) -> str:
    """All three."""
    return f"{in_shots(point)}, {in_gates(point)}, {in_readings(point)}"


def _chance(probability: float) -> str:
    return f"{100 * probability:g} %"


def _exact(found: HardwareFound) -> str:
    return percent(found.exact.value)


def _with_score(point: Point, name: Callable[[Point], str]) -> str:
    return f"{name(point)} ({percent(point.accuracy.value)})"
