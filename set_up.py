"""Make `.venv` and install into it; called by `make`. Standard library only, any Python 3.

Each obstacle of the first hour gets one line that says what must be, what was found, and what
to do about it.
"""

import argparse
import os
import shutil
import subprocess
import sys
from typing import NoReturn

OLDEST_PYTHON = (3, 11)
NEEDED_GB = 9  # torch brings its CUDA libraries (6.3 GB installed), plus data and caches
VENV = ".venv"
IDENTITY = {"user.name": "hqcm user", "user.email": "hqcm@localhost"}


def stop(message: str) -> NoReturn:
    """End with one line."""
    sys.exit("set-up: " + message)


def require_python() -> None:
    """Python new enough, with the modules that make environments."""
    if sys.version_info < OLDEST_PYTHON:
        stop(
            "Python must be {0}.{1} or newer; got {2}.{3}. Try: make PYTHON=python3.12".format(
                *(OLDEST_PYTHON + sys.version_info[:2])
            )
        )
    try:
        import ensurepip  # noqa: F401, PLC0415  (only whether it is there)
        import venv  # noqa: F401, PLC0415
    except ImportError:
        stop("Python's venv module must be installed; got none. Debian: apt install python3-venv")


def require_git() -> None:
    """A git checkout: DVC stands on it."""
    if shutil.which("git") is None:
        stop("git must be installed; got none")
    if subprocess.call(["git", "rev-parse", "--git-dir"], stdout=subprocess.DEVNULL) != 0:
        stop("this folder must be a git checkout (DVC needs one); clone the repository")


def require_disk() -> None:
    """Room for the environment and the data."""
    free_gb = shutil.disk_usage(".").free / 1e9
    if free_gb < NEEDED_GB and not os.path.exists(os.path.join(VENV, "bin", "dvc")):
        stop("{0} GB of disk must be free; got {1:.1f} GB".format(NEEDED_GB, free_gb))


def mention_compiler() -> None:
    """Every pinned package has a wheel for common platforms; elsewhere pip compiles."""
    if not any(map(shutil.which, ("cc", "gcc", "clang", "cl"))):
        print("set-up: no C compiler found; fine unless pip has no wheel for this platform")


def set_identity() -> None:
    """`dvc exp run` commits, so git must know who; only this repository is told."""
    for key, value in IDENTITY.items():
        if subprocess.call(["git", "config", key], stdout=subprocess.DEVNULL) != 0:
            subprocess.check_call(["git", "config", "--local", key, value])
            print("set-up: git had no {0}; set to {1!r}, here only".format(key, value))


def install(requirements: str) -> None:
    """Make the environment if it is not there, and bring it to the pins."""
    if not os.path.exists(os.path.join(VENV, "bin", "python")):
        subprocess.check_call([sys.executable, "-m", "venv", VENV])
    print("set-up: installing {0} into {1}; some minutes the first time".format(requirements, VENV))
    pip = [os.path.join(VENV, "bin", "python"), "-m", "pip"]
    if subprocess.call([*pip, "install", "--quiet", "-r", requirements]) != 0:
        stop("pip must be able to install {0}; its message is above".format(requirements))


def main() -> None:
    """Check, then install."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requirements", nargs="?", default="requirements.txt")
    arguments = parser.parse_args()
    require_python()
    require_git()
    require_disk()
    mention_compiler()
    set_identity()
    install(arguments.requirements)


if __name__ == "__main__":
    main()
