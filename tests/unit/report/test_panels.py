import msgspec

from kingtide.rehearsal.record import Series
from kingtide.report.panels import application_panels, cluster_panels, is_flat, known_series
from tests.unit.report.evening import evening


def test_every_line_has_its_series() -> None:
    record = evening()
    series = known_series(record)
    lines = [line for panel in cluster_panels(record) for line in panel.lines]
    assert lines
    assert all(line.key in series for line in lines)


def test_lines_of_a_panel_differ_in_dash_or_fill_not_only_in_ink() -> None:
    record = evening()
    for panel in (*cluster_panels(record), *application_panels(record, "shop/front")):
        looks = [(line.dash, line.area) for line in panel.lines]
        assert len(set(looks)) == len(looks), panel.id


def test_an_application_without_an_hpa_has_no_trigger() -> None:
    record = evening()
    keys = {
        line.key
        for panel in application_panels(record, "team-1/service-01")
        for line in panel.lines
    }
    assert "used" in keys
    assert "hpa_trigger" not in keys


def test_a_panel_of_nothing_but_zero_is_flat() -> None:
    record = evening()
    series = known_series(record)
    panels = {panel.id: panel for panel in cluster_panels(record)}
    assert not is_flat(panels["unserved"], series)
    zero = Series("", "cores", tuple(0.0 for _ in record.times_ms))
    assert is_flat(panels["unserved"], {**series, "total.unserved": zero})


def test_a_missing_series_takes_its_line_and_its_place_in_the_stack() -> None:
    record = evening()
    series = {k: s for k, s in record.series.items() if k != "nodes.spot"}
    panels = cluster_panels(msgspec.structs.replace(record, series=series))
    nodes = next(panel for panel in panels if panel.id == "nodes")
    assert [line.key for line in nodes.lines] == ["nodes.on_demand", "nodes.not_ready"]
    assert nodes.stacked == 1
