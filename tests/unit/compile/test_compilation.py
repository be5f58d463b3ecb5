from __future__ import annotations

import pytest

from kingtide.compile.compilation import compile_clusters
from kingtide.fleet.documents.mistakes import Mistakes
from tests.unit.compile.fleets import FLEET, cluster_with, compiled, fleet_of, mistakes


def test_everything_that_is_missing_is_told_at_once() -> None:
    told = "\n".join(mistakes(network={}, controlPlane={}))
    assert "spec.network.cidr: is missing" in told
    assert "spec.network.pods: is missing" in told
    assert "spec.controlPlane.instanceType: is missing" in told


@pytest.mark.parametrize("field", ["dnsZone", "stateStore"])
def test_a_fleet_must_say_how_its_clusters_are_named_and_kept(field: str) -> None:
    fleet = {key: value for key, value in FLEET.items() if key != field}
    with pytest.raises(Mistakes, match=rf"^fleet\.yaml:\d+:\d+: spec\.{field}: is missing"):
        compile_clusters(fleet_of(cluster_with(), fleet), ["small"])


def test_the_files_of_a_cluster_lie_in_its_folder() -> None:
    assert [str(path) for path in compiled().files()] == ["small/kops.yaml", "small/objects.yaml"]
