"""What is there is taken, what is not is fetched, and nobody is asked for what is there."""

import io
import socket
import sys
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

from hqcm.fetching.bring import Way, bring_source, list_missing, list_slices
from hqcm.paper.sources import Archive, Client, Licence, Source, load_sources
from misbehaving_server import Server, serve
from pipeline_tree import ROOT

SOURCES = load_sources(ROOT / "data/paper/sources.yaml")
MATLAB = b"MATLAB 7.3 MAT-file"


def make_zip(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def make_mat(number: int) -> bytes:
    return MATLAB + bytes([number]) * 999


ZIPS = {
    "tumours_1-3.zip": make_zip({f"{n}.mat": make_mat(n) for n in (1, 2, 3)}),
    "tumours_4-5.zip": make_zip({f"{n}.mat": make_mat(n) for n in (4, 5)}),
}
FILES = {"7": ZIPS["tumours_1-3.zip"], "8": ZIPS["tumours_4-5.zip"], "9": MATLAB}


def describe(name: str, number: int, holds: list[int] | None) -> Archive:
    content = FILES[str(number)]
    digest = md5(content, usedforsecurity=False).hexdigest() if holds else None
    return Archive(name=name, id=number, size=len(content), md5=digest, holds=holds)


TUMOURS = Source(
    slices={"glioma": 5},
    page="https://figshare.test",
    licence=Licence(name="CC BY 4.0", may_pass_on=True),
    pattern="*[0-9].mat",
    address="https://figshare.test/{id}",
    archives=[
        describe("tumours_1-3.zip", 7, [1, 3]),
        describe("tumours_4-5.zip", 8, [4, 5]),
        describe("cvind.mat", 9, None),
    ],
)


class Told:
    """A way that remembers what was said."""

    def __init__(self, raw: Path, address: str | None = None) -> None:
        self.lines: list[str] = []
        self.way = Way(raw, self.lines.append, address, pause_s=0.01)

    @property
    def last(self) -> str:
        return self.lines[-1]


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every socket is an error."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was asked for")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.fixture
def server() -> Iterator[Server]:
    moods = {"7": ["cut", "busy"], "8": ["redirect", "wrong", "page"], "9": ["no length"]}
    with serve(Server(FILES, moods)) as started:
        yield started


def put(raw: Path, name: str, content: bytes) -> None:
    (raw / name).parent.mkdir(parents=True, exist_ok=True)
    (raw / name).write_bytes(content)


def files_in(folder: Path) -> list[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found)


WHOLE = [
    *("cvind.mat", "tumours_1-3/1.mat", "tumours_1-3/2.mat", "tumours_1-3/3.mat"),
    *("tumours_4-5/4.mat", "tumours_4-5/5.mat"),
]


def test_all_archives_come_and_then_nobody_is_asked(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(tmp_path, server.address + "{id}")
    assert bring_source("tumours", TUMOURS, told.way)
    assert files_in(tmp_path) == [f"tumours/{name}" for name in WHOLE]
    assert server.moods == {"7": [], "8": [], "9": []}
    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", None)
        assert bring_source("tumours", TUMOURS, told.way)
    assert told.last == "tumours: 5 files are there, all of them"


def test_only_what_is_missing_is_fetched_and_no_slice_lies_there_twice(
    tmp_path: Path, server: Server
) -> None:
    put(tmp_path, "tumours/all/2.mat", make_mat(2))
    put(tmp_path, "tumours/all/4.mat", make_mat(4))
    put(tmp_path, "tumours/all/5.mat", make_mat(5))
    told = Told(tmp_path, server.address + "{id}")
    assert bring_source("tumours", TUMOURS, told.way)
    assert server.n_asked["8"] == 0
    assert files_in(tmp_path / "tumours") == [
        *("all/2.mat", "all/4.mat", "all/5.mat", "cvind.mat"),
        *("tumours_1-3/1.mat", "tumours_1-3/3.mat"),
    ]


@pytest.mark.usefixtures("no_network")
def test_archives_put_there_by_hand_are_taken(tmp_path: Path) -> None:
    for name, content in ZIPS.items():
        put(tmp_path, f"tumours/{name}", content)
    put(tmp_path, "tumours/cvind.mat", MATLAB)
    told = Told(tmp_path)
    assert bring_source("tumours", TUMOURS, told.way)
    assert files_in(tmp_path / "tumours") == WHOLE
    assert files_in(tmp_path / ".archives") == [f"tumours/{name}" for name in ZIPS]
    assert told.lines[0] == "tumours: unpacking tumours_1-3.zip"


@pytest.mark.usefixtures("no_network")
def test_an_article_with_its_archives_within_is_taken(tmp_path: Path) -> None:
    article = make_zip({**ZIPS, "cvind.mat": MATLAB, "README.txt": b"read me"})
    put(tmp_path, "tumours/1512427.zip", article)
    assert bring_source("tumours", TUMOURS, Told(tmp_path).way)
    assert files_in(tmp_path / "tumours") == sorted([*WHOLE, "README.txt"])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("tumours_1-3.zip", b"<html><title>Sign in", "is not the published file: must have"),
        ("a.zip", make_zip({"tumours_4-5.zip": ZIPS["tumours_1-3.zip"]}), "is not the published f"),
        ("a.zip", make_zip({"b.zip": b"x"}), "must hold no archives but its source's; got b.zip"),
        ("a.zip", make_zip({"../6.mat": b"x"}), "must hold paths that stay in its folder"),
    ],
)
def test_an_archive_that_is_another_is_not_used(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    put(tmp_path, f"tumours/{name}", content)
    for path in WHOLE:
        put(tmp_path, f"tumours/{path}", MATLAB)
    told = Told(tmp_path)
    assert not bring_source("tumours", TUMOURS, told.way)
    assert says in told.lines[1]
    assert told.lines[1].endswith("nothing of it is used, take it from https://figshare.test")
    assert files_in(tmp_path / "tumours") == sorted([*WHOLE, name])


def test_what_is_no_matlab_file_is_missing(tmp_path: Path) -> None:
    for path in WHOLE:
        put(tmp_path, path, MATLAB)
    assert list_missing(TUMOURS, tmp_path) == []
    put(tmp_path, "tumours_4-5/5.mat", b"<html>")
    put(tmp_path, "cvind.mat", b"")
    assert [each.name for each in list_missing(TUMOURS, tmp_path)] == [
        *("tumours_4-5.zip", "cvind.mat")
    ]


def test_a_server_that_cannot_be_reached_is_told_and_no_failure(tmp_path: Path) -> None:
    with serve(Server(FILES)) as server:
        pass
    told = Told(tmp_path, server.address + "{id}")
    assert bring_source("tumours", TUMOURS, told.way)
    assert "could not fetch tumours_1-3.zip, tumours_4-5.zip, cvind.mat: " in told.lines[-2]
    assert "Connection refused" in told.lines[-2]
    assert told.last == (
        "tumours: start again to go on; or take the files from https://figshare.test and put "
        f"archives or folders into {tmp_path / 'tumours'}"
    )


def test_a_file_that_the_server_has_not_is_a_failure(tmp_path: Path) -> None:
    with serve(Server({"7": FILES["7"], "9": FILES["9"]})) as server:
        told = Told(tmp_path, server.address + "{id}")
        assert not bring_source("tumours", TUMOURS, told.way)
    assert "could not fetch tumours_4-5.zip: the server answered 404 Not Found" in told.lines[-2]
    assert len(files_in(tmp_path / "tumours")) == 4


@pytest.mark.usefixtures("no_network")
def test_with_every_file_of_the_paper_there_no_socket_is_opened(tmp_path: Path) -> None:
    archives = SOURCES["figshare"].archives
    names = [f"figshare/{each.name[:-4]}/{n}.mat" for each in archives for n in each.numbers]
    names += ["figshare/cvind.mat"]
    names += [f"trainingdatapro/ST000001/SE000001/IM{n:06}.dcm" for n in range(275)]
    for folder, n_files in {"0": 1595, "1": 649, "2": 999, "3": 994}.items():
        names += [f"akter/Set/image/{folder}/{n}.jpg" for n in range(n_files)]
        names += [f"akter/Set/mask/{folder}/{n}_m.jpg" for n in range(n_files)]
    for place in {(tmp_path / name).parent for name in names}:
        place.mkdir(parents=True, exist_ok=True)
    for name in names:
        (tmp_path / name).write_bytes(MATLAB)
    told = Told(tmp_path)
    assert all(bring_source(name, source, told.way) for name, source in SOURCES.items())
    assert told.lines == [
        "trainingdatapro: 275 files are there, as many as the paper used or more",
        "figshare: 3,064 files are there, all of them",
        "akter: 4,237 files are there, as many as the paper used or more",
    ]


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["trainingdatapro", "akter"])
def test_a_client_that_is_absent_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    client = SOURCES[name].client
    assert client
    monkeypatch.setitem(sys.modules, client.package, None)  # as where it is not installed
    told = Told(tmp_path)
    assert bring_source(name, SOURCES[name], told.way)
    assert told.last == (
        f"{name}: {client.package} must be installed: `.venv/bin/pip install -r "
        f"requirements-clinical.txt`, then start again; or take it from {SOURCES[name].page} and "
        f"put the archive or the folder into {tmp_path / name}"
    )


def act_as(monkeypatch: pytest.MonkeyPatch, package: str, **functions: object) -> None:
    module = ModuleType(package)
    vars(module).update(functions)
    monkeypatch.setitem(sys.modules, package, module)


def test_what_a_client_says_is_passed_on_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: str) -> str:
        raise PermissionError(f"403 Client Error.\n\nYou don't have permission: {handle}")

    act_as(monkeypatch, "kagglehub", dataset_download=refuse)
    monkeypatch.setenv("KAGGLEHUB_CACHE", "")
    told = Told(tmp_path)
    assert bring_source("akter", SOURCES["akter"], told.way)
    handle = "atikaakter11/brain-tumor-segmentation-dataset"
    assert f"it says: 403 Client Error. You don't have permission: {handle}. If " in told.last
    assert f"put the archive or the folder into {tmp_path / 'akter'}" in told.last


def test_what_a_client_brings_is_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folders of a tree, and archives unpacked; not its own notes."""

    def bring(handle: str, *, repo_type: str, local_dir: Path, ignore_patterns: list[str]) -> str:
        assert (handle, repo_type) == ("TrainingDataPro/dicom-brain-dataset", "dataset")
        assert "*.md" in ignore_patterns
        put(local_dir, "ST000001/SE000001/IM000001.dcm", b"x")
        put(local_dir, "more.zip", make_zip({"ST000001/SE000002/IM000001.dcm": b"y"}))
        put(local_dir, ".cache/notes", b"x")
        return str(local_dir)

    act_as(monkeypatch, "huggingface_hub", snapshot_download=bring)
    told = Told(tmp_path)
    assert bring_source("trainingdatapro", SOURCES["trainingdatapro"], told.way)
    assert files_in(tmp_path / "trainingdatapro") == [
        f"ST000001/SE00000{n}/IM000001.dcm" for n in (1, 2)
    ]
    assert not (tmp_path / ".fetched" / "trainingdatapro").exists()
    assert told.last == "trainingdatapro: 2 files are there, of 275"


@pytest.mark.usefixtures("no_network")
def test_a_folder_that_is_there_in_part_is_taken_as_it_is(tmp_path: Path, clinical: Path) -> None:
    """The real sample, linked as people link a shared disk."""
    told = Told(tmp_path)
    n_files = {"trainingdatapro": 87, "akter": 478}
    for name, n in n_files.items():
        (tmp_path / name).symlink_to(clinical / name)
        assert bring_source(name, SOURCES[name], told.way)
        assert told.last.startswith(f"{name}: {n} files of ")
        assert "taken as they are; to have all of them fetched, move them out of " in told.last
        assert len(list_slices(SOURCES[name], tmp_path / name)) == n
    missing = list_missing(SOURCES["figshare"], clinical / "figshare")
    assert [archive.id for archive in missing] == [3381290, 3381296, 3381293, 3381302, 7005344]


def test_a_way_is_given_for_each_source() -> None:
    assert [*SOURCES] == ["trainingdatapro", "figshare", "akter"]
    with pytest.raises(ValueError, match=r"client must be given, or address and archives"):
        Source(**(TUMOURS.model_dump() | {"client": Client(package="a", handle="b").model_dump()}))
    with pytest.raises(ValueError, match=r"slices must be of healthy, .*; got sarcoma"):
        Source(**(TUMOURS.model_dump() | {"slices": {"sarcoma": 1}}))
