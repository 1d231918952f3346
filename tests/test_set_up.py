"""Each obstacle of the first hour gets one clear line."""

import collections
import subprocess
import sys
from pathlib import Path

import pytest
import set_up


def test_an_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"Python must be 3\.11 or newer; got 3\.9"):
        set_up.require_python()


def test_no_venv_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="venv module must be installed; got none"):
        set_up.require_python()


def test_no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SystemExit, match="git must be installed; got none"):
        set_up.require_git()


def test_no_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="must be a git checkout"):
        set_up.require_git()


def test_little_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = collections.namedtuple("usage", "total used free")  # noqa: PYI024  (as shutil's)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(0, 0, 2e9))
    with pytest.raises(SystemExit, match=r"9 GB of disk must be free; got 2\.0 GB"):
        set_up.require_disk()


def test_no_compiler_is_worth_a_line_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    set_up.mention_compiler()
    assert "no C compiler found; fine unless" in capsys.readouterr().out


def test_git_identity_is_set_for_this_repository_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    set_up.set_identity()
    assert "git had no user.name; set to" in capsys.readouterr().out
    assert "hqcm@localhost" in (tmp_path / ".git/config").read_text()
    assert not (tmp_path / "none").exists()
    set_up.set_identity()
    assert capsys.readouterr().out == ""
