import msgspec

from kingtide.rehearsal.record import Series
from kingtide.report.panels import cluster_panels
from kingtide.report.worst import unserved_in_total, worst_moments
from tests.unit.report.evening import START_MS, evening


def test_each_worst_moment_is_the_first_of_its_maximum() -> None:
    record = evening()
    moments = {moment.title: moment for moment in worst_moments(record)}
    values = record.series["pods.high.unavailable"].values
    worst = moments["Most pods unavailable: high"]
    assert worst.amount == max(values)
    assert worst.at_ms == START_MS + values.index(max(values)) * 5000
    assert worst.value == f"{max(values):.0f} pods"


def test_what_never_left_zero_is_no_worst_moment() -> None:
    record = evening()
    calm = {
        key: Series(s.title, s.unit, tuple(0.0 for _ in s.values))
        for key, s in record.series.items()
    }
    assert worst_moments(msgspec.structs.replace(record, series=calm)) == ()


def test_a_level_that_never_moves_has_no_worst_moment() -> None:
    record = evening()
    steady = Series("cost", "usd_per_hour", tuple(37.05 for _ in record.times_ms))
    series = {**record.series, "cost.usd_per_hour": steady}
    moments = worst_moments(msgspec.structs.replace(record, series=series))
    assert "Highest cost" not in {moment.title for moment in moments}


def test_unserved_demand_is_summed_over_applications() -> None:
    record = evening()
    total = unserved_in_total(record)
    assert total is not None
    step = total.values.index(max(total.values))
    parts = [s.values[step] for k, s in record.series.items() if k.endswith(".unserved")]
    assert total.values[step] == sum(parts) > 0


def test_a_run_of_no_steps_has_no_worst_moment() -> None:
    empty = {key: Series("", s.unit, ()) for key, s in evening().series.items()}
    assert worst_moments(msgspec.structs.replace(evening(), series=empty, times_ms=())) == ()


def test_errors_that_clients_see_have_a_worst_moment_with_their_plot() -> None:
    record = evening()
    rising = tuple(float(step) for step, _ in enumerate(record.times_ms))
    series = {
        **record.series,
        "requests.failed": Series("failed", "count", rising),
        "requests.tried_again": Series("tries", "count", rising),
        "dns.failed_percent": Series("failed", "percent", rising),
    }
    shown = msgspec.structs.replace(record, series=series)
    found = {moment.title: moment.panel for moment in worst_moments(shown)}
    assert (found["Most requests failed"], found["Most lookups failed"]) == ("requests", "dns")
    # And few that fail are not lost beside many that are tried again.
    lines = {it.id: [line.key for line in it.lines] for it in cluster_panels(shown)}
    assert lines["requests"] == ["requests.failed"]
    assert lines["requests-again"] == ["requests.tried_again"]
