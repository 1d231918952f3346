"""The table of `make experiments`."""

import pandas as pd
from show_experiments import WIDTH, arrange


def test_scores_lose_their_path_and_dependencies_are_left_out() -> None:
    table = pd.DataFrame(
        {
            "Experiment": ["", "main", "deep-fish"],
            "rev": ["workspace", "main", "0a1b2c3"],
            "typ": ["baseline", "baseline", "branch_commit"],
            "reports/scores/paper-random.json:accuracy": ["0.9", "0.9", "0.8874"],
            "reports/scores/counterpart-random.json:accuracy": ["0.9", "0.9", "0.92"],
            "quantum.depth": ["2", "2", "3"],
            "data/predictions": ["1", "1", "2"],
        }
    )
    networks, columns, *rows = (line.split() for line in arrange(table).splitlines())
    assert networks == ["paper-random", "counterpart-random", "parameter"]
    assert columns == ["experiment", "accuracy", "accuracy", "quantum.depth"]
    assert rows == [
        ["workspace", "0.9", "0.9", "2"],
        ["main", "0.9", "0.9", "2"],
        ["deep-fish", "0.8874", "0.92", "3"],
    ]


def test_many_columns_are_folded() -> None:
    scores = {f"reports/scores/{name * 9}-random.json:accuracy": ["0.5"] for name in "abcdefgh"}
    shown = arrange(pd.DataFrame({"rev": ["workspace"], **scores}))
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert shown.count("0.5") == len(scores)
