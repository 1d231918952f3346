"""Stage `report`: what the paper says beside what this run has found, for people to read."""

from hqcm.contracts.command_line import stage
from hqcm.contracts.params import load_params
from hqcm.contracts.study import StudyParams
from hqcm.evaluation.embedding import EmbedParams
from hqcm.evaluation.overlap import LocaliseParams
from hqcm.paper.claims import load_claims
from hqcm.reporting.figures.drawing import save_figures
from hqcm.reporting.figures.gallery import draw_gallery
from hqcm.reporting.page import render_markdown, render_page
from hqcm.reporting.report import ReportParams, write_report, write_summary
from hqcm.reporting.results import CohortParams, ResultFiles, judge_run, read_results
from hqcm.results.files import write_json


def main() -> None:
    """Results and the paper's claims in; figures, verdicts, Markdown report and page out."""
    inputs = [*ResultFiles._fields, "claims"]
    outputs = ["figures", "ledger", "report", "page", "summary"]
    with stage(__doc__, inputs=inputs, outputs=outputs) as args:
        params = ReportParams(
            study=load_params("study", StudyParams),
            data=load_params("data", CohortParams),
            localise=load_params("localise", LocaliseParams),
            embed=load_params("embed", EmbedParams),
        )
        files = ResultFiles(*(getattr(args, name) for name in ResultFiles._fields))
        results = read_results(files, params.study)
        save_figures(args.figures, draw_gallery(results, params.localise))
        judged = judge_run(results, load_claims(args.claims), params.data.cohort)
        write_json(args.ledger, judged.ledger.model_dump())
        document = write_report(results, judged, params)
        args.report.write_text(render_markdown(document), encoding="utf-8")
        args.page.write_text(render_page(document, args.figures), encoding="utf-8")
        args.summary.write_text(render_markdown(write_summary(results, judged, params)), "utf-8")


if __name__ == "__main__":
    main()
