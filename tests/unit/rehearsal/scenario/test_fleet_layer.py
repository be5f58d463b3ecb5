"""What a fleet says of applications need not be said again by the scenarios that rehearse it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.scenario.read import Options, Scenario, read_scenario
from tests.small_rehearsal import CLUSTER, SCENARIO, with_lines, write_small

OVERHEAD = "daemonSetOverhead: {cpu: 250m, memory: 128Mi}"
OF_API = f"""\
    api:
      priorityClass: high
      hpa: {{min: 3, max: 40, target: 60%}}
      {OVERHEAD}
"""
OF_CLUSTER = """\
  daemonSets:
    dns: {requests: {cpu: 100m, memory: 64Mi}}
    logs: {requests: {cpu: 1, memory: 1Gi}}
  namespaces:
    edge: {nodeGroup: api}
    night: {annotations: {downscaler/uptime: "Mon-Fri 08:00-20:00 Europe/Paris"}}
  overprovisioning:
"""
APPLICATIONS = """\
  applications:
    front: {nodeGroup: api, requests: {cpu: 1, memory: 1Gi}, hpa: {}, usage: 500m}
    edge: {namespace: edge, requests: {cpu: 1, memory: 1Gi}, hpa: {max: 9}, usage: 500m}
    own:
      nodeGroup: api
      priorityClass: low
      requests: {cpu: 1, memory: 1Gi}
      hpa: {min: 4, max: 5, targetUtilization: 0.5}
      usage: 500m
    plain: {requests: {cpu: 1, memory: 1Gi}, usage: 500m}
"""


def scenario(folder: Path, *, rest: str = "", of_api: str = "") -> Scenario:
    layered = with_lines(
        CLUSTER, ("    api:\n", OF_API + of_api), ("  overprovisioning:\n", OF_CLUSTER)
    )
    head, _, _ = SCENARIO.partition("  applications:\n")
    return read_scenario(write_small(folder, cluster=layered, scenario=head + APPLICATIONS + rest))


FEWER = "    few: {nodeGroup: api, requests: {cpu: 1, memory: 1Gi}, hpa: {max: 2}, usage: 500m}\n"


@pytest.mark.parametrize(
    ("name", "group", "priority", "fewest", "most", "target"),
    [
        ("front", "api", "high", 3, 40, 60),
        ("edge", "api", "high", 3, 9, 60),
        ("own", "api", "low", 4, 5, 50),
    ],
    ids=["says nothing", "is of a namespace with a group", "says everything"],
)
def test_an_application_takes_from_its_group_what_it_does_not_say(
    tmp_path: Path, name: str, group: str, priority: str, fewest: int, most: int, target: int
) -> None:
    it = scenario(tmp_path).spec.applications[name]
    assert (it.node_group, it.priority_class) == (group, priority)
    assert it.hpa is not None
    assert (it.hpa.min, it.hpa.max, it.hpa.target_utilization) == (fewest, most, target)


def test_an_application_without_group_or_autoscaler_gets_none(tmp_path: Path) -> None:
    it = scenario(tmp_path).spec.applications["plain"]
    assert (it.node_group, it.priority_class, it.hpa) == (None, "default", None)


def test_the_clusters_daemon_sets_run_and_the_scenarios_say_more(tmp_path: Path) -> None:
    said = "  daemonSets: {logs: {requests: {cpu: 300m}}, dns: null}\n"
    found = scenario(tmp_path, rest=said).spec.daemon_sets
    assert list(found) == ["logs", "daemon-sets-of-api"]
    assert (found["logs"].requests.cpu, found["logs"].requests.memory) == (300, 2**30)
    overhead = found["daemon-sets-of-api"]
    assert (overhead.node_group, overhead.requests.cpu) == ("api", 250)


def test_the_world_has_the_clusters_daemon_sets_and_namespaces(tmp_path: Path) -> None:
    world = build_world(scenario(tmp_path))
    assert [it.name for it in world.daemon_sets] == ["dns", "logs", "daemon-sets-of-api"]
    assert [it.name for it in world.namespaces] == ["night"]


def test_a_namespace_follows_the_timetable_of_its_group(tmp_path: Path) -> None:
    night = "downscale: {timezone: Europe/Dublin, uptime: [Mon-Fri 08:00-20:00]}"
    before = build_world(scenario(tmp_path / "before"))
    found = scenario(tmp_path / "after", of_api=f"      {night}\n")
    assert {name: dict(it.annotations) for name, it in found.spec.namespaces.items()} == {
        "edge": {"downscaler/uptime": "Mon-Fri 08:00-20:00 Europe/Dublin"},
        "night": {"downscaler/uptime": "Mon-Fri 08:00-20:00 Europe/Paris"},
    }
    runs = [[it.key for it in w.controllers] for w in (before, build_world(found))]
    assert ["downscaling" in names for names in runs] == [False, True]


def test_a_mistake_in_what_the_fleet_says_is_told_at_the_fleet(tmp_path: Path) -> None:
    with pytest.raises(Mistakes) as caught:
        scenario(tmp_path, rest=FEWER)
    (mistake,) = caught.value.all
    assert mistake.place.file.endswith("clusters/prod.yaml")
    assert mistake.field == "spec.applications.few.hpa.min"
    assert mistake.wrong == "min 3 is above max 2"


def test_another_cluster_of_the_fleet_may_be_rehearsed(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    other = tmp_path / "fleet" / "clusters" / "other.yaml"
    other.write_text(CLUSTER.replace("{name: prod}", "{name: other}"))
    assert read_scenario(path, Options(cluster="other")).cluster.name == "other"
    with pytest.raises(Mistakes, match=r"--cluster othr: .*has no cluster 'othr'; did you mean"):
        read_scenario(path, Options(cluster="othr"))
