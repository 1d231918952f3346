"""What fuzzing has found stays found: `make fuzz` writes the files that are read here."""

from pathlib import Path

import pytest

from fuzz.fuzz_readers import CORPUS, ENDING, make_attempt
from hostile.case import FILE_OF
from hostile.catalogue import MODULES
from hqcm.cohort.converted import Rejection
from hqcm.formats.convert import load_format
from hqcm.formats.native_format import RawFile, Task
from hqcm.formats.reading import read_in_order
from hqcm.slices.sources import SourceParams
from hqcm.slices.store import Slice

FILES = sorted(path for path in CORPUS.iterdir() if path.name.startswith(tuple(FILE_OF)))


@pytest.mark.parametrize("reader", FILE_OF)
@pytest.mark.filterwarnings("ignore")
def test_an_error_is_a_decoders_or_ours_by_name(tmp_path: Path, reader: str) -> None:
    """Of the corpus and of the catalogue: no error comes over a line of ours."""
    (tmp_path / "here").mkdir()
    attempt = make_attempt(reader, tmp_path / "here")
    files = [
        path for path in FILES if path.name.startswith(f"{reader}-") and ENDING not in path.name
    ]
    for number, case in enumerate(MODULES[reader].CASES):
        if not case.needs_process:
            case.write(tmp_path / f"{number}")
            files += [path for path in (tmp_path / f"{number}").rglob("*") if path.is_file()]
    assert len(files) > 90
    assert {what for path in files if (what := attempt(path.read_bytes()))} == set()


@pytest.mark.slow
@pytest.mark.parametrize("reader", FILE_OF)
def test_a_file_of_the_corpus_costs_itself_alone(tmp_path: Path, reader: str) -> None:
    """Also one that ends the process: and the good file behind them all is read."""
    MODULES[reader].CASES[0].write(tmp_path)
    files = [path for path in FILES if path.name.startswith(reader)]
    tasks = [Task(RawFile(FILE_OF[reader], path)) for path in [*files, tmp_path / FILE_OF[reader]]]
    native = load_format(SourceParams(format=reader))
    *items, last = read_in_order(native, "akter", tasks, 1)
    assert isinstance(last, Slice)
    assert len(items) >= len(files)
    assert all(isinstance(item, Slice | Rejection) for item in items)
