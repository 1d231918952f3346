"""Parameters: each section of `params.yaml` is checked by a model beside its consumer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML

_PARAMS_FILE = Path("params.yaml")
M = TypeVar("M", bound=BaseModel)


class Section(BaseModel):
    """A section of `params.yaml`: frozen, strict, every key required and none unknown."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class View(BaseModel):
    """A few keys of a section that another stage owns; the keys it does not name are ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


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
        ValueError: the section is missing, or a key is unknown, missing or mistyped.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} must be in the folder the stage runs in; got {path.resolve().parent}"
        )
    return check_section(section, model, read_yaml(path), where=str(path))


def check_section(
    section: str, model: type[M], params: Mapping[str, Any], where: str = "params"
) -> M:
    """Check one section of already loaded parameters; raises like `load_params`."""
    node: Any = params
    for key in section.split("."):
        if not isinstance(node, Mapping) or key not in node:
            known = ", ".join(node) if isinstance(node, Mapping) else f"no keys but {node!r}"
            raise ValueError(f"{where}: section {section} must exist; {key} is not among {known}")
        node = node[key]
    try:
        return model.model_validate(node)
    except ValidationError as error:
        raise ValueError(_readable(error, f"{where}: {section}", model)) from None


def _readable(error: ValidationError, where: str, model: type[BaseModel]) -> str:
    """Every finding as *where: must, got*, one a line."""
    lines = []
    for finding in error.errors():
        key = ".".join([where, *map(str, finding["loc"])])
        if finding["type"] == "extra_forbidden":
            lines.append(
                f"{key} is not a parameter; must be one of {', '.join(model.model_fields)}"
            )
        elif finding["type"] == "missing":
            lines.append(f"{key} is missing; must be given, the code has no defaults")
        else:
            lines.append(f"{key}: {finding['msg']}; got {finding['input']!r}")
    return "\n".join(lines)
