"""Stage `convert_dicom`: the DICOM files of source 1 become a slice store."""

from hqcm.cohort.converted import write_rejections
from hqcm.contracts.command_line import stage
from hqcm.formats.convert import convert
from hqcm.formats.dicom import DICOM


def main() -> None:
    """Convert every DICOM file under `--raw`; list what cannot be used beside the store."""
    with stage(
        __doc__,
        inputs=["raw"],
        outputs=["slices"],
        beside={"rejected": ("slices", ".rejected.csv")},
    ) as args:
        write_rejections(args.rejected, convert(args.raw, DICOM, args.slices))


if __name__ == "__main__":
    main()
