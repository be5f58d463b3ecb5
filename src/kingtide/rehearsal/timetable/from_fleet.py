"""The plan of a fleet's cluster: the workloads of some manifests under the cluster's timetable."""

from __future__ import annotations

from pathlib import Path

from kingtide.controllers.downscaling.dialect import dialect_of
from kingtide.files.fleet_folder import read_fleet_folder
from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Place
from kingtide.fleet.downscale_timetable import downscaling_settings
from kingtide.fleet.expansion import expand_cluster
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.fleet.repository import FleetRepository
from kingtide.kube.scalables import Scalable
from kingtide.rehearsal.building.downscaling import note_policy
from kingtide.rehearsal.timetable.days import end_of_days, start_of_day
from kingtide.rehearsal.timetable.manifests import Manifests, read_manifests
from kingtide.rehearsal.timetable.previewed import Plan, Previewed
from kingtide.rehearsal.timetable.savings import PodPrices


def fleet_plans(
    folder: Path, cluster: str | None, files: tuple[Path, ...], date: str, days: int
) -> tuple[tuple[Plan, PodPrices], ...]:
    """Return a plan for every cluster with a timetable, or for the one that is named.

    Without manifests a plan is about one workload that says nothing itself.

    Raises:
        Mistakes: everything that is wrong in the fleet, the manifests, or the cluster's name.
    """
    fleet = read_fleet_folder(folder)
    names = _clusters(fleet, folder, cluster)
    return tuple(_plan(fleet, name, files, date, days) for name in names)


def _clusters(fleet: FleetRepository, folder: Path, cluster: str | None) -> tuple[str, ...]:
    place = Place(str(folder), 0, 0)
    if cluster is not None and cluster not in fleet.clusters:
        advice = did_you_mean(cluster, fleet.clusters, what="clusters")
        raise Mistakes([Mistake(place, "", f"has no cluster {cluster!r}", advice)])
    wanted = fleet.clusters if cluster is None else (cluster,)
    found = tuple(name for name in wanted if fleet.clusters[name].spec.downscale is not None)
    if not found:
        wrong = "has no cluster with a timetable" if cluster is None else f"{cluster} has none"
        raise Mistakes([Mistake(place, "", wrong, "write downscale: in a cluster's file")])
    return found


def _plan(
    fleet: FleetRepository, name: str, files: tuple[Path, ...], date: str, days: int
) -> tuple[Plan, PodPrices]:
    spec = fleet.clusters[name].spec
    assert spec.downscale is not None  # _clusters leaves the others out
    policy = DownscalingPolicy(**downscaling_settings(spec.downscale))
    findings = Findings()
    note_policy(policy, findings, fleet.clusters[name].node)
    findings.raise_if_any()
    timezone = spec.downscale.timezone
    manifests = read_manifests(files, dialect_of(policy)) if files else _nobody()
    begin_ms = start_of_day(date, timezone)
    plan = Plan(
        name=name,
        policy=policy,
        timezone=timezone,
        workloads=manifests.workloads,
        namespaces=manifests.namespaces,
        from_ms=begin_ms,
        until_ms=end_of_days(begin_ms, days, timezone),
    )
    groups = expand_cluster(name, spec, fleet.instance_lists)
    return plan, PodPrices(groups, spec.region, {})


def _nobody() -> Manifests:
    it = Scalable("Deployment", "default", "any", size=1)
    return Manifests((Previewed(it),), {})
