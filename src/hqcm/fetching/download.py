"""Files over HTTP: several at a time, resumed where they stopped, taken only if they are right.

What comes before the first byte (a name that cannot be resolved, 503, too many requests) is tried
again by urllib3's `Retry`; a body that ends early or stalls, by a request for the rest of it
(RFC 9110, 14.2). What has come lies in `NAME.part` beside the file until it is whole, so that
killing this costs nothing but the second it was in.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from itertools import chain
from pathlib import Path
from threading import Event, Lock
from typing import TextIO

import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.util import Retry

_AT_A_TIME = 4
_TRIES = 6  # in a row that bring nothing; then waits are half a minute
_TRIES_DAMAGED = 3  # whole files that are not the published one
_CHUNK_BYTES = 1 << 14  # as much is lost when a connection breaks
_TIMEOUT_S = (10, 30)  # to connect; between two packets
_TRY_AGAIN = (408, 429, 500, 502, 503, 504)
_ANSWERS = (200, 206, 416)  # all of it, the rest of it, no such rest
_AGENT = "hqcm (reproduction of arXiv:2506.21937)"
_LOG_EVERY_S = 30


@dataclass(frozen=True)
class Remote:
    """A file to fetch: its address, size in bytes, md5 if known, and how its content begins."""

    name: str
    url: str
    size: int
    md5: str | None
    begins: bytes


@dataclass(frozen=True)
class Failure:
    """Why a file could not be had; and whether that is because nothing could be reached."""

    reason: str
    is_offline: bool = False


class _FailedError(Exception):
    """Trying again would not help."""

    def __init__(self, reason: str, *, is_offline: bool = False) -> None:
        super().__init__(reason)
        self.failure = Failure(reason, is_offline)


class _DamagedError(Exception):
    """What came is not the published file."""


def check_file(path: Path, remote: Remote) -> str | None:
    """What is wrong with a file that should be the published one; None if it is that."""
    size = path.stat().st_size
    if size != remote.size:
        return f"must have {remote.size} bytes; got {size}"
    with path.open("rb") as file:
        if file.read(len(remote.begins)) != remote.begins:
            return f"must begin with {remote.begins!r}; {_tell_start(path)}"
        file.seek(0)
        digest = md5(usedforsecurity=False)
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    got = digest.hexdigest()
    return f"md5 must be {remote.md5}; got {got}" if remote.md5 not in {None, got} else None


def download(
    remotes: Sequence[Remote], folder: Path, *, log: TextIO | None = None, pause_s: float = 1
) -> dict[str, Failure]:
    """Fetch files into a folder, each under its name; one that is there already is not asked for.

    Args:
        remotes: the files.
        folder: theirs; made if it is not there.
        log: where progress is shown: a bar on a terminal, else a line now and then. If not given,
            where errors go.
        pause_s: what waits begin with; each is twice the last.

    Returns:
        What could not be had, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [remote for remote in remotes if not (folder / remote.name).exists()]
    if not wanted:
        return {}
    with (
        _show_progress(wanted, folder, log or sys.stderr) as bar,
        _open_session(pause_s) as session,
    ):
        work = _Work(folder, session, bar, pause_s)
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            done = {remote.name: pool.submit(work.fetch, remote) for remote in wanted}
            try:
                ended = {name: each.result() for name, each in done.items()}
            except BaseException:
                work.stopped.set()
                pool.shutdown(cancel_futures=True)
                raise
    return {name: failure for name, failure in ended.items() if failure}


@dataclass
class _Work:
    """What the threads share."""

    folder: Path
    session: requests.Session
    bar: tqdm
    pause_s: float
    is_reached: bool = False
    stopped: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def fetch(self, remote: Remote) -> Failure | None:
        """One file, from wherever it stopped."""
        part = self.folder / f"{remote.name}.part"
        n_failed = n_damaged = 0
        while not self.stopped.is_set():
            had = _size(part)
            try:
                if had < remote.size:
                    self._append(remote, part)
                self._accept(part, remote)
            except _FailedError as error:
                return error.failure
            except _DamagedError as error:
                n_damaged, reason = n_damaged + 1, str(error)
            except requests.RequestException as error:
                n_failed, reason = n_failed + 1, _tell(error)
                if _size(part) > had:
                    n_failed = 1
            else:
                return None
            if n_failed == _TRIES or n_damaged == _TRIES_DAMAGED:
                return Failure(reason)
            self.stopped.wait(self.pause_s * 2 ** (n_failed + n_damaged - 1))
        return Failure("stopped")

    def _append(self, remote: Remote, part: Path) -> None:
        """Ask for what is missing, and write it as it comes."""
        had = _size(part)
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={had}-"} if had else {})
        with self._ask(remote.url, headers) as response:
            if not _fits(response, had, remote.size):
                self._discard(part)
                raise _DamagedError(f"must have {remote.size} bytes; got part of another file")
            chunks = response.iter_content(_CHUNK_BYTES)
            first = next(chunks, b"")
            if response.status_code == requests.codes.ok:
                _require_beginning(response, first, remote)
                self._discard(part)  # everything comes again
            with part.open("ab") as file:
                for chunk in chain([first], chunks):
                    file.write(chunk)
                    with self.lock:
                        self.bar.update(len(chunk))
                    if self.stopped.is_set():
                        return
                    if file.tell() > remote.size:  # or it would fill the disk
                        break
        if _size(part) < remote.size:  # where no length was announced, nobody else sees it
            raise requests.ConnectionError(f"ended after {_size(part)} of {remote.size} bytes")

    def _ask(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        try:
            response = self.session.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S)
        except requests.exceptions.RetryError as error:
            raise _FailedError(_tell(error)) from error
        except requests.ConnectionError as error:  # after `Retry` has tried
            if self.is_reached:
                raise
            raise _FailedError(_tell(error), is_offline=True) from error
        self.is_reached = True
        if response.status_code not in _ANSWERS:
            response.close()
            raise _FailedError(f"the server answered {response.status_code} {response.reason}")
        return response

    def _accept(self, part: Path, remote: Remote) -> None:
        """Give the file its name if it is the published one."""
        if self.stopped.is_set():
            return
        if wrong := check_file(part, remote):
            self._discard(part)
            raise _DamagedError(wrong)
        part.rename(part.with_suffix(""))

    def _discard(self, part: Path) -> None:
        with self.lock:
            self.bar.update(-_size(part))
        part.unlink(missing_ok=True)


def _fits(response: requests.Response, had: int, size: int) -> bool:
    """Whether an answer may go behind what was had, if it does not begin anew."""
    if response.status_code == requests.codes.ok:
        return True
    said = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    return said is not None and int(said[1]) == had and said[2] in {str(size), "*"}


def _require_beginning(response: requests.Response, first: bytes, remote: Remote) -> None:
    """Refuse what is not the file, before it takes the place of what was had."""
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    if is_page or not first.startswith(remote.begins):
        raise _DamagedError(f"must begin with {remote.begins!r}; {_describe(first)}")
    length = response.headers.get("Content-Length", str(remote.size))
    if length != str(remote.size):
        raise _DamagedError(f"must have {remote.size} bytes; the server announces {length}")


def _open_session(pause_s: float) -> requests.Session:
    retry = Retry(
        total=_TRIES,
        connect=2,
        read=2,
        backoff_factor=pause_s,
        status_forcelist=_TRY_AGAIN,
        allowed_methods=["GET"],
    )
    session = requests.Session()
    session.headers["User-Agent"] = _AGENT
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=_AT_A_TIME))
    return session


@contextmanager
def _show_progress(remotes: Sequence[Remote], folder: Path, log: TextIO) -> Iterator[tqdm]:
    """Bytes of all files, speed and time left."""
    had = sum(_size(folder / f"{remote.name}.part") for remote in remotes)
    is_seen = log.isatty()
    with tqdm(
        total=sum(remote.size for remote in remotes),
        initial=had,
        desc=f"{len(remotes)} files",
        unit="B",
        unit_scale=True,
        mininterval=0.1 if is_seen else _LOG_EVERY_S,
        file=log if is_seen else _Lines(log),
        bar_format=None
        if is_seen
        else "{desc}: {n_fmt} of {total_fmt}, {rate_fmt}, {remaining} left",
    ) as bar:
        yield bar


class _Lines:
    """Whatever the bar would write over its last state, as a line of a log."""

    def __init__(self, log: TextIO) -> None:
        self._log = log

    def write(self, text: str) -> None:
        if said := text.strip():
            self._log.write(f"{said}\n")

    def flush(self) -> None:
        self._log.flush()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tell_start(path: Path) -> str:
    with path.open("rb") as file:
        return _describe(file.read(_CHUNK_BYTES))


def _describe(content: bytes) -> str:
    """What came in place of a file."""
    title = re.search(rb"<title[^>]*>([^<]*)", content, re.IGNORECASE)
    if title:
        return f"got a web page, {' '.join(title[1].decode('utf-8', 'replace').split())[:80]!r}"
    return "got a web page" if content.lstrip().startswith(b"<") else f"got {content[:16]!r}"


def _tell(error: Exception) -> str:
    """What went wrong, in the words of whoever saw it first."""
    while isinstance(inner := getattr(error, "reason", None) or error.args[0], Exception):
        error = inner
    return re.sub(r"^\w+\(.*?\): ", "", str(inner))
