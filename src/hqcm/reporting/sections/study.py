"""Is it the quantum layer? Every network of the study against the hybrid one."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from hqcm.comparison.comparisons import Comparison, Comparisons, Kind, Setting, Verdict
from hqcm.reporting.document import Block, Bullets, Folded, Paragraph, Picture, Section, Table
from hqcm.reporting.numbers import (
    NOTHING,
    count,
    difference_in_cells,
    estimate,
    fraction,
    p_value,
    percent,
    points,
    signed,
    tell_difference,
)
from hqcm.results.intervals import Interval

_TITLE = "Networks compared"
_FILE = "study.png"
_SETTINGS: dict[Setting, str] = {"published": "published", "best": "own best"}
_VERDICTS: dict[Verdict, str] = {"first ahead": "ahead", "second ahead": "behind"}
"""The others stand as they are."""

_METHOD = [
    (
        "Differences are paired by seed and slice. The interval, 95 %, counts seeds and patients "
        "(cluster bootstrap; Student's at Satterthwaite's degrees of freedom), not another split "
        "or hospital. `too few runs`: it would reach beyond any possible difference."
    ),
    "p: of the same t, adjusted after Holm over one protocol and choice of learning rates.",
    "Share of the gap between hybrid and counterpart that a network recovers: Fieller's interval.",
    "A network's own best learning rate has the highest validation accuracy.",
    (
        "Ahead or behind: adjusted p below 0.05. No difference: the whole interval lies within the "
        "margin. Else undecided."
    ),
]
_AGAINST: dict[Verdict, str] = {
    "first ahead": "is ahead of",
    "second ahead": "is behind",
    "no difference": "does not differ, within the margin, from",
    "undecided": "cannot be told from",
}
_ONE_RUN = (
    "One seed: its variation is unknown, so a difference may be the layer's or the seed's. "
    "`make study` trains several."
)


def describe_study(study: Comparisons, figures: Path, cohort: str) -> Section:
    """One paragraph to quote, one table, one figure; what else was compared is folded away."""
    others: list[Block] = [_tabulate_others(study)]
    if any(row.question == "protocol" for row in study.comparisons):
        others.append(_tabulate_protocols(study))
    accuracy: list[Block] = [
        Bullets([_detail_protocol(study, protocol) for protocol in study.protocols]),
        _tabulate_controls(study),
    ]
    blocks: list[Block] = [
        Paragraph(_conclude(study, cohort)),
        *([picture(study, figures)] if len(study.seeds) > 1 else []),
        Folded("Accuracy of every network", accuracy),
        Folded("Other quantities, learning rates", [*others, _tabulate_rates(study)]),
    ]
    if len(study.seeds) > 1:
        blocks.append(Folded("How it was compared", [Bullets(_METHOD)]))
    return Section(_TITLE, blocks)


def _name_row(study: Comparisons, row: Comparison) -> list[str]:
    rates = {(rate.protocol, rate.variant): rate.learning_rate for rate in study.tuning}
    how = _SETTINGS[row.setting]
    if row.setting != "published" and row.family not in study.tuned:
        how = f"{'published, ' if row.family in study.published else ''}the only one tried"
    rate = f"{rates[row.second_protocol, row.second]:g} ({how})"
    return [row.second_protocol, rate, f"`{row.family}`"]


def _tabulate_controls(study: Comparisons) -> Table:
    rows = [
        [
            *(*_name_row(study, row), percent(row.second_value)),
            *difference_in_cells(row, points),
            *(p_value(row.p_holm), _describe_share(row), _VERDICTS.get(row.verdict, row.verdict)),
        ]
        for row in _rows_of(study, study.quantities[0])
    ]
    header = ["protocol", "learning rate", "network", "accuracy", f"`{study.hybrid}` minus it"]
    return Table(
        f"Accuracy; `{study.hybrid}` against every other network. Intervals over seeds and "
        "patients.",
        [*header, "95 % interval", "p (Holm)", "share of the gap", f"`{study.hybrid}` is"],
        rows,
    )


def _tabulate_others(study: Comparisons) -> Table:
    rows = [
        [
            *(f"`{quantity}`", *_name_row(study, row), fraction(row.second_value, 3)),
            *difference_in_cells(row, signed),
            *(p_value(row.p_holm), _VERDICTS.get(row.verdict, row.verdict)),
        ]
        for quantity in study.quantities[1:]
        for row in _rows_of(study, quantity)
    ]
    header = ["quantity", "protocol", "learning rate", "network", "its value", "difference"]
    header += ["95 % interval", "p (Holm)", f"`{study.hybrid}` is"]
    return Table("Other quantities, compared in the same way.", header, rows)


def _tabulate_protocols(study: Comparisons) -> Table:
    rows = [
        [
            f"`{row.quantity}`",
            f"{row.first_protocol} minus {row.second_protocol}, {_SETTINGS[row.setting]}",
            *(f"`{row.family}`", fraction(row.first_value, 3), fraction(row.second_value, 3)),
            *(*difference_in_cells(row, signed), p_value(row.p_holm)),
        ]
        for row in study.comparisons
        if row.question == "protocol"
    ]
    return Table(
        "What a split is worth: each network under the first protocol minus itself under another "
        "one. The test slices differ, so nothing is paired.",
        ["quantity", "protocols", "network", "first", "second", "difference", "95 % interval", "p"],
        rows,
    )


def _tabulate_rates(study: Comparisons) -> Table:
    chosen = {(True, True): "published and best", (True, False): "published", (False, True): "best"}
    rows = [
        [
            *(rate.protocol, f"`{rate.family}`", f"{rate.learning_rate:g}"),
            *(percent(rate.validation_accuracy), fraction(rate.validation_loss, 3)),
            chosen.get((rate.is_published, rate.is_best), NOTHING),
        ]
        for rate in study.tuning
    ]
    header = ["protocol", "network", "learning rate", "validation accuracy", "validation loss"]
    caption = "Learning rates; validation scores are means over seeds at the epoch that is kept."
    return Table(caption, [*header, "chosen as"], rows)


def picture(study: Comparisons, figures: Path) -> Picture:
    """The forest plot, and what it does with intervals wider than its scale, if there are any."""
    rows = [row for row in study.comparisons if row.quantity == study.quantities[0]]
    cut = " Where there are too few runs for an interval, the mark stands alone."
    return Picture(
        figures / _FILE,
        "Differences in accuracy with 95 % intervals over seeds and patients; grey band: "
        f"{percent(study.margin, 0)} either way, of no consequence. Orange: with a quantum layer."
        + ("" if all(row.possible == (row.low, row.high) for row in rows) else cut),
        f"Forest plot, a row a network ({', '.join(study.families)}), a panel a protocol; the "
        "table above holds its numbers.",
    )


def _conclude(study: Comparisons, cohort: str) -> str:
    """The answer under every protocol, the gap it is about, and what other patients cost."""
    if len(study.seeds) == 1:
        said = [_ONE_RUN]
    else:
        said = [f"Protocol `{name}`: {_answer(study, name)}." for name in study.protocols]
    protocol = study.protocols[0]
    gaps = ", ".join(
        f"{tell_difference(row, points)} {_tell_rates(study, row.setting)}"
        for row in _counterparts(study, protocol)
    )
    said.append(
        f"`{study.hybrid}` minus `{study.counterpart}`, accuracy under `{protocol}`: {gaps}."
    )
    hybrid = ("protocol", study.hybrid, study.settings[-1], study.quantities[0])
    said += [
        _describe_loss(row)
        for row in study.comparisons
        if (row.question, row.family, row.setting, row.quantity) == hybrid
    ]
    if cohort == "phantom":
        said.append("The slices are simulated: none of this is about the paper.")
    return " ".join(said)


def _answer(study: Comparisons, protocol: str) -> str:
    hybrid = study.hybrid
    classical = _select_controls(study, protocol, "classical")
    verdict = next(row.verdict for row in classical if row.family == study.counterpart)
    against = f"`{hybrid}` {_AGAINST[verdict]} `{study.counterpart}`"
    if verdict != "first ahead":
        return f"no advantage of the quantum layer is shown, {against}"
    equals = [row for row in classical if row.verdict in {"no difference", "second ahead"}]
    if equals:
        return f"no, {_name_all(equals)} without any circuit does as well"
    if len(classical) == 1:
        return (
            f"`{hybrid}` is ahead of `{study.counterpart}`, which does not tell the circuit "
            "from what comes with it; that takes more controls"
        )
    open_ends = [row for row in classical if row.verdict == "undecided"]
    if open_ends:
        return f"not decided, `{hybrid}` cannot be told from {_name_all(open_ends)}"
    return f"yes, as far as these controls go: `{hybrid}` is ahead of {_name_all(classical)}"


def _describe_loss(row: Comparison) -> str:
    low, high = (None if bound is None else -bound for bound in (row.high, row.low))
    change = Interval(value=-row.difference, low=low, high=high)
    return (
        f"From `{row.first_protocol}` to `{row.second_protocol}`, `{row.family}` goes from "
        f"{percent(row.first_value)} to {percent(row.second_value)}: {estimate(change, points)}."
    )


def _detail_protocol(study: Comparisons, protocol: str) -> str:
    """One protocol: sizes, accuracies, then every control at the fairest learning rates."""
    first, *_ = rows = _counterparts(study, protocol)
    runs = "one run" if first.n_seeds == 1 else f"{first.n_seeds} runs"
    reached = "; ".join(
        f"{_tell_rates(study, row.setting)} `{study.hybrid}` reaches {percent(row.first_value)} "
        f"accuracy, `{study.counterpart}` {percent(row.second_value)}"
        for row in rows
    )
    numbers = (
        f"`{protocol}` ({runs} of each network, {count(first.second_n_slices)} test slices of "
        f"{count(first.second_n_groups)} patients or files): {reached}."
    )
    if len(study.seeds) == 1:
        return numbers
    classical = _select_controls(study, protocol, "classical")
    hybrid = _select_controls(study, protocol, "hybrid")
    circuits = f" Among the circuits, {_sort_out(study, hybrid)}" if hybrid else ""
    where = _tell_rates(study, study.settings[-1])
    return (
        f"{numbers} {where[0].upper()}{where[1:]}: {_sort_out(study, classical)}"
        f"{_describe_recovery(classical)}{circuits}"
    )


def _tell_rates(study: Comparisons, setting: Setting) -> str:
    """At which learning rates; a network tried at one only has not been tuned."""
    if setting == "published":
        return "at the published learning rate"
    others = {*study.families} - {*study.tuned}
    if not others:
        return "with every network at its own best learning rate"
    rate = "published one" if others <= {*study.published} else "only one tried"
    if not study.tuned:
        return f"with every network at the {rate}"
    names = ", ".join(f"`{name}`" for name in study.tuned)
    return f"with {names} at the best of several learning rates, the others at the {rate}"


def _sort_out(study: Comparisons, rows: Sequence[Comparison]) -> str:
    parts = []
    for verdict, words in _AGAINST.items():
        of_it = [f"`{r.family}` ({points(r.difference)})" for r in rows if r.verdict == verdict]
        parts += [f"{words} {', '.join(of_it)}"] if of_it else []
    return f"`{study.hybrid}` {'; it '.join(parts)}."


def _describe_recovery(rows: Sequence[Comparison]) -> str:
    closed = [row for row in rows if row.recovered is not None]
    if not closed:
        return ""
    best = max(closed, key=lambda row: row.recovered or 0.0)
    return f" Of the gap between the two, `{best.family}` recovers {_describe_share(best)}."


def _describe_share(row: Comparison) -> str:
    """87 % (60 to 112 %), or a dash."""
    if row.recovered is None:
        return NOTHING
    share = Interval(value=row.recovered, low=row.recovered_low, high=row.recovered_high)
    return estimate(share, partial(percent, digits=0))


def _counterparts(study: Comparisons, protocol: str) -> list[Comparison]:
    """The pair that the paper compares, at each learning rate that both were trained at.

    The last is the fairest; none is at the published rate if either was not trained at that.
    """
    return [
        row
        for row in _rows_of(study, study.quantities[0])
        if row.second_protocol == protocol and row.family == study.counterpart
    ]


def _select_controls(study: Comparisons, protocol: str, kind: Kind) -> list[Comparison]:
    rows = study.select("network", study.settings[-1], study.quantities[0], protocol)
    return [row for row in rows if study.families[row.family] == kind]


def _rows_of(study: Comparisons, quantity: str) -> list[Comparison]:
    """Comparisons of networks, protocol by protocol."""
    return [
        row
        for protocol in study.protocols
        for setting in study.settings
        for row in study.select("network", setting, quantity, protocol)
    ]


def _name_all(rows: Sequence[Comparison]) -> str:
    return ", ".join(f"`{row.family}`" for row in rows)
