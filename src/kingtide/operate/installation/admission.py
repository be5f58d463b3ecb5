"""The admission webhook: pods of its own, the Service that API servers ask, its configurations.

Apart from the controllers: every API server waits for it, and it writes nothing but certificates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.control.action import Permission
from kingtide.controllers.admission.webhooks import (
    CONFIGURATION,
    ServiceReach,
    webhook_configurations,
)
from kingtide.fleet.admission_settings import admission_policy
from kingtide.fleet.documents.tree import Plain
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.operate.admission.rights import REGISTERING_RIGHTS, SECRET_RIGHTS, SEEING_RIGHTS
from kingtide.operate.installation.cluster_rights import Grant, account_with
from kingtide.operate.installation.installation import Installation
from kingtide.operate.installation.pods import (
    REPLICAS,
    Running,
    deployment,
    disruption_budget,
    fleet_arguments,
)

PORT, WEBHOOK = 8443, "webhook"
CPU_MILLICORES = 500
"""A review takes about a millisecond; a rollout of a thousand pods has two of each at once."""
MEMORY_BYTES = 256 * 1024**2
"""The program takes 100 MB; it keeps the labels of namespaces, and no pods."""
GRACE_SECONDS = 30
"""An API server waits for an answer for at most so long (timeoutSeconds)."""


def admission(installation: Installation) -> tuple[Document, ...]:
    """Return everything that the webhook needs; who is asked comes before who asks."""
    running = process(installation)
    return (
        *account_with(CONFIGURATION, grants()),
        disruption_budget(running),
        deployment(installation, running),
        _service(running),
        *_configurations(installation),
    )


def process(installation: Installation) -> Running:
    """Return the process that answers."""
    words = ("run", "admission", *fleet_arguments(installation), f"--webhook=0.0.0.0:{PORT}")
    return Running(
        name=CONFIGURATION,
        arguments=words,
        replicas=REPLICAS,
        cpu_millicores=CPU_MILLICORES,
        memory_bytes=MEMORY_BYTES,
        grace_seconds=GRACE_SECONDS,
        ports=((WEBHOOK, PORT),),
    )


def grants() -> tuple[Grant, ...]:
    """Return what the webhook's process may do; what has no name yet cannot be had by name."""
    ours = (CONFIGURATION,)
    return (
        Grant(SEEING_RIGHTS),
        Grant(REGISTERING_RIGHTS, names=ours),
        Grant(_of(SECRET_RIGHTS, made=True), KINGTIDE_NAMESPACE),
        Grant(_of(SECRET_RIGHTS, made=False), KINGTIDE_NAMESPACE, ours),
    )


def _of(rights: tuple[Permission, ...], *, made: bool) -> tuple[Permission, ...]:
    return tuple(it for it in rights if (it.verb == "create") == made)


def _service(running: Running) -> Document:
    reach = ServiceReach()
    selected: Body = {**running.labels}
    port: Body = {"name": WEBHOOK, "port": reach.port, "protocol": "TCP", "targetPort": WEBHOOK}
    return Document(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata(reach.name, reach.namespace, labels=running.labels),
            "spec": {"ports": [port], "selector": selected},
        }
    )


def _configurations(installation: Installation) -> tuple[Document, ...]:
    """Return what API servers are told; the certificates are the process' to write."""
    policy = admission_policy(installation.cluster.spec, installation.fleet.policies)
    found = webhook_configurations(policy, ServiceReach())
    return tuple(Document({key: _plain(it) for key, it in one.items()}) for one in found)


def _plain(value: Any) -> Plain:
    """Return a part of a configuration as what is written to YAML."""
    if isinstance(value, Mapping):
        return {str(key): _plain(it) for key, it in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(it) for it in value]
    found: Plain = value
    return found
