"""Independent derivations that the tests compare with. Imports nothing from hqcm."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def rotation_z(angle: float) -> NDArray[np.complex128]:
    return np.diag([np.exp(-0.5j * angle), np.exp(0.5j * angle)])


def rotation_y(angle: float) -> NDArray[np.complex128]:
    c, s = math.cos(angle / 2), math.sin(angle / 2)
    return np.array([[c, -s], [s, c]], dtype=np.complex128)


def circuit_expectations(chunk: Array, weights: Array, entangler: str) -> Array:
    """State vector, gate by gate, after the paper's section 3.3; axis j of the state is wire j."""
    depth, n, _ = weights.shape
    state = (chunk / np.linalg.norm(chunk)).astype(complex).reshape([2] * n)
    for layer in range(depth):
        for wire in range(n):
            phi, theta, omega = weights[layer, wire]
            gate = rotation_z(omega) @ rotation_y(theta) @ rotation_z(phi)
            state = np.moveaxis(np.tensordot(gate, state, axes=(1, wire)), 0, wire)
        for control in range(n if n > 1 and entangler != "none" else 0):
            target = (control + layer % (n - 1) + 1) % n
            both = [slice(None)] * n
            both[control] = slice(1, 2)
            if entangler == "cnot":
                state[tuple(both)] = np.flip(state[tuple(both)], axis=target).copy()
            else:
                both[target] = slice(1, 2)
                state[tuple(both)] *= -1
    pauli_y = np.array([[0, -1j], [1j, 0]])
    turned = [np.moveaxis(np.tensordot(pauli_y, state, axes=(1, w)), 0, w) for w in range(n)]
    return np.array([np.vdot(state, after).real for after in turned])


def circuit_forms(weights: Array, entangler: str) -> Array:
    """Re(U^H Y_j U) of each wire j, by polarisation: element (a, b) from states a + b and a - b."""
    size = 2 ** weights.shape[1]
    forms = np.empty((weights.shape[1], size, size))
    unit = np.eye(size)
    for a, b in product(range(size), repeat=2):
        if a == b:
            forms[:, a, a] = circuit_expectations(unit[a], weights, entangler)
            continue
        plus, minus = (
            circuit_expectations(unit[a] + sign * unit[b], weights, entangler) for sign in (1, -1)
        )
        forms[:, a, b] = (plus - minus) / 2
    return forms


def convolve(images: Array, weight: Array, bias: Array) -> Array:
    """Cross-correlation with zero padding, one output pixel at a time."""
    n_out, _, size, _ = weight.shape
    margin = size // 2
    padded = np.pad(images, [(0, 0), (margin, margin), (margin, margin)])
    result = np.empty((n_out, *images.shape[1:]))
    for k in range(n_out):
        for i in range(images.shape[1]):
            for j in range(images.shape[2]):
                result[k, i, j] = (padded[:, i : i + size, j : j + size] * weight[k]).sum() + bias[
                    k
                ]
    return result


def sigmoid(values: Array) -> Array:
    return 1 / (1 + np.exp(-values))


def bce_of_pixels(attention: Array, mask: Array) -> float:
    """Mean over pixels of -[T log A + (1 - T) log(1 - A)], pixel by pixel."""
    terms = [
        math.log(a) if t else math.log(1 - a)
        for a, t in zip(attention.ravel(), mask.ravel(), strict=True)
    ]
    return -sum(terms) / len(terms)


def dice_loss_of_pixels(attention: Array, mask: Array, epsilon: float) -> float:
    overlap = sum(a * t for a, t in zip(attention.ravel(), mask.ravel(), strict=True))
    return 1 - (2 * overlap + epsilon) / (attention.sum() + mask.sum() + epsilon)


def jaccard_index(attention: Array, mask: NDArray[np.bool_], threshold: float) -> float | None:
    """Pixel by pixel; None where neither holds a pixel."""
    common = either = 0
    for map_row, mask_row in zip(attention, mask, strict=True):
        for value, inside in zip(map_row, mask_row, strict=True):
            common += bool(value >= threshold and inside)
            either += bool(value >= threshold or inside)
    return common / either if either else None


def calibration_error(probabilities: list[list[float]], y_true: list[int], n_bins: int) -> float:
    """Expected calibration error, bin by bin and slice by slice."""
    total = 0.0
    for b in range(n_bins):
        confidences, hits = [], []
        for row, truth in zip(probabilities, y_true, strict=True):
            confidence = max(row)
            if b / n_bins < confidence <= (b + 1) / n_bins:
                confidences.append(confidence)
                hits.append(row.index(confidence) == truth)
        if confidences:
            accuracy = sum(hits) / len(hits)
            mean = sum(confidences) / len(confidences)
            total += len(hits) / len(y_true) * abs(accuracy - mean)
    return total


def covered_fractions(mask: NDArray[np.bool_], size: int) -> list[list[Fraction]]:
    """How much of each pixel of a square grid a mask covers, pixel by pixel, exactly."""

    def shared(n: int) -> list[list[Fraction]]:
        """Length common to pixel i of `size` and pixel j of n, in pixels of i."""
        length, line = Fraction(n, size), range(n)
        starts = [i * length for i in range(size)]
        return [
            [
                max(min(s + length, Fraction(j + 1)) - max(s, Fraction(j)), Fraction(0)) / length
                for j in line
            ]
            for s in starts
        ]

    rows, cols = (shared(n) for n in mask.shape)
    drawn = [(int(r), int(c)) for r, c in zip(*np.nonzero(mask), strict=True)]
    return [
        [sum((a[r] * b[c] for r, c in drawn if a[r] and b[c]), Fraction(0)) for b in cols]
        for a in rows
    ]


def resize_line(values: Array, size: int) -> Array:
    """Triangle filter as wide as the reduction, never narrower than a pixel, edges cut off."""
    n = len(values)
    width = max(n / size, 1.0)
    result = np.empty((size, *values.shape[1:]))
    for i in range(size):
        centre = (i + 0.5) * n / size
        weights = [max(0.0, 1 - abs((j + 0.5 - centre) / width)) for j in range(n)]
        result[i] = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
    return result


def prepare_image(image: Array, size: int) -> Array:
    """Resized along columns, then rows, then min-max; not rounded, in 0 to 255."""
    resized: Array = resize_line(resize_line(image.T, size).T, size)
    return 255 * (resized - resized.min()) / (resized.max() - resized.min())


def confusion_matrices(supports: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    """Every matrix with these row sums; actual class by row, predicted class by column."""
    k = len(supports)
    rows = [
        [row for row in product(range(support + 1), repeat=k) if sum(row) == support]
        for support in supports
    ]
    for matrix in product(*rows):
        yield list(matrix)


def scores_of_matrix(matrix: Sequence[Sequence[int]]) -> list[Fraction] | None:
    """Precision, recall, F1 of each class, then macro, then weighted, then the accuracy.

    None where a class is never predicted or never there: it has no such scores.
    """
    k, n, lines, supports = len(matrix), 0, [], []
    for i in range(k):
        true_positives = matrix[i][i]
        false_positives = sum(matrix[j][i] for j in range(k) if j != i)
        false_negatives = sum(matrix[i][j] for j in range(k) if j != i)
        if true_positives + false_positives == 0 or true_positives + false_negatives == 0:
            return None
        precision = Fraction(true_positives, true_positives + false_positives)
        recall = Fraction(true_positives, true_positives + false_negatives)
        both = precision + recall
        lines.append((precision, recall, 2 * precision * recall / both if both else Fraction(0)))
        supports.append(true_positives + false_negatives)
        n += supports[-1]
    values = [value for line in lines for value in line]
    values += [sum(line[j] for line in lines) / Fraction(k) for j in range(3)]
    for j in range(3):
        values.append(
            sum((line[j] * s for line, s in zip(lines, supports, strict=True)), Fraction(0)) / n
        )
    return [*values, Fraction(sum(matrix[i][i] for i in range(k)), n)]


def roundings(value: Fraction, decimals: int) -> set[str]:
    """The digits that a value may be printed as; two where it lies midway."""
    scaled = value * 10**decimals
    whole = {math.floor(scaled + Fraction(1, 2)), math.ceil(scaled - Fraction(1, 2))}
    return {f"{Decimal(digits).scaleb(-decimals):.{decimals}f}" for digits in whole}


def sum_of_ranks(n: int) -> int:
    """Every one of n pairs on one side: the sum of the ranks 1 to n."""
    return sum(range(1, n + 1))


def resampled_mean(
    values: Sequence[float | None], groups: Sequence[int], drawn: Sequence[int]
) -> float | None:
    """Mean over all slices of the groups drawn, a group drawn twice counting twice."""
    found = []
    for group in drawn:
        for value, own in zip(values, groups, strict=True):
            if own == group and value is not None:
                found.append(value)
    return sum(found) / len(found) if found else None


def area_of_pairs(scores: Sequence[float], is_class: Sequence[bool]) -> float | None:
    """Share of pairs, one of the class and one not, that the score puts in the right order."""
    right = n_pairs = 0.0
    for score, inside in zip(scores, is_class, strict=True):
        for other, other_inside in zip(scores, is_class, strict=True):
            if inside and not other_inside:
                n_pairs += 1
                right += 1.0 if score > other else 0.5 if score == other else 0.0
    return right / n_pairs if n_pairs else None


def brier_score(probabilities: list[list[float]], y_true: list[int]) -> float:
    """Brier's own definition: squared error summed over classes, mean over forecasts."""
    total = 0.0
    for row, truth in zip(probabilities, y_true, strict=True):
        for label, probability in enumerate(row):
            total += (probability - (1 if label == truth else 0)) ** 2
    return total / len(y_true)


def is_outvoted(
    place: int, points: Sequence[Sequence[float]], labels: Sequence[int], groups: Sequence[int]
) -> bool:
    """Whether the five nearest slices of other groups mostly have another class than a slice."""
    others = [i for i in range(len(points)) if groups[i] != groups[place]]
    others.sort(key=lambda i: math.dist(points[i], points[place]))
    votes = [labels[i] for i in others[:5]]
    return max(sorted(set(votes)), key=votes.count) != labels[place]


def mcnemar_p(n_first: int, n_second: int) -> Fraction:
    """Twice the smaller binomial tail at one half, at most 1."""
    n = n_first + n_second
    tail = sum(math.comb(n, k) for k in range(min(n_first, n_second) + 1))
    return min(Fraction(1), Fraction(2 * tail, 2**n))


def reachable(n_nodes: int, edges: Sequence[tuple[int, int]]) -> list[set[int]]:
    """Which nodes each node reaches along undirected edges, itself included."""
    reached = [{node} for node in range(n_nodes)]
    for _ in range(n_nodes):
        for one, other in edges:
            both = reached[one] | reached[other]
            reached[one], reached[other] = set(both), set(both)
    return reached


def imbalance(part: Sequence[int], counts: Sequence[Sequence[int]], shares: Array) -> Fraction:
    """Squared deviations from the wanted slices of each class and part, over the wanted."""
    total = Fraction(0)
    for k, share in enumerate(shares):
        for column in zip(*counts, strict=True):
            wanted = Fraction(float(share)) * sum(column)
            held = sum(n for n, home in zip(column, part, strict=True) if home == k)
            total += (held - wanted) ** 2 / wanted if wanted else 0
    return total


def mean_silhouette(
    points: Sequence[Sequence[float]], labels: Sequence[int], drawn: Sequence[int]
) -> float | None:
    """Silhouettes of the points drawn, one by one; copies of a point are no company to it."""
    if len({labels[i] for i in drawn}) < 2:
        return None
    total = 0.0
    for i in drawn:
        to_class: dict[int, list[float]] = {}
        for j in drawn:
            if i != j:
                to_class.setdefault(labels[j], []).append(math.dist(points[i], points[j]))
        if labels[i] in to_class:
            means = {label: sum(found) / len(found) for label, found in to_class.items()}
            own = means.pop(labels[i])
            nearest = min(means.values())
            if max(own, nearest) > 0:
                total += (nearest - own) / max(own, nearest)
    return total / len(drawn)


def holm(p_values: Sequence[float]) -> list[float]:
    """For each hypothesis the smallest level at which the step-down procedure rejects it."""
    m = len(p_values)
    steps = sorted(p_values)

    def is_rejected(p: float, level: float) -> bool:
        rejected = -1.0
        for step, candidate in enumerate(steps):
            if candidate * (m - step) > level * (1 + 1e-12):
                break
            rejected = candidate
        return p <= rejected

    levels = sorted({min(1.0, p * k) for p in p_values for k in range(1, m + 1)} | {1.0})
    return [next((a for a in levels if is_rejected(p, a)), 1.0) for p in p_values]


def two_level_errors(values: Array, groups: Sequence[int], n_draws: int) -> tuple[float, float]:
    """Standard errors of a mean over seeds and slices: seeds alone, then groups alone, drawn anew.

    One seed fewer than there are is drawn, as many groups as there are; slice by slice.
    """
    generator = np.random.default_rng(5)
    n_seeds = len(values)
    members = [[i for i, g in enumerate(groups) if g == group] for group in sorted(set(groups))]
    by_seed, by_group = [], []
    for _ in range(n_draws):
        seeds = generator.integers(0, n_seeds, n_seeds - 1)
        by_seed.append(sum(float(values[s].mean()) for s in seeds) / (n_seeds - 1))
        drawn = [members[g] for g in generator.integers(0, len(members), len(members))]
        slices = [i for member in drawn for i in member]
        by_group.append(sum(float(values[:, i].mean()) for i in slices) / len(slices))
    return float(np.std(by_seed)), float(np.std(by_group))


def sign_flip_probability(sums: Sequence[float]) -> float:
    """How often the total of the groups' sums is as far from zero, over all choices of signs."""
    totals = [
        abs(sum(s * v for s, v in zip(signs, sums, strict=True)))
        for signs in product((-1, 1), repeat=len(sums))
    ]
    return sum(total >= abs(sum(sums)) - 1e-12 for total in totals) / len(totals)


def noisy_expectations(
    chunk: Array, weights: Array, depolarising: float, readout: float
) -> list[float]:
    """Density matrix of two wires, gate by gate: Y of each, as a noisy machine reads it.

    Amplitudes of 0 or more are loaded by four rotations in a tree; noise after RY and CNOT
    replaces the wire's part by one without information. Before a turn of Y to Z it is the same
    as after it.
    """
    norm = float(np.linalg.norm(chunk))
    a, b, c, d = (float(value) / norm for value in chunk)
    left, right = 2 * math.atan2(b, a), 2 * math.atan2(d, c)
    top = 2 * math.atan2(math.hypot(c, d), math.hypot(a, b))
    cnots = [np.eye(4)[[0, 1, 3, 2]], np.eye(4)[[0, 3, 2, 1]]]
    rho = np.zeros((4, 4), complex)
    rho[0, 0] = 1

    def mix(rho: NDArray[np.complex128], wires: Sequence[int]) -> NDArray[np.complex128]:
        for wire in wires:
            parts = rho.reshape(2, 2, 2, 2)
            kept = np.trace(parts, axis1=wire, axis2=wire + 2)
            lost = np.kron(np.eye(2) / 2, kept) if wire == 0 else np.kron(kept, np.eye(2) / 2)
            rho = (1 - 4 * depolarising / 3) * rho + 4 * depolarising / 3 * lost
        return rho

    def turn(rho: NDArray[np.complex128], gate: Any, wire: int) -> NDArray[np.complex128]:
        whole = np.kron(gate, np.eye(2)) if wire == 0 else np.kron(np.eye(2), gate)
        return whole @ rho @ whole.conj().T

    def flip(rho: NDArray[np.complex128], control: int) -> NDArray[np.complex128]:
        return mix(cnots[control] @ rho @ cnots[control].T, (0, 1))

    for angle, wire in ((top, 0), ((left + right) / 2, 1)):
        rho = mix(turn(rho, rotation_y(angle), wire), (wire,))
    rho = flip(rho, 0)
    rho = flip(mix(turn(rho, rotation_y((left - right) / 2), 1), (1,)), 0)
    for layer in weights:
        for wire, (phi, theta, omega) in enumerate(layer):
            rho = mix(turn(rho, rotation_y(theta) @ rotation_z(phi), wire), (wire,))
            rho = turn(rho, rotation_z(omega), wire)
        rho = flip(flip(rho, 0), 1)
    rho = mix(rho, (0, 1))
    pauli_y, one = np.array([[0, -1j], [1j, 0]]), np.eye(2)
    read = [np.trace(rho @ np.kron(pauli_y, one)), np.trace(rho @ np.kron(one, pauli_y))]
    return [(1 - 2 * readout) * float(value.real) for value in read]


def share_of_draws(draws: Sequence[Sequence[int]], wanted: Sequence[int]) -> Fraction:
    """How many entries of all draws are as wanted."""
    hits = sum(got == want for draw in draws for got, want in zip(draw, wanted, strict=True))
    return Fraction(hits, len(draws) * len(wanted))


def accuracy_gaps(
    hits: Sequence[Sequence[bool]],
    is_known: Sequence[bool],
    groups: Sequence[int],
    drawn: Sequence[int],
) -> list[float | None]:
    """Of each run, accuracy on the known slices of the groups drawn minus that on the others."""
    found: list[float | None] = []
    for run in hits:
        counted: dict[bool, list[bool]] = {True: [], False: []}
        for group in drawn:
            for hit, known, own in zip(run, is_known, groups, strict=True):
                if own == group:
                    counted[known].append(hit)
        shares = [sum(kind) / len(kind) if kind else None for kind in counted.values()]
        gap = None if shares[0] is None or shares[1] is None else shares[0] - shares[1]
        found.append(gap)
    return found


def student_tail(t: float, n_free: float) -> float:
    """Probability of a magnitude of t or more: the density, integrated by Simpson's rule.

    With x = sqrt(n_free) tan(angle) the density is a power of the cosine; the fourth power of
    the distance from the right angle keeps its end smooth.
    """
    scale = math.exp(math.lgamma((n_free + 1) / 2) - math.lgamma(n_free / 2)) / math.sqrt(math.pi)
    n_steps = 2000
    end = (math.pi / 2 - math.atan(abs(t) / math.sqrt(n_free))) ** 0.25
    places = np.linspace(0, end, n_steps + 1)
    values = np.sin(places**4) ** (n_free - 1) * 4 * places**3
    weights = np.where(np.arange(n_steps + 1) % 2, 4.0, 2.0)
    weights[[0, -1]] = 1
    return float(2 * scale * (weights @ values) * end / n_steps / 3)


def student_quantile(n_free: float, confidence: float = 0.95) -> float:
    """The t whose magnitude is exceeded with what is left of the confidence, by bisection."""
    low, high = 0.0, 1e3
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (
            (middle, high) if student_tail(middle, n_free) > 1 - confidence else (low, middle)
        )
    return high


def satterthwaite(variances: Sequence[float], n_free: Sequence[int]) -> float:
    """Degrees of freedom: those of the chi-square with the mean and variance of the sum."""
    mean = sum(variances)
    variance = sum(2 * v**2 / n for v, n in zip(variances, n_free, strict=True))
    return 2 * mean**2 / variance


def fieller_set(
    parts: tuple[Array, Array], gaps: tuple[Array, Array], n_groups: int
) -> tuple[float, float]:
    """Ends of the fractions f for which part - f gap is within t standard errors of zero.

    Both are values of each run, then of each run in each draw; searched by bisection from the
    quotient outwards.
    """
    n_seeds = len(parts[0])
    quotient = float(parts[0].mean() / gaps[0].mean())

    def variances(f: float) -> list[float]:
        runs, draws = (part - f * gap for part, gap in zip(parts, gaps, strict=True))
        by_seed = float(np.var(runs, ddof=1)) / n_seeds
        return [by_seed, float(np.var(draws.mean(axis=0), ddof=1))]

    t = student_quantile(satterthwaite(variances(quotient), [n_seeds - 1, n_groups - 1]))

    def is_inside(f: float) -> bool:
        distance = abs(float((parts[0] - f * gaps[0]).mean()))
        return distance <= t * math.sqrt(sum(variances(f)))

    ends = []
    for direction in (-1, 1):
        reach = 1e-3
        while is_inside(quotient + direction * reach):
            reach *= 2
        inside, outside = 0.0, reach
        for _ in range(60):
            middle = (inside + outside) / 2
            if is_inside(quotient + direction * middle):
                inside = middle
            else:
                outside = middle
        ends.append(quotient + direction * inside)
    return ends[0], ends[1]


def score_interval(n_hits: int, n: int) -> tuple[float, float]:
    """Wilson's: the shares p whose own standard error the observed share is 1.96 of away from."""
    observed, z = n_hits / n, 1.959963984540054
    ends = []
    for far in (0.0, 1.0):
        inside, outside = observed, far
        for _ in range(100):
            p = (inside + outside) / 2
            if abs(observed - p) <= z * math.sqrt(p * (1 - p) / n):
                inside = p
            else:
                outside = p
        ends.append(inside if observed != far else far)
    return ends[0], ends[1]


def difference_bounds(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """Newcombe's method 10 for hits of n against hits of n: errors to either side, in squares."""
    (p, q), ((p_low, p_high), (q_low, q_high)) = (
        [k / n for k, n in (first, second)],
        [score_interval(k, n) for k, n in (first, second)],
    )
    below = math.sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    above = math.sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q - below, p - q + above


def quantile_of(values: Sequence[float], share: float) -> float:
    """On the line through the sorted values, the first at 0 and the last at 1."""
    steps = sorted(values)
    place = Fraction(share) * (len(steps) - 1)
    left = min(math.floor(place), len(steps) - 2) if len(steps) > 1 else 0
    right = min(left + 1, len(steps) - 1)
    return steps[left] + float(place - left) * (steps[right] - steps[left])


def mid_ranks(values: Sequence[float]) -> list[float]:
    """One more than the smaller values, and half of the other equal ones."""
    return [
        1 + sum(other < value for other in values) + (sum(o == value for o in values) - 1) / 2
        for value in values
    ]


def signed_rank_p(differences: Sequence[float]) -> float:
    """Wilcoxon's two-sided p of differences that are not zero.

    Every choice of signs of 13 differences or fewer, or of 50 without ties; else the normal
    approximation with its variance less by the ties.
    """
    n, sizes = len(differences), [abs(d) for d in differences]
    ranks = mid_ranks(sizes)
    above = sum(rank for rank, d in zip(ranks, differences, strict=True) if d > 0)
    if n <= 13 or (n <= 50 and len(set(sizes)) == n):
        ways = {0: 1}  # twice a rank sum -> choices of signs that give it
        for rank in ranks:
            more = dict(ways)
            for total, number in ways.items():
                more[total + round(2 * rank)] = more.get(total + round(2 * rank), 0) + number
            ways = more
        centre = Fraction(n * (n + 1), 2)
        distance = abs(round(2 * above) - centre)
        extreme = sum(number for total, number in ways.items() if abs(total - centre) >= distance)
        return float(Fraction(extreme, 2**n))
    tied = sum(sizes.count(size) ** 3 - sizes.count(size) for size in set(sizes))
    variance = n * (n + 1) * (2 * n + 1) / 24 - tied / 48
    return math.erfc(abs(above - n * (n + 1) / 4) / math.sqrt(2 * variance))


def class_scores(y_true: Sequence[int], y_pred: Sequence[int], label: int) -> tuple[float, ...]:
    """Precision, recall, F1 and slices of a class, counted one by one; 0 where undefined."""
    pairs = list(zip(y_true, y_pred, strict=True))
    both = sum(truth == label == guess for truth, guess in pairs)
    n_true = sum(truth == label for truth, _ in pairs)
    n_guessed = sum(guess == label for _, guess in pairs)
    precision = both / n_guessed if n_guessed else 0.0
    recall = both / n_true if n_true else 0.0
    f1 = 2 / (1 / precision + 1 / recall) if both else 0.0
    return precision, recall, f1, n_true


def curve_points(scores: Sequence[float], is_class: Sequence[bool]) -> set[tuple[float, float]]:
    """Shares of the others and of the class at or above each score, and (0, 0)."""
    points = {(0.0, 0.0)}
    for threshold in scores:
        taken = [score >= threshold for score in scores]
        hits = [t for t, inside in zip(taken, is_class, strict=True) if inside]
        alarms = [t for t, inside in zip(taken, is_class, strict=True) if not inside]
        points.add((sum(alarms) / len(alarms), sum(hits) / len(hits)))
    return points


def reliability_rows(
    probabilities: list[list[float]], y_true: list[int], n_bins: int
) -> list[tuple[float, float, float, int]]:
    """Centre, mean confidence, accuracy and slices of each bin that has any."""
    rows = []
    for b in range(n_bins):
        inside = [
            (max(row), row.index(max(row)) == truth)
            for row, truth in zip(probabilities, y_true, strict=True)
            if b / n_bins < max(row) <= (b + 1) / n_bins
        ]
        if inside:
            n = len(inside)
            means = [sum(float(pair[i]) for pair in inside) / n for i in (0, 1)]
            rows.append(((b + 0.5) / n_bins, means[0], means[1], n))
    return rows


def known_from_training(
    parts: Sequence[str], patients: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> list[tuple[bool, bool] | None]:
    """Of each test slice, whether a twin and whether another slice of its patient trains."""
    trained = [i for i, part in enumerate(parts) if part == "train"]
    return [
        (
            any((i, j) in pairs or (j, i) in pairs for j in trained),
            any(patients[i] == patients[j] for j in trained),
        )
        if part == "test"
        else None
        for i, part in enumerate(parts)
    ]


def grad_cam_of_line(maps: Array, weights: Array) -> list[list[float]]:
    """Grad-CAM of a score that is linear in the maps, so that the weights are its gradient.

    Cell by cell: each channel counts as much as its weights are on average; below 0 is 0; the
    largest is 1 unless all are 0.
    """
    channels, rows, cols = maps.shape
    importance = [sum(weights[k].ravel()) / (rows * cols) for k in range(channels)]
    evidence = [
        [max(0.0, sum(importance[k] * maps[k, r, c] for k in range(channels))) for c in range(cols)]
        for r in range(rows)
    ]
    largest = max(max(row) for row in evidence)
    return [[value / largest if largest else 0.0 for value in row] for row in evidence]


def pixels_in_order(values: Array, noise: Array) -> list[tuple[int, int]]:
    """Places by falling value, then falling noise, then as one reads."""
    rows, cols = values.shape
    places = [(r, c) for r in range(rows) for c in range(cols)]
    return sorted(places, key=lambda place: (-values[place], -noise[place], place))


def area_of_trapezia(heights: Sequence[float], places: Sequence[float]) -> float:
    """The area below straight lines from point to point."""
    corners = list(zip(places, heights, strict=True))
    return sum(
        (right - left) * (one + other) / 2 for (left, one), (right, other) in pairwise(corners)
    )
