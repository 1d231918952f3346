"""Stage `convert_images`: the images and masks of source 3 become a slice store."""

from hqcm.cohort.converted import write_rejections
from hqcm.contracts.command_line import stage
from hqcm.formats.convert import convert
from hqcm.formats.images import IMAGES


def main() -> None:
    """Convert every image and its mask under `--raw`; list what cannot be used beside the store."""
    with stage(
        __doc__,
        inputs=["raw"],
        outputs=["slices"],
        beside={"rejected": ("slices", ".rejected.csv")},
    ) as args:
        write_rejections(args.rejected, convert(args.raw, IMAGES, args.slices))


if __name__ == "__main__":
    main()
