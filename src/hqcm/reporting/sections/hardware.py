"""What the stage `hardware` found, in sentences that follow from its numbers.

Would it run on a quantum computer? Shots, noise and gates of the hybrid network's circuits.
"""

from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path

from hqcm.hardware.conditions import HardwareFound, Point
from hqcm.reporting.document import Bullets, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import NOTHING, count, interval, percent, points
from hqcm.results.intervals import Interval

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


TITLE = "Would it run on a quantum computer?"
FILE = "hardware.png"
GATES = "RZ, RY and CNOT"


def describe_hardware(found: HardwareFound, margin: float, figures: Path) -> Section:
    """In sentences, a picture, and tables of scores and of gates."""
    return Section(
        TITLE,
        [
            Bullets(
                [
                    tell_limit("Finite shots", found.shots[::-1], in_shots, found, margin),
                    tell_limit("Noisy gates", found.depolarising, in_gates, found, margin),
                    tell_limit("Noisy readout", found.readout, in_readings, found, margin),
                    tell_machine(found),
                    tell_gates(found),
                ]
            ),
            Paragraph(_method(found)),
            _picture(found, figures),
            tabulate_scores(found),
            tabulate_gates(found),
        ],
    )


def tabulate_scores(found: HardwareFound) -> Table:
    """A row a condition, the exact simulation first."""
    rows = [
        *[[in_shots(each), *_cells(each, found)] for each in found.shots],
        *[[in_gates(each), *_cells(each, found)] for each in found.depolarising],
        *[[in_readings(each), *_cells(each, found)] for each in found.readout],
        [name_machine(found.machine), *_cells(found.machine, found)],
    ]
    exact = [percent(found.exact.value), _bounds(found.exact), *[NOTHING] * 4]
    return Table(
        f"Network `{found.network}` on {count(found.n_slices)} test slices. Changed: slices whose "
        "class is not that of the exact simulation. Error: root mean square deviation of a "
        "circuit's output from the exact one, which lies between -1 and 1.",
        [
            *("circuits run with", "accuracy", "95 % interval", "against exact"),
            *("changed", "95 % interval", "error"),
        ],
        [["exact simulation", *exact], *rows],
    )


def tabulate_gates(found: HardwareFound) -> Table:
    """A row a part of the circuit."""
    return Table(
        f"Gates of one of the {found.n_circuits} circuits of {found.n_qubits} qubits, decomposed "
        f"into {GATES} by PennyLane; depth: gates that stand one after the other at most.",
        ["part", "RZ", "RY", "CNOT", "all gates", "depth"],
        [
            [part, *map(count, (gates.rz, gates.ry, gates.cnot, gates.total, gates.depth))]
            for part, gates in found.gates.items()
        ],
        n_totals=1,
    )


def _method(found: HardwareFound) -> str:
    return (
        "A quantum computer does not return the number that the simulation gives. It runs a "
        "circuit many times (shots), each run ends in 0 or 1 on every qubit, and the mean of those "
        "is the output; gates and readings fail now and then. Here PennyLane imitates that for the "
        "trained circuits of one network, everything else of which stays as it is: shots on "
        f"`{found.device}`, repeated {count(found.n_draws)} times and averaged; noise on "
        "`default.mixed`, which follows the whole density matrix. Noisy gates: after each RY and "
        "CNOT, those that load the slice included, every qubit touched suffers X, Y or Z with the "
        "probability named (depolarising); RZ costs nothing. Noisy readout: a qubit's 0 or 1 is "
        "read the wrong way round. Every qubit can act on every other; machines on which only "
        "neighbours can need more gates. The network was trained without noise, and no error is "
        "mitigated. Intervals are 95 %, over patients drawn anew."
    )


def _picture(found: HardwareFound, figures: Path) -> Picture:
    worst = found.depolarising[-1]
    return Picture(
        figures / FILE,
        "Accuracy of the hybrid network's test slices when its circuits are run with finite shots "
        "(left), noisy gates (middle) or noisy readout (right), one at a time, with 95 % intervals "
        "shaded. Black: exact simulation, its interval grey; dotted: every slice given the class "
        "that most have.",
        f"Three panels; accuracy {percent(found.exact.value)} exactly simulated, "
        f"{_ends(found.shots)} from the fewest shots to the most, {percent(worst.accuracy.value)} "
        f"with the noisiest gates, {percent(found.readout[-1].accuracy.value)} with the noisiest "
        "readout.",
    )


def _ends(listed: Sequence[Point]) -> str:
    return f"{percent(listed[0].accuracy.value)} to {percent(listed[-1].accuracy.value)}"


def _cells(point: Point, found: HardwareFound) -> list[str]:
    return [
        percent(point.accuracy.value),
        _bounds(point.accuracy),
        points(point.accuracy.value - found.exact.value),
        percent(point.changed.value),
        _bounds(point.changed),
        f"{point.error:.3f}",
    ]


def _bounds(score: Interval) -> str:
    if score.low is None or score.high is None:
        return NOTHING
    return interval((score.low, score.high))
