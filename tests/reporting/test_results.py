"""What a run has left is read, and nothing else; files of other forms are refused."""

import shutil
from pathlib import Path

import pytest

from hqcm.contracts.labels import ROLES
from hqcm.reporting.results import (
    Results,
    _read_citation,
    _read_trained,
    read_results,
)
from hqcm.results.files import read_json
from pipeline_tree import ROOT
from toy_report import PARAMS, Evaluated
from toy_study import N_TEST, name_slice

CITATION = ROOT / "CITATION.cff"


def test_the_results_belong_to_the_compared_pair(results: Results) -> None:
    assert [*results.runs] == [*results.planes] == [*results.confusions] == [*ROLES]
    assert [network.variant for network, _ in results.networks.values()] == ["paper", "counterpart"]
    assert len(results.histories["hybrid"]) == len(PARAMS.study.seeds)
    assert results.stack.slice_id == [name_slice(position) for position in range(N_TEST)]
    assert results.pairs["slice_id"].isin(results.runs["classical"].slice_id).all()


def test_only_cells_of_the_study_are_read(evaluated: Evaluated, tmp_path: Path) -> None:
    files = Evaluated(shutil.copytree(evaluated.folder, tmp_path / "study")).files
    (files.history / "paper-random-99.csv").write_text("an earlier experiment")
    (files.checkpoints / "released-random-0.json").write_text("another")
    results = read_results(files, PARAMS.study)
    assert [network.variant for network in results.networks["hybrid"]] == ["paper", "paper"]
    assert len(results.histories["classical"]) == 2


def test_a_note_that_lacks_a_key_is_named(evaluated: Evaluated, tmp_path: Path) -> None:
    path = tmp_path / "paper-random-0.json"
    note = read_json(evaluated.files.checkpoints / "paper-random-0.json")
    del note["best_epoch"]
    path.write_text(str(note).replace("'", '"'))
    with pytest.raises(ValueError, match=r"paper-random-0.json: network.best_epoch is missing"):
        _read_trained(path)


def test_the_projects_own_file_is_a_sentence() -> None:
    authors, title, said, version, licence = _read_citation(CITATION).split(", ")
    assert authors == "The hqcm-ebtc reproduction authors"
    assert f"{title}, {said}" == "HQCM-EBTC, reproduced"
    assert (version.split()[0], licence) == ("version", "MIT licence")


@pytest.mark.parametrize("key", ["title", "authors", "version", "license"])
def test_a_file_that_lacks_a_key_is_named(tmp_path: Path, key: str) -> None:
    lines = CITATION.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
    del lines[start : start + (2 if key == "authors" else 1)]
    path = tmp_path / "CITATION.cff"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match=f"CITATION.cff: citation.{key} is missing"):
        _read_citation(path)
