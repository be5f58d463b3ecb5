from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import node_at, place_of, plain
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.rehearsal.scenario.settings import apply_settings
from tests.unit.rehearsal.scenario.reading import mistakes

TREE = b"""\
spec:
  applications: {api: {replicas: 2}}
  latencies: {node.boot: 3s}
  cloud: {outages: [{lifecycle: spot}]}
"""


def applied(*settings: str) -> tuple[object, list[str]]:
    findings = Findings()
    tree = apply_settings(parse_yaml(TREE, "s.yaml"), settings, findings)
    return plain(tree), [str(m) for m in findings.as_error().all]


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("policies.hpa.target=0.7", ("spec", "policies", "hpa", "target"), "0.7"),
        ("spec.seed=3", ("spec", "seed"), "3"),
        ("metadata.name=other", ("metadata", "name"), "other"),
        ("applications.api.replicas=5", ("spec", "applications", "api", "replicas"), "5"),
        ("latencies.node.boot=9s", ("spec", "latencies", "node.boot"), "9s"),
        ("latencies.cloud.launch=9s", ("spec", "latencies", "cloud.launch"), "9s"),
        ("cloud.outages[0].zones=[a, b]", ("spec", "cloud", "outages", 0, "zones"), "['a', 'b']"),
        ("start=2020-10-07 20:00", ("spec", "start"), "2020-10-07 20:00"),
        ("notes=[a=b]", ("spec", "notes"), "['a=b']"),
        ("initialNodes.spot-nodes-x-4x=3", ("spec", "initialNodes", "spot-nodes-x-4x"), "3"),
    ],
)
def test_a_setting_is_laid_over_the_scenario(
    setting: str, path: tuple[str | int, ...], value: str
) -> None:
    findings = Findings()
    tree = apply_settings(parse_yaml(TREE, "s.yaml"), [setting], findings)
    assert not findings
    node = node_at(tree, path)
    assert node is not None
    assert str(plain(node)) == value
    assert str(place_of(tree, path).file) == f"--set {setting}"


def test_null_removes_as_in_every_layer() -> None:
    tree, wrong = applied("applications.api=null", "latencies=null", "seed=null")
    assert wrong == []
    assert tree == {"spec": {"applications": {}, "cloud": {"outages": [{"lifecycle": "spot"}]}}}


def test_the_last_of_several_settings_wins() -> None:
    tree, wrong = applied("seed=1", "seed=2")
    assert wrong == []
    assert isinstance(tree, dict)
    assert tree["spec"]["seed"] == 2


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("seed", "is not path=value; write for example --set policies.hpa.target=0.7"),
        ("=3", "is not path=value; write for example --set policies.hpa.target=0.7"),
        ("a..b=3", "is not path=value; write for example --set policies.hpa.target=0.7"),
        ("a.=3", "is not path=value; write for example --set policies.hpa.target=0.7"),
        ("a[x]=3", "is not path=value; write for example --set policies.hpa.target=0.7"),
        ("seed=[1", "spec.seed: '[1' is not a value; quote it, or write a number"),
        (
            "applications.apii.replicas=3",
            "spec.applications.apii.replicas: there is no 'apii'; did you mean 'api'?",
        ),
        (
            "cloud.outages[3].zones=[a]",
            "spec.cloud.outages[3].zones: there are 1 items; set the whole list",
        ),
    ],
)
def test_what_is_no_setting_is_told(setting: str, expected: str) -> None:
    assert applied(setting)[1] == [f"--set {setting}: {expected}"]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        pytest.param(
            "expect.0=nodes.max.spot <= 9",
            "spec.expect.0: spec.expect is a list, which has no '0';"
            " write for example --set expect[0]=..., or set the whole list",
            id="a position of a list as a name",
        ),
        pytest.param(
            "timezone.name=UTC",
            "spec.timezone: there is no time zone {'name': 'UTC'};"
            " write for example Europe/Paris or UTC",
            id="a field of a single value",
        ),
    ],
)
def test_a_setting_below_what_has_no_fields_is_told_as_the_setting(
    tmp_path: Path, setting: str, told: str
) -> None:
    assert mistakes(tmp_path, setting) == [f"--set {setting}: {told}"]
