"""The network as it is drawn, and README's copy of the picture."""

import os

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle
from matplotlib.text import Text

from hqcm.hardware.anatomy import take_apart
from hqcm.hardware.structure import Gate, Structure
from hqcm.networks.network import build_network
from hqcm.reporting.figures.drawing import figure_style, save_vector
from hqcm.reporting.figures.structure import draw_forms, draw_network, fill_form
from hqcm.reporting.sections.network import tell_blocks
from pipeline_tree import PARAMS, ROOT
from toy_hardware import TOY_STRUCTURE as TOY


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def test_every_block_is_there_with_its_parameters() -> None:
    drawn = texts(draw_network(TOY))
    for block in TOY.blocks:
        assert block.name in drawn
        assert f"{block.n_parameters:,} parameters" in drawn
    assert {"or: Linear, ReLU", "36 parameters", "attention map, 16 x 16"} <= {*drawn}
    assert "2 x 2 qubits: 4 values" in drawn


def test_without_another_head_there_is_no_dashed_box() -> None:
    alone = TOY.model_copy(update={"counterpart": None})
    boxes = [
        {box.get_linestyle() for box in draw_network(structure).findobj(FancyBboxPatch)}
        for structure in (TOY, alone)
    ]
    assert boxes == [{"-", "--"}, {"-"}]


def test_bars_are_as_long_as_blocks_are_large() -> None:
    blocks, _ = draw_network(TOY).axes
    bars = [patch.get_width() for patch in blocks.patches if type(patch) is Rectangle]
    sizes = [block.n_parameters for block in TOY.blocks if block.name != "quantum layer"]
    assert np.array(bars) / max(bars) == pytest.approx(np.array(sizes) / max(sizes))


def test_every_gate_is_drawn_and_further_layers_are_told() -> None:
    _, circuit = draw_network(TOY).axes
    drawn = [text.get_text() for text in circuit.texts]
    assert [drawn.count(letter) for letter in ("z", "R", "Y")] == [1, 2, 2]
    assert len(circuit.findobj(Circle)) == 2  # the CNOTs' targets
    assert "One of the 2 circuits" in drawn
    deep = texts(draw_network(TOY.model_copy(update={"depth": 7})))
    assert "One of the 2 circuits, 1 of 7 layers" in deep
    twin = TOY.model_copy(update={"columns": [[Gate(name="CZ", wires=[0, 1])]]})
    assert not draw_network(twin).axes[1].findobj(Circle)


def test_a_form_is_symmetric_and_drawn_whole() -> None:
    filled = fill_form([1, 2, 3, 4, 5, 6], 3)
    assert filled.tolist() == [[1, 2, 3], [2, 4, 5], [3, 5, 6]]
    images = [image for axes in draw_forms(TOY).axes for image in axes.images]
    assert len(images) == 4
    for image, form in zip(images, [form for own in TOY.forms for form in own], strict=True):
        np.testing.assert_array_equal(image.get_array(), fill_form(form, 4))
        assert image.get_clim() == pytest.approx((-0.6, 0.6))


def test_no_weight_is_the_paper() -> None:
    (image, *_) = (image for axes in draw_forms(TOY).axes for image in axes.images)
    alphas = image.get_cmap()(np.array([0.0, 0.25, 0.5, 0.75, 1.0]))[:, 3]
    assert alphas == pytest.approx([1, np.sqrt(0.5), 0, np.sqrt(0.5), 1], abs=0.02)


@pytest.fixture(scope="module")
def default() -> Structure:
    """The network that `dvc repro` trains, and the head of its counterpart."""
    torch.manual_seed(0)
    names = [PARAMS["study"][role][0] for role in ("hybrid", "classical")]
    hybrid, classical = (build_network(name, PARAMS).eval() for name in names)
    return take_apart(names[0], hybrid, classical, PARAMS["prepare"]["image_size_px"])


def test_the_readme_shows_the_default_network(default: Structure) -> None:
    """After a change that is meant: HQCM_RENEW=1 draws it anew."""
    picture, told = ROOT / "docs" / "network.svg", tell_blocks(default)
    if os.environ.get("HQCM_RENEW"):
        with figure_style():
            save_vector(picture, draw_network(default), told)
    assert told in picture.read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"![{told}](docs/network.svg)" in readme
    (head,) = (block for block in default.blocks if block.name == "quantum layer")
    assert f"{head.n_parameters:,} of the network's {default.n_parameters:,} parameters" in readme
