"""The paper's own digits in a table."""

from hqcm.paper.entries import Printed
from hqcm.reporting.formats import NOTHING


def printed(claim: Printed | None) -> str:
    """As printed, or a dash where the paper prints nothing."""
    return NOTHING if claim is None else claim.printed
