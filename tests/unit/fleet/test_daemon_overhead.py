from __future__ import annotations

from kingtide.fleet.daemon_overhead import daemon_overhead
from kingtide.kube.resources import Resources
from tests.unit.compile.fleets import WIDE, cluster_with, fleet_of

MIB = 1024**2


def test_a_group_bears_what_runs_everywhere_what_runs_on_it_and_what_it_says_itself() -> None:
    spec = fleet_of(WIDE).clusters["small"].spec
    assert daemon_overhead(spec, "workers") == Resources(600, (64 + 256 + 512) * MIB)
    assert daemon_overhead(spec, "api") == Resources(100, 64 * MIB)


def test_without_daemon_sets_there_is_none() -> None:
    spec = fleet_of(cluster_with()).clusters["small"].spec
    assert daemon_overhead(spec, "workers") == Resources()
