"""Near-duplicates are found in every orientation and after edits, and nothing else is."""

import io
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hqcm.cohort.duplicates import ORIENTATIONS, orient
from hqcm.near_duplicates.fingerprints import find_candidates, take_prints
from hqcm.near_duplicates.twins import find_twins
from hqcm.preparation.scaling import scale_image
from toy_slices import Picture, picture, shipped_params, write_pictures

PARAMS = shipped_params()


def as_jpeg(image: Picture, quality: int = 50) -> Picture:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def windowed(image: Picture) -> Picture:
    low, high = np.percentile(image, [2, 98])
    return np.rint(255 * np.clip((image - low) / (high - low), 0, 1)).astype(np.uint8)


def resized(image: Picture) -> Picture:
    size = 2 * len(image) // 3
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC))


def everything(image: Picture) -> Picture:
    return as_jpeg(resized(windowed(image)), 75)


EDITS: list[Callable[[Picture], Picture]] = [np.asarray, as_jpeg, windowed, resized, everything]


def twins_of(folder: Path, pictures: dict[str, Picture]) -> list[tuple[str, str, str]]:
    found = find_twins(write_pictures(folder / "store.h5", pictures), PARAMS)
    names = ["slice_id", "twin_id", "orientation"]
    return [(str(a), str(b), str(c)) for a, b, c in found[names].itertuples(index=False)]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_edited_copies_are_found_in_every_orientation(
    tmp_path: Path, edit: Callable[[Picture], Picture]
) -> None:
    originals = {f"figshare/{k}": picture(k, 128) for k in range(len(ORIENTATIONS))}
    copies = {
        f"akter/{k}": scale_image(edit(orient(image, ORIENTATIONS[k])), 128)
        for k, image in enumerate(originals.values())
    }
    expected = [(f"figshare/{k}", f"akter/{k}", name) for k, name in enumerate(ORIENTATIONS)]
    assert twins_of(tmp_path, originals | copies) == expected


def test_the_verdict_is_of_the_pixels_and_rounded(tmp_path: Path) -> None:
    images = {"figshare/a": picture(1), "akter/b": np.fliplr(picture(1))}
    found = find_twins(write_pictures(tmp_path / "store.h5", images), PARAMS)
    assert found.to_dict("records") == [
        {
            "slice_id": "figshare/a",
            "twin_id": "akter/b",
            "orientation": "mirrored",
            "correlation": 1.0,
        }
    ]


def test_a_symmetric_picture_matches_as_it_is(tmp_path: Path) -> None:
    half = picture(5)[:, :32]
    whole = np.hstack([half, np.fliplr(half)])
    assert twins_of(tmp_path, {"akter/1": whole, "akter/2": whole}) == [
        ("akter/1", "akter/2", "same")
    ]


def test_slices_without_contrast_are_no_twins(tmp_path: Path) -> None:
    black = np.zeros((64, 64), np.uint8)
    pictures = {"akter/0": black, "akter/1": black, "akter/2": picture(2)}
    assert twins_of(tmp_path, pictures) == []


def test_a_cohort_without_contrast_has_no_twins(tmp_path: Path) -> None:
    assert twins_of(tmp_path, {f"akter/{k}": np.zeros((64, 64), np.uint8) for k in "ab"}) == []


@settings(max_examples=30)
@given(st.data())
def test_twins_are_all_pairs_of_copies(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    drawn = data.draw(
        st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from(ORIENTATIONS)), min_size=1, max_size=8
        )
    )
    pictures = {f"akter/{i}": orient(picture(k), name) for i, (k, name) in enumerate(drawn)}
    found = {(a, b) for a, b, _ in twins_of(tmp_path_factory.mktemp("store"), pictures)}
    pairs = combinations(range(len(drawn)), 2)
    assert found == {(f"akter/{i}", f"akter/{j}") for i, j in pairs if drawn[i][0] == drawn[j][0]}


@pytest.mark.parametrize("shape", [(64, 32), (32, 32)])
def test_a_store_that_is_not_prepared_is_refused(tmp_path: Path, shape: tuple[int, int]) -> None:
    pictures = {"akter/a": picture(0), "akter/b": np.zeros(shape, np.uint8)}
    with pytest.raises(ValueError, match=r"every slice must be 64 x 64 .*; got \((64|32), 32\)"):
        twins_of(tmp_path, pictures)


def test_candidates_are_those_that_all_pairs_would_give() -> None:
    images = [picture(seed) for seed in range(30)]
    images += [orient(as_jpeg(images[k], 30), ORIENTATIONS[k % 8]) for k in range(20)]
    found = find_candidates(take_prints(np.stack(images), PARAMS), PARAMS)
    assert found[:, :2].tolist() == [[k, 30 + k] for k in range(20)]
    assert found[:, 2].tolist() == [k % 8 for k in range(20)]


def test_the_work_grows_with_the_slices_not_with_their_pairs() -> None:
    generator = np.random.default_rng(0)
    prints = generator.standard_normal((40_000, 8, 8)).astype(np.float32)
    prints /= np.linalg.norm(prints, axis=(1, 2), keepdims=True)
    params = shipped_params(n_bands=4)

    def seconds(n_slices: int) -> float:
        start = time.perf_counter()
        assert len(find_candidates(prints[:n_slices], params)) == 0
        return time.perf_counter() - start

    few = min(seconds(5_000) for _ in range(3))
    # All pairs would take 64 times as long.
    assert min(seconds(40_000) for _ in range(2)) < 24 * few


@pytest.mark.slow
def test_planted_copies_of_the_real_sample_are_found(sample: Path, truth: pd.DataFrame) -> None:
    found = find_twins(sample, PARAMS)
    pairs = set(zip(found["slice_id"], found["twin_id"], strict=True))
    planted = dict.fromkeys(zip(truth["slice_id"], truth["twin_id"], strict=True))
    across = {pair for pair in pairs if pair[0].split("/")[0] != pair[1].split("/")[0]}
    assert len(planted) == 78
    assert len(pairs & planted.keys()) / len(planted) >= 0.98
    assert len(across & planted.keys()) / len(across) >= 0.98
    oriented = found.set_index(["slice_id", "twin_id"])["orientation"]
    seen = ["mirrored" if is_mirrored else "same" for is_mirrored in truth["is_mirrored"]]
    assert oriented.reindex(list(planted)).tolist() == seen
    # Neighbouring slices of a patient look alike and are none.
    assert not {one.split("/")[0] for one, other in pairs - across} & {"figshare"}
