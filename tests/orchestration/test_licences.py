"""No slice gets into what is passed on: somebody tries, with the real sample where it is here."""

import base64
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread

from hqcm.contracts.params import read_yaml
from hqcm.orchestration.licences import find_slice, measure_greys, require_no_slices
from hqcm.orchestration.publication import publish
from hqcm.preparation.scaling import scale_image
from pipeline_tree import PIPELINE, ROOT

STUDY = ROOT / "reports/study/clinical-48px"
CHARTS = sorted(STUDY.glob("figures/*.png"))
PUBLISHED = ROOT / "reports/published"
# Native files made by code, which a reader must refuse: CONTRIBUTING.md.
MADE_BY_CODE = "tests/hostile/corpus/"


@pytest.fixture(scope="module")
def slices(clinical: Path) -> list[NDArray[np.uint8]]:
    """Of source 1 every tenth, at the network's size; whose licence forbids any conversion."""
    files = sorted((clinical / "trainingdatapro").rglob("*.dcm"))[::10]
    return [scale_image(dcmread(path).pixel_array, 128) for path in files]


def draw(picture: NDArray[np.uint8], size: int) -> Image.Image:
    """As a figure shows it at some size."""
    return Image.fromarray(picture).resize((size, size), Image.Resampling.BILINEAR)


def put_into(chart: Path, picture: Image.Image, place: tuple[int, int]) -> NDArray[np.uint8]:
    with Image.open(chart) as opened:
        drawn = opened.convert("RGB")
    drawn.paste(picture.convert("RGB"), place)
    return np.asarray(drawn)


def test_a_slice_of_source_1_is_found_in_any_chart(slices: list[NDArray[np.uint8]]) -> None:
    rng = np.random.default_rng(0)
    for number, picture in enumerate(slices):
        chart, size = CHARTS[number % len(CHARTS)], (40, 48, 64, 100, 128, 256)[number % 6]
        place = tuple(rng.integers(0, 60, 2).tolist())
        assert measure_greys(put_into(chart, draw(picture, size), place)) >= 0.5, (chart.name, size)


def test_a_study_with_a_slice_in_a_figure_is_not_published(
    slices: list[NDArray[np.uint8]], tmp_path: Path
) -> None:
    """In a figure that is published otherwise: somebody has drawn thumbnails into it."""
    reports, published = tmp_path / "reports", tmp_path / "published"
    (reports / "figures").mkdir(parents=True)
    for name in ("params.yaml", "dvc.lock"):
        (tmp_path / name).write_text("{}")
    chart = STUDY / "figures/fig08-embedding.png"
    target = reports / "figures/fig08-embedding.png"
    target.write_bytes(chart.read_bytes())
    publish(tmp_path, published, None)
    before = (published / "figures/fig08-embedding.png").read_bytes()
    Image.fromarray(put_into(chart, draw(slices[4], 64), (80, 90))).save(target)
    with pytest.raises(
        SystemExit, match=r"must show no slice: .* got figures/fig08-embedding\.png"
    ):
        publish(tmp_path, published, None)
    assert (published / "figures/fig08-embedding.png").read_bytes() == before
    assert [path.name for path in tmp_path.glob(".partial*")] == []


@pytest.mark.parametrize("name", ["fig06-samples", "fig10-attention", "explanation", "twins"])
def test_figures_with_slices_are_known(name: str) -> None:
    """Those of the phantom, which may be published: their pixels say that they show slices."""
    path = PUBLISHED / f"figures/{name}.png"
    with pytest.raises(ValueError, match=rf"got figures/{name}\.png with a square of [0-9]+% un"):
        require_no_slices([path], PUBLISHED)


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.stem)
def test_charts_pass(path: Path) -> None:
    assert find_slice(path) is None


def test_what_is_packed_into_a_text_is_looked_at(tmp_path: Path) -> None:
    with Image.open(PUBLISHED / "figures/fig06-samples.png") as opened:
        picture = opened.convert("RGB")
    for kind, sentence in (("png", "<image href='data:image/png;base64,{}'/>"), ("jpeg", '["{}"]')):
        content = BytesIO()
        picture.save(content, kind)
        path = tmp_path / f"{kind}.svg"
        path.write_text(sentence.format(base64.b64encode(content.getvalue()).decode()))
        assert "uneven grey" in (find_slice(path) or "")
    assert "uneven grey" in (find_slice(PUBLISHED / "index.html") or "")  # its sheets of slices
    assert find_slice(ROOT / "reports/study/tuned.svg") is None


def test_what_cannot_be_looked_into_does_not_pass(tmp_path: Path) -> None:
    for name, says in {
        "slices.h5": "which may hold pixels, being .h5",
        "a.png": "which cannot be looked into: UnidentifiedImageError",
    }.items():
        (tmp_path / name).write_bytes(b"no picture")
        assert find_slice(tmp_path / name) == says


@pytest.mark.parametrize("stage", PIPELINE)
def test_what_holds_slices_or_their_ids_is_not_pushed(stage: str) -> None:
    """The simulated native files are; what a push takes, `tests/test_identities.py` looks at."""
    holds = ("data/interim/", "data/processed/", "data/predictions/", "data/explanation.h5")
    shows = ("reports/figures", "reports/index.html")
    for output in PIPELINE[stage]["outs"]:
        path, marks = (output, {}) if isinstance(output, str) else next(iter(output.items()))
        assert (marks.get("push") is False) == path.startswith((*holds, *shows)), path


def list_tracked() -> list[str]:
    """What git tracks, or would with `git add .`, as it lies there now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_nothing_that_git_tracks_shows_a_slice_but_the_run_of_the_phantom() -> None:
    """`reports/published`, which `tests/pipeline/test_committed_results.py` holds to its lock."""
    assert read_yaml(PUBLISHED / "params.yaml")["data"]["cohort"] == "phantom"
    may = ("reports/published/", MADE_BY_CODE)
    names = [name for name in list_tracked() if not name.startswith(may)]
    assert len(names) > 300
    require_no_slices([ROOT / name for name in names], ROOT)
