"""What the paper used of each source, and what is missing of it."""

from hqcm.contracts.labels import CLASS_NAMES
from hqcm.contracts.params import read_yaml
from hqcm.paper.sources import load_sources, tabulate_missing
from pipeline_tree import PARAMS, ROOT

SOURCES = load_sources(ROOT / "data/paper/sources.yaml")


def test_the_sources_are_those_of_the_parameters_and_add_up_to_the_paper_s() -> None:
    assert [*SOURCES] == [*PARAMS["sources"]]
    _, rows = tabulate_missing({}, SOURCES)
    cells = ["0 of 1,870", "0 of 1,707", "0 of 2,075", "0 of 1,924", "0 of 7,576", "7,576"]
    assert rows[-2] == ["all", *cells]
    assert rows[-1] == ["missing", "1,870", "1,707", "2,075", "1,924", "7,576", "7,576"]
    assert {name: sum(source.by_class) for name, source in SOURCES.items()} == {
        "trainingdatapro": 275,
        "figshare": 3_064,
        "akter": 4_237,
    }


def test_they_are_what_the_claims_say_of_them() -> None:
    groups = read_yaml(ROOT / "data/paper/claims.yaml")["claims"]
    printed = {
        each["quantity"]: int(each["printed"])
        for group in groups
        for each in group["claims"]
        if each["quantity"].startswith("slices/")
    }
    assert printed.pop("slices/all") == sum(sum(each.by_class) for each in SOURCES.values())
    for quantity, n_slices in printed.items():
        _, name, *classes = quantity.split("/")
        assert (
            sum(SOURCES[name].slices[each] for each in classes or SOURCES[name].slices) == n_slices
        )
    assert len(printed) == 5


def test_more_than_the_paper_used_makes_up_for_nothing() -> None:
    header, rows = tabulate_missing(
        {"trainingdatapro": [300, 0, 0, 0], "akter": [5, 0, 7, 0]}, SOURCES
    )
    assert header == ["source", *CLASS_NAMES, "all", "missing"]
    assert rows[0] == ["trainingdatapro", "300 of 275", *["0 of 0"] * 3, "300 of 275", "0"]
    assert rows[2][1:] == ["5 of 1,595", "0 of 999", "7 of 649", "0 of 994", "12 of 4,237", "4,225"]
    assert rows[-1][1:] == ["1,590", "1,707", "2,068", "1,924", "7,289", "7,289"]


def test_every_archive_of_source_2_is_whole_in_number() -> None:
    archives = SOURCES["figshare"].archives
    numbers = [number for archive in archives for number in sorted(archive.numbers)]
    assert numbers == [*range(1, 3_065)]
    assert [archive.name for archive in archives if not archive.is_packed] == ["cvind.mat"]
    assert all(archive.md5 for archive in archives if archive.is_packed)
