"""On quantum hardware: shots, noise and gates of the hybrid network's circuits."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from hqcm.hardware.conditions import HardwareScores, Point
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import NOTHING, count, fraction, in_cells, percent

_LOADING, _WHOLE = "loading the amplitudes", "whole circuit"
_ROUNDING = 1e-9  # of a difference of two fractions of six digits


def describe_hardware(hardware: HardwareScores, margin: float, figures: Path) -> Section:
    """In sentences, a picture, and tables of scores and of gates."""
    told = [
        _tell_limit("Finite shots", hardware.shots[::-1], hardware, margin),
        _tell_limit("Noisy gates", hardware.depolarising, hardware, margin),
        _tell_limit("Noisy readout", hardware.readout, hardware, margin),
    ]
    details: list[Block] = [
        Bullets([_tell_machine(hardware), _tell_gates(hardware)]),
        Paragraph(_describe_method(hardware)),
        _tabulate_scores(hardware),
    ]
    return Section(
        "On quantum hardware",
        [
            Paragraph("The circuits are simulated exactly. Would the network stand a real device?"),
            Bullets(told),
            _picture_conditions(hardware, figures),
            Folded("Method and scores", details),
        ],
    )


def _tell_limit(what: str, tried: Sequence[Point], hardware: HardwareScores, margin: float) -> str:
    """How far one can go before the accuracy on these slices leaves the margin."""
    exact, constant = hardware.exact.value, hardware.constant
    scored = [f"{_name_condition(point)} ({percent(point.accuracy.value)})" for point in tried]
    n_kept = len([*takewhile(lambda p: p.accuracy.value >= exact - margin - _ROUNDING, tried)])
    close = f"within {100 * margin:g} points of the exact simulation ({percent(exact)})"
    if not n_kept:
        return f"{what}: not even {scored[0]} stay {close}."
    limit = f"{what}: {scored[n_kept - 1]} stay {close}"
    if n_kept == len(tried):
        return f"{limit}, and that is the harshest tried."
    limit = f"{limit}; {scored[n_kept]} do not."
    harshest = tried[-1].accuracy.value
    if harshest > constant + margin:
        return limit
    return (
        f"{limit} With {_name_condition(tried[-1])} it is no better than giving every slice the "
        f"class that most have: {percent(harshest)} against {percent(constant)}."
    )


def _tell_machine(hardware: HardwareScores) -> str:
    point = hardware.machine
    return (
        f"All at once, {_name_condition(point)}: accuracy {percent(point.accuracy.value)}, exactly "
        f"simulated {percent(hardware.exact.value)}; {percent(point.changed.value)} of the slices "
        f"change their class. That takes {count((point.shots or 0) * hardware.n_circuits)} runs "
        "for every slice."
    )


def _tell_gates(hardware: HardwareScores) -> str:
    loading, whole = hardware.gates[_LOADING], hardware.gates[_WHOLE]
    return (
        f"Gates: a circuit takes {count(whole.total)}, {count(whole.cnot)} of them CNOT, up to "
        f"{count(whole.depth)} one after the other. {percent(loading.total / whole.total, 0)} of "
        f"the gates and {count(loading.cnot)} of the CNOTs only load the slice's "
        f"{count(2**hardware.n_qubits)} numbers, anew before every shot."
    )


def _name_condition(point: Point) -> str:
    """What is not exact: 1,000 shots a circuit, gate errors of 0.1 %, readout errors of 1 %."""
    parts = [f"{count(point.shots)} shots a circuit"] if point.shots else []
    if point.depolarising:
        parts.append(f"gate errors of {100 * point.depolarising:g} %")
    if point.readout:
        parts.append(f"readout errors of {100 * point.readout:g} %")
    return ", ".join(parts)


def _describe_method(hardware: HardwareScores) -> str:
    return (
        f"PennyLane runs the trained circuits of one network: shots on `{hardware.device}`, mean "
        f"of {count(hardware.n_draws)} repetitions; noise on `default.mixed`. Noisy gates: after "
        "each RY and CNOT every qubit touched suffers X, Y or Z with the probability named "
        "(depolarising); RZ costs nothing. Noisy readout: a qubit is read the wrong way round. "
        "Every qubit can act on every other; trained without noise, nothing mitigated. Intervals: "
        "95 %, bootstrap over patients."
    )


def _picture_conditions(hardware: HardwareScores, figures: Path) -> Picture:
    gates, readout = hardware.depolarising[-1], hardware.readout[-1]
    fewest, most = (percent(hardware.shots[end].accuracy.value) for end in (0, -1))
    return Picture(
        figures / "hardware.png",
        "Accuracy of the hybrid network with finite shots, noisy gates or noisy readout, one at a "
        "time; shades: 95 % intervals. Black: exact simulation; dotted: one class for all.",
        f"Three panels; accuracy {percent(hardware.exact.value)} exactly simulated, {fewest} to "
        f"{most} from the fewest shots to the most, {percent(gates.accuracy.value)} with the "
        f"noisiest gates, {percent(readout.accuracy.value)} with the noisiest readout.",
    )


def _tabulate_scores(hardware: HardwareScores) -> Table:
    tried = [*hardware.shots, *hardware.depolarising, *hardware.readout, hardware.machine]
    rows = [
        [
            *(_name_condition(point), *in_cells(point.accuracy)),
            *(percent(point.changed.value), fraction(point.error, 3)),
        ]
        for point in tried
    ]
    header = ["circuits run with", "accuracy", "95 % interval", "changed", "error"]
    return Table(
        f"Network `{hardware.network}` on {count(hardware.n_slices)} test slices. Changed: slices "
        "whose class is not that of the exact simulation. Error: root mean square deviation of a "
        "circuit's output from the exact one, which lies between -1 and 1.",
        header,
        [["exact simulation", *in_cells(hardware.exact), *[NOTHING] * 2], *rows],
    )
