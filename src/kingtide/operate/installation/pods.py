"""The Deployment: one pod that leads, one that waits, and nothing that either could misuse."""

from __future__ import annotations

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.fleet.repository import LayeredCluster
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
SELECTED: Body = {NAME_LABEL: NAME}

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
PRIORITY_CLASS = "system-cluster-critical"
"""Who makes room for all others must not wait for it. Every cluster has it (v1.36):
https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/"""


def deployment(installation: Installation) -> Document:
    """Return the Deployment."""
    template_metadata: Body = {"labels": {**SELECTED}}
    if installation.monitoring == "annotations":
        template_metadata["annotations"] = scraped()
    return Document(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata(NAME, KINGTIDE_NAMESPACE, labels={NAME_LABEL: NAME}),
            "spec": {
                "replicas": 1 if installation.watch_only else REPLICAS,
                "selector": {"matchLabels": {**SELECTED}},
                # One after the other in its own room: a third pod would cause a node.
                "strategy": {
                    "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
                    "type": "RollingUpdate",
                },
                "template": {"metadata": template_metadata, "spec": _pod(installation)},
            },
        }
    )


def disruption_budget() -> Document:
    """Return the budget: a drain takes one pod at a time, and one that hangs anyway."""
    return Document(
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(NAME, KINGTIDE_NAMESPACE, labels={NAME_LABEL: NAME}),
            "spec": {
                "maxUnavailable": 1,
                "selector": {"matchLabels": {**SELECTED}},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
        }
    )


def arguments(installation: Installation) -> list[str]:
    """Return what the container's `kingtide` is called with.

    Controllers are named one by one: one that the fleet asks for later has no rights yet.
    """
    found = ["run", *installation.controllers, f"--cluster={installation.cluster.name}"]
    found += [f"--fleet={FLEET_FOLDER}", f"--out={JOURNAL_FOLDER}", "--json"]
    found.append(f"--listen=0.0.0.0:{HEALTH_PORT}")
    if installation.queue is not None:
        found.append(f"--queue={installation.queue}")
    if installation.watch_only:
        found.append("--dry-run")
    return found


def _pod(installation: Installation) -> Body:
    cluster: LayeredCluster = installation.cluster
    files = files_of_cluster(installation.fleet, cluster, installation.files)
    journal: Body = {"sizeLimit": format_bytes(JOURNAL_VOLUME_BYTES)}
    return {
        "automountServiceAccountToken": True,
        "containers": [_container(installation)],
        "enableServiceLinks": False,
        **placement(installation, SELECTED),
        "priorityClassName": PRIORITY_CLASS,
        "securityContext": {
            "fsGroup": USER,
            "runAsGroup": USER,
            "runAsNonRoot": True,
            "runAsUser": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "volumes": [volume(files), {"emptyDir": journal, "name": "journal"}],
    }


def _container(installation: Installation) -> Body:
    size: Body = {"cpu": format_cpu(CPU_MILLICORES), "memory": format_bytes(MEMORY_BYTES)}
    return {
        "args": [*arguments(installation)],
        "image": installation.image,
        # Restarted after a minute without an answer: a pass may take that long, a hang longer.
        "livenessProbe": _asked("/healthz", every_seconds=10, failures=6),
        "name": NAME,
        "ports": [{"containerPort": HEALTH_PORT, "name": METRICS, "protocol": "TCP"}],
        "readinessProbe": _asked("/readyz", every_seconds=5, failures=2),
        "resources": {"limits": {**size}, "requests": {**size}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [
            {"mountPath": str(FLEET_FOLDER), "name": "fleet", "readOnly": True},
            {"mountPath": str(JOURNAL_FOLDER), "name": "journal"},
        ],
    }


def _asked(path: str, *, every_seconds: int, failures: int) -> Body:
    return {
        "failureThreshold": failures,
        "httpGet": {"path": path, "port": METRICS, "scheme": "HTTP"},
        "periodSeconds": every_seconds,
        "timeoutSeconds": 5,
    }
