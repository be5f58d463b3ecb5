import msgspec

from kingtide.rehearsal.record import Series
from kingtide.report.names import applications, leading_application, priority_classes
from tests.unit.report.evening import evening


def test_names_may_hold_dots_and_slashes() -> None:
    series = {
        "app.ns/web.example.used": Series("", "cores", ()),
        "pods.very.high.available": Series("", "pods", ()),
    }
    record = msgspec.structs.replace(evening(), series=series, times_ms=())
    assert applications(record) == ("ns/web.example",)
    assert priority_classes(record) == ("very.high",)


def test_classes_that_matter_most_come_first_and_pause_pods_last() -> None:
    names = ("overprovisioning", "default", "batch", "low", "high")
    series = {f"pods.{name}.available": Series("", "pods", ()) for name in names}
    record = msgspec.structs.replace(evening(), series=series)
    assert priority_classes(record) == ("high", "default", "batch", "low", "overprovisioning")


def test_the_busiest_application_with_an_hpa_leads() -> None:
    record = evening()
    assert leading_application(record) == "shop/front"
    without = {k: s for k, s in record.series.items() if k != "app.shop/front.hpa_trigger"}
    lead = leading_application(msgspec.structs.replace(record, series=without))
    assert lead is not None
    assert f"app.{lead}.hpa_trigger" in without


def test_a_record_without_applications_has_no_leader() -> None:
    assert leading_application(msgspec.structs.replace(evening(), series={})) is None
