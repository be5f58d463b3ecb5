from __future__ import annotations

from textwrap import indent

import pytest

from kingtide.check.findings import Checked
from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.check.run import check_fleet
from kingtide.check.selection import Selection
from tests.unit.check.example_fleet import API, GOOD_FLEET, example_view

ONE_ZONE = "nodeGroups: {workers: {zones: [a]}}"
WHOLE = Selection(select=("KT1", "KT207"))


def cluster(name: str, waivers: str = "[]", spec: str = ONE_ZONE) -> str:
    return (
        f"{API}\nkind: Cluster\nmetadata: {{name: {name}, waivers: {waivers}}}\n"
        f"spec:\n  class: base\n{indent(spec, '  ')}\n"
    )


def fleet(waivers: str) -> str:
    return GOOD_FLEET["fleet.yaml"].replace("{name: acme}", f"{{name: acme, waivers: {waivers}}}")


def checked(today: str = "2026-11-22", **files: str) -> Checked:
    named = {path.replace("__", "/") + ".yaml": text for path, text in files.items()}
    view = example_view(Example(files=named))
    return check_fleet(view, RULES, today, WHOLE)


def codes(result: Checked) -> list[str]:
    return [it.code for it in result.findings]


def waiver(more: str = "", check: str = "KT207", until: str = "2026-12-31") -> str:
    return f"[{{check: {check}, until: {until}, reason: licence{more}}}]"


def test_a_waived_finding_is_counted_and_not_found() -> None:
    result = checked(clusters__prod=cluster("prod", waiver()))
    assert codes(result) == []
    (waived,) = result.waived
    assert waived.finding.code == "KT207"
    assert waived.by.waiver.reason == "licence"
    assert (waived.by.place.file, waived.by.place.line) == ("clusters/prod.yaml", 3)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("spec.nodeGroups.workers", ["KT207"]),
        ("spec.nodeGroups.workers.zones", ["KT207"]),
        ("spec.nodeGroups", ["KT207"]),
        ("spec.nodeGroups.worker", []),
        ("spec.zones", []),
    ],
    ids=["group", "itself", "far above", "only the beginning of a name", "elsewhere"],
)
def test_a_path_covers_what_is_at_it_and_below(path: str, found: list[str]) -> None:
    result = checked(clusters__prod=cluster("prod", waiver(f", path: {path}")))
    assert [it.finding.code for it in result.waived] == found
    assert codes(result) == ([] if found else ["KT111", "KT207"])


def test_a_waiver_holds_on_its_last_day_and_no_longer() -> None:
    text = cluster("prod", waiver())
    assert codes(checked("2026-12-31", clusters__prod=text)) == []
    assert codes(checked("2027-01-01", clusters__prod=text)) == ["KT110", "KT207"]


def test_a_waiver_without_a_finding_is_told_unless_its_check_was_not_run() -> None:
    text = cluster("prod", waiver(), "nodeGroups: {}")
    assert codes(checked(clusters__prod=text)) == ["KT111"]
    view = example_view(Example(files={"clusters/prod.yaml": text}))
    assert check_fleet(view, RULES, "2026-11-22", Selection(select=("KT1",))).findings == ()


def test_a_cluster_waives_for_itself_what_its_class_says() -> None:
    base = GOOD_FLEET["classes/base.yaml"].replace("zones: [a, b, c]", "zones: [a]")
    files = {"classes__base": base, "clusters__other": cluster("other", spec="nodeGroups: {}")}
    result = checked(clusters__prod=cluster("prod", waiver(), "nodeGroups: {}"), **files)
    (left,) = result.findings
    assert (left.place.file, left.clusters) == ("classes/base.yaml", ("other",))
    assert [it.finding.clusters for it in result.waived] == [("prod",)]


def test_what_clusters_have_of_their_class_is_one_finding() -> None:
    base = GOOD_FLEET["classes/base.yaml"].replace("zones: [a, b, c]", "zones: [a]")
    files = {"clusters__a": cluster("a", spec=""), "clusters__prod": cluster("prod", spec="")}
    (found,) = checked(classes__base=base, **files).findings
    assert found.clusters == ("a", "prod")


@pytest.mark.parametrize(
    ("pattern", "left"),
    [("clusters/*", []), ("classes/*", ["KT111", "KT207"])],
    ids=["its file", "another"],
)
def test_fleet_yaml_waives_in_files_by_a_pattern(pattern: str, left: list[str]) -> None:
    it = fleet(waiver(f", file: {pattern}"))
    assert sorted(codes(checked(fleet=it, clusters__prod=cluster("prod")))) == left


def test_only_fleet_yaml_waives_in_other_files() -> None:
    result = checked(clusters__prod=cluster("prod", waiver(", file: clusters/*")))
    assert codes(result) == ["KT112", "KT207"]
    assert result.findings[0].field == "metadata.waivers[0].file"


def manifest(annotation: str) -> str:
    return (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flags\n  namespace: shop\n"
        f"  annotations:\n    kingtide.dev/waive: |\n{indent(annotation, '      ')}\n"
    )


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        ("KT999 is fine", "'KT999 is fine' is no waiver"),
        ("KT401 until 2026-13-01: why", "'2026-13-01' is not a date"),
        ("KT401 until 2026-12-31:", "'KT401 until 2026-12-31:' is no waiver"),
    ],
    ids=["no date", "no such date", "no reason"],
)
def test_an_annotation_that_is_no_waiver_is_told_with_its_place(
    annotation: str, found: str
) -> None:
    result = checked(clusters__prod=cluster("prod", spec=""), manifests__x=manifest(annotation))
    (it,) = result.findings
    assert (it.code, it.wrong, it.place.line) == ("KT112", found, 7)
    assert it.about == "ConfigMap shop/flags"


def test_lines_of_an_annotation_are_waivers_of_their_own() -> None:
    lines = "KT207 until 2026-12-31: why\nKT101 until 2020-01-01: why"
    result = checked(clusters__prod=cluster("prod", spec=""), manifests__x=manifest(lines))
    assert sorted(codes(result)) == ["KT110", "KT111"]


def test_a_waiver_of_a_check_that_there_is_not_is_an_error() -> None:
    result = checked(clusters__prod=cluster("prod", waiver(check="KT999"), spec="zones: [a, b]"))
    assert codes(result) == ["KT112"]
    assert result.findings[0].wrong == "there is no check 'KT999'"
