"""Table 1 as read from the claims."""

import pytest

from hqcm.paper.claims import Claims
from hqcm.paper.counts import read_table


def test_numbers_stand_in_the_order_of_the_table(claims: Claims) -> None:
    table = read_table(claims, "classical")
    assert [cell.printed for cell in table.rows[2]] == ["0.99", "0.69", "0.82"]
    assert [cell.printed for cell in table.weighted] == ["0.89", "0.88", "0.87"]
    printed = [placed.claim for placed in claims.each() if placed.network == "classical"]
    in_the_file = [claim for claim in printed if claim.quantity.startswith("metrics/")]
    assert {claim.id for claim in table.each()} == {claim.id for claim in in_the_file}
    assert len(list(table.each())) == 19


def test_a_table_with_a_hole_is_refused(claims: Claims) -> None:
    with pytest.raises(ValueError, match=r"pair must hold metrics/per_class/healthy/precision"):
        read_table(claims, "pair")
