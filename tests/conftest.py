"""Fixtures that more than one folder of tests needs."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tiny_project import TinyProject, make_tiny_project

# The same examples in every run, and no verdict on how busy the machine is.
settings.register_profile("project", derandomize=True, deadline=None)
settings.load_profile("project")


def pytest_configure() -> None:
    """One thread for each of several test processes, and for what they start: two would fight."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole pipelines first, so that no process is left alone with them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, len(item.path.parts)))


@pytest.fixture(scope="session")
def clinical() -> Path:
    """Folder of the real sample, in the three native layouts; the test skips where it is absent."""
    repository = Path(__file__).resolve().parents[1]
    beside = repository.parent / "shared" / "data" / "clinical"
    folder = Path(os.environ.get("HQCM_CLINICAL", beside))
    if not folder.is_dir():
        pytest.skip("the real sample is absent; HQCM_CLINICAL may name its folder")
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """The project in small, reproduced once; whoever changes it puts it back."""
    return make_tiny_project(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Started in the background, as CI may be, a process ignores Ctrl-C, and so do its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
