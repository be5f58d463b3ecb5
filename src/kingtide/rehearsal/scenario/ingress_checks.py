"""A scenario's ingress: its objects from manifests or made up, and whether they fit together."""

from __future__ import annotations

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.names import host_problem, path_problem
from kingtide.controllers.ingress.routing.table import RouteTable
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.controllers.ingress.written import written_view
from kingtide.files.manifest_files import named_manifests
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.ingress_settings import ingress_policy
from kingtide.fleet.manifests import read_manifests
from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Service, ServicePort
from kingtide.rehearsal.scenario import ingress_model
from kingtide.rehearsal.scenario.latency_model import WrittenLatency
from kingtide.rehearsal.scenario.latency_table import to_latency
from kingtide.rehearsal.scenario.model import RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.twin.latencies import Latency
from kingtide.twin.requests import CHECK_DOWN, ENDPOINT_SLICE, TAKES_OVER, IngressTraffic

PORT = ServicePort(80, "http")
"""Of Services that no manifest has."""
RETRIES_MAX = 100
"""Each is counted whenever a pod changes; HAProxy has no bound, and nobody waits for so many."""


def read_ingress(
    spec: RehearsalSpec, cluster: ClusterSpec | None, noter: Noter
) -> IngressTraffic | None:
    """Return the proxy of a scenario, None where no application's demand comes in by one."""
    asked = {name: it.ingress for name, it in spec.applications.items() if it.ingress is not None}
    if not asked:
        if spec.ingress is not None:
            wrong = "no application has an `ingress:`"
            noter.note(("spec", "ingress"), wrong, "say for which host and path it is", key=True)
        return None
    written = spec.ingress or ingress_model.Ingress()
    policy = IngressPolicy() if cluster is None else ingress_policy(cluster)
    if written.retries > RETRIES_MAX:
        wrong = f"{written.retries:,} tries of a request are more than anybody waits for"
        noter.note(("spec", "ingress", "retries"), wrong, f"write {RETRIES_MAX} or less")
        return None
    view = _view(spec, written, noter)
    if view is None:
        return None
    for name, it in asked.items():
        _check_request(name, it, spec, noter)
    _check_services(asked, spec, view, policy, noter)
    return IngressTraffic(
        ingresses=tuple(view.ingresses.values()),
        services=tuple(view.services.values()),
        classes=tuple(view.classes.values()),
        policy=policy,
        retries=written.retries,
        endpoint_slice=_latency(written.endpoint_slice, ENDPOINT_SLICE),
        takes_over=_latency(written.takes_over, TAKES_OVER),
        check_down=_latency(written.check_down, CHECK_DOWN),
    )


def _latency(written: WrittenLatency | None, default: Latency) -> Latency:
    return default if written is None else to_latency(written, default)


def _view(spec: RehearsalSpec, written: ingress_model.Ingress, noter: Noter) -> TrafficView | None:
    """Return the objects; every application has a Service of its name, from a manifest or not."""
    made = {
        f"{it.namespace}/{name}": Service(it.namespace, name, ports=(PORT,))
        for name, it in spec.applications.items()
    }
    if written.manifests is None:
        ingresses = {
            f"{it.namespace}/{name}": _own(name, it.namespace, it.ingress)
            for name, it in spec.applications.items()
            if it.ingress is not None
        }
        return TrafficView(ingresses, services=made)
    path: Path = ("spec", "ingress", "manifests")
    findings = Findings()
    try:
        files = named_manifests(noter.folder(path) / written.manifests, findings)
        found = written_view(read_manifests(files, findings), findings)
        findings.raise_if_any()
    except Mistakes as error:
        noter.findings.extend(error.all)
        return None
    return TrafficView(found.ingresses, found.classes, {**made, **found.services})


def _own(name: str, namespace: str, it: ingress_model.Requests) -> Ingress:
    path = HttpPath(it.path, "Prefix", IngressBackend(name, PORT.name))
    return Ingress(namespace, name, rules=(IngressRule(it.host, (path,)),))


def _check_request(
    name: str, it: ingress_model.Requests, spec: RehearsalSpec, noter: Noter
) -> None:
    path: Path = ("spec", "applications", name, "ingress")
    if spec.applications[name].demand is None:
        noter.note(path, "has no demand that could come in", "add `demand:`", key=True)
    for field, wrong in (
        ("host", host_problem(it.host)),
        ("path", "" if it.path.startswith("/") else "it does not begin with a slash"),
        ("path", path_problem(it.path)),
    ):
        if wrong:
            noter.note((*path, field), wrong)


def _check_services(
    asked: dict[str, ingress_model.Requests],
    spec: RehearsalSpec,
    view: TrafficView,
    policy: IngressPolicy,
    noter: Noter,
) -> None:
    """Note requests that a rule sends to a Service that is not the application's."""
    desired = compose(view, policy).desired
    table = RouteTable(desired.routes)
    for name, it in asked.items():
        match = table.match(it.host, it.path)
        backend = desired.default_backend if match is None else match.route.backend
        own = f"{spec.applications[name].namespace}/{name}"
        if backend is not None and desired.backends[backend].service != own:
            to = desired.backends[backend].service
            where = f"goes to Service {to}, not to {own}" if to else "is passed through as TLS"
            wrong = f"{it.host}{it.path} {where}"
            noter.note(("spec", "applications", name, "ingress"), wrong, "write another path")
