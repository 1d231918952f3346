"""Every figure: those of the paper in its order, then those that it lacks."""

from matplotlib.figure import Figure

from hqcm.evaluation.overlap import LocaliseParams
from hqcm.reporting.figures.attention import draw_attention, draw_explanation, draw_thresholds
from hqcm.reporting.figures.classification import (
    draw_confusions,
    draw_planes,
    draw_reliability,
    draw_rocs,
)
from hqcm.reporting.figures.drawing import figure_style
from hqcm.reporting.figures.networks import (
    draw_hardware,
    draw_histories,
    draw_roundings,
    draw_study,
    draw_tuned,
)
from hqcm.reporting.figures.slices import draw_distribution, draw_samples, draw_twins
from hqcm.reporting.figures.structure import draw_forms, draw_network
from hqcm.reporting.results import Results


def draw_gallery(results: Results, params: LocaliseParams) -> dict[str, Figure]:
    """File name -> figure.

    None of twins where no test slice has a near-duplicate in training, and none of what was not
    measured.
    """
    sources = results.index.set_index("slice_id")["source"][results.samples.slice_id].tolist()
    with figure_style():
        twins = {"twins.png": draw_twins(results.pairs, results.twins)} if results.twins else {}
        roundings = (
            {"roundings.png": draw_roundings(results.roundings, results.study.pair)}
            if results.roundings
            else {}
        )
        forms = {"forms.png": draw_forms(results.structure)} if results.structure.forms else {}
        return {
            "fig05-distribution.png": draw_distribution(results.index),
            "fig06-samples.png": draw_samples(results.samples, sources),
            "fig07-training.png": draw_histories(results.histories),
            "fig08-embedding.png": draw_planes(results.planes),
            "fig09-confusion.png": draw_confusions(results.confusions),
            "fig10-attention.png": draw_attention(results.runs, results.stack, params),
            "roc.png": draw_rocs(results.roc),
            "reliability.png": draw_reliability(results.reliabilities),
            "thresholds.png": draw_thresholds(results.jaccard, params.thresholds),
            "explanation.png": draw_explanation(
                results.runs, results.grad_cams, results.curves, results.stack, params
            ),
            "tuned.png": draw_tuned(results.verdicts),
            "study.png": draw_study(results.comparisons),
            **twins,
            **roundings,
            "network.png": draw_network(results.structure),
            **forms,
            "hardware.png": draw_hardware(results.hardware),
        }
