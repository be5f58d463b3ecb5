import msgspec

from kingtide.rehearsal.record import Figure
from kingtide.report.headline import tiles
from tests.unit.report.evening import evening


def test_the_headline_says_how_bad_how_big_and_how_dear() -> None:
    titles = [tile.title for tile in tiles(evening())]
    assert titles == [
        "Most pods unavailable",
        "New pod to ready",
        "Demand not served",
        "Nodes at the peak",
        "CPU reserved, not used",
        "Instances cost",
    ]


def test_the_class_that_matters_most_is_the_one_named() -> None:
    first = tiles(evening())[0]
    assert first.value == "72 pods"
    assert first.note == "high priority, longest 55 s"


def test_a_calm_run_says_none() -> None:
    record = evening()
    calm = {
        k: Figure(0.0, f.unit, f.title) if k.startswith("unavailable.") else f
        for k, f in record.figures.items()
    }
    assert tiles(msgspec.structs.replace(record, figures=calm))[0].value == "none"


def test_figures_that_a_record_lacks_have_no_tile() -> None:
    assert tiles(msgspec.structs.replace(evening(), figures={}, series={})) == ()
