"""Files come whole from a server that misbehaves, or it is said why not."""

import io
import re
import signal
import subprocess
import sys
import time
from hashlib import md5
from pathlib import Path

import numpy as np
import pytest

from hqcm.fetching.download import _CHUNK_BYTES, Failure, Remote, check_file, download
from misbehaving_server import Server, serve

SIZE = 400_000
MOODS = {
    "fine": [],
    "slow": ["slow"],
    "cut": ["cut", "cut", "cut"],
    "wrong": ["wrong", "fine"],
    "wrong-after-a-cut": ["cut", "wrong"],
    "busy": ["busy", "busy"],
    "page": ["page", "page"],
    "page-of-another-type": ["page of another type"],
    "page-in-between": ["cut", "page", "cut"],
    "no-length": ["no length"],
    "no-length-cut": ["no length, cut"],
    "too-much": ["too much"],
    "redirect": ["redirect"],
    "redirect-and-cut": ["redirect", "cut", "redirect"],
    "no-ranges": ["cut", "no ranges"],
}


def make_file(name: str) -> bytes:
    noise = np.random.default_rng([*name.encode()]).bytes(SIZE)
    return b"PK\x03\x04" + noise


def make_remote(server: Server, name: str) -> Remote:
    content = server.files[name]
    digest = md5(content, usedforsecurity=False).hexdigest()
    return Remote(name, server.address + name, len(content), digest, b"PK\x03\x04")


def make_server(moods: dict[str, list[str]]) -> Server:
    return Server({name: make_file(name) for name in moods}, {k: [*v] for k, v in moods.items()})


def fetch(server: Server, folder: Path) -> dict[str, Failure]:
    remotes = [make_remote(server, name) for name in server.files]
    return download(remotes, folder, log=io.StringIO(), pause_s=0.01)


def test_every_file_is_whole_in_the_end(tmp_path: Path) -> None:
    with serve(make_server(MOODS)) as server:
        assert fetch(server, tmp_path) == {}
        assert server.moods == {name: [] for name in MOODS}
        before = server.n_asked.copy()
        assert fetch(server, tmp_path) == {}
        assert server.n_asked == before  # what is there is not asked for
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == server.files
    for name in ("cut", "page-in-between", "redirect-and-cut", "no-length-cut"):
        n_lost = server.n_sent[name] - len(server.files[name])
        assert n_lost < 3 * _CHUNK_BYTES + 1000, "only the rest was asked for"
    assert server.n_sent["no-ranges"] > 1.4 * SIZE  # it had to send everything again


def test_after_a_kill_only_the_rest_is_fetched(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from hqcm.fetching.download import *;"
        "n, url, size = sys.argv[1:4];"
        "download([Remote(n, url, int(size), None, b'PK')], Path(sys.argv[4]))"
    )
    server = Server({"a.zip": make_file("a") * 4}, {"a.zip": ["slow"]}, pause_s=0.25)
    part = tmp_path / "a.zip.part"
    with serve(server):
        remote = make_remote(server, "a.zip")
        words = [remote.name, remote.url, str(remote.size), str(tmp_path)]
        started = subprocess.Popen([sys.executable, "-c", code, *words], stderr=subprocess.DEVNULL)
        while not part.exists() or part.stat().st_size < remote.size / 4:
            assert started.poll() is None
            time.sleep(0.02)
        started.send_signal(signal.SIGKILL)
        started.wait()
        had = part.stat().st_size
        assert 0 < had < remote.size
        time.sleep(2 * server.pause_s)  # the server sees that nobody listens
        server.n_sent.clear()
        assert fetch(server, tmp_path) == {}
        assert server.n_sent["a.zip"] == remote.size - had
    assert (tmp_path / "a.zip").read_bytes() == server.files["a.zip"]


@pytest.mark.parametrize(
    ("moods", "reason"),
    [
        (["wrong"] * 3, "md5 must be .*; got [0-9a-f]{32}"),
        (["page"] * 3, r"must begin with b'PK\\x03\\x04'; got a web page, 'Just a moment'"),
        (["busy"] * 9, "too many 503 error responses"),
    ],
)
def test_what_stays_wrong_is_told(tmp_path: Path, moods: list[str], reason: str) -> None:
    with serve(make_server({"a.zip": moods, "b.zip": []})) as server:
        failures = fetch(server, tmp_path)
    assert [*failures] == ["a.zip"]
    failure = failures["a.zip"]
    assert not failure.is_offline
    assert re.fullmatch(reason, failure.reason)
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


def test_a_page_does_not_cost_what_was_had(tmp_path: Path) -> None:
    with serve(make_server({"a.zip": ["cut", *["page"] * 3]})) as server:
        assert [*fetch(server, tmp_path)] == ["a.zip"]
        had = (tmp_path / "a.zip.part").stat().st_size
        assert had > SIZE / 3
        server.n_sent.clear()
        assert fetch(server, tmp_path) == {}
        assert server.n_sent["a.zip"] == len(server.files["a.zip"]) - had


def test_a_file_that_is_not_there_is_not_asked_for_again(tmp_path: Path) -> None:
    with serve(make_server({"a.zip": []})) as server:
        remote = Remote("b.zip", server.address + "b.zip", 10, None, b"PK")
        failures = download([remote], tmp_path, log=io.StringIO(), pause_s=9)
    assert failures == {"b.zip": Failure("the server answered 404 Not Found")}


def test_a_part_that_is_too_long_is_begun_anew(tmp_path: Path) -> None:
    with serve(make_server({"a.zip": []})) as server:
        (tmp_path / "a.zip.part").write_bytes(b"PK" * SIZE)
        assert fetch(server, tmp_path) == {}
    assert (tmp_path / "a.zip").read_bytes() == server.files["a.zip"]


def test_that_nothing_can_be_reached_is_no_failure_of_a_file(tmp_path: Path) -> None:
    with serve(make_server({"a.zip": []})) as server:
        pass  # and nobody listens there any more
    failure = fetch(server, tmp_path)["a.zip"]
    assert failure.is_offline
    assert "Connection refused" in failure.reason


def test_a_log_has_whole_lines_with_speed_and_time_left(tmp_path: Path) -> None:
    log = io.StringIO()
    with serve(make_server({"a.zip": ["slow"]})) as server:
        download([make_remote(server, "a.zip")], tmp_path, log=log)
    assert "\r" not in log.getvalue()
    assert log.getvalue().splitlines()[-1].startswith("1 files: 400k of 400k, ")
    assert len(log.getvalue().splitlines()) == 2


def test_a_file_is_checked(tmp_path: Path) -> None:
    path, content = tmp_path / "a.zip", make_file("a")
    digest = md5(content, usedforsecurity=False).hexdigest()
    path.write_bytes(content)
    right = Remote("a.zip", "", len(content), digest, b"PK")
    assert check_file(path, right) is None
    path.write_bytes(content[:-1])
    assert check_file(path, right) == f"must have {len(content)} bytes; got {len(content) - 1}"
    path.write_bytes(b"<html><title>Sign\n in</title>".ljust(len(content)))
    assert check_file(path, right) == "must begin with b'PK'; got a web page, 'Sign in'"
    path.write_bytes(content[:-1] + b"?")
    assert (check_file(path, right) or "").startswith(f"md5 must be {digest}; got ")
