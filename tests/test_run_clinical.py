"""`make clinical`, from a server that misbehaves and from what lies there, to the table."""

import io
import re
from hashlib import md5
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from hqcm.contracts.params import read_yaml
from misbehaving_server import Server, serve
from tiny_project import TinyProject, copy_tiny_project

pytestmark = pytest.mark.slow

MAKE = ("make", "-o", ".venv/installed", "clinical")


@pytest.fixture
def project(tmp_path: Path) -> TinyProject:
    return copy_tiny_project(tmp_path / "project")


@pytest.fixture
def nowhere() -> str:
    """An address at which nobody listens."""
    with serve(Server({})) as server:
        pass
    return f"ADDRESS={server.address}{{id}}"


def read_table(printed: str) -> dict[str, list[str]]:
    """The rows by their first cell; cells are two spaces or more apart."""
    lines = printed.partition("Slices found, of those that the paper used\n")[2].splitlines()
    rows = [re.split(r" {2,}", line.strip()) for line in lines if not line.startswith("clinical:")]
    return {row[0]: row[1:] for row in rows if len(row) > 1}


def link_some(clinical: Path, raw: Path) -> dict[str, int]:
    """A few files of each source of the real sample, in the publishers' folders."""
    chosen = {
        "trainingdatapro": sorted((clinical / "trainingdatapro").rglob("*.dcm"))[:9],
        "figshare": sorted((clinical / "figshare").rglob("*.mat"))[::15],
        "akter": [p for k in "0123" for p in sorted(clinical.glob(f"akter/*/image/{k}/*.jpg"))[:9]],
    }
    for path in (path for paths in chosen.values() for path in paths):
        target = raw / path.relative_to(clinical)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(path)
    return {name: len(paths) for name, paths in chosen.items()}


def test_the_real_sample_is_converted_offline_up_to_the_report(
    project: TinyProject, clinical: Path, nowhere: str
) -> None:
    n_files = link_some(clinical, project.folder / "data/raw/clinical")
    printed = project.run(*MAKE, nowhere, "REPORT=1")
    table = read_table(printed)
    assert table["source"][:2] == ["healthy", "meningioma"]
    assert table["trainingdatapro"][0] == "9 of 275"
    assert table["akter"][:5] == [
        *("9 of 1,595", "9 of 999", "9 of 649", "9 of 994", "36 of 4,237"),
    ]
    n_all = sum(n_files.values())
    assert table["all"][4:] == [f"{n_all} of 7,576", f"{7_576 - n_all:,}"]
    assert f"clinical: {7_576 - n_all:,} of the paper's slices are missing" in printed
    report = (project.folder / "reports/report.md").read_text()
    for name in ("trainingdatapro", "figshare", "akter", "all", "missing"):
        assert f"| {name} | {' | '.join(table[name])} |" in report


def test_source_2_comes_from_a_server_that_misbehaves(project: TinyProject) -> None:
    """In archives of simulated files; the other two sources are missing, and it is said how."""
    folder = project.folder
    project.run("python", "stages/acquire.py", "--raw", "simulated")
    simulated = (folder / "simulated/figshare").rglob("*[0-9].mat")
    found = sorted(path for path in simulated if int(path.stem) <= 8)  # the last two are broken
    zips = {}
    for number, some in enumerate((found[:5], found[5:])):
        content = io.BytesIO()
        with ZipFile(content, "w") as archive:
            for place, path in enumerate(some, start=1 + 5 * number):
                archive.write(path, f"{place}.mat")
        zips[str(number)] = content.getvalue()
    described = [
        {
            "name": f"tumours_{number}.zip",
            "id": int(number),
            "size": len(content),
            "md5": md5(content, usedforsecurity=False).hexdigest(),
            "holds": [[1, 5], [6, 8]][int(number)],
        }
        for number, content in zips.items()
    ]
    sources = read_yaml(folder / "data/paper/sources.yaml")
    sources["sources"]["figshare"]["archives"] = described
    (folder / "data/paper/sources.yaml").write_text(yaml.safe_dump(sources, sort_keys=False))
    with serve(Server(zips, {"0": ["cut", "wrong", "page"], "1": ["redirect", "busy"]})) as server:
        ended = project.start(*MAKE, f"ADDRESS={server.address}{{id}}")
        n_asked = server.n_asked.copy()
        project.start(*MAKE, f"ADDRESS={server.address}{{id}}")
        assert server.n_asked == n_asked
    assert ended.returncode == 2, "two sources are missing, as make passes it on"
    assert "clinical: figshare: fetching tumours_0.zip, tumours_1.zip" in ended.stdout
    for package in ("huggingface_hub", "kagglehub"):
        assert f": {package} must be " in ended.stdout
    table = read_table(ended.stdout)
    assert table["figshare"][4] == "8 of 3,064"
    assert table["akter"][4] == "0 of 4,237"
