"""The commands, about files of every format: the pipeline's numbers, nothing of a header."""

import csv
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from hqcm.cohort.converted import Rejection
from hqcm.contracts.labels import CLASS_NAMES
from hqcm.explanation.grad_cam import explain_classes
from hqcm.formats import dicom as dicom_format
from hqcm.formats import images as images_format
from hqcm.formats import matlab as matlab_format
from hqcm.formats.convert import convert
from hqcm.formats.native_format import Item
from hqcm.networks.network import build_network
from hqcm.prediction.answers import Respondent
from hqcm.prediction.command import main
from hqcm.prediction.predictor import describe, digest
from hqcm.preparation.prepare import PrepareParams, prepare_stores
from hqcm.results.files import write_json
from hqcm.results.predictions import Predictions, read_predictions
from hqcm.slices.stacks import Stack, read_stack
from hqcm.slices.store import Slice, read_slice_ids
from hqcm.training.checkpoint import load_checkpoint, save_checkpoint
from hqcm.training.inference import Examined, InferenceParams, predict
from hqcm.training.loop import Trained
from native_files import ELLIPSE, cjdata, dicom, save_dicom, save_picture, save_v73
from pipeline_tree import ROOT
from tiny_project import TinyProject
from toy_params import toy_params

PARAMS = InferenceParams(device="cpu", precision="float32", batch_size=64)
SOURCES = {
    "trainingdatapro": dicom_format.FORMAT,
    "figshare": matlab_format.FORMAT,
    "akter": images_format.FORMAT,
}
SIZE = toy_params()["prepare"]["image_size_px"]
HEADER = "Zzyzxon^Quillermina"


class Asked(NamedTuple):
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def slices(self) -> list[dict[str, Any]]:
        """Of its JSON, those that were read."""
        return [told for told in json.loads(self.out)["slices"] if "error" not in told]


class Toy(NamedTuple):
    """A toy network in the project's layout, and files in those of the sources."""

    checkpoint: Path
    raw: Path

    @property
    def folders(self) -> list[str]:
        return [str(self.raw / source) for source in SOURCES]


def save_toy(folder: Path, variant: str) -> Path:
    """A checkpoint with fresh weights, and a predictor made of ellipses."""
    torch.manual_seed(0)
    network = build_network(variant, toy_params()).eval()
    checkpoint = folder / f"checkpoints/{variant}-random-0.safetensors"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    trained = Trained(network, 0, 1, 0.01, "cpu", "float32")
    save_checkpoint(checkpoint, trained, variant, 0, toy_params())
    parts = [(stack, predict(network, stack, PARAMS)) for stack in map(ellipses, (40, 20))]
    predictor = folder / f"predictors/{variant}-random-0.json"
    predictor.parent.mkdir(exist_ok=True)
    write_json(predictor, asdict(describe(digest(checkpoint), *parts)))
    return checkpoint


def ellipses(n: int) -> Stack:
    """Prepared slices of an ellipse each, none like another."""
    rows, cols = np.mgrid[:SIZE, :SIZE] - 7.5
    sizes = np.random.default_rng(n).uniform(4, 7, (n, 2))
    shades = [
        np.where((rows / a) ** 2 + (cols / b) ** 2 < 1, 120 + 8 * rows + 9 * cols, 0)
        for a, b in sizes
    ]
    images = np.clip(shades, 0, 255).astype(np.uint8)
    none = np.zeros(n, np.bool_)
    return Stack([str(i) for i in range(n)], images, images > 255, none, np.arange(n) % 4)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    folder = tmp_path_factory.mktemp("toy")
    raw, grey = folder / "raw", (ELLIPSE // 80).astype(np.uint8)
    stack = np.stack([ELLIPSE, ELLIPSE[::-1]])
    save_dicom(raw / "trainingdatapro/S/one.dcm", dicom(ELLIPSE, PatientName=HEADER))
    save_dicom(raw / "trainingdatapro/S/two.dcm", dicom(stack, Modality="CT"))
    fields = cjdata(image=ELLIPSE[:, ::-1], tumorMask=ELLIPSE > 9000)
    save_v73(raw / "figshare/1.mat", fields)
    save_picture(raw / "akter/image/1/1.jpg", grey)
    save_picture(raw / "akter/mask/1/1_m.jpg", np.where(grey > 99, 255, 0).astype(np.uint8))
    save_picture(raw / "akter/image/0/2.png", grey[::-1])
    return Toy(save_toy(folder, "paper"), raw)


@pytest.fixture(scope="module")
def stored(toy: Toy, tmp_path_factory: pytest.TempPathFactory) -> Predictions:
    return predict_by_pipeline(toy.raw, toy.checkpoint, tmp_path_factory.mktemp("stored"), SIZE)


def predict_by_pipeline(raw: Path, checkpoint: Path, folder: Path, size: int) -> Predictions:
    """The sources of a folder through the stages' own functions."""
    stores = [folder / f"{source}.h5" for source in SOURCES]
    for store, (source, native) in zip(stores, SOURCES.items(), strict=True):
        convert(source, raw / source, native, store)
    prepared = folder / "prepared.h5"
    prepare_stores(stores, PrepareParams(image_size_px=size), prepared, folder / "names.csv")
    stack = read_stack(prepared, [*read_slice_ids(prepared)])
    return predict(load_checkpoint(checkpoint), stack, PARAMS)


def ask(capsys: pytest.CaptureFixture[str], *words: object) -> Asked:
    capsys.readouterr()
    code = main([str(word) for word in words])
    return Asked(code, *capsys.readouterr())


def slice_id(told: dict[str, Any], raw: Path) -> str:
    frame = f"#{told['slice']}" if told["slice"] else ""
    return Path(told["file"]).relative_to(raw).as_posix() + frame


def in_order(told: dict[str, float]) -> list[float]:
    return [told[name] for name in CLASS_NAMES]


def assert_equal(slices: list[dict[str, Any]], stored: Predictions, raw: Path) -> None:
    """To the 1e-5 that issue and README promise: another batch rounds otherwise."""
    said = {slice_id(told, raw): in_order(told["probabilities"]) for told in slices}
    known = dict(zip(stored.slice_id.tolist(), stored.probabilities, strict=True))
    assert said.keys() == known.keys()
    for name, probabilities in said.items():
        np.testing.assert_allclose(probabilities, known[name], atol=1e-5)


def test_files_of_the_cohort_get_the_probabilities_of_the_store(
    toy: Toy, stored: Predictions, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ask(capsys, "predict", *toy.folders, "--checkpoint", toy.checkpoint, "--json", "-")
    assert asked.code == 0
    assert len(asked.slices) == 6
    assert_equal(asked.slices, stored, toy.raw)
    assert "not for diagnosis" in json.loads(asked.out)["purpose"]
    temperature = json.loads(asked.out)["temperature"]
    for told in asked.slices:
        plain = np.array(in_order(told["probabilities"]))
        softened = plain ** (1 / temperature)
        # Rounded to six digits before; and a power enlarges that.
        np.testing.assert_allclose(
            in_order(told["calibrated"]), softened / softened.sum(), atol=1e-4
        )
        assert told["remarks"] == (["not MR"] if "two.dcm" in told["file"] else [])
        assert told["distances"].keys() == {"statistics", "features"}
    assert "6 slices" in asked.err
    assert "1 left out" in asked.err
    assert HEADER not in asked.out + asked.err


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read here: what other processes do, the test above has seen."""
    from hqcm.formats.reading import _read_task  # noqa: PLC0415

    def read(native: Any, source: str, tasks: Iterator[Any], _: int) -> Iterator[Item]:
        for task in tasks:
            yield from _read_task(native, source, task)

    monkeypatch.setattr("hqcm.prediction.files.read_in_order", read)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    in_this_process(monkeypatch)


@pytest.mark.usefixtures("here")
def test_an_explanation_adds_grad_cam_and_the_circuits(
    toy: Toy, stored: Predictions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = toy.raw / "akter/image/0/2.png"
    words = ("explain", file, "--checkpoint", toy.checkpoint, "--overlays", tmp_path / "o")
    asked = ask(capsys, *words, "--json", tmp_path / "said.json")
    (told,) = json.loads((tmp_path / "said.json").read_text())["slices"]
    i = stored.slice_id.tolist().index("akter/image/0/2.png")
    np.testing.assert_allclose(np.ravel(told["circuits"]), stored.features[i], atol=1e-5)
    np.testing.assert_allclose(told["attention"], stored.attention[i], atol=1e-5)
    assert np.shape(told["circuits"]) == (2, 2)  # circuits and qubits of the toy
    network = Examined(load_checkpoint(toy.checkpoint), PARAMS)
    with Image.open(told["overlays"][0]) as image:
        assert (image.size, image.mode) == ((512, 512), "RGB")
    assert [Path(path).name for path in told["overlays"]] == [
        "0001-2.png-attention.png",
        "0001-2.png-grad-cam.png",
    ]
    assert sorted(map(str, (tmp_path / "o").iterdir())) == told["overlays"]
    prepared = ask_for_image(file)
    stack = Stack(
        ["x"], prepared[None], prepared[None] > 255, np.zeros(1, np.bool_), np.zeros(1, int)
    )
    label = np.array([CLASS_NAMES.index(told["class"])])
    np.testing.assert_allclose(
        told["grad_cam"], explain_classes(network, stack, label)[0], atol=1e-5
    )
    assert "circuit 2:" in asked.out
    assert "Grad-CAM: highest" in asked.out
    assert max(map(len, asked.out.splitlines())) <= 100


def ask_for_image(file: Path) -> NDArray[np.uint8]:
    from hqcm.prediction.files import find_inputs, read_slices  # noqa: PLC0415

    (item,) = read_slices(find_inputs([file]).files, 1, SIZE)
    assert isinstance(item, Slice)
    return item.image


@pytest.mark.usefixtures("here")
def test_a_classical_network_has_no_circuits(
    toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = save_toy(tmp_path, "resnet18")
    file = toy.raw / "akter/image/0/2.png"
    asked = ask(capsys, "explain", file, "--checkpoint", checkpoint, "--json", "-")
    (told,) = asked.slices
    assert told.keys() >= {"grad_cam", "calibrated"}
    assert told.keys().isdisjoint({"circuits", "attention"})


@pytest.fixture
def hostile(toy: Toy, tmp_path: Path) -> Path:
    """A folder of a good file between bad ones, which quote a name."""
    folder = tmp_path / "in"
    shutil.copytree(toy.raw / "figshare", folder)
    save_v73(folder / "0.mat", cjdata(PID=HEADER * 9))
    header = dicom(ELLIPSE, PatientName=HEADER, PhotometricInterpretation="QUILLERMINA")
    save_dicom(folder / "2.dcm", header)
    (folder / "3.png").write_text(HEADER)
    return folder


@pytest.mark.usefixtures("here")
def test_a_bad_file_stops_no_other_and_has_a_line(
    toy: Toy, hostile: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "said.csv"
    missing = tmp_path / "no.png"
    words = ("predict", missing, hostile, "--checkpoint", toy.checkpoint, "--csv", path)
    asked = ask(capsys, *words)
    assert asked.code == 1
    *errors, summary = asked.err.splitlines()
    must = "PhotometricInterpretation must be one of MONOCHROME1, MONOCHROME2"
    assert errors == [
        f"hqcm predict: {missing}: must exist",
        f"hqcm predict: {hostile / '0.mat'}: cjdata/PID must be text or one whole number",
        f"hqcm predict: {hostile / '2.dcm'}: {must}",
        f"hqcm predict: {hostile / '3.png'}: is no JPEG or PNG file",
    ]
    assert summary.startswith("hqcm predict: 1 slices, ")
    assert "4 failed" in summary
    rows = [*csv.DictReader(path.read_text().splitlines())]
    assert [bool(row["error"]) for row in rows] == [True, True, False, True, True]
    assert 0 < float(rows[2]["probability_glioma"]) < 1
    assert not list(tmp_path.glob(".partial-*"))
    for text in (asked.out, asked.err, path.read_text()):
        assert "uillermina" not in text.lower()
    assert sum("1.mat" in line for line in asked.out.splitlines()) == 1


@pytest.mark.usefixtures("here")
def test_what_training_has_not_seen_is_warned_of_with_its_distance(
    toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    path = save_picture(tmp_path / f"{'long' * 20}.png", noise)
    words = ("predict", path, "--checkpoint", toy.checkpoint)
    (told,) = ask(capsys, *words, "--json", "-").slices
    far = told["distances"]["statistics"]
    assert told["unlike_training"]
    assert far["distance"] > 3 * far["limit"]
    asked = ask(capsys, *words)
    limit = f"(99 % of validation below {far['limit']:.1f})"
    said = f"  unlike training: statistics {far['distance']:.1f} {limit}"
    assert said in asked.out.splitlines()
    assert max(map(len, asked.out.splitlines())) <= 100
    assert "not for diagnosis" in asked.out
    assert "1 slices, 1 unlike training, 0 failed; research; not for diagnosis" in asked.err


@pytest.mark.usefixtures("here")
def test_without_a_predictor_nothing_is_calibrated(
    toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for suffix in (".safetensors", ".json"):
        shutil.copy(toy.checkpoint.with_suffix(suffix), tmp_path / f"alone{suffix}")
    file = toy.raw / "akter/image/0/2.png"
    words = ("predict", file, "--checkpoint", tmp_path / "alone.safetensors")
    asked = ask(capsys, *words, "--json", "-")
    (told,) = asked.slices
    assert asked.code == 0
    assert told["calibrated"] is None
    assert told["distances"] == {}
    assert "are not calibrated" in asked.err
    other = toy.checkpoint.parents[1] / "predictors/paper-random-0.json"
    network = build_network("paper", toy_params())
    save_checkpoint(
        tmp_path / "alone.safetensors",
        Trained(network, 0, 1, 0.01, "cpu", "float32"),
        "paper",
        0,
        toy_params(),
    )
    asked = ask(capsys, *words, "--predictor", other)
    assert asked.code == 2
    assert "must be of" in asked.err
    assert "got that of other weights" in asked.err


def test_wrong_usage_is_two(
    toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = toy.raw / "akter/image/0/2.png"
    for words, said in (
        ((), "--checkpoint must be given where no params.yaml is; got none"),
        (("--checkpoint", "no.safetensors"), "no.safetensors must exist"),
        (("--checkpoint", file), "2.json must exist"),
    ):
        asked = ask(capsys, "predict", file, *words)
        assert asked.code == 2
        assert said in asked.err
        assert len(asked.err.splitlines()) == 1
    for wrong in (("--json", "picture.png"), ("--slice", "0"), ("--batch-size", "0")):
        with pytest.raises(SystemExit) as ended:
            main(["predict", str(file), *wrong])
        assert ended.value.code == 2
    bad = tmp_path / "bad.safetensors"
    bad.write_text("no weights")
    shutil.copy(toy.checkpoint.with_suffix(".json"), bad.with_suffix(".json"))
    asked = ask(capsys, "predict", file, "--checkpoint", bad)
    assert asked.code == 2
    assert "must be a checkpoint as `train_hybrid` or `train_classical` writes it" in asked.err


def test_a_batch_is_answered_before_the_next_is_read(toy: Toy) -> None:
    """So a thousand files need the memory of a batch."""
    n_read = 0

    def items() -> Iterator[Item]:
        nonlocal n_read
        for number in range(1000):
            n_read += 1
            if number % 3 == 2:
                yield Rejection(str(number), "must be another")
            else:
                name = str(number)
                yield Slice(name, "input", name, 0, ellipses(1).images[0], None)

    answers = Respondent(toy.checkpoint, None, 4, explains=False).answer_all(items())
    for number in range(30):
        said = next(answers)
        assert said.file == str(number)
        assert isinstance(said, Rejection) == (number % 3 == 2)
        assert n_read <= number + 1 + 6  # four slices, and the rejections between


def test_the_console_script_is_there() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert EntryPoint("hqcm", scripts["hqcm"], "console_scripts").load() is main


def test_nothing_slow_is_loaded(toy: Toy) -> None:
    """PennyLane above all, which takes two seconds; nor is a bar drawn into a log."""
    code = (
        "import sys; from hqcm.prediction.command import main; "
        "main(sys.argv[1:]); print(*sys.modules)"
    )
    file = toy.raw / "trainingdatapro/S/one.dcm"
    words = ("explain", file, "--checkpoint", toy.checkpoint, "--json", "-")
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "torch" in loaded
    assert loaded.isdisjoint({"pennylane", "sklearn", "matplotlib", "nibabel", "torchvision"})
    assert len(done.stderr.splitlines()) == 1


def test_real_files_get_the_probabilities_of_the_store(
    clinical: Path, toy: Toy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty of each format, by a toy network: what differs is reading and preparation."""
    patterns = {"trainingdatapro": "*.dcm", "figshare": "*.mat", "akter": "image/*/*.jpg"}
    for source, pattern in patterns.items():
        found = sorted((clinical / source).rglob(pattern))
        for file in found[:: max(1, len(found) // 20)][:20]:
            copy = tmp_path / "raw" / file.relative_to(clinical)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    stored = predict_by_pipeline(tmp_path / "raw", toy.checkpoint, tmp_path, SIZE)
    assert len(stored.slice_id) == 60
    words = ("--checkpoint", toy.checkpoint, "--json", "-")
    asked = ask(capsys, "predict", *((tmp_path / "raw" / s) for s in SOURCES), *words)
    assert asked.code == 0
    assert_equal(asked.slices, stored, tmp_path / "raw")


@pytest.mark.slow
def test_the_project_s_own_network_is_asked_by_default(tiny: TinyProject) -> None:
    raw = tiny.folder / "data/raw/phantom"
    asked = tiny.start(
        *("python", "-m", "hqcm.prediction.command", "predict"),
        *(f"data/raw/phantom/{source}" for source in SOURCES),
        *("--json", "-"),
    )
    assert asked.returncode == 1  # the phantom has files that nobody can read
    stored = read_predictions(tiny.folder / "data/predictions/paper-random-0.h5")
    told = [each for each in json.loads(asked.stdout)["slices"] if "error" not in each]
    by_id = {slice_id({**each, "file": tiny.folder / each["file"]}, raw): each for each in told}
    tested = [by_id[name] for name in stored.slice_id]
    for each, probabilities in zip(tested, stored.probabilities, strict=True):
        np.testing.assert_allclose(in_order(each["probabilities"]), probabilities, atol=1e-5)
        assert each["calibrated"]
