"""Commands `hqcm predict` and `hqcm explain`: a trained network asked about your own files."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from hqcm.cohort.converted import Rejection
from hqcm.contracts.command_line import PARTIAL_PREFIX, publish
from hqcm.contracts.params import check_section, read_params
from hqcm.contracts.study import StudyParams
from hqcm.formats.native_format import Item
from hqcm.networks.variants import ImageSize
from hqcm.prediction.files import find_inputs, read_slices
from hqcm.prediction.telling import PURPOSE, Csv, Json, Table, draw_overlays, say_error
from hqcm.slices.store import Slice

if TYPE_CHECKING:
    from hqcm.prediction.answers import Respondent
    from hqcm.prediction.telling import Teller, Write

_BATCH_SIZE = 16  # slices: at 128 px half a gigabyte of feature maps
_STANDARD_OUTPUT = Path("-")
_ALL_READ, _SOME_FAILED, _USAGE, _STOPPED = 0, 1, 2, 130
_COMMANDS = {
    "predict": "Class probabilities of slices, and whether training has seen the like.",
    "explain": "The same, and Grad-CAM; of a hybrid network, the outputs of its circuits.",
}
_EXIT_CODES = "Exit code: 0 all files read, 1 some not, 2 wrong usage. Research; not for diagnosis."


def main(words: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        words: of the command line, if not those of this process.

    Returns:
        0 if every file was read, 1 if one was not, 2 if nothing could begin, 130 if stopped.
    """
    args = _parse(words)
    try:
        return _run(args)
    except BrokenPipeError:  # whoever read has had enough; Python's own flush must pass
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _SOME_FAILED
    except (ValueError, OSError) as error:
        _complain(args.command, str(error))
        return _USAGE
    except KeyboardInterrupt:
        _complain(args.command, "stopped")
        return _STOPPED


def _parse(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hqcm", description="Ask a trained network about your own slices.", epilog=_EXIT_CODES
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in _COMMANDS.items():
        _add_options(commands.add_parser(name, help=does, description=does, epilog=_EXIT_CODES))
    args = parser.parse_args(words)
    # A word too few must not let an image be written over.
    for option, path in (("json", args.json), ("csv", args.csv)):
        if path not in {None, _STANDARD_OUTPUT} and path.suffix != f".{option}":
            parser.error(f"--{option} must be - or end in .{option}; got {path}")
    for option in ("slice", "batch_size"):
        if (given := getattr(args, option)) is not None and given < 1:
            parser.error(f"--{option.replace('_', '-')} must be 1 or more; got {given}")
    return args


def _add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    kinds = "DICOM, .mat as source 2 has it, PNG, JPEG, NIfTI (.nii, .nii.gz), or folders of them"
    add("files", metavar="FILE_OR_FOLDER", type=Path, nargs="+", help=kinds)
    default = "; default: that of the study's first hybrid network"
    add("--checkpoint", type=Path, help=f"trained weights, their .json beside them{default}")
    default = "; default: ../predictors/NAME.json from the checkpoint, if it is there"
    add("--predictor", type=Path, help=f"what stage `predict` wrote of them{default}")
    add("--slice", type=int, metavar="N", help="axial slice of a NIfTI volume, 1 the lowest")
    told = parser.add_mutually_exclusive_group()
    told.add_argument("--json", type=Path, metavar="FILE", help="write JSON; - to the terminal")
    told.add_argument("--csv", type=Path, metavar="FILE", help="write CSV; - to the terminal")
    add("--overlays", type=Path, metavar="FOLDER", help="draw maps over slices there, as PNG")
    add("--batch-size", type=int, metavar="N", default=_BATCH_SIZE, help="slices at a time")


def _run(args: argparse.Namespace) -> int:
    checkpoint = args.checkpoint or _find_checkpoint()
    size = _read_size(checkpoint)
    inputs = find_inputs(args.files)
    with closing(read_slices(inputs.files, len(inputs.files), size, args.slice)) as reading:
        # The first file is read by another process while this one loads torch, for two seconds.
        with ThreadPoolExecutor(1) as thread:
            begun = thread.submit(next, reading, None)
            respondent = _load_respondent(args, checkpoint)
        first = begun.result()
        items = chain(inputs.rejections, [first] if first else [], reading)
        n_files = len(inputs.rejections) + len(inputs.files)
        count = _tell_all(respondent, items, n_files, args)
    told = ", ".join(f"{count[name]} {name}" for name in ("slices", "unlike training", "failed"))
    if inputs.n_left_out:
        told += f", {inputs.n_left_out} left out (masks, copies, other kinds of file)"
    _complain(args.command, f"{told}; {PURPOSE}")
    return _SOME_FAILED if count["failed"] else _ALL_READ


def _load_respondent(args: argparse.Namespace, checkpoint: Path) -> "Respondent":
    from hqcm.prediction.answers import Respondent  # noqa: PLC0415  (torch: see above)

    predictor = args.predictor or _find_predictor(args.command, checkpoint)
    explains = args.command == "explain"
    return Respondent(checkpoint, predictor, args.batch_size, explains=explains)


def _tell_all(
    respondent: "Respondent", items: Iterable[Item], n_files: int, args: argparse.Namespace
) -> Counter[str]:
    """Read, ask and tell, a batch at a time; count slices, failures and what is unlike training."""
    count: Counter[str] = Counter()
    with ExitStack() as stack:
        tellers = _open_tellers(respondent, args, stack)
        if args.overlays:
            args.overlays.mkdir(parents=True, exist_ok=True)
        # None where nobody watches: a log has no use for it.
        bar = stack.enter_context(tqdm(total=n_files, unit="file", disable=None))
        for said in respondent.answer_all(_advance(items, bar)):
            if isinstance(said, Rejection):
                count["failed"] += 1
                tqdm.write(f"hqcm {args.command}: {said.file}: {say_error(said)}", sys.stderr)
                for teller in tellers:
                    teller.fail(said)
                continue
            count["slices"] += 1
            count["unlike training"] += said.is_unlike
            drawn = draw_overlays(said, count["slices"], args.overlays) if args.overlays else []
            for teller in tellers:
                teller.add(said, drawn)
    return count


def _open_tellers(
    respondent: "Respondent", args: argparse.Namespace, stack: ExitStack
) -> list["Teller"]:
    """The table, unless JSON or CSV goes to its place, and what is asked for beside it."""
    tellers: list[Teller] = []
    predictor = respondent.predictor
    path, kind = (args.json, Json) if args.json else (args.csv, Csv)
    if path != _STANDARD_OUTPUT:
        tellers.append(Table(_write_line, predictor))
    if path:
        tellers.append(kind(stack.enter_context(_open(path)), predictor))
        stack.callback(tellers[-1].close)
    return tellers


@contextmanager
def _open(path: Path) -> Iterator["Write"]:
    """To write to; the file has its name when all is written."""
    if path == _STANDARD_OUTPUT:
        yield _write_line
        return
    partial = path.with_name(PARTIAL_PREFIX + path.name)
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            yield file.write
        publish(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _write_line(text: str) -> None:
    """Above the bar, where there is one."""
    tqdm.write(text, end="")


def _advance(items: Iterable[Item], bar: tqdm) -> Iterator[Item]:
    """The same items; the bar moves on with each new file."""
    before = ""
    for item in items:
        file = item.group_id if isinstance(item, Slice) else getattr(item, "file", before)
        bar.update(file != before)
        before = file
        yield item


def _find_checkpoint() -> Path:
    """That of the first run of the first hybrid network, of the project in this folder."""
    try:
        study = check_section("study", StudyParams, read_params())
    except FileNotFoundError:
        raise ValueError("--checkpoint must be given where no params.yaml is; got none") from None
    return Path("data", "checkpoints", f"{study.first_run(study.hybrid[0]).name}.safetensors")


def _read_size(checkpoint: Path) -> int:
    """Edge of the slices that a network takes, pixels."""
    for path in (checkpoint, checkpoint.with_suffix(".json")):
        if not path.is_file():
            raise ValueError(f"{path} must exist; `dvc repro` makes it, or --checkpoint names one")
    try:
        described = json.loads(checkpoint.with_suffix(".json").read_text(encoding="utf-8"))
        return check_section("prepare", ImageSize, described["params"]).image_size_px
    except (KeyError, TypeError, json.JSONDecodeError):
        raise ValueError(
            f"{checkpoint.with_suffix('.json')} must be that of a checkpoint"
        ) from None


def _find_predictor(command: str, checkpoint: Path) -> Path | None:
    path = checkpoint.parent.parent / "predictors" / f"{checkpoint.stem}.json"
    if path.is_file():
        return path
    _complain(
        command,
        f"no {path}: probabilities are not calibrated, nothing is compared with training; "
        "`dvc repro` makes it",
    )
    return None


def _complain(command: str, said: str) -> None:
    sys.stderr.write(f"hqcm {command}: {said}\n")


if __name__ == "__main__":
    sys.exit(main())
