"""Read a scenario and all it names: the one door from files to values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Node
from kingtide.fleet.documents.validation import read
from kingtide.fleet.expansion import ExpandedGroup, expand_cluster
from kingtide.fleet.repository import LayeredCluster
from kingtide.rehearsal.expectations import Expectation, check_expectation, parse_expectation
from kingtide.rehearsal.scenario.application_checks import (
    check_applications,
    check_outages,
    check_with_cluster,
    names_written,
)
from kingtide.rehearsal.scenario.cloud_checks import pool_names, read_initial_nodes, read_outages
from kingtide.rehearsal.scenario.cloud_conditions_checks import read_conditions
from kingtide.rehearsal.scenario.curve import Points, read_curve
from kingtide.rehearsal.scenario.dns_checks import check_dns
from kingtide.rehearsal.scenario.fleet_of_scenario import (
    FleetReader,
    find_cluster,
    laid_over_fleet,
)
from kingtide.rehearsal.scenario.ingress_checks import read_ingress
from kingtide.rehearsal.scenario.latency_table import read_latencies
from kingtide.rehearsal.scenario.layers import read_layers, readable
from kingtide.rehearsal.scenario.model import Rehearsal, RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.outline import outlined_units
from kingtide.rehearsal.scenario.settings import apply_settings
from kingtide.rehearsal.scenario.times import ScenarioClock, read_clock
from kingtide.rehearsal.scenario.workload_checks import check_rollouts, check_workloads
from kingtide.twin.cloud_conditions import CloudConditions
from kingtide.twin.definition import PoolOutage
from kingtide.twin.latencies import Latency
from kingtide.twin.requests import IngressTraffic


class Scenario(msgspec.Struct, frozen=True):
    """A scenario without mistakes, with everything it names read.

    `node` is its tree, for who wants the place of a value; `demands` are curves by application.
    """

    path: Path
    name: str
    seed: int
    spec: RehearsalSpec
    node: Node
    clock: ScenarioClock
    cluster: LayeredCluster
    groups: tuple[ExpandedGroup, ...]
    initial_nodes: Mapping[str, int]
    latencies: Mapping[str, Latency]
    demands: Mapping[str, Points]
    outages: tuple[PoolOutage, ...]
    conditions: CloudConditions
    ingress: IngressTraffic | None
    expectations: tuple[Expectation, ...]


class Options(msgspec.Struct, frozen=True):
    """What the command line lays over a scenario; None leaves it as it is written."""

    seed: int | None = None
    settings: tuple[str, ...] = ()
    until: str | None = None
    cluster: str | None = None


AS_WRITTEN = Options()


def read_scenario(path: Path, options: Options = AS_WRITTEN) -> Scenario:
    """Return a scenario with all it names.

    Raises:
        Mistakes: everything that is wrong in it, in files it names, and in the options.
    """
    findings = Findings()
    written = apply_settings(read_layers(path), options.settings, findings)
    fleets = FleetReader()
    node = laid_over_fleet(written, options.cluster, fleets, findings)
    document, reading = read(Rehearsal, readable(node), findings)
    if document is None:
        raise findings.as_error()
    noter = Noter(node, findings, reading)
    spec = document.spec
    _check_alone(spec, options, noter)
    clock = read_clock(spec, options.until, noter)
    latencies = read_latencies(spec, noter)
    demands: dict[str, Points] = {}
    if clock is not None:
        check_outages(spec, clock, noter)
        check_rollouts(spec, clock, noter)
        demands = _demands(spec, clock, noter)
    cluster = find_cluster(spec.fleet, spec.cluster, noter, fleets)
    ingress = read_ingress(spec, None if cluster is None else cluster[0].spec, noter)
    expectations = _expectations(spec, None if cluster is None else cluster[0], noter)
    groups: tuple[ExpandedGroup, ...] = ()
    outages: tuple[PoolOutage, ...] = ()
    conditions = CloudConditions()
    initial_nodes: Mapping[str, int] = {}
    if cluster is not None:
        layered, fleet = cluster
        check_with_cluster(spec, layered, noter)
        if layered.sound:
            groups = expand_cluster(layered.name, layered.spec, fleet.instance_lists)
            initial_nodes = read_initial_nodes(spec, groups, noter)
        if layered.sound and clock is not None:
            outages = read_outages(spec, layered.spec, groups, clock, noter)
            names = pool_names(layered.spec, groups)
            conditions = read_conditions(spec.cloud, names, clock, noter)
    findings.raise_if_any()
    assert clock is not None  # its absence is a finding
    assert cluster is not None  # as above
    return Scenario(
        path=path,
        name=document.metadata.name,
        seed=spec.seed if options.seed is None else options.seed,
        spec=spec,
        node=node,
        clock=clock,
        cluster=cluster[0],
        groups=groups,
        initial_nodes=initial_nodes,
        latencies=latencies,
        demands=demands,
        outages=outages,
        conditions=conditions,
        ingress=ingress,
        expectations=expectations,
    )


def _check_alone(spec: RehearsalSpec, options: Options, noter: Noter) -> None:
    """Note what is wrong whatever the cluster and the time are."""
    check_applications(spec, noter)
    check_dns(spec, noter)
    check_workloads(spec, noter)
    _check_seed(options, noter)


def _check_seed(options: Options, noter: Noter) -> None:
    if options.seed is not None and options.seed < 0:
        noter.note_option("--seed", ValueError(f"{options.seed} is negative; write 0 or more"))


def _demands(spec: RehearsalSpec, clock: ScenarioClock, noter: Noter) -> dict[str, Points]:
    return {
        name: read_curve(application.demand, ("spec", "applications", name, "demand"), clock, noter)
        for name, application in spec.applications.items()
        if application.demand is not None
    }


def _expectations(
    spec: RehearsalSpec, cluster: LayeredCluster | None, noter: Noter
) -> tuple[Expectation, ...]:
    found: list[Expectation] = []
    classes = () if cluster is None else names_written(cluster, "priorityClasses")
    units = outlined_units(noter, classes)
    for index, text in enumerate(spec.expect):
        try:
            expectation = parse_expectation(text)
            check_expectation(expectation, units)
        except ValueError as error:
            noter.note_error(("spec", "expect", index), error)
        else:
            found.append(expectation)
    return tuple(found)
