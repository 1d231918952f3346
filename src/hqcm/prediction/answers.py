"""What a trained network says about slices from outside, and how far to believe it."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from hqcm.cohort.converted import Rejection
from hqcm.contracts.params import ParamsError, check_section
from hqcm.explanation.grad_cam import explain_classes
from hqcm.formats.native_format import Item
from hqcm.networks.quantum import QuantumLayer
from hqcm.prediction.files import ALIEN
from hqcm.prediction.predictor import (
    Predictor,
    digest,
    measure_distances,
    measure_images,
    read_predictor,
    soften,
)
from hqcm.results.files import read_json
from hqcm.slices.stacks import Stack
from hqcm.slices.store import Slice
from hqcm.training.batches import DeviceStack
from hqcm.training.checkpoint import load_checkpoint
from hqcm.training.inference import Examined, InferenceParams


class Distance(NamedTuple):
    """How far a slice lies from training, and how far 99 % of the validation slices do at most."""

    value: float
    limit: float

    @property
    def is_far(self) -> bool:
        return self.value > self.limit


class Answer(NamedTuple):
    """What is said of one slice.

    `file` and `name` are as `hqcm.prediction.files` gives them, `remarks` what the header says.
    Without a predictor there are neither calibrated probabilities nor distances.

    Shape:
        - image: ``(size, size)`` uint8, as the network sees it.
        - probabilities, calibrated: ``(4,)``, in the order of the classes.
        - attention, grad_cam: ``(cells, cells)``, [0, 1], None where there is no map.
        - circuits: ``(n_circuits, n_qubits)``, [-1, 1], None from a classical network.
    """

    file: str
    name: str
    image: NDArray[np.uint8]
    remarks: tuple[str, ...]
    probabilities: NDArray[np.float64]
    calibrated: NDArray[np.float64] | None
    distances: dict[str, Distance]
    attention: NDArray[np.float32] | None
    grad_cam: NDArray[np.float32] | None
    circuits: NDArray[np.float32] | None

    @property
    def label(self) -> int:
        """The class with the highest probability, 0-3."""
        return int(self.probabilities.argmax())

    @property
    def is_unlike(self) -> bool:
        """Whether something says that training has not seen the like."""
        is_other = any(remark in ALIEN for remark in self.remarks)
        return is_other or any(each.is_far for each in self.distances.values())


class Respondent:
    """A trained network that is asked about slices.

    Args:
        checkpoint: its weights, with their JSON beside them.
        predictor: what stage `predict` wrote of it; None if that is not there.
        batch_size: how many slices at a time.
        explains: whether answers have Grad-CAM and the circuits' outputs.

    Raises:
        ValueError: the checkpoint or the predictor cannot be used, or they do not belong together.
    """

    def __init__(
        self, checkpoint: Path, predictor: Path | None, batch_size: int, *, explains: bool
    ) -> None:
        self._examined = _examine(checkpoint, batch_size)
        self._explains = explains
        self.predictor: Predictor | None = None
        if predictor:
            self.predictor = read_predictor(predictor)
            if self.predictor.checkpoint != digest(checkpoint):
                raise ValueError(
                    f"{predictor} must be of {checkpoint}; got that of other weights: "
                    "run `dvc repro`, which makes both"
                )

    def answer_all(self, items: Iterable[Item]) -> Iterator[Answer | Rejection]:
        """Answers and rejections in the order of the items, a batch of them in memory."""
        waiting: list[Item] = []
        n_slices = 0
        for item in items:
            waiting.append(item)
            n_slices += isinstance(item, Slice)
            # Files that give nothing do not hold up what is known of the others.
            if n_slices == self._examined.batch_size or not n_slices:
                yield from self._answer_some(waiting)
                waiting, n_slices = [], 0
        yield from self._answer_some(waiting)

    def _answer_some(self, items: list[Item]) -> Iterator[Answer | Rejection]:
        slices = [item for item in items if isinstance(item, Slice)]
        answers = iter(self._answer(slices) if slices else [])
        for item in items:
            if isinstance(item, Slice):
                yield next(answers)
            elif isinstance(item, Rejection):
                yield item

    def _answer(self, slices: list[Slice]) -> list[Answer]:
        stack = _stack(slices)
        asked = DeviceStack(stack, self._examined.device)
        with torch.inference_mode():
            positions = torch.arange(len(slices), device=self._examined.device)
            output = self._examined.ask(asked.batch(positions).images)
        logits, features, attention = (part.float().cpu().numpy() for part in output)
        plain = soften(logits, 1)
        head = self._examined.network.head
        grad_cam = circuits = None
        if self._explains:
            grad_cam = explain_classes(self._examined, stack, plain.argmax(axis=1))
            if isinstance(head, QuantumLayer):
                circuits = features.reshape(len(slices), head.n_circuits, head.n_qubits)
        calibrated = soften(logits, self.predictor.temperature) if self.predictor else None
        distances = self._measure(stack.images, features)
        return [
            Answer(
                item.group_id,
                item.slice_id,
                item.image,
                tuple(filter(None, item.note.split("; "))),
                plain[i],
                None if calibrated is None else calibrated[i],
                {name: Distance(float(far[i]), limit) for name, (far, limit) in distances.items()},
                attention[i] if attention.size else None,
                None if grad_cam is None else grad_cam[i],
                None if circuits is None else circuits[i],
            )
            for i, item in enumerate(slices)
        ]

    def _measure(
        self, images: NDArray[np.uint8], features: NDArray[np.float32]
    ) -> dict[str, tuple[NDArray[np.float64], float]]:
        """Of every slice, by what is compared; and the limit."""
        if not self.predictor:
            return {}
        statistics, seen = self.predictor.statistics, self.predictor.features
        return {
            "statistics": (measure_distances(measure_images(images), statistics), statistics.limit),
            "features": (measure_distances(features, seen), seen.limit),
        }


def _examine(checkpoint: Path, batch_size: int) -> Examined:
    """The network in the arithmetic that it was trained in, on the device that there is."""
    try:
        described = read_json(checkpoint.with_suffix(".json"))
        params = check_section("train", InferenceParams, described["params"])
        here = params.model_copy(update={"device": "auto", "batch_size": batch_size})
        return Examined(load_checkpoint(checkpoint), here)
    except ParamsError:
        raise
    except Exception as error:  # noqa: BLE001  (torch and safetensors raise anything on another file)
        raise ValueError(
            f"{checkpoint} must be a checkpoint as `train_hybrid` or `train_classical` writes it; "
            f"got {type(error).__name__}"
        ) from None


def _stack(slices: list[Slice]) -> Stack:
    images: NDArray[Any] = np.stack([item.image for item in slices])
    return Stack(
        [item.slice_id for item in slices],
        images,
        np.zeros(images.shape, np.bool_),
        np.zeros(len(slices), np.bool_),
        np.zeros(len(slices), np.int64),
    )
