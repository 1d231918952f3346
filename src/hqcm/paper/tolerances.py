"""How far a number may lie from the printed one, fixed before anything was run."""

from fractions import Fraction
from typing import Literal

from pydantic import Field

from hqcm.contracts.params import Section

Rule = Literal["within", "same side", "count"]


class Tolerance(Section):
    """An entry of `tolerances`: what must hold, and why it is neither more nor less."""

    rule: Rule
    size: str = Field(pattern=r"^\d+(\.\d+)?$")
    reason: str

    @property
    def exact(self) -> Fraction:
        """The size, free of rounding."""
        return Fraction(self.size)

    @property
    def text(self) -> str:
        """± 0.03."""
        shown = {
            "within": f"± {self.size}",
            "same side": f"same side of {self.size}",
            "count": "equal",
        }
        return shown[self.rule]
