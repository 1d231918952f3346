"""The study in words: one paragraph that a person can quote, and a line a protocol."""

from collections.abc import Sequence
from functools import partial

from hqcm.comparison.comparisons import Comparison, Comparisons, Kind, Setting, Verdict
from hqcm.reporting.estimates import difference_of
from hqcm.reporting.numbers import NOTHING, count, estimate, percent, points
from hqcm.results.intervals import Interval

_AGAINST: dict[Verdict, str] = {
    "first ahead": "is ahead of",
    "second ahead": "is behind",
    "no difference": "does not differ, within the margin, from",
    "undecided": "cannot be told from",
}
_ONE_RUN = (
    "Each network was trained once, so a difference may be the layer's or the seed's: not enough "
    "runs to answer. `make study` trains several."
)
"""What one seed allows to say."""


def conclude(study: Comparisons, cohort: str) -> str:
    """The answer under every protocol, the gap it is about, and what other patients cost."""
    if len(study.seeds) == 1:
        said = [_ONE_RUN]
    else:
        said = [f"Protocol `{name}`: {_answer(study, name)}." for name in study.protocols]
    protocol = study.protocols[0]
    gaps = ", ".join(
        f"{estimate(difference_of(row), points)} {_tell_rates(study, row.setting)}"
        for row in _counterparts(study, protocol)
    )
    pair = f"`{study.hybrid}` minus `{study.counterpart}`"
    said.append(f"{pair}, accuracy under `{protocol}`: {gaps}.")
    hybrid = (study.hybrid, study.settings[-1], study.quantities[0])
    said += [
        _describe_loss(row)
        for row in study.comparisons
        if row.question == "protocol" and (row.family, row.setting, row.quantity) == hybrid
    ]
    if cohort == "phantom":
        said.append("The slices are simulated: none of this is about the paper.")
    return " ".join(said)


def _answer(study: Comparisons, protocol: str) -> str:
    hybrid, counterpart = study.hybrid, study.counterpart
    classical = _select_controls(study, protocol, "classical")
    verdict = next(row.verdict for row in classical if row.family == counterpart)
    if verdict != "first ahead":
        against = f"`{hybrid}` {_AGAINST[verdict]} `{counterpart}`"
        return f"no advantage of the quantum layer is shown, {against}"
    equals = [row for row in classical if row.verdict in {"no difference", "second ahead"}]
    if equals:
        return f"no, {_name_all(equals)} without any circuit does as well"
    if len(classical) == 1:
        return (
            f"`{hybrid}` is ahead of `{counterpart}`, which does not tell the circuit "
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


def detail_protocol(study: Comparisons, protocol: str) -> str:
    """One protocol: sizes, accuracies, then every control at the fairest learning rates."""
    rows = _counterparts(study, protocol)
    first = rows[0]
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
    if len(study.tuned) == len(study.families):
        return "with every network at its own best learning rate"
    others = {*study.families} - {*study.tuned}
    rate = "published one" if others <= {*study.published} else "only one tried"
    if not study.tuned:
        return f"with every network at the {rate}"
    names = ", ".join(f"`{name}`" for name in study.tuned)
    return f"with {names} at the best of several learning rates, the others at the {rate}"


def _sort_out(study: Comparisons, rows: Sequence[Comparison]) -> str:
    """Which networks the hybrid one is ahead of, behind, and so on, with the differences."""
    parts = []
    for verdict, words in _AGAINST.items():
        chosen = [row for row in rows if row.verdict == verdict]
        if chosen:
            names = [f"`{row.family}` ({points(row.difference)})" for row in chosen]
            parts.append(f"{words} {', '.join(names)}")
    return f"`{study.hybrid}` {'; it '.join(parts)}."


def _describe_recovery(rows: Sequence[Comparison]) -> str:
    """The network that comes nearest to the hybrid one."""
    closed = [row for row in rows if row.recovered is not None]
    if not closed:
        return ""
    best = max(closed, key=lambda row: row.recovered or 0.0)
    return f" Of the gap between the two, `{best.family}` recovers {describe_share(best)}."


def describe_share(row: Comparison) -> str:
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
        for row in rows_of(study, study.quantities[0])
        if row.second_protocol == protocol and row.family == study.counterpart
    ]


def _select_controls(study: Comparisons, protocol: str, kind: Kind) -> list[Comparison]:
    """The controls of one kind, at the fairest choice of learning rates that there is."""
    setting, quantity = study.settings[-1], study.quantities[0]
    rows = study.select("network", setting, quantity, protocol)
    return [row for row in rows if study.families[row.family] == kind]


def rows_of(study: Comparisons, quantity: str) -> list[Comparison]:
    """Comparisons of networks, protocol by protocol."""
    return [
        row
        for protocol in study.protocols
        for setting in study.settings
        for row in study.select("network", setting, quantity, protocol)
    ]


def _name_all(rows: Sequence[Comparison]) -> str:
    return ", ".join(f"`{row.family}`" for row in rows)
