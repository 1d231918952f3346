"""The command line of a stage: paths in, paths out, nothing half written.

A stage names its options, and `stage` makes a parser of them; what an option of that name is, in
whatever stage, is said once, in `_HELP`.
"""

import argparse
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PARTIAL_PREFIX = ".partial-"
_PREVIOUS_PREFIX = ".previous-"
_HELP = {
    # Slices, from native files to parts of a split.
    "raw": "folder of native files: the real ones, or those that `acquire` simulates; to convert, "
    "the folder of one source",
    "source": "the source that is converted: trainingdatapro (DICOM), figshare (MATLAB) or akter "
    "(images)",
    "slices": "slice store of one source (HDF5): native intensities, rows x cols in pixels, masks, "
    "an index; written by `convert`, with what it could not read beside it (.rejected.csv)",
    "interim": "folder of the converters' slice stores, rejected files and published folds",
    "prepared": "slice store (HDF5) of every slice at the network's size in pixels, uint8, 0 to "
    "255 standing for [0, 1]; written by `prepare`",
    "twins": "near-duplicates, CSV, a row a pair: slice_id, twin_id, orientation, correlation of "
    "the filtered pixels (-1 to 1); written by `fingerprint`",
    "duplicates": "CSV: slice_id, duplicate_group (slices joined by twins of twins); written by "
    "`fingerprint`",
    "folds": "CSV: slice_id, fold (1 to 5) that the author of source 2 tests the slice in; written "
    "by `convert` beside its store",
    "protocol": "how the split is drawn: random, patient, source or folds",
    "split": "CSV: slice_id, part (train, validation, test or excluded), or the folder of them, "
    "one a protocol; written by `split`",
    # Networks and what they say.
    "variant": "the network: a section of `variants` in params.yaml",
    "seed": "of the run: initial weights, order of the slices, augmentation; 0 or more",
    "heads": "what may stand between projection and classifier, one a network; written by `heads`",
    "checkpoint": "trained weights (safetensors), a note on the run beside them (.json); written "
    "by `train_hybrid` and `train_classical`",
    "checkpoints": "folder of the checkpoints of every run, <variant>-<protocol>-<seed>",
    "history": "learning curve, CSV, a row an epoch: learning_rate, loss and accuracy (a fraction) "
    "in training and validation; or the folder of them; written while a stage trains",
    "predictions": "store (HDF5) of a run's test slices: logits, features, attention maps "
    "([0, 1], 16 x 16); or the folder of them; written by `predict`",
    # What is measured of them.
    "metrics": "JSON: protocol -> network -> accuracy, precision, recall, F1, calibration error, "
    "fractions, means over seeds; written by `evaluate`",
    "intervals": "JSON: protocol -> network and quantity -> value and its interval over patients; "
    "or the folder of them, a file for each stage that measures",
    "mcnemar": "JSON: McNemar's test of the compared pair; written by `evaluate`",
    "confusion": "folder of CSV, a row a test slice: actual and predicted class; written by "
    "`evaluate`",
    "roc": "folder of CSV: class, false_positive_rate, true_positive_rate (fractions); written by "
    "`evaluate`",
    "reliability": "folder of CSV, a row a bin: confidence and accuracy (fractions), n slices; "
    "written by `evaluate`",
    "localisation": "JSON: protocol -> threshold -> mean Jaccard index (0 to 1) of each network's "
    "maps, and Wilcoxon's test; written by `localise`",
    "overlap": "the same as CSV, with every scale of the maps and subset of the slices; written by "
    "`localise`",
    "jaccard": "folder of CSV: threshold, mean Jaccard index (0 to 1) and its interval; written by "
    "`localise`",
    "embedding": "folder of CSV, a row a test slice: its place in the plane of t-SNE, x and y "
    "without unit; written by `embed`",
    "maps": "Grad-CAM maps of the compared pair's test slices (HDF5), [0, 1]; written by `explain`",
    "curves": "CSV: variant, direction (deletion or insertion), map, fraction of the pixels, mean "
    "probability (0 to 1); written by `explain`",
    "comparisons": "JSON: differences between networks and between protocols with intervals, p "
    "values, verdicts; written by `compare`",
    "table": "the same as CSV, a row a comparison; written by `compare`",
    "hardware": "JSON: accuracy (a fraction) with finite shots and noise, gates of a circuit; "
    "written by `hardware`",
    "leakage": "JSON: protocol -> how many test slices have a near-duplicate, or another slice of "
    "their patient, in training; written by `scrutiny`",
    "pairs": "CSV, a row a test slice with a near-duplicate in training: the closest one; written "
    "by `scrutiny`",
    "shortcuts": "JSON: protocol -> clue beside the brain -> accuracy (a fraction) of guessing the "
    "class from it; written by `scrutiny`",
    # The paper and the report.
    "claims": "YAML: what the paper says, number by number; in git, read only",
    "audit": "JSON: whether the paper's printed numbers can be true; written by `audit`",
    "deviations": "docs/deviations.md, where the paper is silent or contradicts itself",
    "citation": "CITATION.cff, how to cite this project",
    "figures": "folder of PNG files",
    "ledger": "JSON: a verdict on every claim of the paper; written by `report`",
    "report": "the report for people to read, Markdown; written by `report`",
    "page": "the same as one HTML file with all pictures; written by `report`",
}
"""Name of an option -> what it is, with columns and units, and who writes it."""


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
        values: names and types of options that are not paths.

    Yields:
        Namespace with a `Path` (a list of them for `many`) or a value for each name.

    Raises:
        SystemExit: an option is missing or an input does not exist.
        KeyError: an option is not in `_HELP`.
    """
    parser = _parser(description, inputs, [*outputs, *live], many, values or {})
    args = parser.parse_args()
    for name in inputs:
        _require_existing(parser, name, getattr(args, name))
    final = {name: getattr(args, name) for name in outputs}
    for name, (other, ending) in (beside or {}).items():
        final[name] = final[other].with_suffix(ending)
    for name in live:
        getattr(args, name).parent.mkdir(parents=True, exist_ok=True)
    partial = {name: _partial(path) for name, path in final.items()}
    for name, path in partial.items():
        setattr(args, name, path)
    try:
        yield args
    except BaseException:
        _discard(partial.values())
        raise
    for name, path in partial.items():
        publish(path, final[name], optional=name in optional)


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
    for title, names in {"reads": reads, "writes": writes, "values": [*values]}.items():
        group = parser.add_argument_group(title)
        for name in names:
            group.add_argument(
                f"--{name}",
                type=values.get(name, Path),
                required=True,
                nargs="+" if name in many else None,
                help=_HELP[name],
            )
    return parser


def _require_existing(parser: argparse.ArgumentParser, name: str, given: Path | list[Path]) -> None:
    for path in given if isinstance(given, list) else [given]:
        if not path.exists():
            parser.error(f"--{name}: {path} must exist; run `dvc repro`, which makes it")


def _partial(final: Path) -> Path:
    final.parent.mkdir(parents=True, exist_ok=True)
    partial = final.with_name(PARTIAL_PREFIX + final.name)
    _discard([partial])
    return partial


def _discard(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
