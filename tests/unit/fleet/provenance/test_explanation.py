from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from kingtide.fleet.documents.tree import Path
from kingtide.fleet.provenance.explanation import Explained, NoSuchField, explain_value
from kingtide.fleet.repository import LayeredCluster, read_fleet
from tests.small_rehearsal import BASE, CLUSTER, FLEET, STAGE, TYPES

OVER = """\
    workers:
      spot: {sizes: {4x: {max: 5}}}
      onDemandFallback: null
"""


@pytest.fixture(scope="module")
def cluster() -> LayeredCluster:
    files = {
        "fleet.yaml": FLEET.replace("dnsZone", "kubernetesVersion: 1.35.7, dnsZone"),
        "stages/prod.yaml": STAGE.replace("soak", "kubernetesVersion: 1.36.1, soak"),
        "classes/base.yaml": BASE,
        "clusters/prod.yaml": CLUSTER.replace("  nodeGroups:\n", f"  nodeGroups:\n{OVER}"),
        "snippets/instance-types/4x-cpu16.yaml": TYPES,
    }
    texts = {PurePosixPath(name): text.encode() for name, text in files.items()}
    return read_fleet(texts, str).clusters["prod"]


def said(found: Explained) -> dict[str, list[str]]:
    """Return what was said of each value, as `layer file:line how`."""
    return {
        str(it.path[-1]): [f"{s.said_by} {s.place.file}:{s.place.line} {s.how}" for s in it.said]
        for it in found.values
    }


def test_a_value_is_told_with_what_it_overrode(cluster: LayeredCluster) -> None:
    found = explain_value(cluster, ("nodeGroups", "workers", "spot", "sizes", "4x", "max"))
    (sources,) = found.values
    assert sources.value == 5
    assert [(s.said_by, s.place.file, s.place.line, s.value) for s in sources.said] == [
        ("cluster prod", "clusters/prod.yaml", 11, 5),
        ("class base", "classes/base.yaml", 10, 20),
    ]


def test_a_map_is_told_by_the_source_of_every_value_below_it(cluster: LayeredCluster) -> None:
    found = explain_value(cluster, ("nodeGroups", "workers", "spot", "sizes", "4x"))
    assert said(found) == {
        "instances": ["class base classes/base.yaml:10 sets"],
        "min": ["class base classes/base.yaml:10 sets"],
        "max": ["cluster prod clusters/prod.yaml:11 sets", "class base classes/base.yaml:10 sets"],
    }
    assert [path[-1] for path, _ in found.unsaid] == ["typical"]


def test_the_stage_lies_over_the_fleet(cluster: LayeredCluster) -> None:
    found = explain_value(cluster, ("kubernetesVersion",))
    assert found.values[0].value == "1.36.1"
    assert said(found)["kubernetesVersion"] == [
        "stage prod stages/prod.yaml:4 sets",
        "fleet fleet.yaml:4 sets",
    ]


@pytest.mark.parametrize(
    "below", [(), ("sizes",), ("sizes", "4x", "max")], ids=["it", "below", "deep below"]
)
def test_a_null_is_told_as_what_took_a_value_away(cluster: LayeredCluster, below: Path) -> None:
    found = explain_value(cluster, ("nodeGroups", "workers", "onDemandFallback", *below))
    assert found.values == ()
    assert found.removed is not None
    first, second = found.removed.said
    assert (first.said_by, first.place.line, first.how) == ("cluster prod", 12, "removes")
    assert (second.said_by, second.how) == ("class base", "sets")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("nodeGroups", "workers", "dedicated"), "false"),
        (("nodeGroups", "workers", "spot", "allocationStrategy"), "capacity-optimized"),
        (("autoscaler", "scanInterval"), "10s"),
        (("dns", "domain"), "cluster.local"),
        (("downscale",), ""),
    ],
    ids=lambda it: it[-1] if isinstance(it, tuple) else it or "none",
)
def test_what_nobody_writes_is_told_as_a_default_with_its_text(
    cluster: LayeredCluster, path: Path, shown: str
) -> None:
    found = explain_value(cluster, path)
    assert (found.values, found.removed) == ((), None)
    assert found.default is not None
    assert found.default.shown == shown
    assert found.text
    assert "Default:" not in found.text


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (("nodeGroup",), "a cluster's spec has no 'nodeGroup'; did you mean 'nodeGroups'?"),
        (("nodeGroups", "wokers"), "nodeGroups has no 'wokers'; did you mean 'workers'?"),
        (("nodeGroups", "api", "sopt"), "nodeGroups.api has no 'sopt'; did you mean 'spot'?"),
        (("zones", 2), "zones has 2 items, counted from 0; name one of them, or the whole"),
        (("region", "x"), "region has no 'x'; there are no names here"),
        (("region", 0), "region has no items; name one of them, or the whole"),
    ],
    ids=["field", "name", "field of a name", "item", "below a value", "item of a value"],
)
def test_a_path_that_leads_nowhere_is_refused_where_it_goes_wrong(
    cluster: LayeredCluster, path: Path, message: str
) -> None:
    with pytest.raises(NoSuchField) as refused:
        explain_value(cluster, path)
    assert str(refused.value) == message


def test_the_whole_of_a_cluster_has_a_source_for_every_value(cluster: LayeredCluster) -> None:
    found = explain_value(cluster, ())
    assert len(found.values) > 20
    assert all(it.said and it.said[0].how == "sets" for it in found.values)
    assert all(it.said[0].value == it.value for it in found.values)
