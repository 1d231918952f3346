"""Stage `embed`: lay the features of the test slices out in the plane."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.predictions import read_study_predictions
from hqcm.contracts.results import write_tables
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.embedding import EmbedParams, embed_study


def main() -> None:
    """Predictions in, a table of positions for each network out."""
    with stage(__doc__, inputs=["predictions"], outputs=["embedding"]) as args:
        predictions = read_study_predictions(args.predictions, load_params("study", StudyParams))
        write_tables(args.embedding, embed_study(predictions, load_params("embed", EmbedParams)))


if __name__ == "__main__":
    main()
