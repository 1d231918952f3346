"""Parameters: each section of `params.yaml` is checked by a model beside its consumer."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML

_PARAMS_FILE = Path("params.yaml")
_TOO_LARGE = 1 << 63  # what 64 bits with a sign do not hold
_MOST_SHOWN = 200  # characters of a wrong value
M = TypeVar("M", bound=BaseModel)


class ParamsError(ValueError):
    """A parameter is not as it must be; the message is all that whoever set it needs."""


class Section(BaseModel):
    """A section of `params.yaml`: frozen, strict, finite, every key required and none unknown."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False, extra="forbid")


class View(BaseModel):
    """A few keys of a section that another stage owns; the keys it does not name are ignored."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False, extra="ignore")


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file as DVC does, with its library: YAML 1.2, in which 1e-05 is a number.

    DVC writes small numbers so; YAML 1.1 (PyYAML) takes them for words.
    """
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def load_params(section: str, model: type[M], path: Path = _PARAMS_FILE) -> M:
    """Load one section of the parameters file.

    Args:
        section: dotted name, for instance ``train`` or ``variants.paper``.
        model: the section's schema, a `Section` or a `View`.
        path: the parameters file; the stages run at the project's root.

    Raises:
        FileNotFoundError: there is no such file.
        ParamsError: the section is missing, a key is unknown, missing or mistyped, or a number is
            out of its range, not finite or of more than 64 bits.
    """
    return check_section(section, model, read_params(path), where=str(path))


def read_params(path: Path = _PARAMS_FILE) -> dict[str, Any]:
    """All of the parameters file, unchecked.

    Raises:
        FileNotFoundError: there is no such file.
        ParamsError: it holds no sections.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} must be in the folder the stage runs in; got {path.resolve().parent}"
        )
    params = read_yaml(path)
    if not isinstance(params, dict):
        raise ParamsError(f"{path} must hold sections with keys; got {_show(params)}")
    return params


def check_section(
    section: str, model: type[M], params: Mapping[str, Any], where: str = "params"
) -> M:
    """Check one section of already loaded parameters; raises like `load_params`."""
    node: Any = params
    for key in section.split("."):
        if not isinstance(node, Mapping) or key not in node:
            is_section = isinstance(node, Mapping)
            known = ", ".join(map(str, node)) if is_section else f"no keys but {_show(node)}"
            raise ParamsError(f"{where}: section {section} must exist; {key} is not among {known}")
        node = node[key]
    where = f"{where}: {section}"
    for key, number in _too_large(node, where):
        raise ParamsError(f"{key} must be between -2**63 and 2**63; got {_show(number)}")
    try:
        return model.model_validate(node)
    except ValidationError as error:
        findings = error.errors()
    raise ParamsError("\n".join(_readable(finding, where, model) for finding in findings))


def _too_large(node: object, where: str) -> Iterator[tuple[str, int]]:
    """Key and value of every whole number that torch and NumPy cannot take."""
    if isinstance(node, int) and abs(node) >= _TOO_LARGE:
        yield where, node
    within = enumerate(node) if isinstance(node, list) else ()
    for key, value in node.items() if isinstance(node, Mapping) else within:
        yield from _too_large(value, f"{where}.{key}")


def _readable(finding: ErrorDetails, where: str, model: type[BaseModel]) -> str:
    """*Where: must, got*, in one line."""
    key = _join(where, finding["loc"])
    match finding["type"]:
        case "extra_forbidden":
            return f"{key} is not a parameter; must be one of {', '.join(model.model_fields)}"
        case "missing":
            return f"{key} is missing; must be given, the code has no defaults"
        case "model_type":
            return f"{key} must be a section with keys; got {_show(finding['input'])}"
        case "value_error" if isinstance(finding["input"], Mapping):
            # Of a relation between keys, which says itself what was given.
            return f"{key}.{finding['ctx']['error']}"
        case "value_error":
            said = str(finding["ctx"]["error"])
        case _:
            said = finding["msg"]
    return f"{key}: {said}; got {_show(finding['input'])}"


def _join(where: str, location: Sequence[str | int]) -> str:
    return ".".join([where, *map(str, location)])


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} ..."
