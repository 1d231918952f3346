"""What the stage `hardware` might leave: of an invented network that shots and noise wear down."""

from hqcm.hardware.conditions import GateCount, HardwareScores, Point
from hqcm.hardware.structure import Block, Gate, Structure
from hqcm.results.intervals import Interval


def invent_point(
    accuracy: float, shots: int | None = None, depolarising: float = 0.0, readout: float = 0.0
) -> Point:
    """A point of that accuracy; what is lost of 0.9 has changed."""
    changed = Interval(value=round(0.9 - accuracy, 6), low=0.0, high=round(1 - accuracy, 6))
    return Point(
        shots=shots,
        depolarising=depolarising,
        readout=readout,
        accuracy=Interval(value=accuracy, low=accuracy - 0.1, high=min(1.0, accuracy + 0.1)),
        changed=changed,
        error=round((0.9 - accuracy) / 2, 6),
    )


TOY_HARDWARE = HardwareScores(
    network="paper-random-0",
    device="lightning.qubit",
    n_slices=40,
    n_qubits=2,
    n_circuits=2,
    n_draws=3,
    exact=Interval(value=0.9, low=0.8, high=1.0),
    constant=0.25,
    shots=[invent_point(0.7, 100), invent_point(0.88, 1000), invent_point(0.9, 10000)],
    depolarising=[
        invent_point(0.9, None, 0.001),
        invent_point(0.6, None, 0.01),
        invent_point(0.25, None, 0.1),
    ],
    readout=[invent_point(0.9, None, 0.0, 0.01), invent_point(0.89, None, 0.0, 0.1)],
    machine=invent_point(0.5, 1000, 0.001, 0.01),
    gates={
        "loading the amplitudes": GateCount(rz=0, ry=3, cnot=2, depth=4),
        "trained layers": GateCount(rz=4, ry=2, cnot=2, depth=5),
        "turning Y to Z": GateCount(rz=2, ry=2, cnot=0, depth=2),
        "whole circuit": GateCount(rz=6, ry=7, cnot=4, depth=11),
    },
)

TOY_STRUCTURE = Structure(
    network="paper-random-0",
    blocks=[
        Block(name="MRI slice", shape=[1, 32, 32], n_parameters=0),
        Block(name="convolution 3 x 3", shape=[4, 16, 16], n_parameters=40),
        Block(name="attention", shape=[4, 16, 16], n_parameters=30),
        Block(name="projection", shape=[8], n_parameters=8200),
        Block(name="quantum layer", shape=[4], n_parameters=12),
        Block(name="classifier", shape=[4], n_parameters=20),
    ],
    n_parameters=8302,
    counterpart=Block(name="Linear, ReLU", shape=[4], n_parameters=36),
    n_qubits=2,
    n_circuits=2,
    depth=1,
    columns=[
        [Gate(name="AmplitudeEmbedding", wires=[0, 1])],
        [Gate(name="Rot", wires=[0]), Gate(name="Rot", wires=[1])],
        [Gate(name="CNOT", wires=[0, 1])],
        [Gate(name="CNOT", wires=[1, 0])],
        [Gate(name="expval(PauliY)", wires=[0]), Gate(name="expval(PauliY)", wires=[1])],
    ],
    forms=[[[0.1 * (i - 5 + j + c) for i in range(10)] for j in range(2)] for c in range(2)],
)
