"""Downscaling's settings of a rehearsal: the scenario's over the cluster's timetable."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.scenario.read import Options, read_scenario
from kingtide.twin.definition import WorldDefinition
from tests.small_rehearsal import write_small

TIMETABLE = (
    "clusterSpec.downscale={timezone: Europe/Paris, uptime: [Mon-Fri 07:30-20:00, "
    "Sat-Sat 09:00-12:00], gracePeriod: 5m, exclude: {namespaces: [a.b], labels: {tier: core}}}"
)


def world(folder: Path, *settings: str) -> WorldDefinition:
    return build_world(read_scenario(write_small(folder), Options(settings=settings)))


def policy(folder: Path, *settings: str) -> DownscalingPolicy | None:
    found = world(folder, *settings).policies("downscaling", DownscalingPolicy)
    assert len(found) <= 1
    return found[0] if found else None


def test_a_clusters_timetable_switches_it_on(tmp_path: Path) -> None:
    assert policy(tmp_path) is None
    assert policy(tmp_path, TIMETABLE) == DownscalingPolicy(
        uptime="Mon-Fri 07:30-20:00 Europe/Paris,Sat-Sat 09:00-12:00 Europe/Paris",
        default_timezone="Europe/Paris",
        kinds=("Deployment", "StatefulSet", "CronJob"),
        excluded_namespaces=("kube-system", r"a\.b"),
        excluded_labels=("tier=core",),
        grace_period_seconds=300,
    )


def test_a_scenarios_own_settings_lie_over_its_clusters(tmp_path: Path) -> None:
    own = "policies.downscaling={kinds: [Deployment], gracePeriod: 1h, holidays: 2026-12-25}"
    found = policy(tmp_path, TIMETABLE, own)
    assert found is not None
    assert found.kinds == ("Deployment",)
    assert found.grace_period_seconds == 3_600
    assert found.holidays == ("2026-12-25",)
    assert found.uptime.startswith("Mon-Fri 07:30-20:00 Europe/Paris")


def test_a_scenario_switches_it_off(tmp_path: Path) -> None:
    assert policy(tmp_path, TIMETABLE, "policies.downscaling.enabled=false") is None


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("uptime: Mon-Fri 25:00-26:00 UTC", "spec.policies.downscaling.uptime: 'Mon-Fri 25:00"),
        ("uptime: Mon-Fri 00:00-00:00 UTC", "holds hours that never come; write 00:00-24:00"),
        ("holidays: [christmas]", "spec.policies.downscaling.holidays: 'christmas' is no holiday"),
        (
            f"holidays: [{', '.join(['2026-12-24'] * 401)}]",
            "spec.policies.downscaling.holidays: 401 entries are too many, at most 400; write",
        ),
        ("defaultTimezone: Paris", "spec.policies.downscaling.defaultTimezone"),
        ("defaultWeekFrame: week", "spec.policies.downscaling.defaultWeekFrame"),
        ("excludedNamespaces: ['(']", "excludedNamespaces: '(' is no regular expression"),
        ("kinds: [Pod]", "spec.policies.downscaling.kinds"),
    ],
)
def test_a_bad_setting_is_told_where_it_stands(tmp_path: Path, setting: str, told: str) -> None:
    with pytest.raises(Mistakes) as caught:
        world(tmp_path, f"policies.downscaling={{{setting}}}")
    assert told in str(caught.value)


@pytest.mark.parametrize("mode", ["none", "py-kube-downscaler"])
@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (
            "applications.web.annotations={downscaler/uptime: Mon-Fri 08:00-18:00 Pariss}",
            "spec.applications.web.annotations.downscaler/uptime: ",
        ),
        (
            "applications.web.hpa.annotations={downscaler/downtime-replicas: two}",
            "spec.applications.web.hpa.annotations.downscaler/downtime-replicas: 'two' is no",
        ),
        (
            "namespaces={shop: {annotations: {downscaler/force-uptime: yes-please}}}",
            "spec.namespaces.shop.annotations.downscaler/force-uptime: ",
        ),
        (
            "namespaces={shop: {annotations: {kingtide.dev/wake-until: tomorrow}}}",
            "spec.namespaces.shop.annotations.\"kingtide.dev/wake-until\": 'tomorrow' is no time",
        ),
        (
            "namespaces={shop: {annotations: {downscaler/up-time: always}}}",
            "nothing reads this annotation; write one of downscaler/ with downscale-period",
        ),
    ],
)
def test_a_bad_annotation_is_told_where_it_stands(
    tmp_path: Path, setting: str, told: str, mode: str
) -> None:
    with pytest.raises(Mistakes) as caught:
        world(tmp_path, f"policies.downscaling.compatibility={mode}", setting)
    assert told in str(caught.value)


def test_annotations_reach_the_objects(tmp_path: Path) -> None:
    found = world(
        tmp_path,
        "policies.downscaling.enabled=true",
        "applications.web.annotations={downscaler/uptime: always}",
        "applications.web.hpa.annotations={downscaler/exclude: 'true'}",
        "namespaces={shop: {annotations: {downscaler/downtime: never}}}",
    )
    (web,) = (it for it in found.applications if it.name == "web")
    assert web.annotations == {"downscaler/uptime": "always"}
    assert web.autoscaler is not None
    assert web.autoscaler.annotations == {"downscaler/exclude": "true"}
    assert [it.annotations for it in found.namespaces] == [{"downscaler/downtime": "never"}]
