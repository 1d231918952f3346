"""Names, ids and dates are planted in native files, and whatever a run leaves is searched."""

import base64
import binascii
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pytest
import yaml
from pydicom import dcmread

from hqcm.cohort.converted import read_pseudonyms, read_rejections
from hqcm.contracts.params import read_yaml
from hqcm.orchestration.publication import publish
from hqcm.slices.store import read_index
from tiny_project import TinyProject, copy_tiny_project

pytestmark = pytest.mark.slow

# Of headers, comments and attributes: nowhere but in the raw files.
NAME, PATIENT, DATE, INSTITUTION = "Zzyzxon^Quillermina", "QXZ77310", "18471103", "Xyloquentia"
HEADERS = (NAME, "Quillermina", PATIENT, DATE, INSTITUTION)
# Of names of files, of source 2's patients, and the first bytes of what is no native file: these
# are in ids and in the lists of rejected files, which stay in data/.
FILE, PID, CONTENT = "wexlington", "MRQVX", "Ploverdine"
IDS = (FILE, PID, CONTENT)
# Which may hold ids, and DVC's cache of them.
STORES = ("data/interim/", "data/processed/", "data/predictions/", "data/explanation.h5")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")
_COMMENT = f"{NAME} {PATIENT} {DATE} {INSTITUTION}".encode()


class Planted(NamedTuple):
    """A project whose native files are full of identities, reproduced; and what was printed."""

    project: TinyProject
    printed: str


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("planted")
    with pytest.MonkeyPatch.context() as patch:
        # Where DVC remembers what it has hashed, by path; else in a folder of the machine.
        patch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path_factory.mktemp("site")))
        project = copy_tiny_project(folder)
        project.run("python", "stages/acquire.py", "--raw", "data/raw/clinical")
        plant(folder / "data/raw/clinical")
        params = read_yaml(folder / "params.yaml")
        params["data"]["cohort"] = "clinical"
        (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
        printed = project.run("dvc", "repro")
        publish(folder, folder / "reports/study/planted", None)
        project.commit("Reproduce")
        printed += project.run("dvc", "status") + project.run("dvc", "plots", "show")
        yield Planted(project, printed)


def plant(raw: Path) -> None:
    """Into every header and name; and three files that cannot be read."""
    for path in raw.rglob("*.dcm"):
        header = dcmread(path)
        header.PatientName, header.PatientID = NAME, PATIENT
        header.PatientBirthDate = header.StudyDate = header.AcquisitionDate = DATE
        header.InstitutionName = header.StudyDescription = header.ImageComments = INSTITUTION
        header.private_block(0x0011, INSTITUTION, create=True).add_new(1, "LO", NAME)
        header.save_as(path)
    header.BitsStored = 99  # of the last one
    header.save_as(path.with_name("broken.dcm"))
    for path in filter(h5py.is_hdf5, raw.rglob("*.mat")):
        with h5py.File(path, "r+") as file:
            file.attrs["comment"] = _COMMENT.decode()
            if "cjdata" in file:
                told = file["cjdata/PID"][:].ravel()
                attributes = dict(file["cjdata/PID"].attrs)
                del file["cjdata/PID"]
                codes = [*map(ord, PID), *told]
                file["cjdata/PID"] = np.array(codes, np.uint16).reshape(-1, 1)
                file["cjdata/PID"].attrs.update(attributes)
    (raw / "figshare/notes.mat").write_text(f"{CONTENT} is no matrix")
    for path in raw.rglob("*.jpg"):
        start, rest = path.read_bytes()[:2], path.read_bytes()[2:]
        comment = b"\xff\xfe" + (len(_COMMENT) + 2).to_bytes(2, "big") + _COMMENT
        path.write_bytes(start + comment + rest)
    image = next(path for path in raw.rglob("image/1/*.jpg"))
    image.with_name("half.jpg").write_bytes(image.read_bytes()[:400])
    for path in sorted(raw.rglob("*"), reverse=True):  # what is in a folder before the folder
        own_name = path.name in {"image", "mask", "0", "1", "2", "3", "cvind.mat", "DICOMDIR"}
        if not own_name and path.parent != raw:
            path.rename(path.with_name(FILE + path.name))


def contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what is packed in them."""
    data = path.read_bytes()
    yield data
    for found in _BASE64.findall(data):
        try:
            yield base64.b64decode(found, validate=True)
        except binascii.Error:
            continue
    if h5py.is_hdf5(path):
        with h5py.File(path) as file:
            nodes: list[h5py.Group | h5py.Dataset] = [file]
            file.visititems(lambda _, node: nodes.append(node))
            for node in nodes:
                yield repr([node.name, *node.attrs.items()]).encode()
                if isinstance(node, h5py.Dataset):
                    values = node[()]
                    is_text = node.dtype.kind == "O"
                    yield b"\n".join(np.ravel(values)) if is_text else np.asarray(values).tobytes()


def tell(data: bytes, *names: str) -> set[str]:
    """Which names are in some bytes, in either case, in 8, 16 or 32 bits a character."""
    text = data.lower()
    codecs = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")
    return {name for name in names if any(name.lower().encode(c) in text for c in codecs)}


def search(path: Path, *names: str) -> set[str]:
    return set().union(*(tell(data, *names) for data in contents(path)))


def cached(folder: Path, places: tuple[str, ...] = STORES) -> set[Path]:
    """What DVC's cache holds of the stores, or of other outputs."""
    lock, found = read_yaml(folder / "dvc.lock")["stages"], set()
    outs = [out for stage in lock.values() for out in stage["outs"]]
    for name in sorted(out["md5"] for out in outs if lies_in(out["path"], places)):
        path = folder / ".dvc/cache/files/md5" / name[:2] / name[2:]
        found.add(path)
        if name.endswith(".dir"):
            members = [entry["md5"] for entry in json.loads(path.read_text())]
            found |= {path.parents[1] / member[:2] / member[2:] for member in members}
    return found


def lies_in(path: str, places: tuple[str, ...]) -> bool:
    return f"{path}/".startswith(places) or path in places


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file that the run has left, by its place; git's are read as git unpacks them."""
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        is_left_out = place.startswith((".git/", ".venv", "data/raw/"))
        if not is_left_out and path.is_file() and not path.is_symlink():
            yield place, path


def test_what_is_planted_is_found_where_it_was_planted(planted: Planted) -> None:
    """Or the search would find nothing for being blind."""
    raw = planted.project.folder / "data/raw/clinical"
    for pattern, names in {
        "trainingdatapro/**/*.dcm": HEADERS,
        "figshare/**/*.mat": (PID, *HEADERS),
        "akter/**/*.jpg": HEADERS,
    }.items():
        found = set().union(*(search(path, *HEADERS, *IDS) for path in raw.glob(pattern)))
        assert found >= {*names}, pattern
        assert all(FILE in path.name for path in raw.glob(pattern) if path.name != "cvind.mat")
    folder = planted.project.folder
    assert search(folder / "data/processed/slices.h5", FILE, PID) == {FILE, PID}
    rejected = [read_rejections(path) for path in folder.glob("data/interim/*/*.rejected.csv")]
    listed = {reason for table in rejected for reason in table["reason"]}
    assert any(CONTENT in reason for reason in listed)
    for file in ("broken.dcm", "notes.mat", "half.jpg"):
        assert any(table["file"].str.endswith(FILE + file).any() for table in rejected), file


def test_nothing_of_a_header_is_left_anywhere(planted: Planted) -> None:
    folder = planted.project.folder
    found = {place: search(path, *HEADERS) for place, path in files_of(folder)}
    assert len(found) > 100
    assert {place: names for place, names in found.items() if names} == {}


def test_names_of_files_and_patients_are_in_the_stores_and_nowhere_else(planted: Planted) -> None:
    folder = planted.project.folder
    may, leaks = cached(folder), {}
    for place, path in files_of(folder):
        if not place.startswith(STORES) and path not in may and (names := search(path, *IDS)):
            leaks[place] = names
        assert tell(place.encode(), *HEADERS, *IDS) == set()
    assert leaks == {}


def test_neither_is_printed_nor_committed(planted: Planted) -> None:
    assert "Running stage 'report'" in planted.printed
    assert tell(planted.printed.encode(), *HEADERS, *IDS) == set()
    command = ["git", "cat-file", "--batch", "--batch-all-objects"]
    done = subprocess.run(command, cwd=planted.project.folder, capture_output=True, check=True)
    assert tell(done.stdout, "predicted", *HEADERS, *IDS) == {"predicted"}


def test_a_push_takes_neither_names_nor_slices(planted: Planted, tmp_path: Path) -> None:
    """Of the phantom, which may be passed on, it takes the native files."""
    folder, remote = planted.project.folder, tmp_path / "remote"
    planted.project.run("dvc", "remote", "add", "--local", "--default", "elsewhere", str(remote))
    planted.project.run("dvc", "push", "--run-cache")
    pushed = {path.relative_to(remote) for path in remote.rglob("*") if path.is_file()}
    cache = folder / ".dvc/cache"
    simulated = {path.relative_to(cache) for path in cached(folder, ("data/raw/phantom/",))}
    trained = {path.relative_to(cache) for path in cached(folder, ("data/checkpoints/",))}
    assert trained | simulated <= pushed
    assert pushed & {path.relative_to(cache) for path in cached(folder)} == set()
    for path in pushed - simulated:
        assert search(remote / path, *HEADERS, *IDS) == set()
        content = (remote / path).read_bytes()
        assert not content.startswith((b"\x89PNG", b"\xff\xd8", b"\x89HDF", b"<!doctype")), path


def test_a_stage_that_stops_names_nothing(planted: Planted, tmp_path: Path) -> None:
    """For files of which none can be used, and for slices without a fold."""
    raw, project = planted.project.folder / "data/raw/clinical", planted.project
    for source, pattern in (("trainingdatapro", "*broken.dcm"), ("figshare", "*notes.mat")):
        file = next((raw / source).rglob(pattern))
        (tmp_path / source).mkdir()
        (tmp_path / source / file.name).write_bytes(file.read_bytes())
        words = ("--source", source, "--raw", str(tmp_path / source))
        slices = ("--slices", str(tmp_path / f"{source}.h5"))
        ended = project.start("python", "stages/convert.py", *words, *slices)
        assert "got no slice and 1 rejected files" in ended.stderr
        assert tell((ended.stdout + ended.stderr).encode(), *HEADERS, *IDS) == set()
        assert read_rejections(tmp_path / f"{source}.rejected.csv")["file"].tolist() == [file.name]
    data = project.folder / "data"
    ended = project.start(
        *("python", "stages/split.py", "--protocol", "folds"),
        *("--prepared", str(data / "processed/slices.h5")),
        *("--duplicates", str(data / "processed/duplicates.csv")),
        *("--folds", str(data / "interim/figshare/slices.folds.csv")),
        *("--split", str(tmp_path / "split.csv")),
    )
    assert "every slice of figshare must have a fold; got none for" in ended.stderr
    assert tell((ended.stdout + ended.stderr).encode(), *HEADERS, *IDS) == set()


def test_whoever_has_the_key_finds_every_published_slice_again(planted: Planted) -> None:
    data = planted.project.folder / "data"
    names = read_pseudonyms(data / "processed/slices.pseudonyms.csv")
    assert names.index.tolist() == read_index(data / "processed/slices.h5")["slice_id"].tolist()
    assert names.is_unique
    reports = planted.project.folder / "reports"
    for place in ("embedding/paper-random.csv", "study/planted/predicted/random.csv"):
        lines = (reports / place).read_text().splitlines()[1:]
        assert {line.partition(",")[0] for line in lines} <= {*names}
    shown = re.findall(r"s[0-9a-f]{12}", (reports / "index.html").read_text())
    assert {*shown} >= {line.partition(",")[0] for line in lines}
