"""A network against the hybrid one, and a protocol against the first."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from hqcm.comparison.comparisons import Comparison, Kind, Question, Setting
from hqcm.comparison.effects import Effect, Sampled, Share, adjust_holm, assess, judge, recover
from hqcm.comparison.sampling import Sample
from hqcm.evaluation.statistics import rounded


class Side(NamedTuple):
    """One side of a comparison."""

    variant: str
    protocol: str


class Pair(NamedTuple):
    """What is compared; the family is the control, or the network under two protocols."""

    question: Question
    family: str
    first: Side
    second: Side


class Answers:
    """Comparisons for one choice of learning rates.

    Args:
        samples: protocol -> what is known of it, the study's first protocol first.
        members: protocol and family -> the variant that stands for the family; a family that
            has none is compared with nothing.
        kinds: family -> kind, the hybrid network that the others are compared with first.
        setting: the name of that choice.
        margin: below it a difference is of no consequence.
    """

    def __init__(
        self,
        samples: Mapping[str, Sample],
        members: Mapping[tuple[str, str], str],
        kinds: Mapping[str, Kind],
        *,
        setting: Setting,
        margin: float,
    ) -> None:
        self._samples = samples
        self._members = members
        self._families = list(kinds)
        self._counterpart = next(name for name, kind in kinds.items() if kind == "classical")
        self._setting = setting
        self._margin = margin

    def compare(self, quantity: str) -> Iterator[Comparison]:
        """Both questions, for the networks and protocols that define the quantity."""
        first, *others = self._samples
        for protocol in self._samples:
            yield from self._answer(quantity, self._pair_networks(protocol))
        for protocol in others:
            yield from self._answer(quantity, self._pair_protocols(first, protocol))

    def _pair_networks(self, protocol: str) -> list[Pair]:
        hybrid, *controls = self._families
        return [
            Pair("network", name, self._side(hybrid, protocol), self._side(name, protocol))
            for name in controls
            if self._has_member(hybrid, protocol) and self._has_member(name, protocol)
        ]

    def _pair_protocols(self, first: str, second: str) -> list[Pair]:
        return [
            Pair("protocol", name, self._side(name, first), self._side(name, second))
            for name in self._families
            if self._has_member(name, first) and self._has_member(name, second)
        ]

    def _is_defined(self, quantity: str, *sides: Side) -> bool:
        return all(
            quantity in self._samples[side.protocol].networks[side.variant] for side in sides
        )

    def _answer(self, quantity: str, pairs: list[Pair]) -> Iterator[Comparison]:
        pairs = [pair for pair in pairs if self._is_defined(quantity, pair.first, pair.second)]
        effects = [self._assess(quantity, pair) for pair in pairs]
        adjusted = adjust_holm([effect.p_value for effect in effects])
        for pair, effect, p_holm in zip(pairs, effects, adjusted, strict=True):
            n_seeds = len(self._sampled(pair.first, quantity).runs)
            yield Comparison(
                question=pair.question,
                setting=self._setting,
                quantity=quantity,
                family=pair.family,
                **self._describe_sides(quantity, pair),
                difference=rounded(effect.value),
                low=_kept(effect.low),
                high=_kept(effect.high),
                p_value=_kept_probability(effect.p_value),
                p_holm=_kept_probability(p_holm),
                n_tests=len(pairs),
                n_seeds=n_seeds,
                **self._describe_share(quantity, pair),
                verdict=judge(effect, p_holm, n_seeds, self._margin),
            )

    def _assess(self, quantity: str, pair: Pair) -> Effect:
        first, second = (self._sampled(side, quantity) for side in (pair.first, pair.second))
        if pair.question == "network":
            return assess(first.minus(second))
        return assess(first, second.negated())

    def _describe_sides(self, quantity: str, pair: Pair) -> dict[str, Any]:
        described: dict[str, Any] = {}
        for name, side in (("first", pair.first), ("second", pair.second)):
            size = self._samples[side.protocol].sizes[quantity]
            described |= {
                name: side.variant,
                f"{name}_protocol": side.protocol,
                f"{name}_value": rounded(self._sampled(side, quantity).value),
                f"{name}_n_slices": size.n,
                f"{name}_n_groups": size.n_groups,
            }
        return described

    def _describe_share(self, quantity: str, pair: Pair) -> dict[str, Any]:
        share = self._recover(quantity, pair)
        names = ("recovered", "recovered_low", "recovered_high")
        return dict(zip(names, map(rounded, share) if share else [None] * 3, strict=True))

    def _recover(self, quantity: str, pair: Pair) -> Share | None:
        protocol = pair.first.protocol
        if pair.question == "protocol" or not self._has_member(self._counterpart, protocol):
            return None
        bottom = self._side(self._counterpart, protocol)
        if pair.second == bottom or not self._is_defined(quantity, bottom):
            return None
        upper, control, lower = (
            self._sampled(side, quantity) for side in (pair.first, pair.second, bottom)
        )
        return recover(control.minus(lower), upper.minus(lower))

    def _has_member(self, family: str, protocol: str) -> bool:
        return (protocol, family) in self._members

    def _side(self, family: str, protocol: str) -> Side:
        return Side(self._members[protocol, family], protocol)

    def _sampled(self, side: Side, quantity: str) -> Sampled:
        return self._samples[side.protocol].networks[side.variant][quantity]


def _kept(value: float | None) -> float | None:
    return None if value is None else rounded(value)


def _kept_probability(value: float | None) -> float | None:
    """Four digits: more would depend on the machine."""
    return None if value is None else float(f"{value:.4g}")
