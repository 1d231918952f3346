"""Can the class be guessed without the brain? Clues alone, beside the networks."""

from hqcm.reporting.document import Block, Folded, Paragraph, Section, Table
from hqcm.reporting.numbers import NOTHING, interval, percent
from hqcm.reporting.results import Results
from hqcm.results.intervals import Estimate, Interval
from hqcm.scrutiny.shortcuts import EVERYTHING, VISIBLE

TITLE = "Can the class be guessed without the brain?"
METHOD = (
    "A random forest is told what stands in the row and never sees the slice; it learns on the "
    "training part and guesses the test part, as the networks do. What it scores, a network may "
    "score without looking at the tumour. Border width and mean intensity are those of the "
    "prepared slice, so a network sees them; the native size is lost in preparation but for "
    "blur. Under a protocol that leaks, a clue may tell the patient and so the class. Intervals "
    "are 95 %, over patients drawn anew."
)


def describe_shortcuts(results: Results) -> Section:
    """In a sentence, then a table a protocol."""
    first, *others = results.shortcuts
    blocks: list[Block] = [
        Paragraph(tell_shortcuts(results, first)),
        Paragraph(METHOD),
        tabulate_shortcuts(results, first),
    ]
    if others:
        tables: list[Block] = [tabulate_shortcuts(results, name) for name in others]
        blocks.append(Folded("The other protocols", tables))
    return Section(TITLE, blocks)


def tell_shortcuts(results: Results, protocol: str) -> str:
    """What the clues score beside the compared pair."""
    clues = results.shortcuts[protocol]
    networks = ", ".join(
        f"`{name}` {percent(found.value)}"
        for name in results.study.pair
        if (found := _estimate(results, protocol, name, "accuracy"))
    )
    seen, every = (_in_words(clues[name].accuracy) for name in (VISIBLE, EVERYTHING))
    return (
        f"Protocol `{protocol}`, accuracy: {VISIBLE} alone {seen}, with source and native size "
        f"{every}" + (f"; the networks: {networks}." if networks else ".")
    )


def tabulate_shortcuts(results: Results, protocol: str) -> Table:
    """Each clue, then each network."""
    clues = [
        [name, *_cells(found.accuracy), *_cells(found.balanced_accuracy)]
        for name, found in results.shortcuts[protocol].items()
    ]
    networks = [
        [
            f"network `{name}`",
            *_cells(_estimate(results, protocol, name, "accuracy")),
            *_cells(_estimate(results, protocol, name, "balanced_accuracy")),
        ]
        for name in results.study.variants
    ]
    return Table(
        f"The class from what is beside the brain, and from the slice; protocol `{protocol}`.",
        ["what is known", "accuracy", "95 % interval", "balanced accuracy", "95 % interval"],
        [*clues, *networks],
    )


def _estimate(results: Results, protocol: str, variant: str, score: str) -> Estimate | None:
    found = results.estimates.get(protocol)
    return found.networks.get(variant, {}).get(f"metrics/{score}") if found else None


def _cells(score: Interval | Estimate | None) -> list[str]:
    if score is None:
        return [NOTHING, NOTHING]
    return [percent(score.value), _bounds(score) or NOTHING]


def _in_words(score: Interval) -> str:
    bounds = _bounds(score)
    return percent(score.value) + (f" (95 % interval {bounds})" if bounds else "")


def _bounds(score: Interval | Estimate) -> str | None:
    if score.low is None or score.high is None:
        return None
    return interval((score.low, score.high))
