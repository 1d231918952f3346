"""Where a study works: a copy of the code beside the project, with the project's DVC cache."""

import fcntl
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import IO, NoReturn

_CODE = (
    *("dvc.yaml", ".dvcignore", "stages", "src"),
    *("data/paper", "data/measured", "CITATION.cff"),
)
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]*[a-z][a-z0-9]*)*")
_CLINICAL = Path("data/raw/clinical")
_LOCK = ".lock"
CONFIG = ".dvc/config"
_OWN_CACHE = """\
[core]
    analytics = false
    no_scm = true
"""
_SHARED_CACHE = """\
[cache]
    dir = {cache}
"""


def stop(message: str) -> NoReturn:
    """End with one line."""
    sys.exit("study: " + message)


def require_name(name: str) -> None:
    """A folder's name, so that two studies never share one.

    Jobs of study ``a`` work in ``a-1``, ``a-2``, so no name may end that way.
    """
    if not NAME.fullmatch(name):
        stop(f"--name must be words of a-z and 0-9 joined by hyphens, no bare number; got {name!r}")


def fill_workspace(project: Path, workspace: Path) -> None:
    """Copy the code afresh, link the clinical files, share the project's cache and its remote."""
    for name in _CODE:
        replace(project / name, workspace / name)
    link_clinical(project, workspace)
    shared = _SHARED_CACHE.format(cache=_find_cache(project))
    _configure(workspace, shared + _OWN_CACHE + _describe_remote(project))


def link_clinical(project: Path, workspace: Path) -> None:
    """The clinical files of a project, if it has any, in place of those that were linked."""
    clinical = workspace / _CLINICAL
    clinical.unlink(missing_ok=True)
    if (project / _CLINICAL).is_dir():
        clinical.parent.mkdir(parents=True, exist_ok=True)
        clinical.symlink_to((project / _CLINICAL).resolve())


def empty(workspace: Path) -> None:
    """Leave nothing of an earlier run; whoever holds the lock may."""
    for left in workspace.iterdir():
        if left.is_dir():
            shutil.rmtree(left)
        elif left.name != _LOCK:
            left.unlink()


def use_own_cache(workspace: Path) -> None:
    """Take nothing from runs made elsewhere: DVC cannot tell in which arithmetic those were."""
    _configure(workspace, _OWN_CACHE)


def _configure(workspace: Path, settings: str) -> None:
    path = workspace / CONFIG
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(settings)


def copy_workspace(workspace: Path, copy: Path) -> None:
    """Bring a copy for a job up to date: code, parameters, settings and what training reads."""
    read = (f"data/{name}" for name in ("processed", "checked", "heads"))
    for name in (*_CODE, "params.yaml", CONFIG, *read):
        replace(workspace / name, copy / name)


def read_code(workspace: Path) -> dict[str, bytes]:
    """Code and parameters, file by file."""
    found = (
        path
        for name in (*_CODE, "params.yaml")
        for path in (
            [workspace / name] if (workspace / name).is_file() else _walk(workspace / name)
        )
    )
    return {path.relative_to(workspace).as_posix(): path.read_bytes() for path in found}


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def write_code(workspace: Path, files: Mapping[str, bytes]) -> None:
    """Code, parameters and whatever else is given; of the code that was there nothing is left."""
    for name in _CODE:
        shutil.rmtree(workspace / name, ignore_errors=True)
    for name, content in files.items():
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_bytes(content)


def ask_dvc(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of DVC that changes nothing; whether it went well, the caller looks."""
    command = [sys.executable, "-m", "dvc", *words]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def _find_cache(project: Path) -> Path:
    told = ask_dvc(project, "cache", "dir")
    told.check_returncode()
    return Path(told.stdout.strip())


def _describe_remote(project: Path) -> str:
    """The project's default DVC remote, as the end of the settings; none: nothing.

    What git does not see, as passwords in `.dvc/config.local`, is left out: whoever works elsewhere
    has his own.
    """
    told = ask_dvc(project, "config", "--list", "--project").stdout.splitlines()
    name = next((line[12:] for line in told if line.startswith("core.remote=")), "")
    keys = [line.removeprefix(f"remote.{name}.") for line in told if f"remote.{name}." in line]
    settings = "".join(f"    {key.replace('=', ' = ', 1)}\n" for key in keys)
    return f"    remote = {name}\n['remote \"{name}\"']\n{settings}" if name else ""


def has_remote(workspace: Path) -> bool:
    """Whether results come and go through a DVC remote, or by a cache that all share."""
    return "    remote = " in (workspace / CONFIG).read_text()


def find_commit(project: Path) -> str | None:
    """The commit whose code a study runs, and whether that was changed; None without git."""
    git = shutil.which("git")
    if not git or not (project / ".git").exists():
        return None
    ask = partial(subprocess.run, cwd=project, capture_output=True, text=True, check=False)
    head = ask([git, "rev-parse", "--verify", "HEAD"])
    is_changed = ask([git, "diff", "--quiet", "HEAD", "--", *_CODE, "params.yaml"]).returncode
    commit = head.stdout.strip() + (", with local changes" if is_changed else "")
    return None if head.returncode else commit


def replace(source: Path, target: Path) -> None:
    """Copy a file or folder over what was there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    else:
        shutil.copy2(source, target)


def take_over(workspace: Path) -> IO[str]:
    """Be the only study in the workspace, and forget who was in there when it was killed.

    DVC notes which process is at which file, and blocks its successor where such a process seems
    to live: its number may be another's by now. Whoever holds our lock is alone.
    """
    lock = _lock(workspace)
    if lock is None:
        stop(f"one study at a time must work in {workspace}; another one is at it")
    return lock


def take_free(workspace: Path) -> tuple[Path, IO[str]]:
    """The first copy of a workspace, counted from 1, that nobody works in, and the lock on it."""
    for number in count(1):
        copy = workspace.with_name(f"{workspace.name}-{number}")
        if lock := _lock(copy):
            return copy, lock
    raise AssertionError


def _lock(workspace: Path) -> IO[str] | None:
    workspace.mkdir(parents=True, exist_ok=True)
    lock = (workspace / _LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    (workspace / ".dvc" / "tmp" / "rwlock").unlink(missing_ok=True)
    return lock
