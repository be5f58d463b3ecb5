import msgspec

from kingtide.rehearsal.record import Series
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
