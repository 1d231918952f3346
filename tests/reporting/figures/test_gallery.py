"""Every figure is drawn, small and the same bytes twice."""

from pathlib import Path

from matplotlib.text import Text
from PIL import Image

from hqcm.reporting.figures.drawing import (
    save_figures,
)
from hqcm.reporting.figures.gallery import draw_gallery
from hqcm.reporting.results import Results
from toy_report import PARAMS

NAMES = [
    "explanation.png",
    *("fig05-distribution.png", "fig06-samples.png", "fig07-training.png"),
    *("fig08-embedding.png", "fig09-confusion.png", "fig10-attention.png"),
    *("forms.png", "hardware.png", "network.png", "reliability.png", "roc.png", "roundings.png"),
    *("study.png", "thresholds.png", "tuned.png", "twins.png"),
]
NARROW = {"forms.png", "network.png", "tuned.png"}
SLICES = {"explanation.png", "fig06-samples.png", "fig10-attention.png", "twins.png"}


def test_every_figure_of_the_paper_is_drawn_small_and_page_wide(figures: Path) -> None:
    assert sorted(path.name for path in figures.glob("*.png")) == NAMES
    for path in figures.glob("*.png"):
        assert path.stat().st_size < 300_000
        with Image.open(path) as picture:
            width = 440 if path.name in NARROW else 880  # a phone's, or the page's
            assert (picture.width, picture.info) == (width, {})


def test_every_figure_without_slices_follows_the_readers_colours(figures: Path) -> None:
    drawn = {path.with_suffix(".png").name for path in figures.glob("*.svg")}
    assert drawn == {*NAMES} - SLICES
    for path in figures.glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert "prefers-color-scheme:dark" in text
        assert "<dc:date>" not in text
        assert text.endswith("</svg>\n")


def test_the_same_bytes_twice(results: Results, figures: Path, tmp_path: Path) -> None:
    save_figures(tmp_path / "again", draw_gallery(results, PARAMS.localise))
    for path in figures.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_no_figure_names_a_slice_or_a_patient(results: Results) -> None:
    written = {
        text.get_text()
        for figure in draw_gallery(results, PARAMS.localise).values()
        for text in figure.findobj(Text)
    }
    names = [*results.index["slice_id"], *results.index["group_id"]]
    assert "test, figshare" in written
    assert [text for text in written if any(name in text for name in names)] == []
