"""The attention browser: its numbers are the pipeline's, its controls do what they say."""

from typing import Any

import numpy as np
import pytest

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.evaluation.overlap import display_map, measure_overlap
from hqcm.reporting.results import Results, read_results
from toy_report import PARAMS, Evaluated
from toy_study import name_slice

THRESHOLDS = [0.3, 0.75, 0.9]
MEASURE = """([role, thresholds, scale, emptyMask]) => {
    const data = JSON.parse(document.querySelector('.browser script').textContent);
    const { cells, maps } = data.networks[role];
    const decoded = attention.decodeMaps(maps);
    return data.slices.map(([, , runs], i) => {
        const mask = runs && attention.decodeMask(runs, data.size ** 2);
        const raw = attention.upsample(decoded, i, cells, data.size);
        const map = scale === 'minmax' ? attention.stretch(raw) : raw;
        return thresholds.map((tau) => attention.measure(map, mask, tau, emptyMask));
    });
}"""
UPSAMPLE = """([role, i]) => {
    const data = JSON.parse(document.querySelector('.browser script').textContent);
    const { cells, maps } = data.networks[role];
    const map = attention.upsample(attention.decodeMaps(maps), i, cells, data.size);
    return [[...map], [...attention.stretch(map)]];
}"""


@pytest.fixture(scope="session")
def results(toy: Evaluated) -> Results:
    return read_results(toy.files, PARAMS.study)


@pytest.fixture
def browser(page: Any) -> Any:
    found = page.locator(".browser")
    found.scroll_into_view_if_needed()
    wait(page)
    return found


def wait(page: Any) -> None:
    """Until what was asked for has been painted; images are unpacked in the background."""
    page.evaluate("new Promise((done) => setTimeout(() => requestAnimationFrame(done), 50))")


def pixels(browser: Any, view: str) -> str:
    wait(browser.page)
    painted: str = browser.locator(f"[data-view={view}] canvas").evaluate(
        "(canvas) => canvas.toDataURL()"
    )
    return painted


def facts(browser: Any, view: str) -> list[str]:
    wait(browser.page)
    said: str = browser.locator(f"[data-view={view}] .facts").inner_text()
    return said.splitlines()


def position(browser: Any) -> str:
    wait(browser.page)
    said: str = browser.locator("[name=position]").inner_text()
    return said


def choose(browser: Any, name: str, label: str) -> None:
    browser.locator(f"select[name={name}]").select_option(label=label)


@pytest.mark.parametrize("empty_mask", ["skip", "one", "zero"])
@pytest.mark.parametrize("scale", ["raw", "minmax"])
@pytest.mark.parametrize("role", ["hybrid", "classical"])
def test_every_jaccard_index_is_the_pipelines(
    page: Any, results: Results, role: Any, scale: Any, empty_mask: Any
) -> None:
    shown = page.evaluate(MEASURE, [role, THRESHOLDS, scale, empty_mask])
    expected = measure_overlap(
        results.runs[role].attention, results.stack, THRESHOLDS, scale, empty_mask
    )
    jaccard = np.array([[at["jaccard"] for at in row] for row in shown], dtype=np.float64)
    np.testing.assert_array_equal(jaccard, expected.jaccard)
    active = [[at["active"] for at in row] for row in shown]
    np.testing.assert_array_equal(active, expected.activated)
    assert np.isnan(expected.jaccard).any()
    assert (expected.jaccard > 0).any()


def test_a_map_is_enlarged_as_in_the_pipeline(page: Any, results: Results) -> None:
    for i in (0, 5, 39):
        raw, stretched = page.evaluate(UPSAMPLE, ["classical", i])
        one = results.runs["classical"].attention[i]
        np.testing.assert_allclose(raw, display_map(one, 32, "raw").ravel(), rtol=1e-14, atol=0)
        np.testing.assert_allclose(stretched, display_map(one, 32, "minmax").ravel(), atol=1e-13)


def test_a_constant_map_is_stretched_to_nothing(page: Any) -> None:
    assert page.evaluate("[...attention.stretch(new Float64Array([0.4, 0.4]))]") == [0, 0]


def test_it_opens_on_a_tumour_with_both_networks(browser: Any, results: Results) -> None:
    assert position(browser) == "2 of 40"
    assert facts(browser, "slice") == ["actual class: meningioma", name_slice(1)]
    run = results.runs["hybrid"]
    overlap = measure_overlap(run.attention, results.stack, [0.99], "raw", "skip")
    verdict, jaccard, active = facts(browser, "hybrid")
    assert verdict.startswith("✓ right: meningioma, probability 0.")
    assert jaccard == f"Jaccard index {overlap.jaccard[1, 0]:.3f}"
    assert active == f"active {100 * overlap.activated[1, 0]:.1f} % of the area"


def test_the_slider_changes_the_overlay_and_the_numbers(browser: Any) -> None:
    before = [pixels(browser, view) for view in ("slice", "hybrid", "classical")]
    said = facts(browser, "hybrid")
    browser.locator("[name=threshold]").fill("0.4")
    after = [pixels(browser, view) for view in ("slice", "hybrid", "classical")]
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert after[2] != before[2]
    assert facts(browser, "hybrid") != said
    assert browser.locator("[name=chosen]").inner_text() == "0.40"


def test_the_buttons_set_the_thresholds_of_the_tables(browser: Any) -> None:
    browser.get_by_role("button", name="0.75").click()
    wait(browser.page)
    assert browser.locator("[name=threshold]").input_value() == "0.75"
    assert browser.locator("[name=chosen]").inner_text() == "0.75"


def test_stretching_changes_the_overlay(browser: Any) -> None:
    before = pixels(browser, "hybrid")
    choose(browser, "scale", "stretched to [0, 1]")
    assert pixels(browser, "hybrid") != before


def test_buttons_and_arrow_keys_move_on_and_round(browser: Any) -> None:
    first = pixels(browser, "slice")
    browser.get_by_role("button", name="Next →", exact=True).click()
    assert position(browser) == "3 of 40"
    assert pixels(browser, "slice") != first
    browser.locator(".views").focus()
    for key, expected in (
        ("ArrowRight", "4 of 40"),
        *[("ArrowLeft", f"{n} of 40") for n in (3, 2, 1, 40)],
        ("ArrowRight", "1 of 40"),
    ):
        browser.page.keyboard.press(key)
        assert position(browser) == expected
    browser.get_by_role("button", name="← Previous", exact=True).click()
    assert position(browser) == "40 of 40"


def test_arrow_keys_on_the_slider_move_the_slider_only(browser: Any) -> None:
    browser.locator("[name=threshold]").focus()
    browser.page.keyboard.press("ArrowLeft")
    assert browser.locator("[name=chosen]").inner_text() == "0.98"
    assert position(browser) == "2 of 40"


def test_a_class_is_filtered(browser: Any) -> None:
    for label, name in enumerate(CLASS_NAMES):
        choose(browser, "class", name)
        assert position(browser).endswith(" of 10")
        assert facts(browser, "slice")[0] == f"actual class: {name}"
        assert label in range(4)


@pytest.mark.parametrize("role", ["hybrid", "classical"])
def test_right_and_wrong_are_filtered(browser: Any, results: Results, role: Any) -> None:
    run = results.runs[role]
    for choice, n in (
        ("right", np.count_nonzero(run.y_pred == run.y_true)),
        ("wrong", np.count_nonzero(run.y_pred != run.y_true)),
    ):
        choose(browser, role, choice)
        assert position(browser).endswith(f" of {n}")
        assert f" {choice}: " in facts(browser, role)[0]


def test_filters_add_up_and_may_leave_nothing(browser: Any, results: Results) -> None:
    hybrid, classical = (results.runs[role] for role in ("hybrid", "classical"))
    truth = hybrid.y_true
    counts = set()
    for label, name in enumerate(CLASS_NAMES):
        choose(browser, "class", name)
        choose(browser, "hybrid", "wrong")
        choose(browser, "classical", "wrong")
        fits = (truth == label) & (hybrid.y_pred != truth) & (classical.y_pred != truth)
        n = np.count_nonzero(fits)
        counts.add(n)
        assert position(browser) == (f"1 of {n}" if n else "no matching slice")
        assert browser.locator(".views").is_visible() == (n > 0)
        if n:
            assert facts(browser, "slice")[-1] == name_slice(int(np.flatnonzero(fits)[0]))
    assert len(counts) > 1
    assert 0 in counts


def test_a_slice_without_a_mask_has_no_jaccard_index(browser: Any, results: Results) -> None:
    without = int(np.flatnonzero(~results.stack.has_mask)[0])
    for _ in range(without - 1):
        browser.get_by_role("button", name="Next →", exact=True).click()
    assert position(browser) == f"{without + 1} of 40"
    assert "no mask was drawn" in facts(browser, "slice")
    assert facts(browser, "hybrid")[1] == "Jaccard index not defined"
