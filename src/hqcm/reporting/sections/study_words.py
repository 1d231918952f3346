"""Differences of a study in words.

The study in one paragraph that a person can quote.
"""

from collections.abc import Sequence

from hqcm.comparison.comparisons import Comparison, Comparisons, Kind, Setting
from hqcm.comparison.effects import Verdict
from hqcm.reporting.numbers import NOTHING, count, percent, points, points_between

AGAINST: dict[Verdict, str] = {
    "first ahead": "is ahead of",
    "second ahead": "is behind",
    "no difference": "does not differ, within the margin, from",
    "undecided": "cannot be told from",
}


def describe_difference(row: Comparison) -> str:
    """+8.1 points (+5.0 to +11.2)."""
    return f"{points(row.difference)} ({points_between(row.low, row.high)})"


def name_all(rows: Sequence[Comparison]) -> str:
    """The networks of some rows."""
    return ", ".join(f"`{row.family}`" for row in rows)


def sort_out(found: Comparisons, rows: Sequence[Comparison]) -> str:
    """Which networks the hybrid one is ahead of, behind, and so on, with the differences."""
    parts = []
    for verdict, words in AGAINST.items():
        chosen = [row for row in rows if row.verdict == verdict]
        if chosen:
            names = [f"`{row.family}` ({points(row.difference)})" for row in chosen]
            parts.append(f"{words} {', '.join(names)}")
    return f"`{found.hybrid}` {'; it '.join(parts)}."


def describe_recovery(rows: Sequence[Comparison]) -> str:
    """The network that comes nearest to the hybrid one."""
    closed = [row for row in rows if row.recovered is not None]
    if not closed:
        return ""
    best = max(closed, key=lambda row: row.recovered or 0.0)
    return f" Of the gap between the two, `{best.family}` recovers {describe_share(best)}."


def describe_share(row: Comparison) -> str:
    """87 % (60 to 112 %), or a dash."""
    if row.recovered is None or row.recovered_low is None or row.recovered_high is None:
        return NOTHING
    ends = f"{100 * row.recovered_low:.0f} to {percent(row.recovered_high, 0)}"
    return f"{percent(row.recovered, 0)} ({ends})"


def describe_loss(row: Comparison) -> str:
    """What the hybrid network loses under another protocol."""
    return (
        f"From `{row.first_protocol}` to `{row.second_protocol}`, `{row.family}` goes from "
        f"{percent(row.first_value)} to {percent(row.second_value)}: "
        f"{points(-row.difference)} ({points_between(negative(row.high), negative(row.low))})."
    )


def negative(value: float | None) -> float | None:
    """The other way round, if it is known."""
    return None if value is None else -value


ONE_RUN = (
    "Each network was trained once, so a difference may be the layer's or the seed's: not enough "
    "runs to answer. `make study` trains several."
)
"""What one seed allows to say."""


def conclude(found: Comparisons, cohort: str) -> str:
    """The answer under every protocol, the gap it is about, and what other patients cost."""
    if len(found.seeds) == 1:
        answers = [ONE_RUN]
    else:
        answers = [f"Protocol `{name}`: {answer(found, name)}." for name in found.protocols]
    losses = [
        describe_loss(row)
        for row in found.comparisons
        if (row.question, row.family, row.setting, row.quantity)
        == ("protocol", found.hybrid, found.settings[-1], found.quantities[0])
    ]
    caveat = ["The slices are simulated: none of this is about the paper."]
    gap = describe_gap(found, found.protocols[0])
    return " ".join([*answers, gap, *losses, *(caveat if cohort == "phantom" else [])])


def describe_gap(found: Comparisons, protocol: str) -> str:
    """Hybrid minus counterpart, at the published learning rate and at their own best."""
    rows = find_counterpart(found, protocol)
    return (
        f"`{found.hybrid}` minus `{found.counterpart}`, accuracy under `{protocol}`: "
        + ", ".join(f"{describe_difference(row)} {tell_rates(found, row.setting)}" for row in rows)
        + "."
    )


def detail_protocol(found: Comparisons, protocol: str) -> str:
    """One protocol: sizes, accuracies, then every control at the fairest learning rates."""
    numbers = describe_protocol(found, protocol)
    if len(found.seeds) == 1:
        return numbers
    classical, hybrid = (select_controls(found, protocol, kind) for kind in ("classical", "hybrid"))
    circuits = f" Among the circuits, {sort_out(found, hybrid)}" if hybrid else ""
    controls = f"{sort_out(found, classical)}{describe_recovery(classical)}{circuits}"
    where = tell_rates(found, found.settings[-1])
    return f"{numbers} {where[0].upper()}{where[1:]}: {controls}"


def tell_rates(found: Comparisons, setting: Setting) -> str:
    """At which learning rates; a network tried at one only has not been tuned."""
    if setting == "published":
        return "at the published learning rate"
    if len(found.tuned) == len(found.families):
        return "with every network at its own best learning rate"
    others = {*found.families} - {*found.tuned}
    rate = "published one" if others <= {*found.published} else "only one tried"
    if not found.tuned:
        return f"with every network at the {rate}"
    names = ", ".join(f"`{name}`" for name in found.tuned)
    return f"with {names} at the best of several learning rates, the others at the {rate}"


def select_controls(found: Comparisons, protocol: str, kind: Kind) -> list[Comparison]:
    """The controls of one kind, at the fairest choice of learning rates that there is."""
    rows = found.select("network", found.settings[-1], found.quantities[0], protocol)
    return [row for row in rows if found.families[row.family] == kind]


def describe_protocol(found: Comparisons, protocol: str) -> str:
    """How many runs and slices, and the accuracies of the compared pair."""
    rows = find_counterpart(found, protocol)
    first = rows[0]
    runs = "one run" if first.n_seeds == 1 else f"{first.n_seeds} runs"
    reached = "; ".join(
        f"{tell_rates(found, row.setting)} `{found.hybrid}` reaches {percent(row.first_value)} "
        f"accuracy, `{found.counterpart}` {percent(row.second_value)}"
        for row in rows
    )
    return (
        f"`{protocol}` ({runs} of each network, {count(first.second_n_slices)} test slices of "
        f"{count(first.second_n_groups)} patients or files): {reached}."
    )


def find_counterpart(found: Comparisons, protocol: str) -> list[Comparison]:
    """The comparison of the pair that the paper compares, at each learning rate it was trained at.

    The last is the fairest; none is at the published rate if either was not trained at that.
    """
    return [
        row
        for setting in found.settings
        for row in found.select("network", setting, found.quantities[0], protocol)
        if row.family == found.counterpart
    ]


def answer(found: Comparisons, protocol: str) -> str:
    """Is it the quantum layer?"""
    classical = select_controls(found, protocol, "classical")
    counterpart = next(row for row in classical if row.family == found.counterpart)
    if counterpart.verdict != "first ahead":
        against = f"`{found.hybrid}` {AGAINST[counterpart.verdict]} `{found.counterpart}`"
        return f"no advantage of the quantum layer is shown, {against}"
    equals = [row for row in classical if row.verdict in {"no difference", "second ahead"}]
    if equals:
        return f"no, {name_all(equals)} without any circuit does as well"
    if len(classical) == 1:
        return (
            f"`{found.hybrid}` is ahead of `{found.counterpart}`, which does not tell the circuit "
            "from what comes with it; that takes more controls"
        )
    open_ends = [row for row in classical if row.verdict == "undecided"]
    if open_ends:
        return f"not decided, `{found.hybrid}` cannot be told from {name_all(open_ends)}"
    return f"yes, as far as these controls go: `{found.hybrid}` is ahead of {name_all(classical)}"
