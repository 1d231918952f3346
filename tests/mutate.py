"""Try the slips of `mutations.toml` one by one, and count how many the tests catch.

Each goes into a copy of the repository, where its tests run, the slow ones last. What fails without
any slip catches none: it is found first, named, and left out.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_name("mutations.toml")
FAILURE = re.compile(r"^(?:FAILED|ERROR) (tests/\S+)", re.MULTILINE)
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no")
say = partial(print, flush=True)
ALL_WELL = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


class Mutation(NamedTuple):
    """A slip: `instead` stands where `text` should, which occurs once in the package."""

    id: str
    breaks: str
    text: str
    instead: str
    tests: list[str]


def main() -> int:
    """Try those named, or all; 0 if every one is caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", help="slips to try; without any, all")
    parser.add_argument("--jobs", type=int, default=1, help="slips at a time")
    arguments = parser.parse_args()
    listed = [Mutation(**entry) for entry in tomllib.loads(LIST.read_text())["mutation"]]
    mutations = [each for each in listed if not arguments.ids or each.id in arguments.ids]
    if unknown := set(arguments.ids) - {mutation.id for mutation in listed}:
        parser.error(f"ids must be those of {LIST.name}; got {', '.join(sorted(unknown))}")
    failing = find_failing(mutations)
    say(f"fail without any slip: {', '.join(failing) or 'none'}")
    n_caught = 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        outcomes = pool.map(lambda mutation: attempt(mutation, failing), mutations)
        for mutation, outcome in zip(mutations, outcomes, strict=True):
            say(f"{mutation.id}: {outcome}")
            n_caught += outcome.startswith("caught")
    say(f"{n_caught} of {len(mutations)} caught")
    return int(n_caught < len(mutations))


def find_failing(mutations: Sequence[Mutation]) -> list[str]:
    """Of the tests of these slips, those that fail in a copy without any."""
    tests = {test for mutation in mutations for test in mutation.tests if (ROOT / test).exists()}
    with TemporaryDirectory() as folder:
        copy_repository(Path(folder))
        return run_tests(Path(folder), sorted(tests)) if tests else []


def attempt(mutation: Mutation, failing: Sequence[str]) -> str:
    """What becomes of a slip, in words."""
    left_out = [f"--deselect={test}" for test in failing]
    with TemporaryDirectory() as folder:
        try:
            copy_repository(Path(folder))
            make_slip(mutation, Path(folder))
            for kind in ("not slow", "slow"):
                options = ("-x", "-m", kind, *left_out)
                if failed := run_tests(Path(folder), mutation.tests, *options):
                    return f"caught by {failed[0]}"
        except ValueError as error:
            return f"error: {error}"
    return f"survived: {mutation.breaks}"


def copy_repository(folder: Path) -> None:
    """Every file that git tracks or would track, as it is now."""
    listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(lambda name: (ROOT / name).is_file(), names.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def make_slip(mutation: Mutation, copy: Path) -> None:
    """Write it into the one place where it can be made."""
    if missing := [test for test in mutation.tests if not (copy / test).exists()]:
        raise ValueError(f"tests must exist; got {', '.join(missing)}")
    places = {path: path.read_text().count(mutation.text) for path in (copy / "src").rglob("*.py")}
    if sum(places.values()) != 1:
        raise ValueError(f"text must stand once under src; got {sum(places.values())} times")
    path = max(places, key=lambda path: places[path])
    path.write_text(path.read_text().replace(mutation.text, mutation.instead))


def run_tests(copy: Path, tests: Sequence[str], *options: str) -> list[str]:
    """The tests that fail in a copy; raises where pytest could not run any."""
    command, environment = (*PYTEST, *options, *tests), {**os.environ, "PYTHONPATH": f"{copy}/src"}
    ran = subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False)
    failed = FAILURE.findall(ran.stdout.decode())
    if not failed and ran.returncode not in ALL_WELL:
        raise ValueError(f"pytest must run; got {(ran.stdout + ran.stderr).decode()}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
