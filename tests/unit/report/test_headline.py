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


def test_what_clients_see_goes_before_what_it_was_made_of() -> None:
    record = evening()
    figures = {
        **record.figures,
        "requests.failed": Figure(302.2, "count", "failed"),
        "requests.total": Figure(10_272_489.0, "count", "all"),
        "requests.retries": Figure(18_208.0, "count", "tries"),
        "dns.failed.max_percent": Figure(43.0, "percent", "at worst"),
        "dns.failing.seconds": Figure(90.0, "seconds", "time"),
    }
    found = tiles(msgspec.structs.replace(record, figures=figures))
    assert [(it.title, it.value, it.note) for it in found[1:3]] == [
        ("Requests failed", "302.2", "of 10,272,489, 18,208 tried again"),
        ("Lookups fail for", "90 s", "at worst 43.0 %"),
    ]
    assert [it.title for it in found[3:]] == [
        "Demand not served",
        "Nodes at the peak",
        "Instances cost",
    ]
    figures["dns.failed.max_percent"] = Figure(0.0, "percent", "at worst")
    calm = tiles(msgspec.structs.replace(record, figures=figures))
    assert (calm[2].title, calm[2].value) == ("Lookups failed", "none")
