"""Pods: what runs in them, what each has, and nothing that it could misuse."""

from __future__ import annotations

import msgspec

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.kube.quantities import format_bytes, format_cpu
from kingtide.operate.installation.fleet_files import files_of_cluster, volume
from kingtide.operate.installation.installation import (
    FLEET_FOLDER,
    HEALTH_PORT,
    JOURNAL_FOLDER,
    NAME,
    Installation,
)
from kingtide.operate.installation.monitoring import METRICS, scraped
from kingtide.operate.installation.placement import placement

NAME_LABEL = "app.kubernetes.io/name"

REPLICAS = 2
"""One leads; another has its view ready, and leads within 15 s of the first one's end. Who only
watches takes no Lease, and a second one would say everything twice."""
CPU_MILLICORES = 1_000
"""Decisions take one core at most, being one thread. A tenth of it would do for an ordinary minute;
but a throttled process renews its Lease late, and a first list of 30,000 pods takes 5 s of one."""
MEMORY_BYTES = 512 * 1024**2
"""A view of 1,000 nodes and 30,000 pods takes 158 MB, the whole process at most 350 MB while it
lists; what is left is for a list that comes while the last one is still held."""
USER = 65532
"""Nobody's: the image has no name for it, and no file is its own."""
GRACE_SECONDS = 90
"""The pass that runs is finished: a minute where a hundred nodes are acted on through an API that
throttles, and 30 s that its last action may take. What is cut off then is harmless all the same."""
JOURNAL_VOLUME_BYTES = 512 * 1024**2
"""Two files of the journal at their bound are 400 MB; beyond the volume's the kubelet evicts."""
FOLDER_VOLUME_BYTES = 512 * 1024**2
"""A configuration of 2,000 Ingresses is 2 MB, its trial as much, and HAProxy logs starts alone."""
PRIORITY_CLASS = "system-cluster-critical"
"""Who makes room for all others must not wait for it. Every cluster has it (v1.36):
https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/"""


class Running(msgspec.Struct, frozen=True):
    """A process that runs in pods of its own: how it is called, how many there are, what each has.

    `ports` are those it listens on besides that of its health, by name. With `on_host` its node
    listens on all of them for it. `folder` is one that it may write to, empty without.
    """

    name: str
    arguments: tuple[str, ...]
    replicas: int
    cpu_millicores: int
    memory_bytes: int
    grace_seconds: int
    namespace: str = KINGTIDE_NAMESPACE
    ports: tuple[tuple[str, int], ...] = ()
    has_journal: bool = False
    health_port: int = HEALTH_PORT
    on_host: bool = False
    folder: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """What its pods are known by."""
        return {NAME_LABEL: self.name}


def controllers(installation: Installation) -> Running:
    """Return the process that runs the controllers."""
    return Running(
        name=NAME,
        arguments=tuple(arguments(installation)),
        replicas=1 if installation.watch_only else REPLICAS,
        cpu_millicores=CPU_MILLICORES,
        memory_bytes=MEMORY_BYTES,
        grace_seconds=GRACE_SECONDS,
        has_journal=True,
    )


def arguments(installation: Installation) -> list[str]:
    """Return what the controllers' `kingtide` is called with.

    Controllers are named one by one: one that the fleet asks for later has no rights yet.
    """
    found = ["run", *installation.controllers, *fleet_arguments(installation)]
    found.append(f"--out={JOURNAL_FOLDER}")
    if installation.queue is not None:
        found.append(f"--queue={installation.queue}")
    return found


def fleet_arguments(installation: Installation, health_port: int = HEALTH_PORT) -> list[str]:
    """Return what every process is told: its cluster, and how to be seen."""
    found = [f"--cluster={installation.cluster.name}", f"--fleet={FLEET_FOLDER}", "--json"]
    found.append(f"--listen=0.0.0.0:{health_port}")
    return [*found, "--dry-run"] if installation.watch_only else found


def deployment(installation: Installation, running: Running) -> Document:
    """Return the Deployment of a process."""
    selected: Body = {**running.labels}
    template_metadata: Body = {"labels": {**selected}}
    if installation.monitoring == "annotations":
        template_metadata["annotations"] = scraped(running.health_port)
    return Document(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata(running.name, running.namespace, labels=running.labels),
            "spec": {
                "replicas": running.replicas,
                "selector": {"matchLabels": {**selected}},
                # One after the other in its own room: a third pod would cause a node.
                "strategy": {
                    "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
                    "type": "RollingUpdate",
                },
                "template": {"metadata": template_metadata, "spec": _pod(installation, running)},
            },
        }
    )


def disruption_budget(running: Running) -> Document:
    """Return the budget: a drain takes one pod at a time, and one that hangs anyway."""
    selected: Body = {**running.labels}
    return Document(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(running.name, running.namespace, labels=running.labels),
            "spec": {
                "maxUnavailable": 1,
                "selector": {"matchLabels": selected},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
        }
    )


def _pod(installation: Installation, running: Running) -> Body:
    cluster = installation.cluster
    volumes: list[Body] = [
        volume(files_of_cluster(installation.fleet, cluster, installation.files))
    ]
    if running.has_journal:
        size: Body = {"sizeLimit": format_bytes(JOURNAL_VOLUME_BYTES)}
        volumes.append({"emptyDir": size, "name": "journal"})
    if running.folder:
        bound: Body = {"sizeLimit": format_bytes(FOLDER_VOLUME_BYTES)}
        volumes.append({"emptyDir": bound, "name": "files"})
    return {
        "automountServiceAccountToken": True,
        "containers": [_container(installation, running)],
        "enableServiceLinks": False,
        **placement(installation, {**running.labels}),
        "priorityClassName": PRIORITY_CLASS,
        "securityContext": {
            "fsGroup": USER,
            "runAsGroup": USER,
            "runAsNonRoot": True,
            "runAsUser": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "serviceAccountName": running.name,
        "terminationGracePeriodSeconds": running.grace_seconds,
        "volumes": [*volumes],
    }


def _container(installation: Installation, running: Running) -> Body:
    size: Body = {
        "cpu": format_cpu(running.cpu_millicores),
        "memory": format_bytes(running.memory_bytes),
    }
    mounts: list[Body] = [{"mountPath": str(FLEET_FOLDER), "name": "fleet", "readOnly": True}]
    if running.has_journal:
        mounts.append({"mountPath": str(JOURNAL_FOLDER), "name": "journal"})
    if running.folder:
        mounts.append({"mountPath": running.folder, "name": "files"})
    ports = ((METRICS, running.health_port), *running.ports)
    return {
        "args": [*running.arguments],
        "image": installation.image,
        # Restarted after a minute without an answer: a pass may take that long, a hang longer.
        "livenessProbe": _asked("/healthz", every_seconds=10, failures=6),
        "name": NAME,
        "ports": [_port(name, it, on_host=running.on_host) for name, it in ports],
        "readinessProbe": _asked("/readyz", every_seconds=5, failures=2),
        "resources": {"limits": {**size}, "requests": {**size}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [*mounts],
    }


def _port(name: str, number: int, *, on_host: bool) -> Body:
    found: Body = {"containerPort": number, "name": name, "protocol": "TCP"}
    return {**found, "hostPort": number} if on_host else found


def _asked(path: str, *, every_seconds: int, failures: int) -> Body:
    return {
        "failureThreshold": failures,
        "httpGet": {"path": path, "port": METRICS, "scheme": "HTTP"},
        "periodSeconds": every_seconds,
        "timeoutSeconds": 5,
    }
