"""The study in one paragraph that a person can quote."""

from collections.abc import Sequence

from hqcm.comparison.comparisons import Comparison, Comparisons, Setting, Verdict
from hqcm.reporting.formats import NOTHING, count, percent, points, points_between

CHOICES: dict[Setting, str] = {
    "published": "at the published learning rate",
    "best": "with every network at its own best learning rate",
}
AGAINST: dict[Verdict, str] = {
    "first ahead": "is ahead of",
    "second ahead": "is behind",
    "no difference": "does not differ, within the margin, from",
    "undecided": "cannot be told from",
}
ONE_RUN = (
    "Each network was trained once, so a difference may be the layer's or the seed's: not enough "
    "runs to answer. `make study` trains several."
)
"""What one seed allows to say."""


def conclude(found: Comparisons, cohort: str) -> str:
    """Numbers, protocol by protocol, then what they amount to."""
    protocols = dict.fromkeys(rate.protocol for rate in found.tuning)
    sentences = [describe_protocol(found, protocol) for protocol in protocols]
    if len(found.seeds) == 1:
        sentences.append(ONE_RUN)
    else:
        sentences += [judge_controls(found, protocol) for protocol in protocols]
    losses = [
        describe_loss(row)
        for row in found.comparisons
        if (row.question, row.family, row.setting, row.quantity)
        == ("protocol", found.hybrid, found.settings[-1], found.quantities[0])
    ]
    caveat = ["The slices are simulated: none of this is about the paper."]
    return " ".join([*sentences, *losses, *(caveat if cohort == "phantom" else [])])


def describe_protocol(found: Comparisons, protocol: str) -> str:
    """Hybrid and counterpart, at the published learning rate and at their own best."""
    rows = [find_counterpart(found, setting, protocol) for setting in found.settings]
    first = rows[0]
    runs = "one run" if first.n_seeds == 1 else f"{first.n_seeds} runs"
    return (
        f"Protocol `{protocol}` ({runs} of each network, {count(first.second_n_slices)} test "
        f"slices of {count(first.second_n_groups)} patients or files): "
        + "; ".join(
            f"{CHOICES[row.setting]} `{found.hybrid}` reaches {percent(row.first_value)} accuracy, "
            f"`{found.counterpart}` {percent(row.second_value)}, {describe_difference(row)}"
            for row in rows
        )
        + "."
    )


def find_counterpart(found: Comparisons, setting: Setting, protocol: str) -> Comparison:
    """The comparison of the pair that the paper compares."""
    rows = found.select("network", setting, found.quantities[0], protocol)
    return next(row for row in rows if row.family == found.counterpart)


def describe_difference(row: Comparison) -> str:
    """+8.1 points (+5.0 to +11.2)."""
    return f"{points(row.difference)} ({points_between(row.low, row.high)})"


def judge_controls(found: Comparisons, protocol: str) -> str:
    """What the controls say under one protocol, at the fairest choice of learning rates."""
    setting = found.settings[-1]
    rows = found.select("network", setting, found.quantities[0], protocol)
    classical = [row for row in rows if found.families[row.family] == "classical"]
    hybrid = [row for row in rows if found.families[row.family] == "hybrid"]
    further = f" Among the circuits, {sort_out(found, hybrid)}" if hybrid else ""
    return (
        f"Under `{protocol}`, {CHOICES[setting]}: "
        f"{answer(found, classical)}{describe_recovery(classical)}{further}"
    )


def answer(found: Comparisons, classical: Sequence[Comparison]) -> str:
    """Is it the quantum layer?"""
    counterpart = next(row for row in classical if row.family == found.counterpart)
    if counterpart.verdict != "first ahead":
        rest = [row for row in classical if row is not counterpart]
        against = f"`{found.hybrid}` {AGAINST[counterpart.verdict]} `{found.counterpart}`"
        further = f" {sort_out(found, rest)}" if rest else ""
        return f"no advantage of the quantum layer is shown; {against}.{further}"
    equals = [row for row in classical if row.verdict in {"no difference", "second ahead"}]
    if equals:
        names = ", ".join(f"`{row.family}`" for row in equals)
        return f"no, {names} without any circuit does as well. {sort_out(found, classical)}"
    if len(classical) == 1:
        return (
            f"`{found.hybrid}` is ahead of `{found.counterpart}`, which does not tell the circuit "
            "from what comes with it; that takes more controls."
        )
    if all(row.verdict == "first ahead" for row in classical):
        return f"yes, as far as these controls go. {sort_out(found, classical)}"
    return f"not decided. {sort_out(found, classical)}"


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
