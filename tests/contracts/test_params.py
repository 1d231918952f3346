"""Parameters: strict, complete, and errors that say where, what must be and what was given."""

from pathlib import Path
from typing import Self

import pytest
import yaml
from pydantic import Field, ValidationError, model_validator

from hqcm.contracts.params import ParamsError, Section, View, check_section, load_params


class Toy(Section):
    """A section of two keys."""

    learning_rate: float = Field(gt=0)
    n_qubits: int

    @model_validator(mode="after")
    def _is_slow(self) -> Self:
        if self.learning_rate > self.n_qubits:
            raise ValueError(f"learning_rate must be at most n_qubits; got {self.learning_rate}")
        return self


class Part(View):
    """One key of it."""

    n_qubits: int


PARAMS = {"toy": {"learning_rate": 0.1, "n_qubits": 5}, "variants": {"paper": {"n_qubits": 3}}}


def test_a_section_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(PARAMS))
    assert load_params("toy", Toy, tmp_path / "params.yaml") == Toy(learning_rate=0.1, n_qubits=5)


def test_a_dotted_section_is_found() -> None:
    assert check_section("variants.paper", Part, PARAMS).n_qubits == 3


def test_a_view_ignores_the_keys_of_others() -> None:
    assert check_section("toy", Part, PARAMS).n_qubits == 5


def test_a_section_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        check_section("toy", Toy, PARAMS).n_qubits = 6  # type: ignore[misc]


@pytest.mark.parametrize("written", ["1e-05", "1.0e-05", "0.00001", "1e-5"])
def test_a_small_number_is_one_however_it_is_written(tmp_path: Path, written: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(f"toy:\n  learning_rate: {written}\n  n_qubits: 5\n")
    assert load_params("toy", Toy, path).learning_rate == 0.00001


WRONG = {
    "unknown": (
        {"learning_rate": 0.1, "n_qubits": 5, "depth": 2},
        r"params: toy\.depth is not a parameter; must be one of learning_rate, n_qubits",
    ),
    "missing": ({"n_qubits": 5}, r"toy\.learning_rate is missing; must be given, the code has no"),
    "type": ({"learning_rate": 0.1, "n_qubits": 5.0}, r"toy\.n_qubits: .*integer; got 5\.0"),
    "flag": ({"learning_rate": 0.1, "n_qubits": True}, r"toy\.n_qubits: .*integer; got True"),
    "range": ({"learning_rate": 0, "n_qubits": 5}, r"toy\.learning_rate: .*greater than 0; got 0"),
    "infinite": ({"learning_rate": float("inf"), "n_qubits": 5}, r"_rate: .*finite .*; got inf"),
    "large": (
        {"learning_rate": 0.1, "n_qubits": 1 << 63},
        r"params: toy\.n_qubits must be between -2\*\*63 and 2\*\*63; got 9223372036854775808$",
    ),
    "relation": (
        {"learning_rate": 9.5, "n_qubits": 5},
        r"params: toy\.learning_rate must be at most n_qubits; got 9\.5$",
    ),
    "no section": (5, r"params: toy must be a section with keys; got 5$"),
    "long": ({"learning_rate": "x" * 999, "n_qubits": 5}, r"number; got 'x{199} \.\.\.$"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_key_is_named_with_what_is_legal_and_what_was_given(name: str) -> None:
    section, said = WRONG[name]
    with pytest.raises(ParamsError, match=said):
        check_section("toy", Toy, {"toy": section})


def test_every_wrong_key_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"(?s)learning_rate is missing.*\n.*depth is not"):
        check_section("toy", Toy, {"toy": {"n_qubits": 5, "depth": 2}})


def test_a_missing_section_is_named_among_those_there_are() -> None:
    with pytest.raises(ValueError, match="section tow must exist; tow is not among toy, variants"):
        check_section("tow", Toy, PARAMS)
    with pytest.raises(ValueError, match=r"section toy\.n_qubits\.x must exist; .* no keys but 5"):
        check_section("toy.n_qubits.x", Toy, PARAMS)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"params\.yaml must be in the folder the stage"):
        load_params("toy", Toy, tmp_path / "params.yaml")


@pytest.mark.parametrize("written", ["", "5", "[toy]"])
def test_a_file_without_sections_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "params.yaml").write_text(written)
    with pytest.raises(ParamsError, match=r"params\.yaml must hold sections with keys; got "):
        load_params("toy", Toy, tmp_path / "params.yaml")
