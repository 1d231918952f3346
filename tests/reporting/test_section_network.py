"""What the report says of the network follows from its structure."""

from pathlib import Path

from hqcm.reporting.document import Paragraph, Picture
from hqcm.reporting.sections.network import describe_network, tell_blocks
from toy_hardware import TOY_STRUCTURE as TOY


def test_two_pictures_say_what_the_network_and_its_circuits_are() -> None:
    network, forms = describe_network(TOY, Path("figures")).blocks
    assert isinstance(network, Picture)
    assert isinstance(forms, Picture)
    assert network.caption.startswith("The hybrid network, 12 of its 8,302 parameters in the quan")
    assert forms.caption.startswith(
        "The trained circuits are 4 quadratic forms: an output sums all products of two of 4 values"
    )
    assert "2 rows, one a circuit, of 2 pictures" in forms.alt
    assert "from -0.50 to 0.60" in forms.alt


def test_forms_too_large_to_draw_are_said_to_be() -> None:
    blocks = describe_network(TOY.model_copy(update={"forms": []}), Path("figures")).blocks
    assert isinstance(blocks[-1], Paragraph)
    assert blocks[-1].text == (
        "The trained circuits are 4 quadratic forms, of too many weights to draw."
    )


def test_the_picture_is_told_from_slice_to_class() -> None:
    assert tell_blocks(TOY) == (
        "Blocks from top to bottom: MRI slice, 1 x 32 x 32, 0 parameters; convolution 3 x 3, "
        "4 x 16 x 16, 40 parameters; attention, 4 x 16 x 16, 30 parameters; projection, 8, 8,200 "
        "parameters; quantum layer, 4, 12 parameters; classifier, 4, 20 parameters. The classical "
        "counterpart has Linear, ReLU, 36 parameters, in the quantum layer's place. A circuit of "
        "depth 1 on 2 wires: AmplitudeEmbedding then Rot then CNOT then expval(PauliY)."
    )
    alone = tell_blocks(TOY.model_copy(update={"counterpart": None}))
    assert "counterpart" not in alone
