"""The command line of a stage: paths in, paths out, nothing half written.

A stage names its options, and `stage` makes a parser of them; what an option of that name is, in
whatever stage, is said once, in `options.yaml` beside the scripts.
"""

import argparse
import errno
import os
import shutil
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from hqcm.contracts.params import ParamsError, read_yaml

PARTIAL_PREFIX = ".partial-"
_PREVIOUS_PREFIX = ".previous-"
_OF_THE_DISK = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EIO),
    *(errno.ENOTCONN, errno.ESTALE, errno.ENODEV),  # of a mount that is gone
)


@contextmanager
def stage(
    description: str | None,
    *,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    many: Sequence[str] = (),
    beside: Mapping[str, tuple[str, str]] | None = None,
    optional: Sequence[str] = (),
    live: Sequence[str] = (),
    scratch: Sequence[str] = (),
    values: Mapping[str, type] | None = None,
) -> Iterator[argparse.Namespace]:
    """Parse a stage's arguments and publish its outputs only if the body succeeds.

    The body is given temporary siblings (`.partial-NAME`) of the outputs; they take their
    final names, replacing what was there, when the body ends without an exception. A stage
    that fails or is killed leaves the previous outputs as they were.

    Args:
        description: the script's docstring, shown by `--help` as it is written.
        inputs: names of options that are existing files or folders.
        outputs: names of options that are files or folders to write.
        many: those of `inputs` that take one path or more.
        beside: further outputs named after another one: ``{"rejected": ("slices",
            ".rejected.csv")}`` puts ``OUT.rejected.csv`` beside ``OUT.h5``.
        optional: those of `beside` that the body need not write; then none is left from before.
        live: outputs written under their final names while the stage runs (a history that
            someone is watching).
        scratch: files that a stage which was cut short leaves for its next start; removed when
            the outputs have their names.
        values: names and types of options that are not paths.

    Yields:
        Namespace with a `Path` (a list of them for `many`) or a value for each name.

    Raises:
        SystemExit: an option is missing, an input does not exist, somebody stopped the stage, a
            parameter is not as it must be, or the disk is full, read only or gone: then one line
            is all that is printed.
        KeyError: help is asked for, and an option is not in `options.yaml`.
    """
    _use_own_code()
    parser = _parser(description, inputs, [*outputs, *live, *scratch], many, values or {})
    args = parser.parse_args()
    for name in inputs:
        _require_existing(parser, name, getattr(args, name))
    final = {name: getattr(args, name) for name in outputs}
    for name, (other, ending) in (beside or {}).items():
        final[name] = final[other].with_suffix(ending)
    partial = {name: path.with_name(PARTIAL_PREFIX + path.name) for name, path in final.items()}
    written = [*final.values(), *(getattr(args, name) for name in live)]
    try:
        for path in written:
            path.parent.mkdir(parents=True, exist_ok=True)
        _discard(partial.values())
        for name, path in partial.items():
            setattr(args, name, path)
        with _stopped_by_signals():
            yield args
        for name, path in partial.items():
            publish(path, final[name], optional=name in optional)
    except BaseException as error:
        with suppress(OSError):  # of a disk that is read only or gone
            _discard(partial.values())
        if isinstance(error, KeyboardInterrupt):
            parser.exit(130, f"{parser.prog}: stopped; start it again to go on\n")
        if isinstance(error, ParamsError):
            sys.exit(str(error))
        if says := _tell_disk(error, written):
            sys.exit(f"{parser.prog}: {says}")
        raise
    _discard(getattr(args, name) for name in scratch)


def _use_own_code() -> None:
    """Start again with the package beside the script, where Python has found another.

    An environment knows one folder of the package. In the copy of the project that DVC makes for a
    queued or temporary experiment that folder is not the copy's: what ran would not be what DVC
    records.
    """
    script = Path(getattr(sys.modules["__main__"], "__file__", None) or "-").absolute()
    own = script.parent.parent / "src"
    if script.parent.name != "stages" or not (own / "hqcm").is_dir():
        return
    if own.resolve() not in Path(__file__).resolve().parents:
        before = os.environ.get("PYTHONPATH")
        if before and before.split(os.pathsep)[0] == str(own):
            sys.exit(f"{script.name}: Python must find hqcm in {own}; got {Path(__file__)}")
        path = os.pathsep.join([str(own), *([before] if before else [])])
        environment = os.environ | {"PYTHONPATH": path}
        words = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, words, environment)  # noqa: S606  (its own words)


def _tell_disk(error: BaseException, outputs: Sequence[Path]) -> str | None:
    """What went wrong with the disk, where, and how to get back what was there; else None.

    Libraries wrap the system's errors in their own, so its words are looked for.
    """
    own = getattr(error, "errno", None)
    number = next((n for n in _OF_THE_DISK if n == own or os.strerror(n) in str(error)), None)
    if number is None:
        return None
    where = getattr(error, "filename", None) or " or ".join(map(str, outputs))
    return (
        f"cannot read or write {where}: {os.strerror(number)}; start it again when that is mended. "
        "Earlier outputs are as they were; those that `dvc repro` removed before, "
        "`dvc checkout` brings back"
    )


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let a signal to end be what Ctrl-C is."""

    def stop(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def publish(partial: Path, final: Path, *, optional: bool = False) -> None:
    """Give a finished file or folder its final name, replacing what was there.

    A folder cannot take the name of another: that one steps aside (`.previous-NAME`), and is
    removed when its successor has the name, or has its name back if that fails.

    Raises:
        FileNotFoundError: nothing was written under the temporary name, and it is not optional.
    """
    if optional and not partial.exists():
        _discard([final])
        return
    previous = final.with_name(_PREVIOUS_PREFIX + final.name)
    if final.is_dir() and not final.is_symlink():
        _discard([previous])
        final.rename(previous)
    try:
        partial.replace(final)
    except BaseException:
        if previous.exists() and not final.exists():
            previous.rename(final)
        raise
    _discard([previous])


def _parser(
    description: str | None,
    reads: Sequence[str],
    writes: Sequence[str],
    many: Sequence[str],
    values: Mapping[str, type],
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    # A sentence edited there is no code of a stage, so it re-runs none.
    is_asked = {"-h", "--help"} & {*sys.argv}
    help_of = read_yaml(Path(sys.argv[0]).with_name("options.yaml")) if is_asked else None
    for title, names in {"reads": reads, "writes": writes, "values": [*values]}.items():
        group = parser.add_argument_group(title)
        for name in names:
            group.add_argument(
                f"--{name}",
                type=values.get(name, Path),
                required=True,
                nargs="+" if name in many else None,
                help=help_of[name] if help_of else None,
            )
    return parser


def _require_existing(parser: argparse.ArgumentParser, name: str, given: Path | list[Path]) -> None:
    for path in given if isinstance(given, list) else [given]:
        if not path.exists():
            parser.error(f"--{name}: {path} must exist; run `dvc repro`, which makes it")


def _discard(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
