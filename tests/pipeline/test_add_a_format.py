"""What CONTRIBUTING.md says of a new native format, done word by word in a copy of the project."""

import re
import subprocess
from pathlib import Path
from textwrap import indent

import numpy as np
import pytest
import yaml

from contributing import code_blocks, read_guide
from hqcm.contracts.labels import CLASS_NAMES
from hqcm.orchestration.workspace import _CODE, replace
from hqcm.slices.store import read_index
from native_files import ASYMMETRIC, cjdata, dicom, save_dicom, save_picture, save_v73
from tiny_project import TinyProject

ROOT = Path(__file__).resolve().parents[2]
SECTION = read_guide("To add a native format")
SOURCES = ("trainingdatapro", "figshare", "akter")

pytestmark = pytest.mark.slow


def block(language: str) -> str:
    """The one block of code of a language in the section."""
    (text,) = (text for found, text in code_blocks(SECTION) if found == language)
    return text


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with a few real-looking files of each source."""
    for name in (*_CODE, ".dvc/config"):
        replace(ROOT / name, tmp_path / name)
    params = (ROOT / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(params.replace("cohort: phantom", "cohort: clinical"))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    raw = tmp_path / "data/raw/clinical"
    for number in range(2):
        save_dicom(raw / f"trainingdatapro/{number}.dcm", dicom(ASYMMETRIC.astype(np.uint16)))
        save_v73(raw / f"figshare/{number}.mat", cjdata())
        save_picture(raw / f"akter/image/1/{number}.png", ASYMMETRIC.astype(np.uint8))
    return tmp_path


def reproduce(project: Path) -> tuple[set[str], set[str]]:
    """Prepare; the stages that ran and those that had nothing to do."""
    printed = TinyProject(project).run("dvc", "repro", "prepare")
    ran = set(re.findall(r"Running stage '([^']+)'", printed))
    return ran, set(re.findall(r"Stage '([^']+)' didn't change", printed))


def test_a_file_and_a_section_are_a_source_more(project: Path) -> None:
    assert reproduce(project)[0] == {"check", "prepare", *(f"convert@{name}" for name in SOURCES)}
    before = read_index(project / "data/processed/slices.h5")

    (named,) = re.findall(r"Here `(src/hqcm/formats/\w+\.py)`", SECTION)
    (project / named).write_text(block("python"))
    params, added = project / "params.yaml", indent(block("yaml"), "  ")
    before_section, head, rest = params.read_text().partition("\nsources:")
    sources, end, after_section = rest.partition("\n\n")
    params.write_text(f"{before_section}{head}{sources}\n{added.rstrip()}{end}{after_section}")
    (source,) = yaml.safe_load(block("yaml"))
    for name in (*CLASS_NAMES, "other"):
        folder = project / "data/raw/clinical" / source / name
        folder.mkdir(parents=True)
        np.save(folder / "1.npy", ASYMMETRIC)

    ran, kept = reproduce(project)
    assert ran == {"check", f"convert@{source}", "prepare"}
    assert kept == {f"convert@{name}" for name in SOURCES}
    after = read_index(project / "data/processed/slices.h5")
    assert after["slice_id"].tolist() == [
        *before["slice_id"],
        *(f"{source}/{name}/1.npy" for name in sorted(CLASS_NAMES)),
    ]
    assert set(after["source"]) == {*SOURCES, source}
    rejected = project / f"data/interim/{source}/slices.rejected.csv"
    assert rejected.read_text().splitlines()[1:] == ["other/1.npy,must be CLASS/NAME.npy"]
    assert not list(rejected.parent.glob("*.folds.csv"))
