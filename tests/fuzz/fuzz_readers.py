"""Coverage-guided fuzzing of the readers of native files: `make fuzz`, CONTRIBUTING.md says how.

A file may give slices, or an error that its decoder raises or that a line of ours raises by name.
A find is what else happens: an error that comes over a line of ours, the end of the process, more
than 10 seconds. Finds are cut down and written to tests/hostile/corpus, which a test reads.
"""

import argparse
import hashlib
import importlib.util
import linecache
import re
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # where the catalogue is
from hostile.case import FILE_OF

CORPUS = Path(__file__).resolve().parents[1] / "hostile" / "corpus"
LIMITS = ("-timeout=10", "-rss_limit_mb=4096", "-max_len=16384", "-print_final_stats=1")
ENDING = "-ends-"  # in the name of a file that ends the process
MOST_ENDING = 3  # of them are kept of a reader: a decoder's crash is nothing that we can mend

Attempt = Callable[[bytes], str]


def make_attempt(reader: str, folder: Path) -> Attempt:
    """What happens to a file of these bytes: nothing if it may, else the error and our line."""
    from hqcm.formats.convert import load_format  # noqa: PLC0415  (to be traced when imported)
    from hqcm.formats.native_format import RawFile, Task, describe  # noqa: PLC0415
    from hqcm.preparation.scaling import scale_image  # noqa: PLC0415
    from hqcm.slices.sources import SourceParams  # noqa: PLC0415
    from hqcm.slices.store import Slice  # noqa: PLC0415

    native = load_format(SourceParams(format=reader))
    file = RawFile(FILE_OF[reader], folder / Path(FILE_OF[reader]).name)

    def attempt(content: bytes) -> str:
        file.path.write_bytes(content)
        try:
            for item in native.read("fuzz", Task(file)):
                if isinstance(item, Slice):
                    scale_image(item.image, 8)
        except MemoryError:
            return ""  # as in the processes that read, which have a limit
        except Exception as error:  # noqa: BLE001  (whatever it is, it is judged)
            where = traceback.extract_tb(error.__traceback__)[-1]
            line = linecache.getline(where.filename, where.lineno or 0).strip()
            reason = describe(error, file)
            if not reason.isprintable() or str(folder) in reason:
                return f"{type(error).__name__} for the reason {reason!r}"
            if "hqcm" in Path(where.filename).parts and not line.startswith("raise "):
                return f"{type(error).__name__} in {Path(where.filename).name}: {line}"
        return ""

    return attempt


def fuzz_here(reader: str, corpus: str, known: list[str], options: list[str]) -> None:
    """In a process of its own: until the first find, or the end of the time."""
    atheris = importlib.import_module("atheris")
    with tempfile.TemporaryDirectory() as folder:
        with atheris.instrument_imports(include=["hqcm.formats", "pydicom", "PIL"]):
            attempt = make_attempt(reader, Path(folder))
        warnings.simplefilter("ignore")

        def try_one(content: bytes) -> None:
            what = attempt(content)
            if what and what not in known:
                raise RuntimeError(what)

        atheris.Setup([sys.argv[0], *options, corpus], try_one)
        atheris.Fuzz()


def cut_down(content: bytes, attempt: Attempt) -> bytes:
    """As few bytes as let the same happen: pieces are left out, the larger ones first."""
    what, size = attempt(content), len(content) // 2
    while what and size > 0:
        shorter = (content[:at] + content[at + size :] for at in range(0, len(content), size))
        content, size = next(
            ((each, size) for each in shorter if attempt(each) == what), (content, size // 2)
        )
    return content


def fuzz(reader: str, seconds: float, folder: Path) -> str:
    """Start one process after another; what came of them in a line."""
    from hostile.catalogue import MODULES  # noqa: PLC0415  (it imports what is to be traced)

    (folder / "seeds").mkdir()
    for number, case in enumerate(MODULES[reader].RIGHT):
        case.write(folder / f"{number}")
        for path in (folder / f"{number}").rglob("*.*"):
            (folder / "seeds" / f"{number}{path.name}").write_bytes(path.read_bytes())
    attempt, end = make_attempt(reader, folder), time.monotonic() + seconds
    known: list[str] = []
    n_tried, n_ends, n_lost, edges = 0, 0, 0, "0"
    while (left := int(end - time.monotonic())) > 0:
        options = [*LIMITS, f"-max_total_time={left}", f"-artifact_prefix={folder}/find-"]
        told = [f"--known={what}" for what in known]
        words = [sys.executable, __file__, f"--reader={reader}", f"--corpus={folder}/seeds", *told]
        ended = subprocess.run(
            [*words, "--", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        said = ended.stdout.decode(errors="replace")
        n_tried += max(map(int, re.findall(r"^#(\d+)", said, re.MULTILINE)), default=0)
        edges = [edges, *re.findall(r"cov: (\d+)", said)][-1]
        finds = list(folder.glob("find-*"))
        if ended.returncode and not finds:  # it did not even start, or leaves nothing behind
            n_lost += 1
            print(f"{reader}: ended with code {ended.returncode}: {said[-300:]}", flush=True)
            if n_lost > MOST_ENDING:
                break
        for find in finds:
            what = re.search(r"RuntimeError: (.+)", said)
            known += [what[1]] if what else []
            n_ends += not what
            content = cut_down(find.read_bytes(), attempt) if what else find.read_bytes()
            key = ("-" if what else ENDING) + hashlib.sha256(content).hexdigest()[:12]
            name = f"{reader}{key}{Path(FILE_OF[reader]).suffix}"
            find.unlink()
            if not what and n_ends > MOST_ENDING:
                continue
            (CORPUS / name).write_bytes(content)
            print(f"{name}: {what[1] if what else said[-300:]}", flush=True)
    ended_by = (
        f"{n_ends} ended the process or took 10 s, {len(known)} were an error over a line of ours"
    )
    return f"{reader}: {n_tried} files tried, {edges} edges; {ended_by}"


def main() -> None:
    """Every reader for its seconds; or, with a corpus, one process of one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=FILE_OF, action="append")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--corpus", help=argparse.SUPPRESS)
    parser.add_argument("--known", action="append", default=[], help=argparse.SUPPRESS)
    parser.add_argument("options", nargs="*", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        raise SystemExit("make fuzz needs atheris, which is not installed: pip install atheris")
    if args.corpus:
        fuzz_here(args.reader[0], args.corpus, args.known, args.options)
        return
    warnings.simplefilter("ignore")
    for reader in args.reader or FILE_OF:
        with tempfile.TemporaryDirectory() as folder:
            print(fuzz(reader, args.seconds, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
