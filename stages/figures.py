"""Stage `figures`: draw the figures of the paper from what the stages before have found."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.reporting.figures.drawing import save_figures
from hqcm.reporting.figures.gallery import GalleryFiles, draw_gallery, read_gallery


def main() -> None:
    """Results in, a folder of PNG files out."""
    with stage(
        __doc__,
        inputs=[*GalleryFiles._fields],
        outputs=["figures"],
    ) as args:
        files = GalleryFiles(*(getattr(args, name) for name in GalleryFiles._fields))
        data = read_gallery(files, load_params("study", StudyParams))
        save_figures(args.figures, draw_gallery(data, load_params("localise", LocaliseParams)))


if __name__ == "__main__":
    main()
