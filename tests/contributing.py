"""The guides of CONTRIBUTING.md, which tests follow word by word."""

import re
import textwrap
from pathlib import Path

_TEXT = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text()


def read_guide(title: str) -> str:
    """One section, without its heading."""
    _, heading, rest = _TEXT.partition(f"\n## {title}\n")
    assert heading, f"CONTRIBUTING.md must have a section {title!r}"
    return rest.partition("\n## ")[0]


def code_blocks(guide: str) -> list[tuple[str, str]]:
    """Language and text of each block of code, in their order."""
    found = re.findall(r"^ *```(\w+)\n(.*?)^ *```", guide, re.DOTALL | re.MULTILINE)
    return [(language, textwrap.dedent(text)) for language, text in found]
