"""What leaks, counted slice by slice in loops."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqcm.cohort.duplicates import ORIENTATIONS, TWIN_COLUMNS, orient
from hqcm.contracts.labels import CLASS_NAMES
from hqcm.near_duplicates.twins import find_twins
from hqcm.scrutiny.leakage import (
    ProtocolLeaks,
    _count_leaks,
    _find_leaks,
    audit_splits,
    read_known,
    read_leaks,
    read_parts,
    write_leaks,
)
from hqcm.slices.store import read_index
from hqcm.splitting.protocols import SplitParams, split_slices
from reference import known_from_training
from toy_slices import Picture, picture, shipped_params, write_pictures
from toy_study import N_TEST, make_predictions, write_study

PARTS = ["train", "validation", "test", "excluded"]
SOURCES = ("trainingdatapro", "figshare", "akter")
MEMBERS = st.lists(
    st.tuples(
        st.sampled_from(SOURCES),
        st.integers(0, 4),
        st.integers(0, 3),
    ),
    min_size=2,
    max_size=12,
)

RUN = make_predictions(0, skill=0.9)


def cohort(members: list[tuple[str, int, int]]) -> pd.DataFrame:
    """An index of slices given as (source, patient, label)."""
    return pd.DataFrame(
        {
            "slice_id": [f"{source}/{i}" for i, (source, *_) in enumerate(members)],
            "source": [source for source, *_ in members],
            "group_id": [f"{source}-{patient}" for source, patient, _ in members],
            "label": [label for *_, label in members],
        }
    )


def twins_of(index: pd.DataFrame, pairs: list[tuple[int, int, float]]) -> pd.DataFrame:
    ids = index["slice_id"]
    rows = [(ids[one], ids[other], "same", closeness) for one, other, closeness in pairs]
    return pd.DataFrame(rows, columns=TWIN_COLUMNS)


def part_of(index: pd.DataFrame, parts: list[str]) -> "pd.Series[str]":
    return pd.Series(parts, index["slice_id"])


@given(st.data())
def test_leaks_are_those_that_loops_find(data: st.DataObject) -> None:
    index = cohort(data.draw(MEMBERS))
    n = len(index)
    parts = data.draw(st.lists(st.sampled_from(PARTS), min_size=n, max_size=n))
    every = [(i, j) for j in range(n) for i in range(j)]
    chosen = data.draw(st.lists(st.sampled_from(every), unique=True))
    closeness = data.draw(st.permutations(range(len(chosen))))
    pairs = [(i, j, 0.95 + k / 10_000) for (i, j), k in zip(chosen, closeness, strict=True)]
    leaks = _find_leaks(index, part_of(index, parts), twins_of(index, pairs))
    assert leaks["slice_id"].tolist() == [
        name for name, part in zip(index["slice_id"], parts, strict=True) if part == "test"
    ]
    leak_of = leaks.set_index("slice_id")
    known = known_from_training(parts, index["group_id"].tolist(), chosen)
    for i, slice_id in enumerate(index["slice_id"]):
        if parts[i] != "test":
            continue
        trained = [j for j in range(n) if parts[j] == "train"]
        met = [(c, a if b == i else b) for a, b, c in pairs if i in {a, b}]
        met = [(c, j) for c, j in met if j in trained]
        assert tuple(leak_of.loc[slice_id, ["has_twin", "has_patient"]]) == known[i]
        if met:
            assert leak_of.loc[slice_id, "twin_id"] == index["slice_id"][max(met)[1]]


@given(st.data())
def test_counts_add_up(data: st.DataObject) -> None:
    index = cohort(data.draw(MEMBERS))
    n = len(index)
    parts = data.draw(st.lists(st.sampled_from(PARTS), min_size=n, max_size=n))
    pairs = [(i, i + 1, 0.99) for i in range(n - 1)]
    leaks = _find_leaks(index, part_of(index, parts), twins_of(index, pairs))
    counts = _count_leaks(leaks, n_train=3)
    each = [cell for classes in counts.by_source.values() for cell in classes.values()]
    for name in ("n_test", "n_twin", "n_patient", "n_either"):
        assert getattr(counts.all, name) == sum(getattr(cell, name) for cell in each)
    for cell in [counts.all, *each]:
        assert max(cell.n_twin, cell.n_patient) <= cell.n_either <= cell.n_test
        assert cell.n_either <= cell.n_twin + cell.n_patient
    assert all(cell.n_test for cell in each)
    assert sum(counts.orientations.values()) == counts.all.n_twin
    assert counts.n_train == 3


def test_a_small_cohort_by_hand() -> None:
    members = [("figshare", 0, 2), ("figshare", 0, 2), ("akter", 1, 2), ("akter", 2, 0)]
    index = cohort(members)
    part = part_of(index, ["train", "test", "test", "test"])
    leaks = _find_leaks(index, part, twins_of(index, [(0, 2, 0.98), (1, 2, 0.99)]))
    counts = _count_leaks(leaks, 1).model_dump()
    none = {"n_test": 1, "n_twin": 0, "n_patient": 0, "n_either": 0}
    assert counts["all"] == {"n_test": 3, "n_twin": 1, "n_patient": 1, "n_either": 2}
    assert counts["by_source"] == {
        "figshare": {"glioma": none | {"n_patient": 1, "n_either": 1}},
        "akter": {"healthy": none, "glioma": none | {"n_twin": 1, "n_either": 1}},
    }
    assert counts["orientations"] == {"same": 1}
    assert {*counts["by_source"]["akter"]} <= {*CLASS_NAMES}


@pytest.mark.parametrize("test_comes_first", [True, False])
def test_the_test_slice_so_oriented_is_its_twin(tmp_path: Path, *, test_comes_first: bool) -> None:
    pictures: dict[str, Picture] = {}
    for i, name in enumerate(ORIENTATIONS):
        pictures |= {f"figshare/{i}": picture(i), f"akter/{i}": orient(picture(i), name)}
    store = write_pictures(tmp_path / "store.h5", pictures)
    tested = "figshare" if test_comes_first else "akter"
    index = read_index(store)
    part = part_of(index, ["test" if source == tested else "train" for source in index["source"]])
    leaks = _find_leaks(index, part, find_twins(store, shipped_params()))
    assert leaks["has_twin"].all()
    assert len(set(leaks["orientation"])) == len(ORIENTATIONS)
    for slice_id, twin_id, orientation in leaks[list(TWIN_COLUMNS[:3])].to_numpy(str):
        np.testing.assert_array_equal(
            orient(pictures[slice_id], str(orientation)), pictures[twin_id]
        )


@given(MEMBERS, st.integers(0, 3))
def test_no_slice_leaks_where_patients_and_pictures_are_whole(
    members: list[tuple[str, int, int]], seed: int
) -> None:
    apart = [(source, 9 + i, label) for i, (source, _, label) in enumerate(members)]
    index = cohort(members * 2 + apart + [("akter", 7, 0), ("akter", 8, 1), ("akter", 9, 2)])
    n = len(members)
    pairs = [(i, n + i, 0.99) for i in range(n)]
    groups = [f"d{i % n if i < 2 * n else i}" for i in range(len(index))]
    duplicates = pd.DataFrame({"slice_id": index["slice_id"], "duplicate_group": groups})
    fractions = [0.5, 0.25, 0.25]
    params = SplitParams(
        fractions=fractions, seed=seed, held_out_source="akter", test_fold=1, n_folds=5
    )
    folds = index[["slice_id"]].assign(fold=1)
    split = split_slices(index, duplicates, folds, "patient", params)
    part = split.set_index("slice_id")["part"]
    leaks = _find_leaks(index, part, twins_of(index, pairs))
    assert len(leaks)
    assert not leaks[["has_twin", "has_patient"]].to_numpy().any()


def test_every_protocol_is_audited_and_written_with_the_same_bytes(tmp_path: Path) -> None:
    index = cohort([("figshare", i // 2, 1 + i % 3) for i in range(8)])
    for protocol, parts in {"random": "train test", "patient": "train train test test"}.items():
        split = pd.DataFrame({"slice_id": index["slice_id"], "part": (parts.split() * 4)[:8]})
        split.to_csv(tmp_path / f"{protocol}.csv", index=False)
    read = read_parts(tmp_path, ["random", "patient"])
    # Slice 3 has two twins in training under random: the closer one is named.
    twins = twins_of(index, [(0, 1, 0.99), (2, 3, 0.955), (3, 4, 0.96)])
    counts, closest = audit_splits(index, read, twins)
    assert {name: leaks.all.n_either for name, leaks in counts.items()} == {
        "random": 4,
        "patient": 1,
    }
    assert closest.to_numpy().tolist() == [
        ["random", "figshare/1", "figshare/0", "same", 0.99],
        ["random", "figshare/3", "figshare/4", "same", 0.96],
        ["patient", "figshare/3", "figshare/4", "same", 0.96],
    ]
    for name in ("one.json", "other.json"):
        write_leaks(tmp_path / name, counts)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    assert read_leaks(tmp_path / "one.json") == counts


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    nobody = {"n_test": 1, "n_twin": 0, "n_patient": 0, "n_either": 0}
    whole = {"n_train": 1, "all": nobody, "by_source": {}, "orientations": {}}
    assert ProtocolLeaks.model_validate(whole)
    (tmp_path / "leakage.json").write_text(json.dumps({"random": whole | {"n_train": "many"}}))
    with pytest.raises(ValueError, match=r"leakage.json: file.protocols.random.n_train: .*'many'"):
        read_leaks(tmp_path / "leakage.json")


def test_a_near_duplicate_in_training_counts_and_one_in_validation_does_not(tmp_path: Path) -> None:
    write_study(tmp_path)
    backwards = replace(RUN, slice_id=RUN.slice_id[::-1])
    files = (tmp_path / "prepared.h5", tmp_path / "twins.csv", tmp_path / "split")
    known = read_known(*files, {"random": {"paper": [backwards]}})["random"]
    assert known.dtype == np.bool_
    assert (N_TEST - 1 - np.flatnonzero(known)).tolist() == [2, 1]


def test_another_slice_of_the_patient_in_training_counts(tmp_path: Path) -> None:
    write_study(tmp_path)
    twins = pd.read_csv(tmp_path / "twins.csv", dtype=str)
    twins[:0].to_csv(tmp_path / "twins.csv", index=False)
    split = pd.read_csv(tmp_path / "split" / "random.csv", dtype=str)
    parts = [*split["part"][:39], "train", *split["part"][40:]]  # 32 to 39 are one patient's
    split.assign(part=parts).to_csv(tmp_path / "split" / "random.csv", index=False)
    run = replace(RUN, slice_id=RUN.slice_id[:39])
    files = (tmp_path / "prepared.h5", tmp_path / "twins.csv", tmp_path / "split")
    known = read_known(*files, {"random": {"paper": [run]}})["random"]
    assert np.flatnonzero(known).tolist() == list(range(32, 39))
