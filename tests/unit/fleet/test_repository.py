from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.fleet.repository import FleetRepository, read_fleet
from tests.small_rehearsal import BASE, CLUSTER, FILES, FLEET, with_lines

SHARED = Path(__file__).parents[4] / "shared" / "examples" / "fleet"


def read(**changed: str) -> FleetRepository:
    """Read the small fleet with files changed; keys are paths with `__` for `/`, without ending."""
    files = {
        PurePosixPath(path).relative_to("fleet"): text
        for path, text in FILES.items()
        if path.startswith("fleet/")
    }
    for path, text in changed.items():
        files[PurePosixPath(path.replace("__", "/") + ".yaml")] = text
    return read_fleet({path: text.encode() for path, text in files.items()}, str)


def mistakes(**changed: str) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        read(**changed)
    return [str(m) for m in caught.value.all]


def test_a_class_lies_below_its_clusters() -> None:
    cluster = read().clusters["prod"].spec
    assert list(cluster.node_groups) == ["workers", "api"]
    assert cluster.hpa is not None
    assert cluster.hpa.downscale_stabilization_seconds == 1800
    assert cluster.region == "eu-west-1"


def test_a_further_layer_changes_one_value_and_is_checked_like_a_file() -> None:
    fleet, findings = read(), Findings()
    overlay = parse_yaml(b"nodeGroups: {workers: {spot: {sizes: {4x: {max: 5}}}}}", "more.yaml")
    changed = fleet.cluster_with("prod", overlay, findings)
    assert changed is not None
    assert changed.sound
    assert not findings
    spot = changed.spec.node_groups["workers"].spot
    assert spot is not None
    assert (spot.sizes["4x"].min_size, spot.sizes["4x"].max) == (1, 5)
    wrong = parse_yaml(b"nodeGroups: {workers: {spot: {sizes: {4x: {min: 50}}}}}", "more.yaml")
    faulty = fleet.cluster_with("prod", wrong, findings)
    assert faulty is not None
    assert not faulty.sound
    with pytest.raises(Mistakes, match=r"more\.yaml:1:49: .*min 50 is above max 20"):
        findings.raise_if_any()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  nodeGroups:\n", "  nodeGroups:\n    workers: null\n"),
        ("  zones:", "  hpa: null\n  zones:"),
        ("  zones:", "  priorityClasses: {low: ~}\n  zones:"),
    ],
    ids=["a name", "a field", "a name within"],
)
def test_a_null_in_a_cluster_takes_away_what_its_class_says(old: str, new: str) -> None:
    without_pauses = CLUSTER[: CLUSTER.index("  overprovisioning:")]
    before = read(clusters__prod=without_pauses).clusters["prod"].spec
    after = read(clusters__prod=without_pauses.replace(old, new)).clusters["prod"].spec
    assert before != after
    without_workers = "workers" not in after.node_groups
    without_low = "low" not in after.priority_classes
    assert [without_workers, after.hpa is None, without_low].count(True) == 1


def test_mistakes_of_all_files_and_all_stages_are_told_at_once() -> None:
    found = mistakes(
        fleet=with_lines(FLEET, ("dnsZone", "dnsZon")),
        classes__base=with_lines(BASE, ("min: 1, max: 20", "min: 30, max: 20")),
        clusters__prod=with_lines(CLUSTER, ("c5.2xlarge, m5", "c5.2xlrge, m5")),
    )
    assert [line.split(" ")[0] for line in found] == [
        "classes/base.yaml:10:53:",
        "clusters/prod.yaml:12:43:",
        "fleet.yaml:4:8:",
    ]


@pytest.mark.parametrize(
    ("folder", "name"), [("classes", "base"), ("stages", "prod"), ("clusters", "prod")]
)
def test_what_a_file_that_cannot_be_read_defines_is_not_also_missing(
    folder: str, name: str
) -> None:
    (found,) = mistakes(**{f"{folder}__{name}": "a: [\n"})
    assert found.startswith(f"{folder}/{name}.yaml:2:1: is not valid YAML")


def test_a_linear_mode_is_checked_whatever_else_is_wrong_in_it() -> None:
    linear = "linear: {coresPerReplica: -100, min: 40, max: 20}"
    found = mistakes(clusters__prod=with_lines(CLUSTER, ("ladder: [[0, 1], [64, 2]]", linear)))
    assert [line.split(": ", 2)[1:] for line in found] == [
        [
            "spec.overprovisioning.workers.linear.coresPerReplica",
            "-100 is not above 0; write for example 1.03",
        ],
        [
            "spec.overprovisioning.workers.linear.min",
            "min 40 is above max 20; write 20 or less, or raise max",
        ],
    ]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param(
            "{minReplicas: 5, maxReplicas: 3}",
            "maxReplicas: 3 is below minReplicas 5; write 5 or more",
            id="bounds",
        ),
        pytest.param(
            "{minReplicas: 101}",
            "maxReplicas: 100 is below minReplicas 101; write 101 or more",
            id="a default's bound",
        ),
        pytest.param(
            "{deployment: coredns}",
            "deployment: 'coredns' names no Deployment; write `namespace/name`",
            id="no namespace",
        ),
        pytest.param(
            "{otherAutoscaler: a/b/c}",
            "otherAutoscaler: 'a/b/c' names no Deployment; write `namespace/name`",
            id="too much",
        ),
    ],
)
def test_a_sizing_of_coredns_that_cannot_be_is_told(written: str, told: str) -> None:
    cluster = f"{CLUSTER.rstrip()}\n  dnsAutoscaling: {written}\n"
    (found,) = mistakes(clusters__prod=cluster)
    assert found.endswith(f"spec.dnsAutoscaling.{told}"), found


def test_a_linear_mode_needs_a_ratio() -> None:
    linear = "linear: {min: 2, max: 20}"
    (found,) = mistakes(clusters__prod=with_lines(CLUSTER, ("ladder: [[0, 1], [64, 2]]", linear)))
    assert "linear: has neither coresPerReplica nor nodesPerReplica; add one" in found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "class: base",
            "class: bass",
            "clusters/prod.yaml:5:10: spec.class: there is no class 'bass'; did you mean 'base'?",
            id="class",
        ),
        pytest.param(
            "stage: prod",
            "stage: prd",
            "clusters/prod.yaml:6:10: spec.stage: there is no stage 'prd'; did you mean 'prod'?",
            id="stage",
        ),
        pytest.param(
            "c5.2xlarge, m5",
            "c5.2xlrge, m5",
            "clusters/prod.yaml:12:43: spec.nodeGroups.api.onDemand.sizes.2x.instances[0]:"
            " there is no instance type 'c5.2xlrge'; did you mean 'c5.2xlarge'?",
            id="instance type",
        ),
        pytest.param(
            "min: 1, max: 4",
            "min: 5, max: 4",
            "clusters/prod.yaml:12:73: spec.nodeGroups.api.onDemand.sizes.2x.min:"
            " min 5 is above max 4; write 4 or less, or raise max",
            id="min above max",
        ),
        pytest.param(
            "[[0, 1], [64, 2]]",
            "[[64, 1], [0, 2]]",
            "clusters/prod.yaml:14:33: spec.overprovisioning.workers.ladder[1]: the step at 0 cores"
            " follows the one at 64; sort the steps by cores, each once",
            id="ladder out of order",
        ),
        pytest.param(
            "    workers: {ladder",
            "    wrkers: {ladder",
            "clusters/prod.yaml:14:5: spec.overprovisioning.wrkers: there is no group 'wrkers' in"
            " nodeGroups; did you mean 'workers'?",
            id="overprovisioning of no group",
        ),
        pytest.param(
            "zones: [a, b]",
            "zones: [a, eu-west-3b]",
            "clusters/prod.yaml:8:14: spec.zones[1]: 'eu-west-3b' is not a zone of eu-west-1;"
            " write its letter",
            id="zone of another region",
        ),
        pytest.param(
            "region: eu-west-1",
            "region: ireland",
            "clusters/prod.yaml:7:11: spec.region: 'ireland' is not a region;"
            " write for example eu-west-1",
            id="no region's name",
        ),
        pytest.param(
            "    api:\n",
            "    workers-4x: {spot: {sizes: {a: {instances: 4x-cpu16, max: 1}}}}\n"
            "    workers: {spot: {sizes: {4x-a: {instances: 4x-cpu16, max: 1}}}}\n    api:\n",
            "clusters/prod.yaml:10:33: spec.nodeGroups.workers-4x.spot.sizes.a: its group would"
            " have the name of nodeGroups.workers.spot.sizes.4x-a; rename one of them",
            id="two groups of one name",
        ),
        pytest.param(
            "  region: eu-west-1\n",
            "",
            "clusters/prod.yaml:5:3: spec.region: is missing; add `region:`, for example eu-west-1",
            id="no region",
        ),
    ],
)
def test_what_does_not_fit_in_a_cluster_is_told(old: str, new: str, expected: str) -> None:
    assert mistakes(clusters__prod=with_lines(CLUSTER, (old, new))) == [expected]


def test_a_mistake_in_a_class_is_told_at_the_class() -> None:
    changed = with_lines(BASE, ("4x-cpu16", "4x-cpu17"))
    assert mistakes(classes__base=changed) == [
        (
            "classes/base.yaml:10:38: spec.nodeGroups.workers.spot.sizes.4x.instances: there is no"
            " snippets/instance-types/4x-cpu17.yaml; did you mean '4x-cpu16'?"
        )
    ]


def test_mistakes_of_all_files_are_told_together() -> None:
    found = mistakes(
        clusters__prod=with_lines(CLUSTER, ("zones:", "zone:")),
        **{"snippets__instance-types__4x-cpu16": "- c5.4xlarge\n- c5.4xlarge\n- 3\n"},
    )
    assert found == [
        "clusters/prod.yaml:8:3: spec.zone: unknown field; did you mean 'zones'?",
        (
            "snippets/instance-types/4x-cpu16.yaml:2:3: [1]: c5.4xlarge is listed twice;"
            " keep one of them"
        ),
        (
            "snippets/instance-types/4x-cpu16.yaml:3:3: [2]: 3 is not an instance type;"
            " write for example c5.4xlarge"
        ),
    ]


def test_two_documents_of_one_name_are_a_mistake() -> None:
    assert mistakes(clusters__again=CLUSTER) == [
        (
            "clusters/prod.yaml:3:18: metadata.name: 'prod' is the name of another document in"
            " clusters/; give each its own name"
        )
    ]


def test_a_fallback_without_types_needs_a_spot_size_of_its_name() -> None:
    changed = with_lines(BASE, ("onDemandFallback: {sizes: {4x:", "onDemandFallback: {sizes: {8x:"))
    assert mistakes(classes__base=changed) == [
        (
            "classes/base.yaml:11:34: spec.nodeGroups.workers.onDemandFallback.sizes.8x: has no"
            " instances and no spot size of the same name to take them from;"
            " add `instances:`, or name it after a spot size (4x)"
        )
    ]


def test_a_folder_without_fleet_yaml_is_no_fleet(tmp_path: Path) -> None:
    with pytest.raises(Mistakes, match=r"holds no fleet\.yaml"):
        read_fleet_folder(tmp_path)


@pytest.mark.skipif(
    not SHARED.is_dir() and "KINGTIDE_EXAMPLE_FLEET" not in os.environ,
    reason="the example fleet is not beside this repository (set KINGTIDE_EXAMPLE_FLEET)",
)
def test_the_example_fleet_of_three_clusters_reads_without_mistakes() -> None:
    fleet = read_fleet_folder(Path(os.environ.get("KINGTIDE_EXAMPLE_FLEET", SHARED)))
    assert sorted(fleet.clusters) == ["prod-customer-a", "prod-customer-b", "staging-paris"]
    assert [tool.metadata.name for tool in fleet.tools] == ["loki"]
    assert len(fleet.stages) == 3


PINNED = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Stage
metadata: {name: prod}
spec: {kubernetesVersion: 1.34.2}
"""


def test_a_clusters_version_is_its_own_over_its_stages_over_the_fleets() -> None:
    fleet = FLEET.replace("spec: {", "spec: {kubernetesVersion: 1.35.7, ", 1)
    own = CLUSTER.replace("spec:\n", "spec:\n  kubernetesVersion: 1.33.9\n", 1)
    one = {"fleet": fleet}
    assert read(**one).clusters["prod"].spec.kubernetes_version == "1.35.7"
    two = one | {"stages__prod": PINNED}
    assert read(**two).clusters["prod"].spec.kubernetes_version == "1.34.2"
    three = read(**(two | {"clusters__prod": own})).clusters["prod"]
    assert three.spec.kubernetes_version == "1.33.9"
    assert [layer.said_by for layer in three.layers] == [
        "fleet",
        "stage prod",
        "class base",
        "cluster prod",
    ]


def test_a_waiver_needs_a_reason_and_a_date() -> None:
    for waiver, wrong in (
        ("{check: KT203, reason: '', until: 2026-12-31}", "says nothing"),
        ("{check: KT203, reason: small on purpose, until: soon}", "is not a date"),
        ("{check: kt203, reason: small on purpose, until: 2026-12-31}", "is not the code"),
    ):
        text = FLEET.replace("metadata: {", "metadata: {waivers: [" + waiver + "], ", 1)
        assert wrong in mistakes(fleet=text)[0]
