"""Areas, gains and Jaccard indices with intervals, against loops over the slices."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hqcm.evaluation.bootstrap import UncertaintyParams
from hqcm.evaluation.overlap import LocaliseParams, _stretch, upsample
from hqcm.explanation.areas import (
    KINDS,
    _area_under,
    area_name,
    estimate_explanations,
    gain_name,
    jaccard_name,
    tabulate_curves,
)
from reference import area_of_trapezia, jaccard_index
from toy_explanation import FRACTIONS, explain_toy
from toy_study import SIZE, make_predictions, make_stack

LOCALISE = LocaliseParams(thresholds=[0.9, 0.5], attention_scale="raw", empty_mask="skip")
DRAWS = UncertaintyParams(n_resamples=100, seed=0)
RUN = make_predictions(0, skill=0.9)


STACK = make_stack()
GROUPS = np.arange(len(STACK.labels)) // 8
TUMOURS = [i for i, label in enumerate(STACK.labels) if label and STACK.masks[i].any()]
TOY = explain_toy(RUN, STACK)
PAIR = {"paper": TOY, "counterpart": TOY}
ESTIMATES = estimate_explanations(PAIR, STACK, GROUPS, LOCALISE, DRAWS)
CURVES = tabulate_curves(PAIR)


def test_areas_are_means_over_the_tumours() -> None:
    networks = ESTIMATES.networks
    for (direction, kind), curves in TOY.curves.items():
        each = [area_of_trapezia(curve.tolist(), FRACTIONS.tolist()) for curve in curves]
        np.testing.assert_allclose(_area_under(curves, FRACTIONS), each, atol=1e-12)
        area = networks["paper"][area_name(direction, kind)]
        assert area.value == pytest.approx(np.mean(each), abs=1e-6)
        assert area.n == len(TUMOURS) == len(curves)
        assert area.low <= area.value <= area.high


def test_a_gain_is_less_when_deleting_and_more_when_inserting() -> None:
    of_paper = ESTIMATES.networks["paper"]
    for kind in ("attention", "grad_cam", "tumour_mask"):
        for direction, sign in (("deletion", -1), ("insertion", 1)):
            areas = [of_paper[area_name(direction, each)].value for each in (kind, "random")]  # type: ignore[arg-type]  # literals in a loop
            gain = of_paper[gain_name(direction, kind)].value  # type: ignore[arg-type]  # the same
            assert gain == pytest.approx(sign * (areas[0] - areas[1]), abs=2e-6)
    assert of_paper[gain_name("deletion", "tumour_mask")].low > 0
    assert of_paper[gain_name("insertion", "grad_cam")].value == 0


def test_both_maps_lie_on_the_masks_as_pixel_by_pixel() -> None:
    of_paper = ESTIMATES.networks["paper"]
    for kind in ("attention", "grad_cam"):
        enlarged = upsample(TOY.maps[kind], SIZE)
        for scale, maps in (("raw", enlarged), ("minmax", _stretch(enlarged))):
            for threshold in LOCALISE.thresholds:
                each = [jaccard_index(maps[i], STACK.masks[i], threshold) or 0.0 for i in TUMOURS]
                mean = of_paper[jaccard_name(kind, scale, threshold)]  # type: ignore[arg-type]  # the same
                assert mean.value == pytest.approx(np.mean(each), abs=1e-6)


def test_equal_networks_do_not_differ() -> None:
    differences = ESTIMATES.differences
    assert differences.keys() == ESTIMATES.networks["paper"].keys()
    assert {each.value for each in differences.values()} == {0}


def test_a_network_without_attention_leaves_its_rows_out() -> None:
    blind = TOY._replace(
        maps={"grad_cam": TOY.maps["grad_cam"]},
        curves={key: curve for key, curve in TOY.curves.items() if key[1] != "attention"},
    )
    pair = {"paper": TOY, "resnet18": blind}
    estimates = estimate_explanations(pair, STACK, GROUPS, LOCALISE, DRAWS)
    one, other = estimates.networks.values()
    assert one.keys() - other.keys() == {name for name in one if "attention" in name}
    assert estimates.differences.keys() == other.keys()
    table = tabulate_curves(pair)
    assert set(table[table["variant"] == "resnet18"]["map"]) == {*KINDS} - {"attention"}


def test_the_curves_are_means() -> None:
    assert len(CURVES) == 2 * 2 * len(KINDS) * len(FRACTIONS)
    chosen = CURVES[(CURVES["variant"] == "paper") & (CURVES["map"] == "random")]
    line = chosen[chosen["direction"] == "deletion"]
    np.testing.assert_allclose(line["fraction"], FRACTIONS)
    expected = TOY.curves["deletion", "random"].mean(axis=0)
    np.testing.assert_allclose(line["probability"], expected, atol=1e-6)


def test_a_table_of_curves_reads_back(tmp_path: Path) -> None:
    CURVES.to_csv(tmp_path / "curves.csv", index=False)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "curves.csv"), CURVES)
