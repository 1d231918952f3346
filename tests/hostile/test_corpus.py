"""What fuzzing has found stays found: `make fuzz` writes the files that are read here."""

import warnings
from pathlib import Path

import pytest

from fuzz.fuzz_readers import CORPUS, ENDING, NAMES, make_attempt
from hostile import dicom_cases, matlab_cases, picture_cases
from hqcm.cohort.converted import Rejection
from hqcm.formats.convert import load_format
from hqcm.formats.native_format import RawFile, Task
from hqcm.formats.reading import read_in_order
from hqcm.slices.sources import SourceParams
from hqcm.slices.store import Slice

FILES = sorted(path for path in CORPUS.iterdir() if path.name.startswith(tuple(NAMES)))


@pytest.mark.parametrize("path", [p for p in FILES if ENDING not in p.name], ids=lambda p: p.name)
def test_an_error_is_a_decoders_or_ours_by_name(tmp_path: Path, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert make_attempt(path.name.partition("-")[0], tmp_path)(path.read_bytes()) == ""


@pytest.mark.slow
@pytest.mark.parametrize("reader", NAMES)
def test_a_file_of_the_corpus_costs_itself_alone(tmp_path: Path, reader: str) -> None:
    """Also one that ends the process: and the good file behind them all is read."""
    good = {"dicom": dicom_cases, "matlab": matlab_cases, "images": picture_cases}[reader].RIGHT[0]
    good.write(tmp_path)
    files = [path for path in FILES if path.name.startswith(reader)]
    tasks = [Task(RawFile(NAMES[reader], path)) for path in [*files, tmp_path / NAMES[reader]]]
    native = load_format(SourceParams(format=reader))
    *items, last = read_in_order(native, "akter", tasks, 1)
    assert isinstance(last, Slice)
    assert len(items) >= len(files)
    assert all(isinstance(item, Slice | Rejection) for item in items)
