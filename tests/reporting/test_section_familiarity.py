"""What the report says of the slices that training knows, under every outcome."""

import pytest

from hqcm.comparison.comparisons import Familiarity
from hqcm.reporting.document import Bullets, Paragraph, Table
from hqcm.reporting.sections.leakage import describe_familiarity, tell_familiarity

ROW = Familiarity(
    protocol="random",
    variant="paper",
    n_seeds=3,
    known_value=0.95,
    known_n_slices=1300,
    known_n_groups=120,
    other_value=0.9,
    other_n_slices=60,
    other_n_groups=44,
    difference=0.05,
    low=0.01,
    high=0.09,
)


@pytest.mark.parametrize(
    ("low", "high", "end"),
    [
        (0.01, 0.09, " (95 % interval +1.0 to +9.0 points): better on the known ones."),
        (-0.09, -0.01, " (95 % interval -9.0 to -1.0 points): worse on the known ones."),
        (-0.01, 0.11, " (95 % interval -1.0 to +11.0 points): no difference is shown."),
        (0.0, 0.1, " (95 % interval +0.0 to +10.0 points): no difference is shown."),
        (None, None, ": too few patients to tell."),
    ],
)
def test_the_words_follow_from_the_interval(
    low: float | None, high: float | None, end: str
) -> None:
    assert tell_familiarity(ROW.model_copy(update={"low": low, "high": high})) == (
        "Protocol `random`, `paper`: 95.0 % accuracy on 1,300 known slices, 90.0 % on 60 others, "
        "+5.0 points" + end
    )


def test_the_pair_in_words_and_every_network_in_the_table() -> None:
    others = [ROW.model_copy(update={"variant": name}) for name in ("normalised", "counterpart")]
    caveat, told, table = describe_familiarity([ROW, *others], ("paper", "counterpart"))
    assert isinstance(caveat, Paragraph)
    assert "not what knowing does" in caveat.text
    assert "sources and classes" in caveat.text
    assert isinstance(told, Bullets)
    assert [item.split(":")[0] for item in told.items] == [
        "Protocol `random`, `paper`",
        "Protocol `random`, `counterpart`",
    ]
    assert isinstance(table, Table)
    assert [row[1] for row in table.rows] == ["`paper`", "`normalised`", "`counterpart`"]
    assert table.rows[0][2:] == [
        *("1,300", "120", "95.0 %", "60", "44", "90.0 %", "+5.0 points", "+1.0 to +9.0 points"),
    ]
    assert len(table.header) == len(table.rows[0])


def test_where_no_slice_is_known_nothing_is_said() -> None:
    assert describe_familiarity([], ("paper", "counterpart")) == []
