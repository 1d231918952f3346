"""The figures: what they show, their colours and their bytes."""

import itertools
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image
from sklearn.metrics import confusion_matrix

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.overlap import Overlap
from hqcm.reporting.figures.attention import choose_rows, draw_thresholds
from hqcm.reporting.figures.classification import (
    LARGEST,
    count_confusions,
    draw_confusions,
    draw_reliability,
    draw_rocs,
)
from hqcm.reporting.figures.drawing import (
    CLASS_COLOURS,
    CLASS_MARKERS,
    DARK_INKS,
    NETWORK_COLOURS,
    OWN_COLOURS,
    as_picture,
    figure_style,
    new_figure,
    save_figures,
)
from hqcm.reporting.figures.gallery import draw_gallery
from hqcm.reporting.figures.slices import choose_samples, draw_distribution
from hqcm.reporting.figures.training import draw_curves, draw_planes
from hqcm.reporting.numbers import count_classes
from hqcm.slices.store import SOURCES
from toy_report import PARAMS, Evaluated
from toy_study import STUDY, make_history, make_predictions

NAMES = [
    "explanation.png",
    *("fig05-distribution.png", "fig06-samples.png", "fig07-training.png"),
    *("fig08-embedding.png", "fig09-confusion.png", "fig10-attention.png"),
    *("hardware.png", "reliability.png", "roc.png", "study.png", "thresholds.png", "twins.png"),
]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_every_figure_of_the_paper_is_drawn_small_and_page_wide(figures: Path) -> None:
    assert sorted(path.name for path in figures.iterdir()) == NAMES
    for path in figures.iterdir():
        assert path.stat().st_size < 300_000
        with Image.open(path) as picture:
            assert (picture.width, picture.info) == (880, {})


def test_the_same_bytes_twice(evaluated: Evaluated, figures: Path, tmp_path: Path) -> None:
    data = evaluated.read_gallery()
    save_figures(tmp_path / "again", draw_gallery(data, PARAMS.localise))
    for name in NAMES:
        assert (tmp_path / "again" / name).read_bytes() == (figures / name).read_bytes()


def test_the_projects_colours_survive_the_palette() -> None:
    with figure_style():
        figure = new_figure(2)
        axes = figure.subplots()
        ramp = np.linspace(0, 1, 100 * 100 * 3).reshape(100, 100, 3) ** [0.5, 1, 2]
        axes.imshow(ramp)
        for i, colour in enumerate(OWN_COLOURS):
            axes.bar(i, 5, color=colour)
        drawn = np.asarray(as_picture(figure).convert("RGB")).reshape(-1, 3)
    present = {tuple(int(part) for part in pixel) for pixel in np.unique(drawn, axis=0)}
    for colour in OWN_COLOURS:
        assert tuple(round(255 * part) for part in to_rgb(colour)) in present
    assert 200 < len(present) <= 256


def test_greys_differ_little_from_what_was_drawn() -> None:
    with figure_style():
        figure = new_figure(2)
        figure.subplots().imshow(np.tile(np.linspace(0, 1, 200), (50, 1)), cmap="gray")
        picture = np.asarray(as_picture(figure).convert("RGB")).astype(int)
        with BytesIO() as file:
            figure.savefig(file, format="png")
            exact = np.asarray(Image.open(file).convert("RGB")).astype(int)
    assert np.abs(picture - exact).max() <= 8  # of 255: not seen


def test_every_class_has_a_colour_and_a_marker_of_its_own() -> None:
    assert [*CLASS_COLOURS] == [*CLASS_MARKERS] == [*CLASS_NAMES]
    assert len({*CLASS_COLOURS.values()}) == len({*CLASS_MARKERS.values()}) == 4


def perceived(colour: str, blindness: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of a colour as seen; Machado et al., IEEE TVCG 15 (2009), full severity."""
    coded = np.array(to_rgb(colour))
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ np.clip(blindness @ linear, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize(
    "blindness",
    [
        np.eye(3),
        np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
        np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
        np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
    ],
    ids=["none", "deuteranopia", "protanopia", "tritanopia"],
)
def test_classes_and_networks_stay_apart_to_the_colour_blind(blindness: np.ndarray) -> None:
    on_dark = [{name: DARK_INKS[name] for name in of} for of in (CLASS_COLOURS, NETWORK_COLOURS)]
    for colours in (CLASS_COLOURS, NETWORK_COLOURS, *on_dark):
        seen = [perceived(colour, blindness) for colour in colours.values()]
        for one, other in itertools.combinations(seen, 2):
            assert np.linalg.norm(one - other) > 37


def test_classes_are_counted_with_zeros() -> None:
    labels = pd.Series([0, 0, 2, 3])
    source = pd.Series(["akter", "akter", "figshare", "akter"])
    assert count_classes(labels, source, SOURCES) == {
        "trainingdatapro": [0, 0, 0, 0],
        "figshare": [0, 0, 1, 0],
        "akter": [2, 0, 0, 1],
    }


def test_the_distribution_shows_totals_and_leaves_empty_classes_out_of_the_pie() -> None:
    index = pd.DataFrame({"label": [0] * 30 + [3] * 10, "source": ["akter"] * 40})
    with figure_style():
        figure = draw_distribution(index)
    assert texts(figure) == [
        *("healthy\n75.0 %", "pituitary\n25.0 %"),
        *("30", "0", "0", "10"),
    ]


def test_samples_stand_at_equal_steps_through_the_sorted_ids() -> None:
    index = pd.DataFrame(
        {
            "slice_id": [f"s{i:02d}" for i in reversed(range(20))] + ["b", "a"],
            "label": [0] * 20 + [2] * 2,
        }
    )
    assert choose_samples(index, 3) == ["s00", "s10", "s19", "a", "b"]


def test_confusions_equal_scikit_learns(evaluated: Evaluated) -> None:
    table = pd.read_csv(evaluated.folder / "confusion" / "counterpart-random.csv")
    runs = [make_predictions(seed, skill=0.6) for seed in STUDY.seeds]
    expected = sum(confusion_matrix(run.y_true, run.y_pred) for run in runs)
    np.testing.assert_array_equal(count_confusions(table), expected)


def test_cells_hold_counts_and_row_fractions() -> None:
    table = pd.DataFrame(
        {"actual": ["healthy"] * 4, "predicted": ["healthy", "healthy", "healthy", "glioma"]}
    )
    with figure_style():
        figure = draw_confusions({"hybrid": table, "classical": table})
    cells = texts(figure)[:32]
    assert cells[:8] == ["3", "0.75", "0", "0.00", "1", "0.25", "0", "0.00"]
    assert cells[8:] == ["0", "0.00"] * 12


def test_training_is_solid_and_validation_dashed() -> None:
    curves = [make_history(0.9), make_history(0.8)]
    with figure_style():
        figure = draw_curves({"hybrid": curves, "classical": curves[:1]})
    loss, accuracy = figure.axes
    assert [line.get_linestyle() for line in loss.lines] == ["-", "--"] * 3
    np.testing.assert_array_equal(loss.lines[3].get_ydata(), curves[1]["validation_loss"])
    np.testing.assert_array_equal(accuracy.lines[0].get_ydata(), curves[0]["train_accuracy"])
    legend = accuracy.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        *("hybrid, train", "hybrid, validation", "classical, train", "classical, validation")
    ]


def test_each_panel_of_the_plane_holds_its_networks_points() -> None:
    plane = pd.DataFrame({"label": ["glioma", "healthy"], "x": [1.0, 2], "y": [3.0, 4]})
    with figure_style():
        figure = draw_planes({"hybrid": plane, "classical": plane.iloc[:1]})
    points = [[len(dots.get_offsets()) for dots in axes.collections] for axes in figure.axes]  # type: ignore[arg-type]  # the stub knows more kinds of array
    assert points == [[1, 0, 1, 0], [0, 0, 1, 0]]
    assert [axes.get_title() for axes in figure.axes] == [
        "hybrid: quantum processing layer",
        "classical: fully connected layer",
    ]


def test_each_class_has_a_panel_with_both_networks_and_chance() -> None:
    curve = pd.DataFrame(
        {
            "class": ["glioma"] * 3,
            "false_positive_rate": [0, 0.25, 1],
            "true_positive_rate": [0, 1, 1],
        }
    )
    with figure_style():
        figure = draw_rocs({"hybrid": curve, "classical": curve.iloc[::2]})
    assert [axes.get_title() for axes in figure.axes] == [*CLASS_NAMES]
    chance, hybrid, classical = figure.axes[2].lines
    assert [line.get_linestyle() for line in (chance, hybrid, classical)] == [":", "-", "--"]
    np.testing.assert_array_equal(hybrid.get_xydata(), [[0, 0], [0.25, 1], [1, 1]])
    np.testing.assert_array_equal(classical.get_xydata(), [[0, 0], [1, 1]])
    assert [np.size(line.get_xdata()) for line in figure.axes[0].lines] == [2, 0, 0]


def test_bins_stand_at_their_confidence_with_their_slices_below() -> None:
    table = pd.DataFrame(
        {"bin": [0.5, 0.9], "confidence": [0.52, 0.88], "accuracy": [0.4, 1], "n": [3, 12]}
    )
    with figure_style():
        figure = draw_reliability({"hybrid": table, "classical": table.iloc[1:]})
    diagram, other, counts, _ = figure.axes
    assert (diagram.get_title(), other.get_title()) == ("hybrid", "classical")
    gaps, dots = diagram.collections
    np.testing.assert_array_equal(dots.get_offsets(), [[0.52, 0.4], [0.88, 1]])
    assert dots.get_sizes()[1] == LARGEST  # type: ignore[attr-defined]  # a scatter's collection
    np.testing.assert_array_equal(gaps.get_segments()[0], [[0.52, 0.52], [0.52, 0.4]])  # type: ignore[attr-defined]  # lines
    assert [bar.get_height() for bar in counts.patches] == [3, 12]  # type: ignore[attr-defined]  # bars


def test_thresholds_have_a_shade_and_those_of_table_2_a_mark() -> None:
    curve = pd.DataFrame(
        {"threshold": [0.5, 0.9], "jaccard": [0.4, 0.2], "low": [0.3, 0.1], "high": [0.5, 0.3]}
    )
    with figure_style():
        figure = draw_thresholds({"hybrid": curve, "classical": curve}, [0.99, 0.75])
    (axes,) = figure.axes
    marks, lines = axes.lines[:2], axes.lines[2:]
    assert [line.get_xdata()[0] for line in marks] == [0.99, 0.75]  # type: ignore[index]  # an array
    assert [line.get_label() for line in lines] == ["hybrid", "classical"]
    corners = axes.collections[0].get_paths()[0].vertices
    found = {(x, y) for x, y in np.asarray(corners)}
    assert found == {(0.5, 0.3), (0.5, 0.5), (0.9, 0.1), (0.9, 0.3)}


def test_rows_of_the_attention_figure_follow_the_rule() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 1, 2, 3])
    nan = np.nan
    jaccard = np.array([nan, nan, nan, 0.5, 0.1, 0.3, 0.2, 0.4, nan, 0.7])[:, None]
    activated = np.array([0.3, 0.1, 0.2, *[0.0] * 7])[:, None]
    rows = choose_rows(labels, Overlap(jaccard, activated, activated))
    # healthy: median 0.2; meningioma: 0.1 0.2 0.3 0.4 0.5 -> 0.2 and 0.4; glioma has no mask
    assert rows == [2, 6, 7, 9, 9]
