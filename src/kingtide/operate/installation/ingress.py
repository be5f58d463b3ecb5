"""The ingress controller: pods with HAProxy in them, behind one target group of a load balancer.

Each has the ports of its node (hostPort), so that a load balancer reaches it without a hop in
between: targets are the nodes' instances, and are asked for /readyz. Who ends is not ready at once,
serves on until the load balancer has seen it (`drainSeconds`), and then finishes what it has; the
process does that by itself when it is told to end, so no preStop hook is needed.

A namespace that enforces the Pod Security Standards' level restricted, as ours does, or baseline
admits no pod with a port of its node, so they run in one of their own. Source:
https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline (v1.36).
"""

from __future__ import annotations

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.control.action import Permission
from kingtide.fleet.ingress_settings import ingress_policy
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.namespaces import INGRESS_NAMESPACE, KINGTIDE_NAMESPACE
from kingtide.live.kubernetes.rights import LEADING, TELLING, config_map_rights
from kingtide.operate.ingress.process import END_SECONDS, LAST_SECONDS, NAME, lease_name
from kingtide.operate.ingress.rights import BALANCER_RIGHTS, FOLLOWING_RIGHTS, STATUS_RIGHTS
from kingtide.operate.installation.cluster_rights import Grant, account_with
from kingtide.operate.installation.fleet_files import files_of_cluster, fleet_config_map
from kingtide.operate.installation.installation import Installation
from kingtide.operate.installation.pods import (
    Running,
    deployment,
    disruption_budget,
    fleet_arguments,
)

HEALTH_PORT = 1042
"""Of /metrics, /healthz and /readyz: 8080 is where HTTP is taken. haproxytech's controller has it
there too. It is what the load balancer's health check asks, on the node."""
FOLDER = "/var/run/kingtide"
"""Of HAProxy's files and sockets; short, as a socket's path is bounded."""
CONTROLLER_CPU_MILLICORES = 500
"""Beside HAProxy's threads: a change of one endpoint among 5,000 takes milliseconds."""
MEMORY_BYTES = 1024**3
"""The controller takes 200 MB with 2,000 Ingresses, HAProxy 50 MB, and as much again for each old
process that still finishes its requests after a reload."""


def ingress(installation: Installation) -> tuple[Document, ...]:
    """Return everything that the ingress controller needs."""
    policy = ingress_policy(installation.cluster.spec)
    running = process(installation, policy)
    granted = grants(policy, watch_only=installation.watch_only)
    files = files_of_cluster(installation.fleet, installation.cluster, installation.files)
    return (
        _namespace(),
        fleet_config_map(files, INGRESS_NAMESPACE),
        *account_with(NAME, granted, namespace=INGRESS_NAMESPACE),
        disruption_budget(running),
        deployment(installation, running),
    )


def _namespace() -> Document:
    labels = {"pod-security.kubernetes.io/enforce": "privileged"}
    body: Body = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": metadata(INGRESS_NAMESPACE, None, labels=labels),
    }
    return Document(body)


def process(installation: Installation, policy: IngressPolicy) -> Running:
    """Return the process that serves."""
    common = fleet_arguments(installation, HEALTH_PORT)
    return Running(
        name=NAME,
        arguments=("run", "ingress", *common, f"--config-dir={FOLDER}"),
        replicas=policy.replicas,
        cpu_millicores=1_000 * policy.threads + CONTROLLER_CPU_MILLICORES,
        memory_bytes=MEMORY_BYTES,
        grace_seconds=policy.drain_seconds + int(END_SECONDS + 2 * LAST_SECONDS),
        ports=(("http", policy.http_port), ("https", policy.https_port)),
        namespace=INGRESS_NAMESPACE,
        health_port=HEALTH_PORT,
        on_host=True,
        folder=FOLDER,
    )


def grants(policy: IngressPolicy, *, watch_only: bool = False) -> tuple[Grant, ...]:
    """Return what the process may do; what has no name yet cannot be had by name."""
    found = [Grant(FOLLOWING_RIGHTS)]
    if policy.config_map:
        namespace, _, name = policy.config_map.rpartition("/")
        found.append(Grant(config_map_rights(), namespace, (name,)))
    if watch_only:
        return tuple(found)
    if policy.publish_service:
        namespace, _, name = policy.publish_service.rpartition("/")
        found.append(Grant(BALANCER_RIGHTS, namespace, (name,)))
    return (
        *found,
        Grant(STATUS_RIGHTS),
        Grant(TELLING),
        Grant(_leading(made=True), KINGTIDE_NAMESPACE),
        Grant(_leading(made=False), KINGTIDE_NAMESPACE, (lease_name(policy),)),
    )


def _leading(*, made: bool) -> tuple[Permission, ...]:
    return tuple(it for it in LEADING if (it.verb == "create") == made)
